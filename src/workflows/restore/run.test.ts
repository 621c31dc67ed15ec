import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobContext } from '../job-context.ts';
import type { RestoreDeps } from './deps.ts';
import type { RestoreOptions } from './make-plan.ts';
import type { RestorePlan } from './plan.ts';
import { runRestore } from './run.ts';

const fresh = { cluster: 'ceph', pool: 'backups', image: 'restore-r-0' };
const plan: RestorePlan = {
  restoreId: 'r',
  pointId: 'p',
  mode: 'image',
  failed: { code: 'CEPH_NO_SPACE', message: 'the pool is full' },
  disks: [
    {
      disk: { key: 'volume:v', kind: 'volume', location: fresh },
      linkIds: [],
      sizeBytes: 1,
      objectSizeBytes: 1,
      fresh,
      imported: true,
      notes: [],
    },
  ],
};

test('I9: a restore that was killed while it took itself back is taken back, and fails of what it had failed of', async () => {
  const steps: string[] = [];
  const rbd = {
    findImage: () => Promise.resolve({ imageId: 'i' }),
    readImageMark: () => Promise.resolve(undefined),
    listSnapshots: () => Promise.resolve([]),
    removeImage: ({ image }: { image: string }) => Promise.resolve(void steps.push(`removed ${image}`)),
  };
  const context = {
    plan,
    signal: new AbortController().signal,
    willResume: () => false,
    record: (step: string) => Promise.resolve(void steps.push(step)),
    note: () => Promise.resolve(),
    lock: () => Promise.resolve(),
    progress: () => undefined,
  } as unknown as JobContext<RestorePlan>;
  await assert.rejects(runRestore({ rbd } as unknown as RestoreDeps, {} as RestoreOptions, context), {
    code: 'CEPH_NO_SPACE',
    message: 'the pool is full',
  });
  assert.deepEqual(steps, ['planned', 'taking back what was done', 'removed restore-r-0']);
});
