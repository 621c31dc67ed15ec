import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newId } from '../../base/ids.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../../../test/support/catalog-database.ts';
import { diskA, newJob, newPoint } from '../../../test/support/catalog-rows.ts';
import type { NewPoint } from './types.ts';

describe('what monitoring asks for', () => {
  let database: CatalogDatabase;
  before(async () => {
    database = await openCatalogDatabase();
  });
  after(() => database.close());

  async function commit(sourceId: string, takenAt: string, parent?: NewPoint): Promise<NewPoint> {
    const point = newPoint({ sourceId, takenAt, disks: [{ key: diskA, parent: parent?.links[0] }] });
    await database.catalog.points.commit(point);
    return point;
  }

  async function newestOf(sourceId: string): Promise<string | undefined> {
    const rows = (await database.sql('emberkeep.point_sources').where({ source_id: sourceId })) as {
      newest_point_id: string | null;
    }[];
    return rows[0]?.newest_point_id ?? undefined;
  }

  test('the newest complete point of a source is kept through commits, damage and deletion', async () => {
    const { catalog } = database;
    const older = await commit('s-1', '2026-11-22T10:00:00.000Z');
    const newer = await commit('s-1', '2026-11-23T10:00:00.000Z', older);
    assert.equal(await newestOf('s-1'), newer.manifest.pointId);
    const oldest = await commit('s-1', '2026-11-01T10:00:00.000Z');
    assert.equal(
      await newestOf('s-1'),
      newer.manifest.pointId,
      'an older one that comes later changes nothing',
    );
    await catalog.links.markDamaged(newer.links[0]?.linkId ?? '', 'a hash');
    assert.equal(await newestOf('s-1'), older.manifest.pointId);
    assert.equal(await catalog.watch.damagedPoints(), 1);
    const audit = { actor: { userName: 'test' } };
    await catalog.expiry.deletePoints([older.manifest.pointId], audit);
    assert.equal(await newestOf('s-1'), oldest.manifest.pointId);
    await catalog.expiry.deletePoints([oldest.manifest.pointId, newer.manifest.pointId], audit);
    assert.equal(await newestOf('s-1'), undefined);
    const sources = await catalog.expiry.sources({ source: 's-1' });
    assert.deepEqual(sources, [
      { kind: 'instance', sourceId: 's-1', sourceName: 'web-01', projectId: 'p-1', storeId: 'main' },
    ]);
  });

  test('a store’s sums follow its links, also once changes were folded', async () => {
    const { catalog, sql } = database;
    const actual = async () => {
      const { rows } = await sql.raw<{ rows: { links: number; bytes: number }[] }>(
        'select count(*) as links, sum(stored_bytes)::bigint as bytes from emberkeep.links',
      );
      return rows.map(({ links, bytes }) => ({ storeId: 'main', links, storedBytes: bytes }));
    };
    await commit('s-2', '2026-11-22T10:00:00.000Z');
    assert.deepEqual(await catalog.watch.stores(), await actual());
    await sql.raw(`insert into emberkeep.store_usage_changes (store_id, links, stored_bytes)
      select 'main', case when n % 2 = 0 then 1 else -1 end, 0 from generate_series(1, 2000) n`);
    assert.deepEqual(await catalog.watch.stores(), await actual());
    assert.deepEqual(await sql('emberkeep.store_usage_changes').count({ count: '*' }), [{ count: 0 }]);
    const gone = await commit('s-3', '2026-11-22T10:00:00.000Z');
    await catalog.expiry.deletePoints([gone.manifest.pointId], { actor: {} });
    await catalog.expiry.dropLinks(gone.links.map(({ linkId }) => linkId));
    assert.deepEqual(await catalog.watch.stores(), await actual());
  });

  test('a policy’s sources without a point since the run that counts are missed; new ones and gone ones are not', async () => {
    const { catalog, sql } = database;
    const policyId = newId();
    await catalog.policies.insert({
      id: policyId,
      name: 'daily',
      description: '',
      published: true,
      enabled: true,
      spec: {
        schedule: { kind: 'every', everyMinutes: 1440 },
        spreadMinutes: 0,
        consistency: 'crash',
      },
    });
    const dueAt = new Date('2026-11-22T00:00:00Z');
    const early = new Date('2026-11-01T00:00:00Z');
    const add = async (sourceId: string, createdAt: Date, gone = false) => {
      await sql('emberkeep.policy_sources').insert({
        id: newId(),
        policy_id: policyId,
        revision: 1,
        kind: 'instance',
        source_id: sourceId,
        source_name: sourceId,
        project_id: 'p-1',
        target: '{}',
        gone,
        created_at: createdAt,
      });
    };
    await commit('late', '2026-11-20T10:00:00.000Z');
    await commit('good', '2026-11-22T10:00:00.000Z');
    await add('late', early);
    await add('good', early);
    await add('never', early);
    await add('new', new Date('2026-11-22T12:00:00Z'));
    await add('gone', early, true);
    assert.deepEqual(await catalog.watch.policies([{ policyId, dueAt }]), [
      { policyId, sources: 4, missed: 2, oldestTakenAt: new Date('2026-11-20T10:00:00Z') },
    ]);
    const oldest = await catalog.watch.oldestSources(3);
    assert.deepEqual(
      oldest.map(({ sourceId, newestTakenAt }) => [sourceId, newestTakenAt?.toISOString()]),
      [
        ['never', undefined],
        ['new', undefined],
        ['late', '2026-11-20T10:00:00.000Z'],
      ],
    );
  });

  test('unfinished jobs by kind and state, and the newest verification of each level', async () => {
    const { catalog } = database;
    await catalog.jobs.insert(newJob());
    const running = await catalog.jobs.insert(newJob());
    await catalog.jobs.start(running.id);
    const seen = (await catalog.watch.unfinishedJobs()).map(({ kind, state, jobs }) => ({
      kind,
      state,
      jobs,
    }));
    assert.deepEqual(
      seen.toSorted((one, other) => one.state.localeCompare(other.state)),
      [
        { kind: 'backup', state: 'queued', jobs: 1 },
        { kind: 'backup', state: 'running', jobs: 1 },
      ],
    );
    assert.deepEqual(await catalog.watch.verifications(), []);
    const point = await commit('s-4', '2026-11-22T10:00:00.000Z');
    await catalog.verifications.recordPoint(point.manifest.pointId, running.id, {
      level: 'full',
      outcome: 'intact',
    });
    assert.deepEqual(
      (await catalog.watch.verifications()).map(({ level }) => level),
      ['full'],
    );
  });
});
