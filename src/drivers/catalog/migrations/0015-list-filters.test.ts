import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openCatalogDatabase, type CatalogDatabase } from '../../../../test/support/catalog-database.ts';
import { newJob, newPoint } from '../../../../test/support/catalog-rows.ts';
import { volumeDiskKey } from '../../../domain/disk.ts';
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

test('jobs of before are found by their source, and nobody is told of them', async () => {
  const { jobs, points, stores } = createCatalog(sql);
  await stores.upsert({ id: 'main', url: 'file:///srv/emberkeep' });
  const { id: pointId } = await points.commit(
    newPoint({ sourceId: 'source-a', disks: [{ key: volumeDiskKey(newId()) }] }),
  );
  const backup = await jobs.insert(newJob({ target: { target: { kind: 'instance', id: 'source-a' } } }));
  const restore = await jobs.insert(newJob({ kind: 'restore', target: { pointId } }));
  await undoMigration();
  assert.deepEqual((await migrateCatalog(sql)).pending, ['0015-list-filters']);
  const found = await jobs.list({ sourceId: 'source-a' });
  assert.deepEqual(
    found.map(({ id, updatedAt }) => [id, updatedAt.getTime()]),
    [
      [restore.id, restore.updatedAt.getTime()],
      [backup.id, backup.updatedAt.getTime()],
    ],
  );
  const { rows } = await sql.raw<{ rows: { tgenabled: string }[] }>(
    `select tgenabled from pg_trigger where tgname = 'jobs_notify'`,
  );
  assert.deepEqual(rows, [{ tgenabled: 'O' }], 'the trigger that tells of jobs is on again');
});

/** The database as the release before left it; indexes that it had and this one has not are nothing to this test. */
async function undoMigration(): Promise<void> {
  await sql.raw(`
    drop trigger jobs_note_source on emberkeep.jobs;
    drop function emberkeep.note_source_of_job();
    drop function emberkeep.source_of_job(jsonb);
    alter table emberkeep.jobs drop column source_id;
    drop index emberkeep.jobs_of_request, emberkeep.jobs_of_project_and_state, emberkeep.jobs_of_project_and_kind, emberkeep.points_kept_recent,
      emberkeep.points_kept_of_source, emberkeep.points_kept_of_project,
      emberkeep.points_kept_of_kind, emberkeep.points_kept_of_project_and_kind, emberkeep.points_kept_of_store, emberkeep.audit_recent, emberkeep.audit_recent_of_project,
      emberkeep.audit_recent_of_action, emberkeep.audit_recent_of_result, emberkeep.audit_recent_of_user,
      emberkeep.policy_sources_of_project;
    create index points_recent on emberkeep.points (taken_at desc, id desc);
    create index points_of_name on emberkeep.points (source_name, taken_at desc, id desc);
    create index points_of_project on emberkeep.points (project_id, taken_at desc, id desc);
    create index audit_at on emberkeep.audit (at);
    create index audit_of_project on emberkeep.audit (project_id, id desc);
    create index audit_of_action on emberkeep.audit (action, id desc);
    create index audit_of_result on emberkeep.audit (result, id desc) where result <> 'allowed';
    create index audit_of_user on emberkeep.audit ((actor ->> 'userId'), id desc);
    delete from emberkeep.migrations where name = '0015-list-filters'`);
}
