/** Encrypted volumes whose key outlives them: they come back as new volumes that the same key opens. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { OpenStack } from '../../../src/drivers/openstack/openstack.ts';
import { devcloud, devcloudFile, openCloud, patience } from '../../support/devcloud.ts';
import { listImages, rangeSha256 } from '../../support/rbd-image.ts';
import { imageOf, InPlaceScene, mib } from './in-place-scene.ts';

const run = promisify(execFile);

let scene: InPlaceScene;
let admin: OpenStack;
let type: { id: string; name: string };

before(async () => {
  scene = await InPlaceScene.open('luks');
  admin = openCloud('devcloud-admin');
  type = await makeType(scene.scratch.name('type'));
});
afterEach(() => {
  scene.service.clear();
});
after(async () => {
  await scene.close();
  const block = admin.keystone.service('block-storage');
  await block.request({ method: 'DELETE', path: `/types/${type.id}`, expected: [202] });
  admin.close();
});

async function makeType(name: string): Promise<typeof type> {
  const block = admin.keystone.service('block-storage');
  const volume_type = { name, extra_specs: { volume_backend_name: 'ceph' } };
  const made = await block.request({
    method: 'POST',
    path: '/types',
    body: { volume_type },
    expected: [200],
  });
  const { id } = (made.body as { volume_type: { id: string } }).volume_type;
  const encryption = {
    provider: 'luks',
    cipher: 'aes-xts-plain64',
    key_size: 256,
    control_location: 'front-end',
  };
  const path = `/types/${id}/encryption`;
  await block.request({ method: 'POST', path, body: { encryption }, expected: [200] });
  return { id, name };
}

/** Through LUKS, as a guest's disk is written and read; throws when the key does not open it. */
async function qemuIo(volumeId: string, command: string): Promise<string> {
  const [, key = ''] =
    /^fixed_key = (\w+)$/m.exec(readFileSync(devcloudFile('etc/cinder/cinder.conf'), 'utf8')) ?? [];
  const { cephConf } = devcloud();
  const at = `file.driver=rbd,file.pool=volumes,file.image=volume-${volumeId},file.conf=${cephConf}`;
  const options = ['--object', `secret,id=key,data=${key}`, '--image-opts', '-c', command];
  const { stdout } = await run('qemu-io', [...options, `driver=luks,key-secret=key,${at}`]);
  return stdout;
}

async function fill(volumeId: string, byte: number): Promise<string> {
  await qemuIo(volumeId, `write -P ${byte} ${mib} ${mib}`);
  return await rawSha256(volumeId);
}

async function assertFilled(volumeId: string, byte: number): Promise<void> {
  assert.doesNotMatch(await qemuIo(volumeId, `read -P ${byte} ${mib} ${mib}`), /verification failed/);
}

/** Header and first bytes, as they lie in Ceph. */
function rawSha256(volumeId: string): Promise<string> {
  return rangeSha256(imageOf(volumeId), 0, 8 * mib);
}

async function makeVolume(bootable = false): Promise<string> {
  return await scene.scratch.volume({ type: type.name, bootable });
}

test('as a new volume, also when the volume is gone', async () => {
  const id = await makeVolume();
  const raw = await fill(id, 0x5a);
  const { result: backup } = await scene.service.backup({ volume: id });
  await scene.deleteVolume(id);
  const { result } = await scene.service.restore({ point: { id: backup.point_id }, mode: 'volume' });
  const newId = result.disks[0]?.new_volume_id ?? '';
  const { description } = await scene.scratch.owner().cinder.getVolume(newId);
  assert.deepEqual(
    { type: description.volumeType, encrypted: description.encrypted, sizeGib: description.sizeGib },
    { type: type.name, encrypted: true, sizeGib: 1 },
  );
  assert.equal(await rawSha256(newId), raw);
  await assertFilled(newId, 0x5a);
  assert.deepEqual(await scene.ofRestore(result.restore_id), []);
  await scene.deleteVolume(newId);
  assert.ok(!(await listImages('volumes')).includes(`volume-${newId}`));
});

test('in the place of the volume, and back', async () => {
  const rootId = await scene.scratch.volume({ bootable: true });
  const dataId = await makeVolume();
  await fill(dataId, 0x11);
  const instanceId = await scene.scratch.instance({ disks: [{ volumeId: rootId }, { volumeId: dataId }] });
  const { result: backup } = await scene.service.backup({ instance: instanceId });
  const { result } = await scene.service.restore({ point: { id: backup.point_id }, mode: 'replace' });
  const [disk] = result.disks;
  assert.equal(disk?.replaced_volume_id, dataId);
  await assertFilled(disk.new_volume_id ?? '', 0x11);
  await scene.undo(result.restore_id);
  assert.ok((await scene.view(instanceId)).attachments.some(({ volumeId }) => volumeId === dataId));
});

test('as a new instance that boots from it, when nothing is left of the old one', async () => {
  const rootId = await makeVolume(true);
  await fill(rootId, 0x77);
  const instanceId = await scene.scratch.instance({ disks: [{ volumeId: rootId }] });
  const { result: backup } = await scene.service.backup({ instance: instanceId });
  const { nova, cinder } = scene.scratch.owner();
  await nova.deleteServer(instanceId);
  await nova.waitForServerGone(instanceId, patience);
  await scene.deleteVolume(rootId);
  const request = { point: { id: backup.point_id }, mode: 'instance' };
  const job = await scene.service.restore(request);
  const { instance } = job.result as unknown as { instance: { instance_id: string } };
  scene.scratch.adoptInstance(instance.instance_id);
  const newId = job.result.disks[0]?.new_volume_id ?? '';
  await assertFilled(newId, 0x77);
  assert.equal((await cinder.getVolume(newId)).description.bootable, true);
  assert.equal((await nova.getServer(instance.instance_id)).state.status, 'ACTIVE');
});

test('what fails on the way leaves nothing', async () => {
  const id = await makeVolume();
  const { result: backup } = await scene.service.backup({ volume: id });
  const { hooks } = scene.service;
  const fail = (): Promise<never> => Promise.reject(new Error('says the test'));
  const volumes = await scene.scratch.volumes();
  for (const faults of [{ rbd: { renameImage: fail } }, { cinder: { setBootable: fail } }]) {
    Object.assign(hooks.rbd, faults.rbd ?? {});
    Object.assign(hooks.cinder, faults.cinder ?? {});
    const { restore, job } = await scene.service.failedRestore({
      point: { id: backup.point_id },
      mode: 'volume',
    });
    scene.service.clear();
    assert.equal(job.error?.message, 'says the test');
    assert.deepEqual(await scene.ofRestore(restore.id), []);
    assert.deepEqual(await scene.scratch.volumes(), volumes);
  }
});

test('its own key is what a volume of another type has not: Cinder manages images into such types all the same', async () => {
  const spec = await scene.scratch.image('backups', 1024 * mib);
  const [, imageName = ''] = spec.split('/');
  // The type's backend is another than the image's, so that Cinder fails later: it did not refuse the type.
  const managed = await scene.scratch.owner().cinder.manageVolume({
    host: devcloud().cinderHosts['ceph-backups'],
    imageName,
    name: scene.scratch.name('managed'),
    volumeType: type.name,
    bootable: false,
  });
  assert.equal(managed.description.volumeType, type.name);
  assert.equal(managed.description.encryptionKeyId, undefined);
  await scene.scratch.owner().cinder.waitForVolume(managed.description.id, ['error'], patience);
});
