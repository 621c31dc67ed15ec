import { AppError } from '../base/errors.ts';

/** Who asks, as Keystone says it; every workflow takes it explicitly, nothing is ambient. */
export interface Caller {
  userId: string;
  userName: string;
  /** undefined for a system-scoped token. */
  projectId: string | undefined;
  projectName: string | undefined;
  roles: readonly string[];
  /** Role admin in the project or on the system: sees every project. */
  isAdmin: boolean;
  /** Request id for logs and audit. */
  requestId: string;
  /** Network address that the request came from. */
  address: string;
}

/** Reading is for everybody in the project; changing anything needs member or admin. */
export type Action = 'read' | 'backup' | 'restore' | 'delete' | 'cancel' | 'administer';

export function isAllowed(caller: Caller, action: Action, projectId: string | null): boolean {
  if (caller.isAdmin) return true;
  if (action === 'administer' || projectId === null || caller.projectId !== projectId) return false;
  if (action === 'read') return caller.roles.some((role) => ['reader', 'member'].includes(role));
  return caller.roles.includes('member');
}

/**
 * Throws unless the caller may do this to something of that project. What the caller may not even read answers
 * exactly as what does not exist (I7): `what` is the text that both cases share, such as `instance "web-01"`.
 */
export function authorize(caller: Caller, action: Action, projectId: string | null, what: string): void {
  if (isAllowed(caller, action, projectId)) return;
  if (action !== 'administer' && !isAllowed(caller, 'read', projectId)) throw notFound(what);
  throw new AppError(
    'FORBIDDEN_ROLE',
    action === 'administer'
      ? `${what}: only an administrator may do this; ask for the role admin`
      : `${what}: your roles (${caller.roles.join(', ') || 'none'}) do not allow ${action}; ask for the role member`,
  );
}

export function notFound(what: string): AppError {
  return new AppError('NOTFOUND_RESOURCE', `${what} was not found; check the name or id and your project`);
}
