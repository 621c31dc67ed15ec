import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { openCatalogDatabase, type CatalogDatabase } from '../../../../test/support/catalog-database.ts';
import { newPoint } from '../../../../test/support/catalog-rows.ts';
import { volumeDiskKey } from '../../../domain/disk.ts';
import { newId } from '../../../base/ids.ts';
import { createCatalog } from '../catalog.ts';
import type { Sql } from '../connect.ts';
import { migrateCatalog } from '../migrate.ts';

let database: CatalogDatabase;
let sql: Sql;
/** A point of two disks. */
let pointId: string;
before(async () => {
  database = await openCatalogDatabase();
  ({ sql } = database);
});
after(() => database.close());
beforeEach(async () => {
  const { points, stores } = createCatalog(sql);
  await stores.upsert({ id: 'main', url: 'file:///srv/emberkeep' });
  const disks = [{ key: volumeDiskKey(newId()) }, { key: volumeDiskKey(newId()) }];
  pointId = (await points.commit(newPoint({ disks }))).id;
  assert.deepEqual(await sizes(), await sums());
});

interface Sizes {
  size_bytes: number;
  stored_bytes: number;
}

async function sizes(): Promise<Sizes | undefined> {
  return await sql<Sizes>('emberkeep.points').where('id', pointId).first('size_bytes', 'stored_bytes');
}

async function sums(): Promise<Sizes | undefined> {
  const { rows } = await sql.raw<{ rows: Sizes[] }>(
    `select sum(size_bytes)::bigint as size_bytes, sum(stored_bytes)::bigint as stored_bytes
     from emberkeep.links where point_id = ?`,
    [pointId],
  );
  assert.ok((rows[0]?.stored_bytes ?? 0) > 0);
  return rows[0];
}

test('points of before get the sums of their links', async () => {
  const expected = await sums();
  await undoMigration();
  assert.deepEqual((await migrateCatalog(sql)).pending, ['0021-list-orders']);
  assert.deepEqual(await sizes(), expected);
});

test('a link that changes, goes or becomes another point’s changes the sums', async () => {
  const [first] = (await sql('emberkeep.links').where('point_id', pointId).orderBy('id')) as { id: string }[];
  await sql('emberkeep.links').where('id', first?.id).update({ stored_bytes: 12_345 });
  assert.deepEqual(await sizes(), await sums());
  const other = await createCatalog(sql).points.commit(
    newPoint({ disks: [{ key: volumeDiskKey(newId()) }] }),
  );
  const all = async (): Promise<number> => {
    const rows = (await sql('emberkeep.points').whereIn('id', [pointId, other.id])) as Sizes[];
    return rows.reduce((sum, { stored_bytes: stored }) => sum + stored, 0);
  };
  const before = await all();
  await sql('emberkeep.links').where('id', first?.id).update({ point_id: other.id });
  assert.deepEqual(await sizes(), await sums());
  assert.equal(await all(), before);
  await sql('emberkeep.links').where('id', first?.id).delete();
  assert.deepEqual(await sizes(), await sums());
  assert.equal(await all(), before - 12_345);
});

test('of two transactions that change links of one point at once, both count', async () => {
  const [a, b] = (await sql('emberkeep.links').where('point_id', pointId)) as { id: string }[];
  const held = await sql.transaction();
  await held('emberkeep.links').where('id', a?.id).update({ stored_bytes: 7 });
  const waiting = sql('emberkeep.links').where('id', b?.id).update({ stored_bytes: 7 });
  const changed = waiting.then();
  // Its statement has begun, and sees nothing of what the one that it waits for is about to commit.
  while (!(await isSomebodyWaiting()));
  await held.commit();
  await changed;
  assert.equal((await sizes())?.stored_bytes, 14);
});

async function isSomebodyWaiting(): Promise<boolean> {
  const { rows } = await sql.raw<{ rows: [{ waiting: boolean }] }>(
    `select exists (select from pg_locks join pg_stat_activity using (pid)
      where not granted and datname = current_database()) as waiting`,
  );
  return rows[0].waiting;
}

test('of a deleted point the sums stay', async () => {
  const before = await sizes();
  await createCatalog(sql).expiry.deletePoints([pointId], { actor: {} });
  await sql('emberkeep.links').where('point_id', pointId).delete();
  assert.deepEqual(await sizes(), before);
});

/** The database as the release before left it; the orders of points and jobs alone would be in the way. */
async function undoMigration(): Promise<void> {
  await sql.raw(`
    drop trigger links_note_size on emberkeep.links;
    drop function emberkeep.note_size();
    alter table emberkeep.points drop column size_bytes, drop column stored_bytes;
    drop index emberkeep.points_by_folded_name, emberkeep.points_of_project_by_folded_name,
      emberkeep.jobs_by_duration, emberkeep.jobs_of_project_by_duration, emberkeep.jobs_of_project_by_end,
      emberkeep.policies_by_name, emberkeep.policies_by_change, emberkeep.policies_by_state,
      emberkeep.policy_assignments_by_kind;
    delete from emberkeep.migrations where name = '0021-list-orders'`);
}
