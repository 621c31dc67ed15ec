/** A page of each list, by each of its filters. */
import type { createOperations } from '../../../src/compose/operations.ts';
import type { Catalog } from '../../../src/drivers/catalog/catalog.ts';
import { administrator, tenant } from './callers.ts';
import type { ScaleCase } from './scale-case.ts';
import { rareStore } from './fill.ts';

interface Listed {
  catalog: Catalog;
  operations: ReturnType<typeof createOperations>;
}

const first = { limit: 100, marker: undefined };
const points = {
  ...first,
  kind: undefined,
  source: undefined,
  since: undefined,
  before: undefined,
  projectId: undefined,
};
const jobs = { ...first, kind: undefined, state: undefined };
const audit = {
  ...first,
  since: undefined,
  before: undefined,
  action: undefined,
  result: undefined,
  userId: undefined,
  requestId: undefined,
  projectId: undefined,
};
const disks = { ...first, source: undefined, projectId: undefined };
const restores = { ...first, state: undefined, mode: undefined };

export function listCases(
  { catalog, operations }: Listed,
  { policy, reconciliation }: { policy: string; reconciliation: string },
  sourceId: string,
): ScaleCase[] {
  return [
    ...pointCases(operations),
    ...jobCases(operations, sourceId),
    ...auditCases(operations),
    page('list restores', () => operations.listRestores(administrator, restores)),
    page('list restores that failed', () =>
      operations.listRestores(administrator, { ...restores, state: 'failed' }),
    ),
    page('list restores of a source', () =>
      operations.listRestores(administrator, { ...restores, sourceId }),
    ),
    page('list disks, an administrator', () => operations.disks.list(administrator, disks)),
    page('list disks, a tenant', () => operations.disks.list(tenant, disks)),
    page('list disks of a source by name', () =>
      operations.disks.list(administrator, { ...disks, source: 'vm-77' }),
    ),
    ...policySourceCases(operations, policy),
    page('list findings', () =>
      operations.findings.list(administrator, reconciliation, {
        ...first,
        kind: undefined,
        outcome: 'done',
      }),
    ),
    {
      name: 'how 100 instances are protected',
      run: async () => {
        const { items } = await operations.listPoints(administrator, points);
        const found = await catalog.coverage.ofInstances(items.map((point) => point.sourceId));
        return `${found.length} rows`;
      },
    },
  ];
}

function pointCases(operations: Listed['operations']): ScaleCase[] {
  const list = (name: string, more: Partial<Parameters<typeof operations.listPoints>[1]>): ScaleCase =>
    page(name, () => operations.listPoints(administrator, { ...points, ...more }));
  return [
    list('list points, an administrator', {}),
    page('list points, a tenant', () => operations.listPoints(tenant, points)),
    list('list points, oldest first', { sort: { by: 'taken_at', direction: 'asc' } }),
    list('list points, the largest first', { sort: { by: 'size_bytes', direction: 'desc' } }),
    page('list points, what stores most, a tenant', () =>
      operations.listPoints(tenant, { ...points, sort: { by: 'stored_bytes', direction: 'desc' } }),
    ),
    list('list points by name', { sort: { by: 'source_name', direction: 'asc' } }),
    list('list points whose name begins so', { sourcePrefix: 'VM-77' }),
    list('list points of a source by name', { source: 'vm-77' }),
    list('list points of images', { kind: 'image' }),
    list('list points of images of a project', { kind: 'image', projectId: 'project-0' }),
    list('list points in the store of few', { store: rareStore }),
    list('list points before a day', { before: hoursAgo(5) }),
    twentieth('list points', (marker) => operations.listPoints(administrator, { ...points, marker })),
  ];
}

function jobCases(operations: Listed['operations'], sourceId: string): ScaleCase[] {
  const list = (name: string, more: Partial<Parameters<typeof operations.listJobs>[1]>): ScaleCase =>
    page(name, () => operations.listJobs(administrator, { ...jobs, ...more }));
  return [
    list('list jobs, an administrator', {}),
    page('list jobs, a tenant', () => operations.listJobs(tenant, jobs)),
    list('list jobs, oldest first', { sort: { by: 'created_at', direction: 'asc' } }),
    list('list jobs, the longest first', { sort: { by: 'duration', direction: 'desc' } }),
    list("list a project's jobs by their end", {
      projectId: 'project-1',
      sort: { by: 'finished_at', direction: 'desc' },
    }),
    list('list jobs that failed', { state: 'failed' }),
    list("list a project's jobs that failed", { state: 'failed', projectId: 'project-1' }),
    list('list jobs of a kind', { kind: 'reconcile' }),
    list("list a project's restore jobs", { kind: 'restore', projectId: 'project-10' }),
    list('list restore jobs that failed', { kind: 'restore', state: 'failed' }),
    list('list jobs of a source', { sourceId }),
    list('list jobs before a day', { before: hoursAgo(5) }),
  ];
}

function policySourceCases(operations: Listed['operations'], policy: string): ScaleCase[] {
  const list = (
    name: string,
    more: Partial<Parameters<typeof operations.policies.listSources>[2]>,
  ): ScaleCase =>
    page(name, () => operations.policies.listSources(administrator, policy, { ...first, ...more }));
  return [
    list("list a policy's sources", {}),
    page("list a policy's sources, a tenant", () => operations.policies.listSources(tenant, policy, first)),
    list("list a policy's sources by name", { sort: { by: 'source_name', direction: 'asc' } }),
    list("list a policy's sources by their next run", { sort: { by: 'next_run_at', direction: 'asc' } }),
    list("list a policy's sources whose last run failed", { lastState: 'failed' }),
  ];
}

function auditCases(operations: Listed['operations']): ScaleCase[] {
  const list = (name: string, more: Partial<typeof audit> | { before: Date } | object): ScaleCase =>
    page(name, () => operations.audit.list(administrator, { ...audit, ...more }));
  return [
    list('list audit, an administrator', {}),
    page('list audit, a tenant', () => operations.audit.list(tenant, audit)),
    list('list audit before a day', { before: hoursAgo(5) }),
    list('list audit of an action', { action: 'point.delete' }),
    list('list audit, what was refused', { result: 'refused' }),
    list('list audit of a user', { userId: 'user-7' }),
    list("list audit of a user's refused", { userId: 'user-7', result: 'refused' }),
    list('list audit of a request', { requestId: 'req-7-0' }),
    twentieth('list audit', (marker) => operations.audit.list(administrator, { ...audit, marker })),
  ];
}

function page(name: string, list: () => Promise<{ items: readonly unknown[] }>): ScaleCase {
  return { name, run: async () => `${(await list()).items.length} rows` };
}

/** Only the twentieth page is measured. */
function twentieth(
  name: string,
  list: (
    marker: string | undefined,
  ) => Promise<{ items: readonly unknown[]; nextMarker?: string | undefined }>,
): ScaleCase {
  let marker: string | undefined;
  return {
    ...page(`${name}, the 20th page`, () => list(marker)),
    prepare: async () => {
      marker = undefined;
      for (let count = 0; count < 19; count += 1) marker = (await list(marker)).nextMarker;
    },
  };
}

function hoursAgo(hours: number): Date {
  return new Date(Date.now() - hours * 3_600_000);
}
