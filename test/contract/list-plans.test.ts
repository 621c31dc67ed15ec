/** A page of a list comes from one index, in its order, whatever it is filtered by: PostgreSQL itself says so. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { addPoints, addTheRest, rareStore } from '../bench/scale/fill.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../support/catalog-database.ts';
import { newId } from '../../src/base/ids.ts';
import type { Catalog } from '../../src/drivers/catalog/catalog.ts';

const size = { instances: 1000, disksPerInstance: 1, pointsPerInstance: 4 };
const limit = 100;

let database: CatalogDatabase;
let policyId: string;
before(async () => {
  database = await openCatalogDatabase();
  const { catalog, sql } = database;
  await catalog.stores.upsert({ id: rareStore, url: 'file:///far', name: rareStore });
  policyId = newId();
  await catalog.policies.insert({
    id: policyId,
    name: 'daily',
    description: '',
    published: true,
    enabled: true,
    spec: { schedule: { kind: 'every', everyMinutes: 60 }, spreadMinutes: 0, consistency: 'crash' },
  });
  await addPoints(sql, size, 0);
  await addTheRest(sql, size, policyId);
});
after(() => database.close());

/** How PostgreSQL does the last statement of a list, where it may neither sort nor read a whole table. */
async function planOf(list: (catalog: Catalog) => Promise<unknown>): Promise<string> {
  const { catalog, sql } = database;
  const asked: { sql: string; bindings: readonly unknown[] }[] = [];
  const hear = (query: (typeof asked)[number]): void => void asked.push(query);
  sql.on('query', hear);
  try {
    await list(catalog);
  } finally {
    sql.removeListener('query', hear);
  }
  const last = asked.at(-1);
  assert.ok(last !== undefined);
  return await sql.transaction(async (trx) => {
    for (const way of ['seqscan', 'bitmapscan', 'sort']) await trx.raw(`set local enable_${way} = off`);
    const { rows } = await trx.raw<{ rows: Record<string, string>[] }>(
      `explain ${last.sql.replaceAll(/\$\d+/g, '?')}`,
      [...last.bindings] as never,
    );
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  });
}

const [sourceId, projectId, before1] = [newId(), 'project-1', new Date('2026-01-01T00:00:00Z')];
const history = { days: 90, quiet: { before: undefined, jobId: undefined, spared: [] } };
const lists: [string, string, (catalog: Catalog) => Promise<unknown>][] = [
  ['points', 'points_kept_recent', ({ points }) => points.list({ limit })],
  [
    'points, oldest first',
    'points_kept_recent',
    ({ points }) => points.list({ limit, sort: { by: 'taken_at', direction: 'asc' } }),
  ],
  ['points before a day', 'points_kept_recent', ({ points }) => points.list({ limit, before: before1 })],
  ['points of a source', 'points_kept_of_source', ({ points }) => points.list({ limit, sourceId })],
  ['points by name', 'points_by_name', ({ points }) => points.list({ limit, sourceName: 'vm-7' })],
  ['points of a project', 'points_kept_of_project', ({ points }) => points.list({ limit, projectId })],
  [
    'points of a kind and project',
    'points_kept_of_project_and_kind',
    ({ points }) => points.list({ limit, projectId, kind: 'image' }),
  ],
  ['points of a kind', 'points_kept_of_kind', ({ points }) => points.list({ limit, kind: 'image' })],
  ['points in a store', 'points_kept_of_store', ({ points }) => points.list({ limit, storeId: rareStore })],
  ['jobs', 'jobs_recent', ({ jobs }) => jobs.list({ limit })],
  ['jobs of a source', 'jobs_of_source', ({ jobs }) => jobs.list({ limit, sourceId })],
  ['jobs of a request', 'jobs_of_request', ({ jobs }) => jobs.list({ limit, requestId: 'req-1' })],
  ['jobs in a state', 'jobs_by_state', ({ jobs }) => jobs.list({ limit, states: ['failed'] })],
  ['jobs of a kind', 'jobs_by_kind', ({ jobs }) => jobs.list({ limit, kind: 'reconcile' })],
  [
    "a project's jobs in a state",
    'jobs_of_project_and_state',
    ({ jobs }) => jobs.list({ limit, projectId, states: ['failed'] }),
  ],
  [
    "a project's jobs of a kind",
    'jobs_of_project_and_kind',
    ({ jobs }) => jobs.list({ limit, projectId, kind: 'restore' }),
  ],
  ['audit', 'audit_recent', ({ audit }) => audit.list({ limit })],
  ['audit before a day', 'audit_recent', ({ audit }) => audit.list({ limit, before: before1 })],
  ['audit of a project', 'audit_recent_of_project', ({ audit }) => audit.list({ limit, projectId })],
  ['audit of an action', 'audit_recent_of_action', ({ audit }) => audit.list({ limit, action: 'none' })],
  ['what was refused', 'audit_recent_of_result', ({ audit }) => audit.list({ limit, result: 'refused' })],
  ['audit of a user', 'audit_recent_of_user', ({ audit }) => audit.list({ limit, userId: 'user-7' })],
  ['restores', 'restores_recent', ({ restores }) => restores.list({ limit })],
  ['restores of a project', 'restores_of_project', ({ restores }) => restores.list({ limit, projectId })],
  [
    "a policy's sources of a project",
    'policy_sources_of_project',
    ({ policies }) => policies.sources({ limit, policyId, projectId }),
  ],
  ['history of jobs', 'jobs_by_end', (catalog) => catalog.history.look('jobs', history, limit)],
  ['history of points', 'points_deleted', (catalog) => catalog.history.look('points', history, limit)],
  [
    'history of former links',
    'former_links_age',
    (catalog) => catalog.history.look('formerLinks', history, limit),
  ],
];

describe('a page is read from an index, in its order', () => {
  for (const [name, index, list] of lists) {
    test(name, async () => {
      const plan = await planOf(list);
      assert.match(plan, new RegExp(`Index (Only )?Scan (Backward )?using ${index} on`), plan);
      assert.doesNotMatch(plan, /Sort|Seq Scan/, plan);
    });
  }
});
