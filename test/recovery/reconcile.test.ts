/** A reconciliation whose worker is killed is begun again, and removes what is left. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '../../src/base/ids.ts';
import { freshImageName } from '../../src/domain/restore.ts';
import { markOf, restoreMark } from '../../src/domain/restore-mark.ts';
import type { KillOrder } from './kill-switch.ts';
import { Relay, spread, sweep } from './relay.ts';
import { openScene, type Scene } from './scene.ts';
import { diskBytes, imagesOf } from './source-disk.ts';

const steps: Pick<KillOrder, 'name' | 'moment'>[] = [
  { name: 'rbd.listImagesLong', moment: 'after' },
  { name: 'rbd.removeImage', moment: 'before' },
  { name: 'rbd.removeImage', moment: 'during' },
  { name: 'rbd.removeImage', moment: 'after' },
];

let scene: Scene;
let relay: Relay;
let pointId: string;

before(async () => {
  scene = await openScene('reconcile');
  relay = new Relay(scene);
  const { job } = await relay.run(scene.requestBackup);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  pointId = String(job.result?.['pointId']);
});
after(async () => {
  await scene.close();
});

/** An image of a restore that was cancelled; gives its name. */
async function makeStray(): Promise<string> {
  const { catalog } = scene.database;
  const [restoreId, jobId] = [newId(), newId()];
  const requestedBy = { userId: 'recovery', userName: 'recovery', roles: [] };
  await catalog.jobs.insert({ id: jobId, kind: 'restore', projectId: undefined, target: {}, requestedBy });
  await catalog.restores.insert({ id: restoreId, jobId, pointId, mode: 'image', projectId: undefined });
  await catalog.jobs.requestCancel(jobId);
  const at = { cluster: 'ceph', pool: 'backups', image: freshImageName(restoreId, 0) };
  const mark = { key: restoreMark, value: markOf(restoreId, at) };
  await scene.rbd.createImage(at, { sizeBytes: diskBytes, objectSizeBytes: 2 ** 22, mark });
  return at.image;
}

async function requestReconciliation(): Promise<string> {
  return (await scene.operations.requestReconciliation(scene.caller, { dryRun: false })).id;
}

test('a reconciliation killed at any of its steps is resumed and removes everything', sweep, async (t) => {
  for (const step of spread(t, steps, 2)) {
    const strays = [await makeStray(), await makeStray()];
    const { job, killed } = await relay.run(requestReconciliation, { attempt: 1, call: 1, ...step });
    assert.notEqual(killed, '', `never came to ${JSON.stringify(step)}`);
    assert.equal(job.state, 'succeeded', `${killed}: ${JSON.stringify(job.error)}`);
    // What the killed worker's rbd still had open is left, told, and taken by the next one.
    const { job: next } = await relay.run(requestReconciliation);
    assert.equal(next.state, 'succeeded', JSON.stringify(next.error));
    const images = await imagesOf('backups');
    const left = (next.result?.['findings'] as { outcome: string }[]).filter(
      ({ outcome }) => outcome !== 'done',
    );
    assert.ok(
      strays.filter((image) => images.includes(image)).length <= left.length,
      `${killed}: ${JSON.stringify(next.result)}`,
    );
    t.diagnostic(`${killed}: ${left.length} left after the second`);
  }
});
