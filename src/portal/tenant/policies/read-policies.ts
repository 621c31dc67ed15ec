import { api, nextMarker, take } from '../../api/client.ts';
import type { Policy, PolicyAssignment, PolicySource } from '../../api/types.ts';
import { currentSession } from '../../session/session.ts';
import type { Sorted } from '../../ui/sort-rows.ts';
import type { ListPage } from '../../ui/use-pages.ts';
import { given } from '../read-lists.ts';

const limit = 100;

export const policySorts = ['name', 'enabled'] as const;
export const assignmentSorts = ['kind', 'created_at'] as const;
export const sourceSorts = ['source_name', 'reached_by', 'last_run_at', 'next_run_at'] as const;

export interface PolicyChoice {
  /** Part of the name. */
  search: string | undefined;
  enabled: 'true' | 'false' | undefined;
  sort: Sorted<(typeof policySorts)[number]> | undefined;
}

export interface AssignmentChoice {
  kind: PolicyAssignment['kind'] | undefined;
  sort: Sorted<(typeof assignmentSorts)[number]> | undefined;
}

export interface SourceChoice {
  reached_by: NonNullable<PolicySource['reached_by']> | undefined;
  last_state: NonNullable<PolicySource['last_state']> | undefined;
  sort: Sorted<(typeof sourceSorts)[number]> | undefined;
}

/** What the project may choose, and what is assigned in it. @throws {ApiError} */
export async function readPolicies(
  choice: PolicyChoice,
  marker: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ListPage<Policy>> {
  const query = given({ limit, marker, ...choice });
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
  choice: AssignmentChoice,
  marker: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ListPage<PolicyAssignment>> {
  const params = { path: { name_or_id: policyId }, query: { ...ofProject(marker), ...given(choice) } };
  const { assignments, links } = await take(
    api.GET('/v1/policies/{name_or_id}/assignments', { params, ...given({ signal }) }),
  );
  return { items: assignments, next: nextMarker(links) };
}

/** Of the session's project. @throws {ApiError} */
export async function readSources(
  policyId: string,
  choice: SourceChoice,
  marker: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ListPage<PolicySource>> {
  const params = { path: { name_or_id: policyId }, query: { ...ofProject(marker), ...given(choice) } };
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
