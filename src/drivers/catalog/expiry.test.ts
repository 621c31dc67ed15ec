import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newId } from '../../base/ids.ts';
import { volumeDiskKey, type DiskKey } from '../../domain/disk.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import { snapshotName } from '../../domain/snapshot-name.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../../../test/support/catalog-database.ts';
import { newPoint, requester } from '../../../test/support/catalog-rows.ts';
import type { Catalog } from './catalog.ts';
import type { NewPoint } from './types.ts';

describe('expiry', () => {
  let database: CatalogDatabase;
  let catalog: Catalog;
  before(async () => {
    database = await openCatalogDatabase();
    catalog = database.catalog;
  });
  after(() => database.close());

  const audit = { actor: { ...requester }, requestId: 'req-1' };

  /** A full and increments of the given disks, each in a point of its own. */
  async function commitChain(length: number, sourceId: string, ...disks: DiskKey[]): Promise<NewPoint[]> {
    const points: NewPoint[] = [];
    for (let index = 0; index < length; index += 1) {
      const below = points.at(-1)?.links;
      const takenAt = new Date(Date.UTC(2026, 10, 1 + index)).toISOString();
      const shape = disks.map((key, at) => ({ key, parent: below?.[at] }));
      const point = newPoint({ sourceId, takenAt, disks: shape });
      for (const link of point.links) link.toSnapshot.name = snapshotName(link.linkId, new Date(0));
      await catalog.points.commit(point);
      points.push(point);
    }
    return points;
  }

  function link(points: readonly NewPoint[], at: number, disk = 0): LinkManifest {
    const found = points[at]?.links[disk];
    assert.ok(found);
    return found;
  }

  /** What the store makes of a run. */
  function merged(...run: LinkManifest[]): LinkManifest {
    const [first, last] = [run[0], run.at(-1)];
    assert.ok(first && last);
    const { kind, parentLinkId, fromSnapshot, fullReason } = first;
    return {
      ...last,
      linkId: newId(),
      kind,
      parentLinkId,
      fromSnapshot,
      fullReason,
      depth: kind === 'full' ? 0 : last.depth,
    };
  }

  async function deletePoints(...points: (NewPoint | undefined)[]): Promise<void> {
    await catalog.expiry.deletePoints(
      points.map((point) => point?.manifest.pointId ?? ''),
      audit,
    );
  }

  it('deletes points once, and says so in the audit trail', async () => {
    const points = await commitChain(2, newId(), freshDisk());
    const [first] = points;
    const ids = [first?.manifest.pointId ?? ''];
    assert.equal((await catalog.expiry.deletePoints(ids, audit)).length, 1);
    assert.equal((await catalog.expiry.deletePoints(ids, audit)).length, 0);
    const row = await catalog.points.get(ids[0] ?? '');
    assert.equal(row?.state, 'deleted');
    assert.ok(row.deletedAt instanceof Date);
    const entries = (await catalog.audit.list({ action: 'point.delete' })).filter(
      ({ target }) => target['pointId'] === ids[0],
    );
    assert.deepEqual(
      entries.map(({ actor, result }) => [actor['userName'], result]),
      [['alice', 'deleted']],
    );
  });

  it('a fold puts one link in the place of the run: for its point, for what stands on it, for the source', async () => {
    const [one, other] = [freshDisk(), freshDisk()];
    const points = await commitChain(4, newId(), one, other);
    await deletePoints(points[0], points[1]);
    const m = merged(link(points, 0), link(points, 1), link(points, 2));
    const fold = {
      linkIds: [link(points, 0), link(points, 1), link(points, 2)].map(({ linkId }) => linkId),
      link: m,
    };
    await catalog.expiry.foldLinks(fold);
    await catalog.expiry.foldLinks(fold);

    const chain = await catalog.links.chainOf(link(points, 3).linkId);
    assert.deepEqual(
      chain.map(({ id }) => id),
      [m.linkId, link(points, 3).linkId],
    );
    assert.equal(chain[1]?.manifest.parentLinkId, m.linkId);
    assert.deepEqual(chain[0]?.manifest, m);
    const point = await catalog.points.get(points[2]?.manifest.pointId ?? '');
    assert.deepEqual(
      point?.manifest.disks.map(({ linkId }) => linkId),
      [m.linkId, link(points, 2, 1).linkId],
    );
    assert.equal(
      (await catalog.links.chainOf(link(points, 3, 1).linkId)).length,
      4,
      'the other disk is as it was',
    );
    // A restore that was planned before the fold names the old link.
    assert.deepEqual(
      (await catalog.links.chainOf(link(points, 2).linkId)).map(({ id }) => id),
      [m.linkId],
    );
    await assert.rejects(catalog.links.chainOf(link(points, 1).linkId), { code: 'NOTFOUND_LINK' });
    for (const { linkId } of [link(points, 0), link(points, 2)])
      assert.equal(await catalog.links.ownsSnapshot(snapshotName(linkId, new Date(0))), true);
  });

  it('folds follow each other: an old id leads to the newest link, increments stay increments', async () => {
    const disk = freshDisk();
    const points = await commitChain(5, newId(), disk);
    const ids = (...at: number[]): string[] => at.map((index) => link(points, index).linkId);
    await deletePoints(points[1], points[3]);
    const second = merged(link(points, 1), link(points, 2));
    await catalog.expiry.foldLinks({ linkIds: ids(1, 2), link: second });
    assert.equal((await catalog.links.get(second.linkId))?.kind, 'increment');
    const head = { ...merged(link(points, 3), link(points, 4)), parentLinkId: second.linkId };
    await catalog.expiry.foldLinks({ linkIds: ids(3, 4), link: head });
    assert.deepEqual(
      (await catalog.links.chainOf(head.linkId)).map(({ id }) => id),
      [ids(0)[0], second.linkId, head.linkId],
    );
    assert.equal((await catalog.links.latestForDisk(disk))?.id, head.linkId);

    await deletePoints(points[2]);
    const newest = merged(second, head);
    await catalog.expiry.foldLinks({ linkIds: [second.linkId, head.linkId], link: newest });
    assert.equal((await catalog.links.chainOf(ids(4)[0] ?? '')).at(-1)?.id, newest.linkId);
    assert.equal((await catalog.links.latestForDisk(disk))?.toSnapshot.name, link(points, 4).toSnapshot.name);
  });

  it('I4: keeps whether the snapshot is still on the source', async () => {
    const points = await commitChain(3, newId(), freshDisk());
    await catalog.links.snapshotReleased(link(points, 1).toSnapshot.name);
    await deletePoints(points[0]);
    const m = merged(link(points, 0), link(points, 1));
    await catalog.expiry.foldLinks({ linkIds: [link(points, 0).linkId, link(points, 1).linkId], link: m });
    assert.ok((await catalog.links.get(m.linkId))?.snapshotReleasedAt instanceof Date);
  });

  it('refuses to fold or drop what is needed, damaged or no longer there, and changes nothing', async () => {
    const points = await commitChain(3, newId(), freshDisk());
    const ids = points.map((_, at) => link(points, at).linkId);
    const before = await catalog.expiry.linksOf([link(points, 0).diskKey]);
    const m = merged(link(points, 0), link(points, 1));
    const changed = { code: 'CONFLICT_CHAIN_CHANGED' };
    await assert.rejects(catalog.expiry.foldLinks({ linkIds: ids.slice(0, 2), link: m }), changed);
    await assert.rejects(catalog.expiry.dropLinks([ids[2] ?? '']), changed);
    await deletePoints(points[0]);
    await assert.rejects(catalog.expiry.dropLinks([ids[0] ?? '']), changed);
    await assert.rejects(catalog.expiry.foldLinks({ linkIds: [newId(), ids[1] ?? ''], link: m }), changed);
    await assert.rejects(
      catalog.expiry.foldLinks({ linkIds: [ids[0] ?? '', ids[2] ?? ''], link: m }),
      changed,
    );
    await assert.rejects(
      catalog.expiry.foldLinks({ linkIds: ids.slice(0, 2), link: { ...m, parentLinkId: newId() } }),
      changed,
    );
    await catalog.links.markDamaged(ids[1] ?? '', 'bad sector');
    await assert.rejects(catalog.expiry.foldLinks({ linkIds: ids.slice(0, 2), link: m }), {
      code: 'INTEGRITY_LINK_DAMAGED',
      message: /bad sector/,
    });
    assert.deepEqual(
      (await catalog.expiry.linksOf([link(points, 0).diskKey])).map(({ id }) => id),
      before.map(({ id }) => id),
    );
  });

  it('drops a tail, again without harm, and knows the sources that have something left', async () => {
    const source = newId();
    const disk = freshDisk();
    const points = await commitChain(3, source, disk);
    await deletePoints(points[1], points[2]);
    assert.deepEqual(
      (await catalog.expiry.linksOf([disk])).map(({ pointState }) => pointState),
      ['complete', 'deleted', 'deleted'],
    );
    const tail = [link(points, 2).linkId, link(points, 1).linkId];
    await catalog.expiry.dropLinks(tail);
    await catalog.expiry.dropLinks(tail);
    assert.deepEqual(
      (await catalog.expiry.linksOf([disk])).map(({ id }) => id),
      [link(points, 0).linkId],
    );
    const row = {
      kind: 'instance',
      sourceId: source,
      sourceName: 'web-01',
      projectId: 'p-1',
      storeId: 'main',
    };
    assert.deepEqual(await catalog.expiry.sources({ source }), [row]);
    assert.deepEqual(await catalog.expiry.sources({ source, projectId: 'p-2' }), []);
    assert.ok(
      (await catalog.expiry.sources({ source: 'web-01' })).some(({ sourceId }) => sourceId === source),
    );
    assert.deepEqual(await catalog.expiry.diskKeysOf({ kind: 'instance', sourceId: source }), [disk]);
    await deletePoints(points[0]);
    assert.deepEqual(await catalog.expiry.sources({ source }), [row], 'its link is left');
    await catalog.expiry.dropLinks([link(points, 0).linkId]);
    assert.deepEqual(await catalog.expiry.sources({ source }), []);
  });
});

function freshDisk(): DiskKey {
  return volumeDiskKey(newId());
}
