/** What the administrators' pages read, list by list. */
import { api, nextMarker, take } from '../api/client.ts';
import type { components, paths } from '../api/schema.d.ts';
import type { ListPage } from '../ui/use-pages.ts';
import { given } from './given.ts';

type Schemas = components['schemas'];
export type Overview = Schemas['Overview'];
export type StoreUsage = Schemas['StoreUsage'];
export type Store = Schemas['Store'];
export type Job = Schemas['Job'];
export type Restore = Schemas['Restore'];
export type Policy = Schemas['Policy'];
export type PolicyAssignment = Schemas['PolicyAssignment'];
export type PolicySource = Schemas['PolicySource'];
export type Project = Schemas['ProjectName'];
export type SimulatedDay = Schemas['SimulatedDay'];
export type ProjectCoverage = Schemas['ProjectCoverage'];
export type CoverageEntry = Schemas['CoverageEntry'];
export type ProjectSettings = Schemas['Project'];
export type AuditEntry = Schemas['AuditEntry'];
export type Finding = Schemas['ReconciliationFinding'];

type QueryOf<P extends keyof paths> = paths[P] extends { get: { parameters: { query?: infer Q } } }
  ? NonNullable<Q>
  : never;
type Loose<Q> = { [K in keyof Q]?: Q[K] | undefined };

export async function readJobs(
  query: Loose<QueryOf<'/v1/jobs'>>,
  signal?: AbortSignal,
): Promise<ListPage<Job>> {
  const { jobs, links } = await take(api.GET('/v1/jobs', { params: { query: given(query) }, ...at(signal) }));
  return { items: jobs, next: nextMarker(links) };
}

export async function readRestores(
  query: Loose<QueryOf<'/v1/restores'>>,
  signal?: AbortSignal,
): Promise<ListPage<Restore>> {
  const { restores, links } = await take(
    api.GET('/v1/restores', { params: { query: given(query) }, ...at(signal) }),
  );
  return { items: restores, next: nextMarker(links) };
}

export async function readAudit(
  query: Loose<QueryOf<'/v1/audit'>>,
  signal?: AbortSignal,
): Promise<ListPage<AuditEntry>> {
  const { audit, links } = await take(
    api.GET('/v1/audit', { params: { query: given(query) }, ...at(signal) }),
  );
  return { items: audit, next: nextMarker(links) };
}

export async function readCoverage(
  query: Loose<QueryOf<'/v1/coverage'>>,
  signal?: AbortSignal,
): Promise<ListPage<CoverageEntry>> {
  const { coverage, links } = await take(
    api.GET('/v1/coverage', { params: { query: given(query) }, ...at(signal) }),
  );
  return { items: coverage, next: nextMarker(links) };
}

export async function readFindings(
  id: string,
  query: Loose<QueryOf<'/v1/reconciliations/{id}/findings'>>,
  signal?: AbortSignal,
): Promise<ListPage<Finding>> {
  const { findings, links } = await take(
    api.GET('/v1/reconciliations/{id}/findings', {
      params: { path: { id }, query: given(query) },
      ...at(signal),
    }),
  );
  return { items: findings, next: nextMarker(links) };
}

export async function readPolicies(
  query: Loose<QueryOf<'/v1/policies'>>,
  signal?: AbortSignal,
): Promise<ListPage<Policy>> {
  const { policies, links } = await take(
    api.GET('/v1/policies', { params: { query: given(query) }, ...at(signal) }),
  );
  return { items: policies, next: nextMarker(links) };
}

export async function readAssignments(
  policyId: string,
  query: Loose<QueryOf<'/v1/policies/{name_or_id}/assignments'>>,
  signal?: AbortSignal,
): Promise<ListPage<PolicyAssignment>> {
  const params = { path: { name_or_id: policyId }, query: given(query) };
  const { assignments, links } = await take(
    api.GET('/v1/policies/{name_or_id}/assignments', { params, ...at(signal) }),
  );
  return { items: assignments, next: nextMarker(links) };
}

export async function readSources(
  policyId: string,
  query: Loose<QueryOf<'/v1/policies/{name_or_id}/sources'>>,
  signal?: AbortSignal,
): Promise<ListPage<PolicySource>> {
  const params = { path: { name_or_id: policyId }, query: given(query) };
  const { sources, links } = await take(
    api.GET('/v1/policies/{name_or_id}/sources', { params, ...at(signal) }),
  );
  return { items: sources, next: nextMarker(links) };
}

/** By name, out of Keystone. */
export async function readProjects(
  query: Loose<QueryOf<'/v1/project-names'>>,
  signal?: AbortSignal,
): Promise<ListPage<Project>> {
  const { projects, links } = await take(
    api.GET('/v1/project-names', { params: { query: given(query) }, ...at(signal) }),
  );
  return { items: projects, next: nextMarker(links) };
}

export async function readStorePage(
  query: Loose<QueryOf<'/v1/stores'>>,
  signal?: AbortSignal,
): Promise<ListPage<Store>> {
  const { stores, links } = await take(
    api.GET('/v1/stores', { params: { query: given(query) }, ...at(signal) }),
  );
  return { items: stores, next: nextMarker(links) };
}

/** How everything is protected, by project; walks through the whole cloud, so it can take seconds. */
export async function readProjectCoverage(signal?: AbortSignal): Promise<ProjectCoverage[]> {
  const query = { all_projects: 'true' } as const;
  return (await take(api.GET('/v1/coverage/projects', { params: { query }, ...at(signal) }))).projects;
}

export async function readOverview(signal?: AbortSignal): Promise<Overview> {
  return (await take(api.GET('/v1/overview', at(signal)))).overview;
}

export async function readStores(signal?: AbortSignal): Promise<Store[]> {
  return (await readStorePage({}, signal)).items;
}

/** A store by its id, or by its name. */
export function storeOf(nameOrId: string, stores: readonly Store[] | undefined): Store | undefined {
  return stores?.find(({ id, name }) => id === nameOrId || name === nameOrId);
}

/** What the configuration calls a store, else where it is; its id while that is on its way. */
export function storeName(nameOrId: string, stores: readonly Store[] | undefined): string {
  const store = storeOf(nameOrId, stores);
  return store?.name ?? store?.description ?? store?.url ?? nameOrId;
}

export async function readUsage(id: string, days: number, signal?: AbortSignal): Promise<StoreUsage> {
  const since = new Date(Date.now() - days * 86_400_000).toISOString();
  const params = { path: { name_or_id: id }, query: { since } };
  return (await take(api.GET('/v1/stores/{name_or_id}/usage', { params, ...at(signal) }))).usage;
}

export function at(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
