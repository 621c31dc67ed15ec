import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobProgress } from '../job-context.ts';
import type { RestoreDiskPlan, RestorePlan } from './plan.ts';
import { progressOfRestore, progressOfWayBack } from './progress.ts';

const at = { cluster: 'ceph', pool: 'volumes', image: 'i' };
const begun = { imageId: 'i', sizeBytes: 150, safety: 's', before: 'b' };

function disk(part: Partial<RestoreDiskPlan>): RestoreDiskPlan {
  const disk = {} as RestorePlan['disks'][0]['disk'];
  return {
    disk,
    linkIds: [],
    sizeBytes: 100,
    objectSizeBytes: 4,
    fresh: at,
    imported: false,
    notes: [],
    ...part,
  };
}

function watched(): { told: JobProgress[]; progress: (update: JobProgress) => void } {
  const told: JobProgress[] = [];
  return { told, progress: (update) => void told.push(update) };
}

test('a disk that is written back counts three times: imported, written, read back', () => {
  const context = watched();
  const writeBack = { target: at, source: at, written: false };
  const progress = progressOfRestore(context, [disk({}), disk({ writeBack }), disk({ imported: true })]);
  progress.tell('import', 0, { bytesDone: 10, bytesTotal: 100 });
  progress.tell('import', 1, { bytesDone: 20, bytesTotal: 100 });
  // By now its size is known to be another.
  progress.tell('rewrite', 1, { bytesDone: 300, bytesTotal: 300 });
  assert.deepEqual(
    context.told.map(({ bytesDone, bytesTotal }) => [bytesDone, bytesTotal]),
    [
      [110, 500],
      [130, 500],
      [430, 600],
    ],
  );
});

test('what an earlier attempt has done counts as done', () => {
  const context = watched();
  const writeBack = { target: at, source: at, begun, written: true };
  const progress = progressOfRestore(context, [disk({ imported: true, writeBack }), disk({})]);
  progress.tell('import', 1, { bytesDone: 1, bytesTotal: 100 });
  assert.deepEqual(context.told, [{ bytesDone: 401, bytesTotal: 500, storedBytes: 0 }]);
});

test('a way back is about the disks that were begun', () => {
  const context = watched();
  const one = { target: at, source: at, written: false };
  const progress = progressOfWayBack(context, [
    disk({ writeBack: { ...one, begun } }),
    disk({ writeBack: one }),
    disk({}),
  ]);
  progress.tell('rewrite', 0, { bytesDone: 7, bytesTotal: 300 });
  assert.deepEqual(context.told, [{ bytesDone: 7, bytesTotal: 300, storedBytes: 0 }]);
});
