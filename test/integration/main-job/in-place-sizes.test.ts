/** Restores in place of volumes that grew between points, and of one that several instances have. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { OpenStack } from '../../../src/drivers/openstack/openstack.ts';
import { openCloud } from '../../support/devcloud.ts';
import { changeImage, imageInfo, rangeSha256 } from '../../support/rbd-image.ts';
import { gib, imageOf, InPlaceScene, mib } from './in-place-scene.ts';

let scene: InPlaceScene;
let cloud: OpenStack;
/** Volume type of volumes that several instances may have; ours alone. */
let type: { id: string; name: string };

before(async () => {
  scene = await InPlaceScene.open('inpl-size');
  cloud = openCloud('emberkeep');
  const name = scene.scratch.name('type');
  const extra_specs = { volume_backend_name: 'ceph', multiattach: '<is> True' };
  const made = await types('POST', '', { volume_type: { name, extra_specs } });
  type = { name, id: (made as { volume_type: { id: string } }).volume_type.id };
});
afterEach(() => {
  scene.service.clear();
});
after(async () => {
  await scene.close();
  await types('DELETE', `/${type.id}`);
  cloud.close();
});

async function types(method: 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
  const block = cloud.inProject(scene.scratch.projectId()).keystone.service('block-storage');
  const request = { method, path: `/types${path}`, expected: [200, 202] };
  return (await block.request(body === undefined ? request : { ...request, body })).body;
}

/** At the begin, at the first size's end, and behind it. */
const places = [0, gib - mib, gib + 500 * mib];

async function contents(volumeId: string): Promise<string[]> {
  return await Promise.all(places.map((offset) => rangeSha256(imageOf(volumeId), offset, mib)));
}

async function write(volumeId: string, seed: number, offsets: readonly number[]): Promise<void> {
  const changes = offsets.map((offset) => ({
    kind: 'write' as const,
    offset,
    length: mib,
    seed: seed + offset,
  }));
  await changeImage(imageOf(volumeId), changes);
}

test('a volume that grew between two points is restored to both, and keeps the size that Cinder says', async () => {
  const id = await scene.scratch.volume();
  await write(id, 1, places.slice(0, 2));
  const { result: small } = await scene.service.backup({ volume: id });
  await scene.extend(id, 2);
  const first = await contents(id);
  await write(id, 2, places.slice(1));
  const { result: large } = await scene.service.backup({ volume: id });
  assert.equal(large.disks[0]?.kind, 'increment');
  const second = await contents(id);
  await write(id, 3, places);

  await scene.restore(small.point_id);
  assert.deepEqual(await contents(id), first, 'swapped: zeros behind the end of the smaller point');
  assert.equal((await imageInfo(imageOf(id))).size, 2 * gib);
  const snapshotId = await scene.snapshot(id);
  await scene.restore(large.point_id);
  assert.deepEqual(await contents(id), second, 'written back');
  await scene.restore(small.point_id);
  assert.deepEqual(await contents(id), first, 'written back: zeros behind the end of the smaller point');
  assert.equal((await imageInfo(imageOf(id))).size, 2 * gib);
  assert.equal((await scene.scratch.owner().cinder.getVolume(id)).description.sizeGib, 2);
  await scene.deleteSnapshot(id, snapshotId);
});

test('all instances of a shared volume are off meanwhile, and as they were afterwards, also when it fails', async () => {
  const { nova } = scene.scratch.owner();
  const sharedId = await scene.scratch.volume({ type: type.name });
  const [one, other] = [await holderOf(sharedId), await holderOf(sharedId)];
  const states = async (): Promise<string[]> =>
    Promise.all(
      [one, other].map(async (id) => {
        const { status, locked } = (await nova.getServer(id)).state;
        return locked ? `${status}, locked` : status;
      }),
    );
  const point = await scene.fill(sharedId, 40);
  const { result: backup } = await scene.service.backup({ instance: one });
  const later = await scene.fill(sharedId, 41);
  const shared = async (): Promise<string> => await rangeSha256(imageOf(sharedId), 0, 2 * mib);

  const { hooks, real } = scene.service;
  const meanwhile: string[][] = [];
  hooks.rbd.renameImage = async (from, to) => {
    meanwhile.push(await states());
    if (meanwhile.length === 2) throw new Error('says the test');
    await real.rbd.renameImage(from, to);
  };
  const request = { point: { id: backup.point_id }, mode: 'in-place', disks: [sharedId] };
  const { restore, job } = await scene.service.failedRestore(request);
  assert.equal(job.error?.message, 'says the test');
  assert.deepEqual(meanwhile.at(0), ['SHUTOFF, locked', 'SHUTOFF, locked']);
  assert.deepEqual(await states(), ['ACTIVE', 'ACTIVE']);
  assert.equal(await shared(), later);
  assert.deepEqual(await scene.ofRestore(restore.id), []);
  scene.service.clear();

  const { result } = await scene.restore(backup.point_id, [sharedId]);
  assert.match(result.disks[0]?.notes.join() ?? '', new RegExp(`attached to ${other} too`));
  assert.equal(await shared(), point);
  assert.deepEqual(await states(), ['ACTIVE', 'ACTIVE']);
  await scene.undo(result.restore_id);
  assert.equal(await shared(), later);
  assert.deepEqual(await states(), ['ACTIVE', 'ACTIVE']);
});

async function holderOf(sharedId: string): Promise<string> {
  const rootId = await scene.scratch.volume({ bootable: true });
  return await scene.scratch.instance({ disks: [{ volumeId: rootId }, { volumeId: sharedId }] });
}
