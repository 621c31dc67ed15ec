import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newId } from '../../base/ids.ts';
import { volumeDiskKey } from '../../domain/disk.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../../../test/support/catalog-database.ts';
import { newPoint, type PointShape } from '../../../test/support/catalog-rows.ts';
import type { NewPoint } from './types.ts';

describe('disks with their chains', () => {
  let database: CatalogDatabase;
  before(async () => {
    database = await openCatalogDatabase();
  });
  after(() => database.close());

  async function commit(shape: PointShape): Promise<NewPoint> {
    const point = newPoint(shape);
    await database.catalog.points.commit(point);
    return point;
  }

  test('a disk has its chains, links, last point and sources', async () => {
    const { disks } = database.catalog;
    const key = volumeDiskKey(newId());
    const [first, second] = [newId(), newId()];
    const full = await commit({
      sourceId: first,
      takenAt: '2026-11-20T10:00:00.000Z',
      disks: [{ key }],
    });
    const increment = await commit({
      sourceId: first,
      takenAt: '2026-11-21T10:00:00.000Z',
      disks: [{ key, parent: full.links[0] }],
    });
    const later = await commit({
      sourceId: second,
      takenAt: '2026-11-22T10:00:00.000Z',
      disks: [{ key }],
    });
    const [disk, ...others] = await disks.list({ source: second });
    assert.deepEqual(others, []);
    assert.equal(disk?.key, key);
    assert.equal(disk.lastPoint?.id, later.manifest.pointId);
    assert.deepEqual(
      disk.chains.map(({ id, links, damaged }) => ({ id, links, damaged })),
      [
        { id: later.links[0]?.linkId, links: 1, damaged: false },
        { id: full.links[0]?.linkId, links: 2, damaged: false },
      ],
    );
    const stored = [full, increment].flatMap(({ links }) =>
      links.map(({ segments, index }) => segments.storedBytes + index.storedBytes),
    );
    assert.equal(
      disk.chains[1]?.storedBytes,
      stored.reduce((sum, bytes) => sum + bytes, 0),
    );
    assert.deepEqual(disk.sources.map(({ id }) => id).sort(), [first, second].sort());
    await database.catalog.links.markDamaged(increment.links[0]?.linkId ?? '', 'a hash');
    const [damaged] = await disks.list({ source: first });
    assert.deepEqual(
      damaged?.chains.map((chain) => chain.damaged),
      [false, true],
    );
  });

  test('I7: of a volume that was another project’s before, each project sees its own part', async () => {
    const { disks, expiry } = database.catalog;
    const key = volumeDiskKey(newId());
    const before = await commit({ projectId: 'p-before', sourceId: newId(), disks: [{ key }] });
    const now = await commit({ projectId: 'p-now', sourceId: newId(), disks: [{ key }] });
    const [own] = await disks.list({ projectId: 'p-now' });
    assert.deepEqual(
      own?.chains.map(({ id }) => id),
      [now.links[0]?.linkId],
    );
    assert.deepEqual(
      own.sources.map(({ projectId }) => projectId),
      ['p-now'],
    );
    assert.equal((await disks.list({ source: now.manifest.sourceId }))[0]?.chains.length, 2);
    await expiry.deletePoints([before.manifest.pointId], { actor: {} });
    await expiry.dropLinks(before.links.map(({ linkId }) => linkId));
    assert.deepEqual(await disks.list({ projectId: 'p-before' }), [], 'nothing is left of it');
    assert.equal((await disks.list({ projectId: 'p-now' })).length, 1);
  });

  test('pages follow each other by key', async () => {
    const { disks } = database.catalog;
    const keys = Array.from({ length: 5 }, () => volumeDiskKey(newId())).sort();
    const sourceId = newId();
    await commit({ projectId: 'p-pages', sourceId, disks: keys.map((key) => ({ key })) });
    const seen: string[] = [];
    for (let after: string | undefined; ;) {
      const page = await disks.list({ projectId: 'p-pages', limit: 2, after });
      seen.push(...page.map(({ key }) => key));
      after = page.at(-1)?.key;
      if (page.length === 0) break;
    }
    assert.deepEqual(seen, keys);
    assert.deepEqual(await disks.list({ projectId: 'p-nobody' }), []);
  });
});

describe('usage of stores', () => {
  let database: CatalogDatabase;
  before(async () => {
    database = await openCatalogDatabase();
  });
  after(() => database.close());

  test('is noted once a day, as it was then', async () => {
    const { catalog, sql } = database;
    const today = new Date().toISOString().slice(0, 10);
    await sql('emberkeep.store_usage_days').insert({
      store_id: 'main',
      day: '2020-01-01',
      links: 7,
      stored_bytes: 70,
    });
    await catalog.points.commit(newPoint({ disks: [{ key: volumeDiskKey(newId()) }] }));
    const [sum] = await catalog.watch.stores();
    await catalog.storeUsage.sample();
    await catalog.points.commit(newPoint({ disks: [{ key: volumeDiskKey(newId()) }] }));
    await catalog.storeUsage.sample();
    const noted = { day: today, links: 1, storedBytes: sum?.storedBytes };
    assert.deepEqual(await catalog.storeUsage.ofStore('main', '2020-01-02'), [noted]);
    assert.deepEqual(await catalog.storeUsage.ofStore('main', '2020-01-01'), [
      { day: '2020-01-01', links: 7, storedBytes: 70 },
      noted,
    ]);
    assert.deepEqual(await catalog.storeUsage.ofStore('elsewhere', '2020-01-01'), []);
  });
});
