import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { freshImageName, isFreshImageName, restoreIdOfImage } from './restore.ts';
import { snapshotName, snapshotTime } from './snapshot-name.ts';
import { jobIdOfScratch, scratchImageName } from './verification.ts';

test('names of images lead back to the job or restore that made them', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.nat(), (id, index) => {
      assert.equal(restoreIdOfImage(freshImageName(id, index)), id);
      assert.equal(isFreshImageName(freshImageName(id, index)), true);
      assert.equal(jobIdOfScratch(scratchImageName(id, index)), id);
      assert.equal(jobIdOfScratch(freshImageName(id, index)), undefined);
      assert.equal(restoreIdOfImage(`${freshImageName(id, index)}-copy`), undefined);
    }),
  );
});

test('names of snapshots tell when they were taken, to the second', () => {
  fc.assert(
    fc.property(
      fc.uuid(),
      fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }),
      (id, at) => {
        const taken = snapshotTime(snapshotName(id, at));
        assert.equal(taken?.getTime(), Math.floor(at.getTime() / 1000) * 1000);
      },
    ),
  );
  assert.equal(snapshotTime('snapshot-3c1f'), undefined);
});
