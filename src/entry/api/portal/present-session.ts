import type { PortalSession } from '../../../workflows/portal/portal-operations.ts';

/** As the browser gets it. */
export function presentSession(session: PortalSession): Record<string, unknown> {
  const { user, scope, roles, rights, projects, system, csrfToken, expiresAt, restricted } = session;
  return {
    user,
    scope,
    roles,
    rights: {
      change: rights.change,
      administer: rights.administer,
      see_all_projects: rights.seeAllProjects,
    },
    projects,
    system,
    csrf_token: csrfToken,
    expires_at: expiresAt.toISOString(),
    restricted,
  };
}
