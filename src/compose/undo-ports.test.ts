import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Catalog } from '../drivers/catalog/catalog.ts';
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

test('I9: a backup does not begin with a disk that a dead worker has half written', async () => {
  const disk = { disk: { key } };
  const plan = { disks: [disk] } as Parameters<typeof refuseHalfWritten>[1];
  const begin = (jobs: Jobs, disks = plan.disks): Promise<void> =>
    refuseHalfWritten({ catalog: { writingBack: (keys) => writingBack(jobs, keys) } }, { disks });
  for (const kind of ['restore', 'undo'])
    await assert.rejects(begin(catalogWith(written, { kind })), {
      code: 'CONFLICT_JOB_UNDER_WAY',
      message: /job j has begun to write a point back/,
    });
  // With a swap both images are whole.
  await begin(catalogWith(swapped));
  // What was taken before the restore began is right.
  await begin(catalogWith(written), [{ ...disk, snapshot: {} }] as unknown as typeof plan.disks);
});
