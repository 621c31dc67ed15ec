import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { newId } from '../../base/ids.ts';
import { snapshotName } from '../../domain/snapshot-name.ts';
import { volumeDiskKey } from '../../domain/disk.ts';
import { diskA, diskB, newJob, newPoint } from '../../../test/support/catalog-rows.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../../../test/support/catalog-database.ts';
import type { Catalog } from './catalog.ts';
import type { NewPoint } from './types.ts';

describe('points and links', () => {
  let database: CatalogDatabase;
  let catalog: Catalog;
  before(async () => {
    database = await openCatalogDatabase();
    catalog = database.catalog;
  });
  after(() => database.close());

  function freshDisk(): ReturnType<typeof volumeDiskKey> {
    return volumeDiskKey(newId());
  }

  /** Points of one disk, each on top of the one before. */
  async function commitChain(length: number, disk = freshDisk()): Promise<NewPoint[]> {
    const points: NewPoint[] = [];
    for (let i = 0; i < length; i++) {
      const takenAt = new Date(Date.UTC(2026, 10, 1 + i)).toISOString();
      const point = newPoint({ takenAt, disks: [{ key: disk, parent: points.at(-1)?.links[0] }] });
      await catalog.points.commit(point);
      points.push(point);
    }
    return points;
  }

  it('commits a point with its links, and reads every field back', async () => {
    const job = await catalog.jobs.insert(newJob());
    const point = newPoint({ disks: [{ key: diskA }, { key: diskB }] });
    const row = await catalog.points.commit({ ...point, jobId: job.id });
    assert.equal(row.state, 'complete');
    assert.equal(row.jobId, job.id);
    assert.equal(row.takenAt.toISOString(), point.manifest.takenAt);
    assert.deepEqual(row.manifest, point.manifest);
    assert.deepEqual(await catalog.points.get(row.id), row);

    const links = await catalog.links.ofPoints([row.id, newId(), 'nonsense']);
    assert.deepEqual(
      links.map(({ diskKey }) => diskKey),
      [diskA, diskB],
    );
    const [link] = links;
    const [manifest] = point.links;
    assert.ok(link && manifest);
    assert.deepEqual(link.manifest, manifest);
    assert.equal(link.sizeBytes, 6 * 2 ** 40);
    assert.equal(link.plainBytes, 5_000_000_000);
    assert.equal(link.fromSnapshot, undefined);
    assert.deepEqual(link.toSnapshot, manifest.toSnapshot);
    assert.equal(link.snapshotReleasedAt, undefined);
    assert.equal(link.createdAt.toISOString(), manifest.createdAt);
    assert.deepEqual(await catalog.links.get(link.id), link);
  });

  it('I1: committing again changes nothing; another point under the same id is refused', async () => {
    const point = newPoint({ disks: [{ key: freshDisk() }] });
    const row = await catalog.points.commit(point);
    const again = await Promise.all([catalog.points.commit(point), catalog.points.commit(point)]);
    assert.deepEqual(again, [row, row]);
    const forged = { ...point, manifest: { ...point.manifest, sourceName: 'other' } };
    await assert.rejects(catalog.points.commit(forged), { code: 'CONFLICT_ID_TAKEN' });
  });

  it('commits all or nothing', async () => {
    const good = newPoint({ disks: [{ key: freshDisk() }] });
    await catalog.points.commit(good);
    const bad = newPoint({ disks: [{ key: freshDisk() }, { key: freshDisk() }] });
    const [first, second] = bad.links;
    assert.ok(first && second);
    // The second link's id is taken by a link of another point.
    const taken = good.links[0]?.linkId ?? '';
    const clash = { ...second, linkId: taken, chainId: taken };
    const disks = bad.manifest.disks.map((disk) =>
      disk.linkId === second.linkId ? { ...disk, linkId: clash.linkId } : disk,
    );
    await assert.rejects(
      catalog.points.commit({ manifest: { ...bad.manifest, disks }, links: [first, clash] }),
      { code: 'CONFLICT_ID_TAKEN' },
    );
    assert.equal(await catalog.points.get(bad.manifest.pointId), undefined);
    assert.equal(await catalog.links.get(first.linkId), undefined);
  });

  it('refuses links that the point does not name, and stores that it does not know', async () => {
    const point = newPoint({ disks: [{ key: freshDisk() }] });
    await assert.rejects(catalog.points.commit({ ...point, links: [] }), { code: 'BUG_POINT_LINKS' });
    await assert.rejects(catalog.points.commit(newPoint({ storeId: 'nowhere', disks: [] })), {
      code: 'CATALOG_STORE_UNKNOWN',
    });
  });

  it('orders a chain from its full to the link', async () => {
    const points = await commitChain(4);
    const ids = points.map(({ links }) => links[0]?.linkId ?? '');
    assert.deepEqual(
      (await catalog.links.chainOf(ids[2] ?? '')).map(({ id }) => id),
      ids.slice(0, 3),
    );
    await assert.rejects(catalog.links.chainOf(newId()), { code: 'NOTFOUND_LINK' });
  });

  it('a chain that lacks a link is an integrity failure, and its point damaged', async () => {
    const lost = newPoint({ disks: [{ key: freshDisk() }] });
    const point = newPoint({ disks: [{ key: freshDisk(), parent: lost.links[0] }] });
    const row = await catalog.points.commit(point);
    assert.equal(row.state, 'damaged');
    await assert.rejects(catalog.links.chainOf(point.links[0]?.linkId ?? ''), {
      code: 'INTEGRITY_CHAIN_BROKEN',
    });
  });

  it('I8: a damaged link takes exactly the points with it that are restored from it', async () => {
    const [diskOne, diskTwo] = [freshDisk(), freshDisk()];
    const p1 = newPoint({ takenAt: '2026-11-01T00:00:00.000Z', disks: [{ key: diskOne }, { key: diskTwo }] });
    const p2 = newPoint({
      takenAt: '2026-11-02T00:00:00.000Z',
      disks: [
        { key: diskOne, parent: p1.links[0] },
        { key: diskTwo, parent: p1.links[1] },
      ],
    });
    // The first disk goes on, the second starts anew.
    const p3 = newPoint({
      takenAt: '2026-11-03T00:00:00.000Z',
      disks: [{ key: diskOne, parent: p2.links[0] }, { key: diskTwo }],
    });
    for (const point of [p1, p2, p3]) await catalog.points.commit(point);
    const states = async (): Promise<(string | undefined)[]> =>
      Promise.all([p1, p2, p3].map(async (p) => (await catalog.points.get(p.manifest.pointId))?.state));

    const secondDiskOfP2 = p2.links[1]?.linkId ?? '';
    const marked = await catalog.links.markDamaged(secondDiskOfP2, 'segment 3: sha256 differs');
    assert.deepEqual(
      marked.map(({ id }) => id),
      [p2.manifest.pointId],
    );
    assert.deepEqual(await states(), ['complete', 'damaged', 'complete']);
    assert.deepEqual(await catalog.links.markDamaged(secondDiskOfP2, 'again'), []);
    assert.equal((await catalog.links.get(secondDiskOfP2))?.damagedReason, 'segment 3: sha256 differs');

    await catalog.links.markDamaged(p1.links[0]?.linkId ?? '', 'segment 1 is missing');
    assert.deepEqual(await states(), ['damaged', 'damaged', 'damaged']);
    await assert.rejects(catalog.links.markDamaged(newId(), 'x'), { code: 'NOTFOUND_LINK' });
  });

  it('I8: in any forest of chains, damaged means standing on the damaged link', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
        fc.nat(),
        async (parents, choice) => {
          const disk = freshDisk();
          const points: NewPoint[] = [];
          const parentOf: (number | undefined)[] = [];
          for (const [index, pick] of parents.entries()) {
            // The last value means no parent: a full.
            const parent = pick % (index + 1) === index ? undefined : pick % (index + 1);
            parentOf.push(parent);
            const link = parent === undefined ? undefined : points[parent]?.links[0];
            points.push(newPoint({ disks: [{ key: disk, parent: link }] }));
          }
          for (const point of points) await catalog.points.commit(point);
          const damaged = choice % points.length;
          const standsOn = (index: number | undefined): boolean =>
            index !== undefined && (index === damaged || standsOn(parentOf[index]));
          const marked = await catalog.links.markDamaged(points[damaged]?.links[0]?.linkId ?? '', 'x');
          assert.deepEqual(
            new Set(marked.map(({ id }) => id)),
            new Set(points.filter((_, index) => standsOn(index)).map((p) => p.manifest.pointId)),
          );
        },
      ),
      { numRuns: 25 },
    );
  });

  it('I8: a point whose chain was condemned while it was made is committed as damaged', async () => {
    const [full] = await commitChain(1);
    const link = full?.links[0];
    assert.ok(link);
    await catalog.links.markDamaged(link.linkId, 'bad sector');
    const late = newPoint({ disks: [{ key: link.diskKey as typeof diskA, parent: link }] });
    const row = await catalog.points.commit(late);
    assert.equal(row.state, 'damaged');
    assert.match(row.damagedReason ?? '', /bad sector/);
    assert.equal(await catalog.links.latestForDisk(link.diskKey), undefined);
  });

  it('I8: no order of a commit and a damage report that meet leaves a complete point on a damaged link', async () => {
    for (let round = 0; round < 10; round++) {
      const points = await commitChain(2);
      const [first, second] = points.map(({ links }) => links[0]);
      assert.ok(first && second);
      const next = newPoint({ disks: [{ key: second.diskKey as typeof diskA, parent: second }] });
      await Promise.all([catalog.links.markDamaged(first.linkId, 'x'), catalog.points.commit(next)]);
      assert.equal((await catalog.points.get(next.manifest.pointId))?.state, 'damaged');
    }
  });

  it('the next increment stands on the newest complete link of a complete point', async () => {
    const disk = freshDisk();
    assert.equal(await catalog.links.latestForDisk(disk), undefined);
    const points = await commitChain(3, disk);
    const ids = points.map(({ links }) => links[0]?.linkId ?? '');
    assert.equal((await catalog.links.latestForDisk(disk))?.id, ids[2]);
    await catalog.links.markDamaged(ids[2] ?? '', 'x');
    assert.equal((await catalog.links.latestForDisk(disk))?.id, ids[1]);
  });

  it('I4: knows which snapshots are still on the sources', async () => {
    const disk = freshDisk();
    const points = await commitChain(2, disk);
    const [older, newer] = points.map(({ links }) => links[0]?.linkId ?? '');
    await catalog.links.snapshotReleased(`ek.${older ?? ''}`);
    const released = (await catalog.links.get(older ?? ''))?.snapshotReleasedAt;
    assert.ok(released instanceof Date);
    await catalog.links.snapshotReleased(`ek.${older ?? ''}`);
    assert.deepEqual((await catalog.links.get(older ?? ''))?.snapshotReleasedAt, released);
    assert.deepEqual(
      (await catalog.links.withUnreleasedSnapshots(disk)).map(({ id }) => id),
      [newer],
    );
    const all = (await catalog.links.withUnreleasedSnapshots()).map(({ id }) => id);
    assert.ok(all.includes(newer ?? '') && !all.includes(older ?? ''));
  });

  it('I4: knows its own snapshots by the ids of links, also of those that only a plan names', async () => {
    const [linkId, foreign] = [newId(), newId()];
    const job = await catalog.jobs.insert(newJob({ plan: { disks: [{ linkId: newId() }, { linkId }] } }));
    const owns = (id: string): Promise<boolean> => catalog.links.ownsSnapshot(snapshotName(id, new Date(0)));
    assert.equal(await owns(linkId), true);
    assert.equal(await owns(foreign), false);
    assert.equal(await owns(job.id), false);
    assert.equal(await catalog.links.ownsSnapshot('"%s" || true'), false);
    const [point] = await commitChain(1);
    assert.equal(await owns(point?.links[0]?.linkId ?? ''), true);
  });

  it('finds points by source, project and time', async () => {
    const source = newId();
    const make = async (day: number, projectId: string | null): Promise<string> => {
      const takenAt = new Date(Date.UTC(2026, 10, day)).toISOString();
      const point = newPoint({ sourceId: source, projectId, takenAt, disks: [{ key: freshDisk() }] });
      return (await catalog.points.commit(point)).id;
    };
    const ids = [await make(1, 'p-1'), await make(2, 'p-1'), await make(3, 'p-2'), await make(4, null)];
    const listed = async (filter: Parameters<Catalog['points']['list']>[0]): Promise<number[]> =>
      (await catalog.points.list({ source, ...filter })).map(({ id }) => ids.indexOf(id) + 1);
    const day = (n: number): Date => new Date(Date.UTC(2026, 10, n));

    assert.deepEqual(await listed({}), [4, 3, 2, 1]);
    assert.deepEqual(await listed({ projectId: 'p-1' }), [2, 1]);
    assert.deepEqual(await listed({ since: day(2), before: day(4) }), [3, 2]);
    assert.deepEqual(await listed({ limit: 2, marker: ids[3] }), [3, 2]);
    assert.deepEqual(await listed({ kind: 'volume' }), []);
    assert.ok((await catalog.points.list({ source: 'web-01', limit: 1000 })).some(({ id }) => id === ids[0]));
    await assert.rejects(listed({ projectId: 'p-1', marker: ids[2] }), { code: 'INPUT_MARKER_UNKNOWN' });

    const ref = { kind: 'instance', sourceId: source } as const;
    assert.equal((await catalog.points.latestFor(ref))?.id, ids[3]);
    assert.equal((await catalog.points.latestFor(ref, day(2)))?.id, ids[1]);
    assert.equal((await catalog.points.latestFor(ref, new Date(0)))?.id, undefined);
    assert.deepEqual(
      (await catalog.points.latestForEach('instance', [source, 'unknown'])).map(({ id }) => id),
      [ids[3]],
    );
  });

  it('lists sources by their newest complete point, page by page', async () => {
    const projectId = newId();
    const make = async (sourceId: string, day: number): Promise<string> => {
      const takenAt = new Date(Date.UTC(2026, 9, day)).toISOString();
      const point = newPoint({ sourceId, projectId, takenAt, disks: [{ key: freshDisk() }] });
      await catalog.points.commit(point);
      return point.manifest.pointId;
    };
    const [one, two, three] = [newId(), newId(), newId()];
    await make(one, 1);
    await make(two, 2);
    await make(three, 3);
    const newest = await make(one, 4);
    const listed = async (
      filter: Partial<Parameters<Catalog['points']['latestBySource']>[0]>,
    ): Promise<string[]> =>
      (await catalog.points.latestBySource({ kind: 'instance', projectId, limit: 10, ...filter })).map(
        ({ sourceId }) => sourceId,
      );

    assert.deepEqual(await listed({}), [one, three, two]);
    assert.deepEqual(await listed({ limit: 2 }), [one, three]);
    assert.deepEqual(await listed({ limit: 2, after: three }), [two]);
    assert.deepEqual(await listed({ sourceName: 'nobody' }), []);
    assert.deepEqual(await listed({ kind: 'volume' }), []);
    await assert.rejects(listed({ projectId: 'p-1', after: two }), { code: 'INPUT_MARKER_UNKNOWN' });
    const [first] = await catalog.points.latestBySource({ kind: 'instance', projectId, limit: 1 });
    assert.equal(first?.id, newest);
  });
});
