import { api, nextMarker, take } from '../../api/client.ts';
import type { Policy, PolicyAssignment, PolicySource } from '../../api/types.ts';
import { currentSession } from '../../session/session.ts';
import type { ListPage } from '../../ui/use-pages.ts';
import { given } from '../read-lists.ts';

const limit = 100;

/** What the project may choose, and what is assigned in it. @throws {ApiError} */
export async function readPolicies(
  marker: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ListPage<Policy>> {
  const query = given({ limit, marker });
  const { policies, links } = await take(
    api.GET('/v1/policies', { params: { query }, ...given({ signal }) }),
  );
  return { items: policies, next: nextMarker(links) };
}

/** @throws {ApiError} */
export async function readPolicy(name: string, signal: AbortSignal): Promise<Policy> {
  const path = { name_or_id: name };
  return (await take(api.GET('/v1/policies/{name_or_id}', { params: { path }, signal }))).policy;
}

/** Of the session's project. @throws {ApiError} */
export async function readAssignments(
  policyId: string,
  marker: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ListPage<PolicyAssignment>> {
  const params = { path: { name_or_id: policyId }, query: ofProject(marker) };
  const { assignments, links } = await take(
    api.GET('/v1/policies/{name_or_id}/assignments', { params, ...given({ signal }) }),
  );
  return { items: assignments, next: nextMarker(links) };
}

/** Of the session's project. @throws {ApiError} */
export async function readSources(
  policyId: string,
  marker: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ListPage<PolicySource>> {
  const params = { path: { name_or_id: policyId }, query: ofProject(marker) };
  const { sources, links } = await take(
    api.GET('/v1/policies/{name_or_id}/sources', { params, ...given({ signal }) }),
  );
  return { items: sources, next: nextMarker(links) };
}

/** An administrator's token sees every project; these pages are about the chosen one. */
function ofProject(marker: string | undefined): { limit?: number; marker?: string; project_id?: string } {
  const scope = currentSession()?.scope;
  return given({ limit, marker, project_id: scope?.type === 'project' ? scope.project.id : undefined });
}
