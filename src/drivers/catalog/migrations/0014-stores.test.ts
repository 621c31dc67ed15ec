import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '../../../base/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/support/test-database.ts';
import { newJob, newPoint } from '../../../../test/support/catalog-rows.ts';
import { volumeDiskKey } from '../../../domain/disk.ts';
import { createCatalog } from '../catalog.ts';
import { connectCatalog, type Sql } from '../connect.ts';
import { migrateCatalog } from '../migrate.ts';
import { pointColumns, toJson } from '../rows.ts';
import { up as tables } from './0001-tables.ts';
import { up as expiry } from './0002-expiry.ts';
import { up as verifications } from './0003-verifications.ts';
import { up as reconcile } from './0004-reconcile.ts';
import { up as policies } from './0005-policies.ts';
import { up as undo } from './0006-undo.ts';
import { up as access } from './0009-access.ts';
import { up as audit } from './0010-audit.ts';
import { up as watch } from './0011-watch.ts';
import { up as portalSessions } from './0012-portal-sessions.ts';
import { up as overview } from './0013-overview.ts';

const earlier = {
  '0001-tables': tables,
  '0002-expiry': expiry,
  '0003-verifications': verifications,
  '0004-reconcile': reconcile,
  '0005-policies': policies,
  '0006-undo': undo,
  '0009-access': access,
  '0010-audit': audit,
  '0011-watch': watch,
  '0012-portal-sessions': portalSessions,
  '0013-overview': overview,
};

let database: TestDatabase;
let sql: Sql;
before(async () => {
  database = await openTestDatabase();
  sql = connectCatalog({ url: database.url });
});
after(async () => {
  await sql.destroy();
  await database.close();
});

/** The database as the release before left it. */
async function migrateToBefore(): Promise<void> {
  await sql.raw('drop schema if exists emberkeep cascade');
  await sql.raw('create schema emberkeep');
  await sql.raw(
    'create table emberkeep.migrations (name text primary key, ran_at timestamptz not null default now())',
  );
  for (const [name, up] of Object.entries(earlier)) {
    await up(sql);
    await sql('emberkeep.migrations').insert({ name });
  }
}

const spec = { schedule: { kind: 'every', everyMinutes: 60 }, spreadMinutes: 0, consistency: 'crash' };

