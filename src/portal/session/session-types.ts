/** What the service tells of a session; the Keystone token itself never comes here. */
export interface Project {
  id: string;
  name: string;
  domain: { id: string; name: string };
}

export type Scope = { type: 'project'; project: Project } | { type: 'system' } | { type: 'unscoped' };

export interface Session {
  user: { id: string; name: string; domain: { id: string; name: string } };
  scope: Scope;
  roles: string[];
  rights: { change: boolean; administer: boolean; see_all_projects: boolean };
  projects: Project[];
  /** May choose the whole system instead of a project. */
  system: boolean;
  csrf_token: string;
  /** ISO 8601. */
  expires_at: string;
  /** Of an application credential: it has one project for ever. */
  restricted: boolean;
}

/** Ways to sign in that the service offers. */
export interface SignInWays {
  password: boolean;
  application_credential: boolean;
  default_domain: string;
  websso: { protocol: string; label: string }[];
}

export type Credentials =
  | { method: 'password'; user: string; domain: string; password: string; passcode?: string }
  | { method: 'application_credential'; id: string; secret: string };

export type Choice = { project_id: string } | { system: true };

/** Whether two scopes are the same one; a change made for one project must never go to another. */
export function isSameScope(one: Scope, other: Scope): boolean {
  if (one.type === 'project' && other.type === 'project') return one.project.id === other.project.id;
  return one.type === other.type;
}

/** What would bring the session into this scope; undefined for none. */
export function choiceOf(scope: Scope): Choice | undefined {
  if (scope.type === 'project') return { project_id: scope.project.id };
  return scope.type === 'system' ? { system: true } : undefined;
}
