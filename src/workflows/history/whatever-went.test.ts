import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { newPoint, requester } from '../../../test/support/catalog-rows.ts';
import { failed, HistoryLab, succeeded, undoFailed } from '../../../test/support/history-lab.ts';
import { newId } from '../../base/ids.ts';
import { volumeDiskKey, type DiskKey } from '../../domain/disk.ts';
import { snapshotName } from '../../domain/snapshot-name.ts';
import type { NewPoint, RestoreRow } from '../../drivers/catalog/types.ts';

const steps = [
  'backup',
  'backup',
  'lost-backup',
  'delete',
  'fold',
  'restore',
  'half',
  'undo',
  'release',
  'reconcile',
  'age',
] as const;
type Step = readonly [what: (typeof steps)[number], disk: number, pick: number];

describe('whatever went of the history', () => {
  let lab: HistoryLab;
  before(async () => {
    lab = await HistoryLab.open();
  });
  after(() => lab.close());

  /** One disk's life, by its own source. */
  class Disk {
    readonly key: DiskKey = volumeDiskKey(newId());
    readonly sourceId = newId();
    readonly points: NewPoint[] = [];
    readonly restores: RestoreRow[] = [];
    /** On the source, or possibly so, and ours. */
    snapshots = new Set<string>();
  }

  /** What a step works on: picked points and restores are there only if any are. */
  interface Pick {
    disk: Disk;
    disks: readonly Disk[];
    pick: number;
    point: NewPoint | undefined;
    restore: RestoreRow | undefined;
  }

  async function backUp({ disk: { key, sourceId, points, snapshots } }: Pick): Promise<void> {
    const made = newPoint({ sourceId, disks: [{ key, parent: points.at(-1)?.links[0] }] });
    for (const link of made.links) link.toSnapshot.name = snapshotName(link.linkId, new Date());
    const plan = { disks: made.links.map(({ linkId }) => ({ linkId, disk: { key } })) };
    const job = await lab.job({ plan, target: { target: { id: sourceId } } }, succeeded());
    await lab.database.catalog.points.commit({ ...made, jobId: job.id });
    points.push(made);
    for (const { toSnapshot } of made.links) snapshots.add(toSnapshot.name);
  }

  async function loseBackup({ disk: { key, sourceId, snapshots } }: Pick): Promise<void> {
    const linkId = newId();
    const plan = { disks: [{ linkId, disk: { key } }] };
    await lab.job({ plan, target: { target: { id: sourceId } } }, failed(undoFailed));
    snapshots.add(snapshotName(linkId, new Date()));
  }

  async function deletePoint({ point, disk: { points } }: Pick): Promise<void> {
    const { expiry } = lab.database.catalog;
    if (point === undefined) return;
    await expiry.deletePoints([point.manifest.pointId], { actor: { ...requester } });
    if (point !== points.at(-1)) return;
    await expiry.dropLinks(point.links.map(({ linkId }) => linkId));
    points.pop();
  }

  async function fold({ disk: { points } }: Pick): Promise<void> {
    const { expiry } = lab.database.catalog;
    const [oldest, next] = points;
    const [first, second] = [oldest?.links[0], next?.links[0]];
    if (!oldest || !next || !first || !second) return;
    await expiry.deletePoints([oldest.manifest.pointId], { actor: { ...requester } });
    const { kind, parentLinkId, fromSnapshot, fullReason, depth } = first;
    const link = { ...second, linkId: newId(), kind, parentLinkId, fromSnapshot, fullReason, depth };
    await expiry.foldLinks({ linkIds: [first.linkId, second.linkId], link });
    points.splice(0, 2, { ...next, links: [link] });
  }

  async function restorePoint(
    { disk: { key, restores }, point, pick }: Pick,
    isHalf: boolean,
  ): Promise<void> {
    const { catalog } = lab.database;
    if (point === undefined) return;
    const row = await lab.restore(point.manifest.pointId, key, isHalf ? failed(undoFailed) : succeeded());
    await catalog.restores.update(row.id, isHalf ? 'failed' : 'succeeded');
    if (!isHalf) await catalog.undo.allow(row.id, 30 + pick);
    restores.push(row);
  }

  async function releaseUndos(): Promise<void> {
    const { undo } = lab.database.catalog;
    for (const row of await undo.expired(100)) await undo.release(row.id);
  }

  /** Removes what no next increment stands on. */
  async function reconcile({ disks }: Pick): Promise<void> {
    await lab.reconciled();
    for (const disk of disks)
      disk.snapshots = new Set(await lab.database.catalog.reconcile.neededSnapshots([...disk.snapshots]));
  }

  const doing: Record<Step[0], (picked: Pick) => Promise<void>> = {
    backup: backUp,
    'lost-backup': loseBackup,
    delete: deletePoint,
    fold,
    restore: (picked) => restorePoint(picked, false),
    half: (picked) => restorePoint(picked, true),
    undo: async ({ restore }) => {
      if (restore !== undefined) await lab.database.catalog.undo.done(restore.id);
    },
    release: releaseUndos,
    reconcile,
    age: ({ pick }) => lab.age(pick * 7),
  };

  async function take([what, at, pick]: Step, disks: readonly Disk[]): Promise<void> {
    const disk = disks[at % disks.length];
    assert.ok(disk);
    const { points, restores } = disk;
    const [point, restore] = [points[pick % points.length], restores[pick % restores.length]];
    await doing[what]({ disk, disks, pick, point, restore });
  }

  /** Everything that somebody may still ask for. */
  async function promises(disks: readonly Disk[]): Promise<unknown> {
    const { catalog, sql } = lab.database;
    const of = async (disk: Disk): Promise<unknown> => {
      const points = await catalog.points.list({ sourceId: disk.sourceId });
      const links = await catalog.links.ofPoints(points.map(({ id }) => id));
      const undoable = (await sql('emberkeep.restores')
        .where('mode', 'in-place')
        .whereRaw(`options -> 'disks' \\? ?`, [disk.key])
        .whereNot('state', 'undone')
        .whereNotNull('undo_until')
        .whereNull('undo_released_at')
        .orderBy('id')
        .pluck('id')) as string[];
      return {
        points,
        chains: await Promise.all(
          links.map(async ({ id }) => (await catalog.links.chainOf(id)).map((link) => link.id)),
        ),
        latest: (await catalog.links.latestForDisk(disk.key))?.id,
        needed: await catalog.reconcile.snapshotsOfHeads({ after: undefined, limit: 1000 }),
        owned: await Promise.all([...disk.snapshots].map((name) => catalog.links.ownsSnapshot(name))),
        origins: await Promise.all(
          [...disk.snapshots].map((name) => catalog.reconcile.originOfSnapshot(name)),
        ),
        listed: (await catalog.disks.list({ source: disk.sourceId })).map(({ key, chains }) => [key, chains]),
        half: (await catalog.undo.halfDone([disk.key])).map(({ id }) => id),
        undoable: await Promise.all(
          undoable.map(async (id) => {
            const row = await catalog.restores.get(id);
            assert.ok(row);
            const job = await catalog.jobs.get(row.jobId);
            return { row, plan: job?.plan, later: (await catalog.undo.laterThan(row, [disk.key]))?.id };
          }),
        ),
      };
    };
    return { disks: await Promise.all(disks.map(of)), sources: await catalog.expiry.sources() };
  }

  const anyStep = fc.tuple(fc.constantFrom(...steps), fc.nat(1), fc.nat(30));

  it('whatever could be restored, undone or swept before still can, and a second look removes nothing', async () => {
    let removed = 0;
    const life = async (taken: Step[]): Promise<void> => {
      for (const table of ['restores', 'links', 'former_links', 'points', 'jobs', 'point_sources', 'disks'])
        await lab.database.sql(`emberkeep.${table}`).delete();
      const disks = [new Disk(), new Disk()];
      for (const step of taken) await take(step, disks);
      const before = await promises(disks);
      for (let last = -1; last !== 0;) {
        last = Object.values(await lab.look({ jobs: 14, points: 1, restores: 14 })).reduce(
          (sum, rows) => sum + rows,
          0,
        );
        removed += last;
      }
      assert.deepEqual(await promises(disks), before);
      assert.deepEqual(Object.values(await lab.look({ jobs: 14, points: 1, restores: 14 })), [0, 0, 0, 0]);
      const { rows } = await lab.database.sql.raw<{ rows: unknown[] }>(
        `select from emberkeep.jobs where finished_at is null and not exists (
           select from emberkeep.job_events where job_id = jobs.id)`,
      );
      assert.equal(rows.length, 0);
    };
    await fc.assert(fc.asyncProperty(fc.array(anyStep, { minLength: 15, maxLength: 40 }), life), {
      numRuns: 10,
      endOnFailure: true,
    });
    assert.ok(removed > 0);
    assert.deepEqual(lab.errors, []);
  });
});
