import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openCatalogDatabase, type CatalogDatabase } from '../../../../test/support/catalog-database.ts';
import { newId } from '../../../base/ids.ts';
import { createCatalog } from '../catalog.ts';
import type { Sql } from '../connect.ts';
import { migrateCatalog } from '../migrate.ts';

let database: CatalogDatabase;
let sql: Sql;
before(async () => {
  database = await openCatalogDatabase();
  ({ sql } = database);
});
after(() => database.close());

test('what brings a policy to a source moves out of the document of its target, whatever else is in it', async () => {
  await undoMigration();
  const policyId = newId();
  await sql('emberkeep.policies').insert({
    id: policyId,
    name: 'daily',
    published: true,
    enabled: true,
    spec: '{}',
  });
  const target = { kind: 'instance', id: 'a', name: 'web', projectId: 'p' };
  const source = (sourceId: string, document: object): object => ({
    id: newId(),
    policy_id: policyId,
    revision: 1,
    kind: 'instance',
    source_id: sourceId,
    source_name: sourceId,
    target: JSON.stringify(document),
  });
  await sql('emberkeep.policy_sources').insert([
    source('tagged', { ...target, reach: 'tag' }),
    source('unknown', target),
  ]);
  assert.deepEqual((await migrateCatalog(sql)).pending, ['0020-policy-reach']);
  const sources = await createCatalog(sql).policies.sources({
    policyId,
    sort: { by: 'reached_by', direction: 'asc' },
  });
  assert.deepEqual(
    sources.map(({ sourceId, reach, target: left }) => ({ sourceId, reach, left })),
    [
      { sourceId: 'tagged', reach: 'tag', left: target },
      { sourceId: 'unknown', reach: undefined, left: target },
    ],
  );
});

/** The database as the release before left it. */
async function undoMigration(): Promise<void> {
  await sql.raw('alter table emberkeep.policy_sources drop column reach');
  for (const name of ['name', 'state', 'last_run', 'next_run'])
    await sql.raw(
      `drop index emberkeep.policy_sources_by_${name}, emberkeep.policy_sources_of_project_by_${name}`,
    );
  await sql.raw(`delete from emberkeep.migrations where name = '0020-policy-reach'`);
}
