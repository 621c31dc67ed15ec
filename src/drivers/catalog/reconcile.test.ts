import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newId } from '../../base/ids.ts';
import { volumeDiskKey, type DiskKey } from '../../domain/disk.ts';
import { snapshotName } from '../../domain/snapshot-name.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../../../test/support/catalog-database.ts';
import { newJob, newPoint, requester } from '../../../test/support/catalog-rows.ts';
import type { Catalog } from './catalog.ts';
import type { NewPoint } from './types.ts';

describe('reconcile', () => {
  let database: CatalogDatabase;
  let catalog: Catalog;
  before(async () => {
    database = await openCatalogDatabase();
    catalog = database.catalog;
  });
  after(() => database.close());

  /** Two points of one disk. */
  async function commitTwo(key: DiskKey): Promise<[NewPoint, NewPoint]> {
    const points: NewPoint[] = [];
    for (const day of [1, 2]) {
      const takenAt = new Date(Date.UTC(2026, 10, day)).toISOString();
      const point = newPoint({ sourceId: newId(), takenAt, disks: [{ key, parent: points[0]?.links[0] }] });
      for (const link of point.links) link.toSnapshot.name = snapshotName(link.linkId, new Date(takenAt));
      await catalog.points.commit(point);
      points.push(point);
    }
    return points as [NewPoint, NewPoint];
  }

  function snapshotOf(point: NewPoint): string {
    return point.links[0]?.toSnapshot.name ?? '';
  }

  it('of each disk the newest whole link gives the snapshot that is needed, and no other', async () => {
    const [one, other] = [await commitTwo(volumeDiskKey(newId())), await commitTwo(volumeDiskKey(newId()))];
    const all = [...one, ...other].map(snapshotOf);
    const needed = await catalog.reconcile.neededSnapshots([...all, 'backup.x.snap.1']);
    assert.deepEqual(needed.toSorted(), [snapshotOf(one[1]), snapshotOf(other[1])].toSorted());
    await catalog.links.markDamaged(one[1].links[0]?.linkId ?? '', 'a checksum');
    assert.deepEqual(await catalog.reconcile.neededSnapshots(one.map(snapshotOf)), [snapshotOf(one[0])]);
  });

  it('a snapshot leads to its disk: by its link, by one that was dropped, by a plan that came to nothing', async () => {
    const key = volumeDiskKey(newId());
    const [first, second] = await commitTwo(key);
    const images = [{ cluster: 'ceph', pool: 'volumes', image: key.replace(':', '-'), imageId: '10ab' }];
    assert.deepEqual(await catalog.reconcile.originOfSnapshot(snapshotOf(first)), { diskKey: key, images });
    const ids = [first, second].map(({ manifest }) => manifest.pointId);
    await catalog.expiry.deletePoints(ids, { actor: { ...requester }, requestId: 'req-1' });
    await catalog.expiry.dropLinks([second, first].map(({ links }) => links[0]?.linkId ?? ''));
    assert.deepEqual(await catalog.reconcile.originOfSnapshot(snapshotOf(first)), {
      diskKey: key,
      images: [],
    });

    const [linkId, planned] = [newId(), volumeDiskKey(newId())];
    const location = { cluster: 'ceph', pool: 'volumes', image: 'planned' };
    const plan = { disks: [{ linkId, disk: { key: planned, location } }] };
    await catalog.jobs.insert(newJob({ plan }));
    assert.deepEqual(await catalog.reconcile.originOfSnapshot(`backup.${linkId}.snap.1`), {
      diskKey: planned,
      images: [{ ...location, imageId: undefined }],
    });
    for (const name of [`backup.${newId()}.snap.1`, 'backup.web.snap.1', 'mine'])
      assert.equal(await catalog.reconcile.originOfSnapshot(name), undefined);
  });

  it('tells pools of links, backups that paused, and whether restores of volumes broke off', async () => {
    await commitTwo(volumeDiskKey(newId()));
    assert.deepEqual(await catalog.reconcile.pools(), [{ cluster: 'ceph', pool: 'volumes' }]);
    const since = new Date(Date.now() - 3_600_000);
    const job = newJob({ plan: { pause: 'asked' } });
    await catalog.jobs.insert(job);
    assert.deepEqual(
      await catalog.reconcile.backupsThatPaused(since),
      [],
      'it may still end its pause itself',
    );
    await catalog.jobs.requestCancel(job.id);
    assert.deepEqual(
      (await catalog.reconcile.backupsThatPaused(since)).map(({ id }) => id),
      [job.id],
    );
    assert.equal(await catalog.reconcile.hasBrokenVolumeRestores(), false);
    const [point] = await commitTwo(volumeDiskKey(newId()));
    const restore = newJob({ kind: 'restore' });
    await catalog.jobs.insert(restore);
    await catalog.restores.insert({
      id: newId(),
      jobId: restore.id,
      pointId: point.manifest.pointId,
      mode: 'volume',
      projectId: undefined,
    });
    assert.equal(await catalog.reconcile.hasBrokenVolumeRestores(), false);
    await catalog.jobs.requestCancel(restore.id);
    assert.equal(await catalog.reconcile.hasBrokenVolumeRestores(), true);
  });

  it('pages of what a store should have, and of the snapshots that disks need', async () => {
    const [one, other] = [await commitTwo(volumeDiskKey(newId())), await commitTwo(volumeDiskKey(newId()))];
    const storeId = one[0].manifest.storeId;
    await catalog.links.markDamaged(one[1].links[0]?.linkId ?? '', 'a checksum');
    const links: string[] = [];
    for (let after: string | undefined; ;) {
      const page = await catalog.reconcile.idsInStore('links', storeId, { after, limit: 2 });
      links.push(...page);
      after = page.at(-1);
      if (after === undefined) break;
    }
    assert.deepEqual(links, links.toSorted());
    const idOf = (point: NewPoint): string => point.links[0]?.linkId ?? '';
    assert.ok([one[0], ...other].every((point) => links.includes(idOf(point))));
    assert.ok(!links.includes(idOf(one[1])), 'what is damaged is known to be');
    assert.equal(await catalog.reconcile.isInStore('links', storeId, idOf(one[0])), true);
    assert.equal(await catalog.reconcile.isInStore('links', storeId, idOf(one[1])), false);
    assert.equal(await catalog.reconcile.isInStore('points', newId(), one[0].manifest.pointId), false);

    const needed = new Map<string, string>();
    for (let after: string | undefined; ;) {
      const { heads, last } = await catalog.reconcile.snapshotsOfHeads({ after, limit: 1 });
      for (const { diskKey, name } of heads) needed.set(diskKey, name);
      if (last === undefined) break;
      after = last;
    }
    assert.equal(needed.get(one[0].links[0]?.diskKey ?? ''), snapshotOf(one[0]));
    assert.equal(needed.get(other[0].links[0]?.diskKey ?? ''), snapshotOf(other[1]));
  });

  it('a reconciliation is a kind of job', async () => {
    const { kind } = await catalog.jobs.insert(newJob({ kind: 'reconcile' }));
    assert.equal(kind, 'reconcile');
  });
});
