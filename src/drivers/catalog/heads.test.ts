import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newId } from '../../base/ids.ts';
import { volumeDiskKey, type DiskKey } from '../../domain/disk.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../../../test/support/catalog-database.ts';
import { newPoint } from '../../../test/support/catalog-rows.ts';
import { createCatalog, type Catalog } from './catalog.ts';
import type { NewPoint } from './types.ts';

const dayMs = 86_400_000;
const near = 'main';
const far = 'far';

describe('the snapshots that next increments stand on', () => {
  let database: CatalogDatabase;
  let catalog: Catalog;
  before(async () => {
    database = await openCatalogDatabase();
    // As a service with a cycle of a week has it.
    catalog = createCatalog(database.sql, { keepOpenDays: 7 });
    await catalog.stores.upsert({ id: far, url: 's3://far', name: 'offsite' });
  });
  after(() => database.close());

  async function commit(
    key: DiskKey,
    storeId: string,
    daysAgo: number,
    parent?: NewPoint,
    sourceId = 'web-01',
  ): Promise<NewPoint> {
    const takenAt = new Date(Date.now() - daysAgo * dayMs).toISOString();
    const point = newPoint({ storeId, sourceId, takenAt, disks: [{ key, parent: parent?.links[0] }] });
    await catalog.points.commit(point);
    return point;
  }

  const nameOf = (point: NewPoint): string => point.links[0]?.toSnapshot.name ?? '';
  const needed = async (key: DiskKey): Promise<string[]> =>
    (await catalog.links.neededSnapshots([key])).map(({ name }) => name);

  async function protect(sourceId: string, store: string | undefined): Promise<string> {
    const id = newId();
    const spec = {
      schedule: { kind: 'every' as const, everyMinutes: 60 },
      spreadMinutes: 0,
      consistency: 'crash' as const,
    };
    const name = `p-${id.slice(0, 8)}`;
    const more = store === undefined ? {} : { store };
    await catalog.policies.insert({
      id,
      name,
      description: '',
      published: true,
      enabled: true,
      spec: { ...spec, ...more },
    });
    const target = { kind: 'instance' as const, id: sourceId, name: sourceId, projectId: 'p-1' };
    const source = {
      id: newId(),
      policyId: id,
      revision: 1,
      kind: 'instance' as const,
      sourceId,
      sourceName: sourceId,
    };
    const planned = [{ ...source, projectId: 'p-1', target, gone: false, nextRunAt: undefined }];
    await catalog.policies.saveSources({ planned, removedIds: [] });
    return id;
  }

  test('of two stores that were written to within a cycle, one each', async () => {
    const key = volumeDiskKey(newId());
    const first = await commit(key, near, 3);
    const other = await commit(key, far, 2);
    const second = await commit(key, near, 1, first);
    assert.deepEqual(await needed(key), [nameOf(second), nameOf(other)]);
    assert.equal((await catalog.links.latestForDisk(key, far))?.id, other.links[0]?.linkId);
    assert.equal((await catalog.links.latestForDisk(key, near))?.id, second.links[0]?.linkId);
    assert.equal((await catalog.links.latestForDisk(key))?.id, second.links[0]?.linkId, 'the newest of all');
    const names = [first, other, second].map(nameOf);
    assert.deepEqual(
      (await catalog.reconcile.neededSnapshots(names)).toSorted(),
      [nameOf(second), nameOf(other)].toSorted(),
    );
  });

  test('a chain that nobody writes to is given up after a cycle; the newest of all never is', async () => {
    const key = volumeDiskKey(newId());
    const old = await commit(key, far, 20);
    assert.deepEqual(await needed(key), [nameOf(old)], 'what is in one store only stays as it always did');
    const newer = await commit(key, near, 19);
    assert.deepEqual(await needed(key), [nameOf(newer)]);
    const { heads } = await catalog.reconcile.snapshotsOfHeads({ after: undefined, limit: 1000 });
    assert.deepEqual(
      heads.filter(({ diskKey }) => diskKey === key).map(({ name, storeId }) => [name, storeId]),
      [[nameOf(newer), near]],
    );
  });

  test('a policy that writes to a store keeps its chain open, however old; one that was moved does not', async () => {
    const [key, sourceId] = [volumeDiskKey(newId()), newId()];
    const old = await commit(key, far, 20, undefined, sourceId);
    const newer = await commit(key, near, 1, undefined, sourceId);
    const policyId = await protect(sourceId, 'offsite');
    assert.deepEqual(await needed(key), [nameOf(newer), nameOf(old)]);
    const policy = await catalog.policies.find(policyId);
    assert.ok(policy);
    await catalog.policies.update(policyId, { spec: { ...policy.spec, store: 'default' } });
    assert.deepEqual(await needed(key), [nameOf(newer)]);
    await catalog.policies.update(policyId, { spec: { ...policy.spec, store: 'offsite' } });
    assert.deepEqual(await needed(key), [nameOf(newer), nameOf(old)], 'and is taken up again');
  });

  test('a policy without a store is of the default one, whichever that is', async () => {
    const [key, sourceId] = [volumeDiskKey(newId()), newId()];
    const old = await commit(key, near, 20, undefined, sourceId);
    const newer = await commit(key, far, 1, undefined, sourceId);
    await protect(sourceId, undefined);
    assert.deepEqual(await needed(key), [nameOf(newer), nameOf(old)]);
    await catalog.stores.setDefault('offsite');
    assert.deepEqual(await needed(key), [nameOf(newer)]);
    await catalog.stores.setDefault('default');
  });

  test('damage in one store is none in the other', async () => {
    const key = volumeDiskKey(newId());
    const whole = await commit(key, near, 2);
    const damaged = await commit(key, far, 1);
    await catalog.links.markDamaged(damaged.links[0]?.linkId ?? '', 'a checksum');
    assert.match((await catalog.links.newestDamage(key, far)) ?? '', /a checksum/);
    assert.equal(await catalog.links.newestDamage(key, near), undefined);
    assert.deepEqual(await needed(key), [nameOf(whole)]);
  });

  test('sources, points and links are told apart by store', async () => {
    const [key, sourceId] = [volumeDiskKey(newId()), newId()];
    const here = await commit(key, near, 2, undefined, sourceId);
    const there = await commit(key, far, 1, undefined, sourceId);
    const sources = await catalog.expiry.sources({ source: sourceId });
    assert.deepEqual(
      sources.map(({ storeId }) => storeId),
      [far, near],
    );
    assert.deepEqual(
      (await catalog.points.list({ sourceId, storeId: far })).map(({ id }) => id),
      [there.manifest.pointId],
    );
    assert.deepEqual(
      (await catalog.expiry.linksOf([key], near)).map(({ id }) => id),
      [here.links[0]?.linkId],
    );
    await catalog.expiry.deletePoints([there.manifest.pointId], { actor: {} });
    await catalog.expiry.dropLinks([there.links[0]?.linkId ?? '']);
    const left = await catalog.expiry.sources({ source: sourceId });
    assert.deepEqual(
      left.map(({ storeId }) => storeId),
      [near],
    );
    assert.deepEqual(
      (await catalog.points.latestBySource({ kind: 'instance', limit: 1000 }))
        .filter((row) => row.sourceId === sourceId)
        .map(({ id }) => id),
      [here.manifest.pointId],
    );
  });
});
