import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Catalog } from '../drivers/catalog/catalog.ts';
import type { RbdSnapshot } from '../drivers/ceph/snapshots.ts';
import type { HalfWrittenDisk } from '../workflows/backup/deps.ts';
import type { BackupPlan } from '../workflows/backup/plan.ts';
import { refuseHalfWritten } from '../workflows/backup/refuse-half-written.ts';
import { changingInPlace, writingBack } from './undo-ports.ts';

type Jobs = Pick<Catalog, 'jobs'>;

const key = 'volume:v';
const written = { disk: { key }, writeBack: { begun: { imageId: 'id' } } };
const swapped = { disk: { key }, swap: { ids: { before: 'a', restored: 'b' } } };

function catalogWith(disk: object, change: object = {}): Jobs {
  const plan = { mode: 'in-place', disks: [disk] };
  const job = { id: 'j', kind: 'restore', state: 'running', plan, ...change };
  return { jobs: { unfinished: () => Promise.resolve([job]) } } as unknown as Jobs;
}

test('a job that has begun with a disk in place is found by it, another one, or one that only waits, is not', async () => {
  for (const disk of [written, swapped]) {
    assert.equal(await changingInPlace(catalogWith(disk), [key], 'other'), 'j');
    assert.equal(await changingInPlace(catalogWith(disk), [key], 'j'), undefined);
    assert.equal(await changingInPlace(catalogWith(disk), ['volume:w'], 'other'), undefined);
    assert.equal(await changingInPlace(catalogWith(disk, { state: 'queued' }), [key], 'other'), undefined);
  }
  const planned = { disk: { key }, writeBack: {} };
  assert.equal(await changingInPlace(catalogWith(planned), [key], 'other'), undefined);
});

interface Left {
  jobs?: Jobs;
  halfWritten?: HalfWrittenDisk[];
  snapshots?: string[];
}

const diskPlan = { disk: { key } };

/** What comes before a backup's snapshots. */
async function begin(
  { jobs, halfWritten = [], snapshots = [] }: Left,
  disk: object = diskPlan,
): Promise<void> {
  const catalog = {
    writingBack: (keys: readonly string[]) =>
      writingBack(jobs ?? catalogWith({ disk: { key: 'volume:w' } }), keys),
    halfWritten: () => Promise.resolve(halfWritten),
  };
  const last = () => Promise.resolve(snapshots.map((name) => ({ name })) as RbdSnapshot[]);
  await refuseHalfWritten({ catalog, snapshots: { last } }, { disks: [disk] as BackupPlan['disks'] });
}

test('I9: a backup does not begin with a disk that a dead worker has half written', async () => {
  for (const kind of ['restore', 'undo'])
    await assert.rejects(begin({ jobs: catalogWith(written, { kind }) }), {
      code: 'CONFLICT_JOB_UNDER_WAY',
      message: /job j has begun to write a point back/,
    });
  // With a swap both images are whole.
  await begin({ jobs: catalogWith(swapped) });
  // What was taken before the restore began is right.
  await begin({ jobs: catalogWith(written) }, { ...diskPlan, snapshot: {} });
});

test('nor with one that a restore could neither finish nor take back, until somebody has mended it', async () => {
  const target = { cluster: 'ceph', pool: 'volumes', image: 'volume-v' };
  const halfWritten = [{ restoreId: 'r', target, safety: 'backup.r.snap.1' }];
  await assert.rejects(begin({ halfWritten, snapshots: ['other', 'backup.r.snap.1'] }), {
    code: 'CONFLICT_HALF_RESTORED',
    message: /^volumes\/volume-v is neither what it was nor a point: .*`emberkeep restore undo r`/,
  });
  await begin({ halfWritten, snapshots: ['other'] });
  await begin({ snapshots: ['backup.r.snap.1'] });
});
