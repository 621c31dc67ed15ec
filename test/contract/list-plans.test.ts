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
const longest = { by: 'duration', direction: 'desc' } as const;
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
  ...(['size', 'stored'] as const).flatMap((what): typeof lists => {
    const sort = { by: `${what}_bytes`, direction: 'desc' } as const;
    return [
      [`points by ${what}`, `points_by_${what}`, ({ points }) => points.list({ limit, sort })],
      [
        `points of a project by ${what}`,
        `points_of_project_by_${what}`,
        ({ points }) => points.list({ limit, sort, projectId }),
      ],
      [
        `points of a source by ${what}`,
        `points_of_source_by_${what}`,
        ({ points }) => points.list({ limit, sort, sourceId }),
      ],
    ];
  }),
  [
    'points whose name begins so',
    'points_by_folded_name',
    ({ points }) => points.list({ limit, namePrefix: 'VM-7' }),
  ],
  [
    'points of a project whose name begins so',
    'points_of_project_by_folded_name',
    ({ points }) => points.list({ limit, projectId, namePrefix: 'VM-7' }),
  ],
  [
    'points of a project in the order of names',
    'points_of_project_by_folded_name',
    ({ points }) => points.list({ limit, projectId, sort: { by: 'source_name', direction: 'desc' } }),
  ],
  ['points that are damaged', 'points_damaged', ({ points }) => points.list({ limit, states: ['damaged'] })],
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
  ['jobs by how long they took', 'jobs_by_duration', ({ jobs }) => jobs.list({ limit, sort: longest })],
  [
    "a project's jobs by how long they took",
    'jobs_of_project_by_duration',
    ({ jobs }) => jobs.list({ limit, projectId, sort: longest }),
  ],
  [
    "a project's jobs by their end",
    'jobs_of_project_by_end',
    ({ jobs }) => jobs.list({ limit, projectId, sort: { by: 'finished_at', direction: 'desc' } }),
  ],
  ['audit', 'audit_recent', ({ audit }) => audit.list({ limit })],
  ['audit, oldest first', 'audit_recent', ({ audit }) => audit.list({ limit, order: 'asc' })],
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
  ...(
    [
      ['source_name', 'name'],
      ['reached_by', 'reach'],
      ['last_state', 'state'],
      ['last_run_at', 'last_run'],
      ['next_run_at', 'next_run'],
    ] as const
  ).flatMap(([by, name]): typeof lists => {
    const sort = { by, direction: 'asc' } as const;
    return [
      [
        `a policy's sources by ${name}`,
        `policy_sources_by_${name}`,
        ({ policies }) => policies.sources({ limit, policyId, sort }),
      ],
      [
        `a policy's sources of a project by ${name}`,
        `policy_sources_of_project_by_${name}`,
        ({ policies }) => policies.sources({ limit, policyId, projectId, sort }),
      ],
    ];
  }),
  [
    "a policy's sources that a tag brings",
    'policy_sources_by_reach',
    ({ policies }) => policies.sources({ limit, policyId, reach: 'tag' }),
  ],
  [
    "a policy's sources that failed",
    'policy_sources_by_state',
    ({ policies }) => policies.sources({ limit, policyId, lastState: 'failed' }),
  ],
  ['policies', 'policies_recent', ({ policies }) => policies.list({ limit })],
  [
    'policies by name',
    'policies_by_name',
    ({ policies }) => policies.list({ limit, search: 'a', sort: { by: 'name', direction: 'asc' } }),
  ],
  [
    'policies by their last change',
    'policies_by_change',
    ({ policies }) => policies.list({ limit, sort: { by: 'updated_at', direction: 'desc' } }),
  ],
  [
    'policies by whether they run',
    'policies_by_state',
    ({ policies }) => policies.list({ limit, sort: { by: 'enabled', direction: 'asc' } }),
  ],
  ['policies that are off', 'policies_by_state', ({ policies }) => policies.list({ limit, enabled: false })],
  [
    "a policy's assignments of a kind",
    'policy_assignments_by_kind',
    ({ policies }) => policies.assignments({ limit, policyId, kind: 'tag' }),
  ],
  [
    "a policy's assignments by kind",
    'policy_assignments_by_kind',
    ({ policies }) => policies.assignments({ limit, policyId, sort: { by: 'kind', direction: 'asc' } }),
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
