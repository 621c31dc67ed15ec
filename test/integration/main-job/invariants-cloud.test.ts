/** I6 and I12 of docs/design: each test fails when its rule is broken. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { formatLocation } from '../../../src/domain/disk.ts';
import type { WireRestore } from '../../../src/entry/cli/wire.ts';
import {
  changeImage,
  holdImageOpen,
  imageInfo,
  volumeSha256,
  listImages,
  listSnapshots,
  listTrash,
} from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';
import { patience } from '../../support/devcloud.ts';

const mib = 1024 * 1024;

let scratch: ScratchCloud;
let service: FaultyService;

before(async () => {
  scratch = await ScratchCloud.open('cloud');
  service = await startFaultyService();
});
afterEach(() => {
  service.clear();
});
after(async () => {
  await service.stop();
  await scratch.close();
});

/** A volume with data in it. */
async function volumeWithData(sizeBytes = 2 * mib): Promise<{ id: string; spec: string }> {
  const id = await scratch.volume();
  const spec = `volumes/volume-${id}`;
  await changeImage(spec, [{ kind: 'write', offset: 4096, length: sizeBytes, seed: 7 }]);
  return { id, spec };
}

/** How often the service has looked at an image that somebody had open. */
function countSightings(onSight: (count: number) => Promise<void>): () => number {
  let count = 0;
  service.hooks.rbd.listWatchers = async (at) => {
    const watchers = await service.real.rbd.listWatchers(at);
    if (watchers.length > 0) await onSight(++count);
    return watchers;
  };
  return () => count;
}

async function assertNothingLeft(restoreId: string, volumesBefore: string[]): Promise<void> {
  assert.deepEqual(await scratch.freshImages(restoreId), []);
  assert.deepEqual((await scratch.volumes()).map(({ id }) => id).toSorted(), volumesBefore.toSorted());
}

test('I6: a fresh image that somebody has open is not moved before it is closed', async () => {
  const { id } = await volumeWithData();
  const { result } = await service.backup({ volume: id });
  let close: (() => Promise<void>) | undefined;
  const sightings = countSightings(async (count) => {
    if (count === 2) await close?.();
  });
  service.hooks.rbd.importDiff = async (at, stream, options) => {
    await service.real.rbd.importDiff(at, stream, options);
    close = await holdImageOpen(formatLocation(at));
  };
  const openAtMove: string[] = [];
  service.hooks.rbd.prepareMigration = async (from, to) => {
    openAtMove.push(...(await service.real.rbd.listWatchers(from)));
    await service.real.rbd.prepareMigration(from, to);
  };
  const restored = await service.restore({ point: { id: result.point_id }, mode: 'volume' });
  assert.equal(sightings(), 2);
  assert.deepEqual(openAtMove, []);
  assert.equal(
    await volumeSha256(restored.result.disks[0]?.image ?? ''),
    await volumeSha256(`volumes/volume-${id}`),
  );
});

test('I6: a restore that waits for an open image can be cancelled and leaves nothing', async () => {
  const { id } = await volumeWithData();
  const { result } = await service.backup({ volume: id });
  const volumes = (await scratch.volumes()).map((volume) => volume.id);
  let close: (() => Promise<void>) | undefined;
  const seen = Promise.withResolvers<undefined>();
  countSightings(() => {
    seen.resolve(undefined);
    return Promise.resolve();
  });
  service.hooks.rbd.importDiff = async (at, stream, options) => {
    await service.real.rbd.importDiff(at, stream, options);
    close = await holdImageOpen(formatLocation(at));
  };
  const { restore } = await service.call<{ restore: WireRestore }>('POST', '/v1/restores', {
    point: { id: result.point_id },
    mode: 'volume',
  });
  await seen.promise;
  await service.call('POST', `/v1/jobs/${restore.job_id}/cancel`);
  await close?.();
  assert.equal((await service.ended(restore.job_id)).state, 'cancelled');
  await assertNothingLeft(restore.id, volumes);
});

test('I6: a moved image that stays open is not handed to Cinder: the restore fails and is undone', async () => {
  const { id } = await volumeWithData();
  const { result } = await service.backup({ volume: id });
  const volumes = (await scratch.volumes()).map((volume) => volume.id);
  let close: (() => Promise<void>) | undefined;
  const sightings = countSightings(() => Promise.resolve());
  service.hooks.rbd.commitMigration = async (at) => {
    await service.real.rbd.commitMigration(at);
    close = await holdImageOpen(formatLocation(at));
  };
  service.hooks.rbd.migrationState = async (at) => {
    // The undo asks for it: from now on the image may be removed.
    if (sightings() > 0) await close?.();
    return await service.real.rbd.migrationState(at);
  };
  const { restore, job } = await service.failedRestore({ point: { id: result.point_id }, mode: 'volume' });
  assert.equal(job.error?.type, 'CONFLICT_IMAGE_IN_USE');
  assert.match(job.error.message, /^volumes\/restore-.* is open at .*; close it there/);
  await assertNothingLeft(restore.id, volumes);
});

test('I12: a volume that carries our snapshot is deleted by its owner without a trace', async () => {
  const { id, spec } = await volumeWithData();
  await service.backup({ volume: id });
  assert.equal((await listSnapshots(spec)).length, 1);
  const { id: imageId } = await imageInfo(spec);
  const { cinder } = scratch.owner();
  await cinder.deleteVolume(id);
  await cinder.waitForVolumeGone(id, patience);
  assert.ok(!(await listImages('volumes')).includes(`volume-${id}`));
  assert.ok(!(await listTrash('volumes')).includes(imageId));
});

test('I12: a volume that is deleted during its export fails the job and leaves nothing', async () => {
  const { id, spec } = await volumeWithData(24 * mib);
  const { id: imageId } = await imageInfo(spec);
  const { cinder } = scratch.owner();
  let statusAfter: string | undefined;
  service.hooks.rbd.exportDiff = async (at, options) => {
    const { chunks, exited, close } = await service.real.rbd.exportDiff(at, options);
    const interrupted = async function* (): AsyncGenerator<Buffer> {
      let count = 0;
      for await (const chunk of chunks) {
        count += 1;
        if (count === 1) {
          await cinder.deleteVolume(id);
          // Cinder may give up because the exporter has the image open, and say so.
          const gone = cinder.waitForVolumeGone(id, patience).then(() => undefined);
          const kept = cinder
            .waitForVolume(id, ['available', 'error_deleting'], patience)
            .then(({ status }) => status)
            .catch(() => undefined);
          statusAfter = await Promise.race([gone, kept]);
        }
        yield chunk;
      }
    };
    return { chunks: interrupted(), exited, close };
  };
  const { error, state } = await service.failedBackup({ volume: id });
  assert.equal(state, 'failed');
  assert.match(error?.type ?? '', /^(CEPH|CONFLICT|NOTFOUND|INTEGRITY)_/);
  assert.notEqual(error?.message ?? '', '');
  assert.equal(statusAfter, undefined, 'Cinder deleted it');
  assert.ok(!(await listImages('volumes')).includes(`volume-${id}`));
  assert.ok(!(await listTrash('volumes')).includes(imageId));
  assert.deepEqual(await service.pointsOf(id), []);
});
