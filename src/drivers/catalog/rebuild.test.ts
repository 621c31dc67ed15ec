import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newId } from '../../base/ids.ts';
import { volumeDiskKey, type DiskKey } from '../../domain/disk.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../../../test/support/catalog-database.ts';
import { newPoint } from '../../../test/support/catalog-rows.ts';
import type { Catalog } from './catalog.ts';
import type { NewPoint } from './types.ts';

describe('a rebuild', () => {
  let database: CatalogDatabase;
  let catalog: Catalog;
  before(async () => {
    database = await openCatalogDatabase();
    catalog = database.catalog;
  });
  after(() => database.close());

  /** Points of one disk, as the store has them: a full and increments on it. */
  function chainOf(length: number, key: DiskKey = volumeDiskKey(newId())): NewPoint[] {
    const points: NewPoint[] = [];
    for (let index = 0; index < length; index += 1) {
      const takenAt = new Date(Date.UTC(2026, 10, 1 + index)).toISOString();
      points.push(newPoint({ takenAt, disks: [{ key, parent: points.at(-1)?.links[0] }] }));
    }
    return points;
  }

  async function bring(...points: (NewPoint | undefined)[]): Promise<void> {
    for (const point of points) {
      assert.ok(point);
      await catalog.rebuild.importPoint(point.manifest, point.links);
    }
  }

  async function statesOf(points: readonly NewPoint[]): Promise<(string | undefined)[]> {
    return await Promise.all(
      points.map(async ({ manifest }) => (await catalog.points.get(manifest.pointId))?.state),
    );
  }

  it('in any order: no point can be restored before all that it needs was looked for', async () => {
    const points = chainOf(3);
    await bring(...points.toReversed());
    assert.deepEqual(await statesOf(points), ['damaged', 'damaged', 'damaged']);
    const key = points[0]?.links[0]?.diskKey ?? '';
    assert.equal(await catalog.links.latestForDisk(key), undefined, 'no backup stands on it either');
    assert.deepEqual(await catalog.rebuild.settle(database.storeId), {
      complete: 3,
      damaged: 0,
      damagedPoints: [],
    });
    assert.deepEqual(await statesOf(points), ['complete', 'complete', 'complete']);
    assert.equal((await catalog.links.latestForDisk(key))?.id, points[2]?.links[0]?.linkId);
    await bring(...points);
    assert.deepEqual(await catalog.rebuild.settle(database.storeId), {
      complete: 0,
      damaged: 0,
      damagedPoints: [],
    });
    assert.deepEqual(await statesOf(points), ['complete', 'complete', 'complete']);
  });

  it('I8: what stands on a link that is missing or known to be damaged is damaged, and nothing else', async () => {
    const [missing, known, whole] = [chainOf(4), chainOf(3), chainOf(2)];
    const [first, ...others] = known;
    assert.ok(first);
    await catalog.points.commit(first);
    await catalog.links.markDamaged(first.links[0]?.linkId ?? '', 'bad sector');
    await bring(missing[0], missing[2], missing[3], ...others, ...whole);
    assert.deepEqual(
      (await catalog.rebuild.missingParents(database.storeId, undefined, 10)).map(({ linkId }) => linkId),
      [missing[1]?.links[0]?.linkId],
    );
    const { complete, damaged, damagedPoints } = await catalog.rebuild.settle(database.storeId);
    assert.deepEqual([complete, damaged], [3, 4]);
    assert.deepEqual(await statesOf(missing), ['complete', undefined, 'damaged', 'damaged']);
    assert.deepEqual(await statesOf(known), ['damaged', 'damaged', 'damaged']);
    assert.deepEqual(await statesOf(whole), ['complete', 'complete']);
    assert.ok(damagedPoints.some(({ reason }) => reason === 'bad sector'));
    assert.ok(damagedPoints.some(({ reason }) => reason.includes('which it stands on, is missing')));
  });

  it('I8: a point that lacks the link of one disk is damaged', async () => {
    const point = newPoint({ disks: [{ key: volumeDiskKey(newId()) }, { key: volumeDiskKey(newId()) }] });
    await catalog.rebuild.importPoint(point.manifest, point.links.slice(0, 1));
    const { damagedPoints } = await catalog.rebuild.settle(database.storeId);
    assert.match(
      damagedPoints[0]?.reason ?? '',
      new RegExp(`link ${point.links[1]?.linkId ?? ''} of volume:`),
    );
  });

  it('a needed link without a point comes under a deleted one, until its own is found', async () => {
    const [gone, kept] = chainOf(2);
    const link = gone?.links[0];
    assert.ok(gone && kept && link);
    await bring(kept);
    const [parent] = await catalog.rebuild
      .missingParents(database.storeId, undefined, 10)
      .then((all) => all.filter(({ linkId }) => linkId === link.linkId));
    assert.ok(parent);
    await catalog.rebuild.importParent(database.storeId, link, parent);
    await catalog.rebuild.importParent(database.storeId, link, parent);
    assert.equal((await catalog.rebuild.settle(database.storeId)).complete, 1);
    assert.deepEqual(await statesOf([gone, kept]), [undefined, 'complete']);
    assert.deepEqual(
      (await catalog.links.chainOf(kept.links[0]?.linkId ?? '')).map(({ manifest }) => manifest),
      [link, kept.links[0]],
    );
    assert.equal((await catalog.points.get(link.linkId))?.state, 'deleted');
    await bring(gone);
    await catalog.rebuild.settle(database.storeId);
    assert.deepEqual(await statesOf([gone, kept]), ['complete', 'complete']);
    assert.equal(await catalog.points.get(link.linkId), undefined);
  });
});
