import { AppError } from '../base/errors.ts';

/** What the strongest role of a token amounts to, weakest first. */
export const accessLevels = ['none', 'reader', 'member', 'admin'] as const;
export type AccessLevel = (typeof accessLevels)[number];

/** Which roles of Keystone make whom; docs/adr/0027-access.md. */
export interface AccessRules {
  readerRoles: readonly string[];
  memberRoles: readonly string[];
  adminRoles: readonly string[];
  /** `cloud`: an administrator of any project administers the cloud, as Nova and Cinder have it. `project`: only its own. */
  projectAdmins: 'cloud' | 'project';
}

export const usualRules: AccessRules = {
  readerRoles: ['reader'],
  memberRoles: ['member'],
  adminRoles: ['admin'],
  projectAdmins: 'cloud',
};

/** What a caller may do, apart from which project its token is for. */
export interface Rights {
  level: AccessLevel;
  /** Reads what belongs to any project, and what the cluster holds: administrators, and every persona of the system. */
  seesAll: boolean;
  /** May do everything everywhere. */
  isAdmin: boolean;
}

/** Who asks, as Keystone says it; every workflow takes it explicitly, nothing is ambient. */
export interface Caller extends Rights {
  userId: string;
  userName: string;
  /** undefined for a system-scoped token. */
  projectId: string | undefined;
  projectName: string | undefined;
  /** As Keystone names them. */
  roles: readonly string[];
  /** Request id for logs and audit. */
  requestId: string;
  /** Network address that the request came from. */
  address: string;
}

/** Reading is for everybody in the project, changing for its members, approving for its administrators. */
export type Action =
  'read' | 'backup' | 'restore' | 'delete' | 'cancel' | 'approve' | 'administer' | 'inspect';

/** `administer` and `inspect` are about the cloud itself, to change it and to look at it: they hide nothing. */
const ofTheCloud: readonly Action[] = ['administer', 'inspect'];

export function rightsOf(
  { roles, isSystem }: { roles: readonly string[]; isSystem: boolean },
  { readerRoles, memberRoles, adminRoles, projectAdmins }: AccessRules,
): Rights {
  const has = (names: readonly string[]): boolean => roles.some((role) => names.includes(role));
  const level = has(adminRoles)
    ? 'admin'
    : has(memberRoles)
      ? 'member'
      : has(readerRoles)
        ? 'reader'
        : 'none';
  const isAdmin = level === 'admin' && (isSystem || projectAdmins === 'cloud');
  return { level, isAdmin, seesAll: isAdmin || (isSystem && level !== 'none') };
}

export function isAllowed(caller: Caller, action: Action, projectId: string | null): boolean {
  if (caller.isAdmin) return true;
  if (action === 'administer') return false;
  if (caller.seesAll && (action === 'read' || action === 'inspect')) return true;
  if (action === 'inspect' || projectId === null || caller.projectId !== projectId) return false;
  return accessLevels.indexOf(caller.level) >= accessLevels.indexOf(levelFor(action));
}

function levelFor(action: Action): AccessLevel {
  if (action === 'read') return 'reader';
  return action === 'approve' ? 'admin' : 'member';
}

/** Whose things a listing shows: undefined is everybody's. */
export function visibleProject(caller: Pick<Caller, 'seesAll' | 'projectId'>): string | undefined {
  return caller.seesAll ? undefined : (caller.projectId ?? '');
}

/**
 * Throws unless the caller may do this to something of that project. What the caller may not even read answers
 * exactly as what does not exist (I7): `what` is the text that both cases share, such as `instance "web-01"`.
 */
export function authorize(caller: Caller, action: Action, projectId: string | null, what: string): void {
  if (isAllowed(caller, action, projectId)) return;
  if (!ofTheCloud.includes(action) && !isAllowed(caller, 'read', projectId)) throw notFound(what);
  throw new AppError('FORBIDDEN_ROLE', `${what}: ${whyNot(caller, action)}`);
}

function whyNot({ roles, projectId }: Caller, action: Action): string {
  if (action === 'administer') return 'only an administrator may do this; ask for the role admin';
  if (action === 'inspect')
    return 'only who sees the whole cloud may look at this; ask for the role admin, or for reader on the system';
  const held = `your roles (${roles.join(', ') || 'none'}) do not allow ${action}`;
  if (projectId === undefined) return `${held} with a token for the system; sign in to the project instead`;
  return `${held}; ask for the role ${levelFor(action)}`;
}

export function notFound(what: string): AppError {
  return new AppError('NOTFOUND_RESOURCE', `${what} was not found; check the name or id and your project`);
}