test('what was there before is in the default store, and goes on there', async () => {
  await migrateToBefore();
  const [policyId, sourceId, key] = [newId(), newId(), volumeDiskKey(newId())];
  await sql('emberkeep.stores').insert({ id: 'main', url: 'file:///srv/emberkeep' });
  await sql('emberkeep.policies').insert({
    id: policyId,
    name: 'daily',
    published: true,
    enabled: true,
    spec: toJson(spec),
  });
  const selector = { kind: 'instance', instanceId: sourceId };
  await sql('emberkeep.policy_assignments').insert({
    id: newId(),
    policy_id: policyId,
    kind: 'instance',
    selector: toJson(selector),
    by_admin: true,
  });
  await sql('emberkeep.policy_sources').insert({
    id: newId(),
    policy_id: policyId,
    revision: 1,
    kind: 'instance',
    source_id: sourceId,
    source_name: 'web-01',
    project_id: 'p-1',
    target: '{}',
  });
  const older = newPoint({ sourceId, takenAt: '2026-11-01T10:00:00.000Z', disks: [{ key }] });
  const newer = newPoint({
    sourceId,
    takenAt: '2026-11-02T10:00:00.000Z',
    disks: [{ key, parent: older.links[0] }],
  });
  for (const { manifest } of [older, newer])
    await sql('emberkeep.points').insert({ ...pointColumns(manifest), state: 'complete' });
  await sql('emberkeep.points').where('id', newer.manifest.pointId).update({ source_name: 'web-02' });

  assert.equal((await migrateCatalog(sql)).pending[0], '0014-stores');
  const catalog = createCatalog(sql);
  assert.deepEqual(
    (await catalog.stores.list()).map(({ id, name, isDefault }) => [id, name, isDefault]),
    [['main', 'default', true]],
  );
  const rows = (await sql('emberkeep.point_sources').where({ source_id: sourceId })) as Record<
    string,
    unknown
  >[];
  assert.deepEqual(
    rows.map(({ store_id, newest_point_id, source_name }) => [store_id, newest_point_id, source_name]),
    [['main', newer.manifest.pointId, 'web-02']],
  );
  // The policy of before writes to that store, and its source is watched there.
  const watched = await catalog.watch.policies([{ policyId, dueAt: new Date('2026-11-02T09:00:00Z') }]);
  assert.deepEqual(
    watched.map(({ missed, oldestTakenAt }) => [missed, oldestTakenAt?.toISOString()]),
    [[0, '2026-11-02T10:00:00.000Z']],
  );
  await catalog.expiry.deletePoints([newer.manifest.pointId], { actor: {} });
  const [left] = (await sql('emberkeep.point_sources').where({ source_id: sourceId })) as {
    newest_point_id: string;
  }[];
  assert.equal(left?.newest_point_id, older.manifest.pointId, 'the triggers are there again');

  // A second store, and what may be beside it from now on.
  await catalog.stores.upsert({ id: 'far', url: 's3://far', name: 'offsite' });
  const offsiteId = newId();
  await catalog.policies.insert({
    id: offsiteId,
    name: 'offsite',
    description: '',
    published: true,
    enabled: true,
    spec: { ...spec, store: 'offsite' } as never,
  });
  const twice = { selector: selector as never, projectId: undefined, byAdmin: true };
  await catalog.policies.assign({ id: newId(), policyId: offsiteId, ...twice });
  const another = newId();
  await catalog.policies.insert({
    id: another,
    name: 'another',
    description: '',
    published: true,
    enabled: true,
    spec: { ...spec, store: 'offsite' } as never,
  });
  await assert.rejects(catalog.policies.assign({ id: newId(), policyId: another, ...twice }), {
    code: 'CONFLICT_POLICY_ASSIGNED',
    message: /policy "offsite" already/,
  });
  await catalog.jobs.insert(newJob());
});

test('of several stores that a catalog has seen, the one that was written to last is the default one', async () => {
  await migrateToBefore();
  await sql('emberkeep.stores').insert({ id: 'a-old', url: 'file:///old', created_at: '2026-01-01' });
  await sql('emberkeep.stores').insert({ id: 'b-new', url: 'file:///new', created_at: '2026-02-01' });
  await sql('emberkeep.stores').insert({ id: 'c-unused', url: 'file:///unused', created_at: '2026-03-01' });
  const commit = async (storeId: string, createdAt: string): Promise<void> => {
    const { manifest } = newPoint({ storeId, disks: [{ key: volumeDiskKey(newId()) }] });
    await sql('emberkeep.points').insert({
      ...pointColumns(manifest),
      state: 'complete',
      created_at: createdAt,
    });
  };
  await commit('a-old', '2026-01-02');
  await commit('b-new', '2026-02-02');
  await migrateCatalog(sql);
  const stores = await createCatalog(sql).stores.list();
  assert.deepEqual(
    stores.map(({ id, name, isDefault }) => [id, name, isDefault]),
    [
      ['a-old', undefined, false],
      ['b-new', 'default', true],
      ['c-unused', undefined, false],
    ],
  );
});

test('a database with nothing in it has no store until one is opened', async () => {
  await migrateToBefore();
  await migrateCatalog(sql);
  const { stores } = createCatalog(sql);
  assert.deepEqual(await stores.list(), []);
  await stores.upsert({ id: 'one', url: 'file:///one', name: 'default', isDefault: true });
  await stores.upsert({ id: 'two', url: 'file:///two', name: 'default', isDefault: true });
  assert.deepEqual(
    (await stores.list()).map(({ id, name, isDefault }) => [id, name, isDefault]),
    [
      ['one', undefined, false],
      ['two', 'default', true],
    ],
    'another store under the name takes it over',
  );
});
