/** A whole instance that is gone and brought back. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { OpenStack } from '../../../src/drivers/openstack/openstack.ts';
import type { WireInstance, WireRestore } from '../../../src/entry/cli/wire.ts';
import { restoreMark } from '../../../src/workflows/restore/deps.ts';
import { openCloud, patience } from '../../support/devcloud.ts';
import { consoleShows, createGuest, guest } from '../../support/guest.ts';
import { restoredInstance } from '../../support/instances.ts';
import { volumeSha256 } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startTestService, type TestService } from '../../support/service.ts';

const userData = Buffer.from('#cloud-config\npassword: guess-me\n').toString('base64');

let scratch: ScratchCloud;
let service: TestService;
let tenant: OpenStack;
let keyName: string;

before(async () => {
  scratch = await ScratchCloud.open('ninst');
  tenant = openCloud('devcloud-tenant');
  keyName = scratch.name('key');
  await tenant.nova.importKeyPair({ name: keyName, type: 'ssh', publicKey: publicKey() });
  service = await startTestService();
});
after(async () => {
  await service.stop();
  await tenant.nova.deleteKeyPair(keyName);
  tenant.close();
  await scratch.close();
});

/** In OpenSSH's form: lengths and numbers, RFC 4253, section 6.6. */
function publicKey(): string {
  const { n = '', e = '' } = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
    format: 'jwk',
  });
  const parts = [Buffer.from('ssh-rsa'), Buffer.from(e, 'base64url'), Buffer.from(`00${hex(n)}`, 'hex')];
  const blob = Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
  return `ssh-rsa ${blob.toString('base64')} ninst`;
}

function hex(text: string): string {
  return Buffer.from(text, 'base64url').toString('hex');
}

async function remove(instanceId: string): Promise<void> {
  const { nova } = scratch.owner();
  await nova.deleteServer(instanceId);
  await nova.waitForServerGone(instanceId, patience);
}

async function listDeleted(query = '', cloud = 'devcloud-tenant'): Promise<WireInstance[]> {
  const path = `/v1/instances?deleted=true${query}`;
  return (await service.call<{ instances: WireInstance[] }>('GET', path, undefined, cloud)).instances;
}

test('an instance that is gone with its volumes is brought back, and boots', async () => {
  const name = scratch.name('guest');
  const texts = ['NINST ROOT', 'NINST GENERATION 1'];
  const file = ['--file', 'test.txt=precious'];
  const args = ['--text', texts[0] ?? '', '--data-text', texts[1] ?? '', ...file];
  const made = await createGuest(name, ...args);
  assert.ok(made.root);
  // Again, as a tenant with habits: the tool knows no tags, keys and the like.
  await remove(made.instance);
  const id = await tenant.nova.createServer({
    name,
    description: 'the shop',
    flavorRef: '42',
    networks: 'none',
    availability_zone: 'libvirt',
    key_name: keyName,
    user_data: userData,
    metadata: { team: 'blue' },
    tags: ['shop', 'web'],
    block_device_mapping_v2: [made.root, made.data].map((uuid, index) => ({
      uuid,
      source_type: 'volume',
      destination_type: 'volume',
      boot_index: index === 0 ? 0 : -1,
      delete_on_termination: true,
      tag: index === 0 ? 'system' : 'data',
    })),
  });
  scratch.adoptInstance(id);
  const { nova } = scratch.owner();
  await nova.waitForServer(id, 'ACTIVE', patience);
  const was = await nova.getServer(id);
  const wasAttached = await nova.describeAttachments(was);
  const { result } = await service.backup({ instance: id });
  const images = [made.root, made.data].map((volumeId) => `volumes/volume-${volumeId}`);
  const sha256 = await Promise.all(images.map((image) => volumeSha256(image)));
  assert.deepEqual(await listDeleted(`&name=${name}`), []);
  await remove(id);
  const { cinder } = scratch.owner();
  for (const volumeId of [made.root, made.data]) await cinder.waitForVolumeGone(volumeId, patience);

  const [gone, ...others] = await listDeleted(`&name=${name}`);
  assert.deepEqual(others, []);
  assert.deepEqual([gone?.id, gone?.status, gone?.last_point?.id], [id, 'DELETED', result.point_id]);
  assert.deepEqual(await listDeleted(`&name=${name}`, 'devcloud-other'), []);

  const request = { point: { instance: name }, mode: 'instance' };
  const asked = await service.call<{ restore: WireRestore }>(
    'POST',
    '/v1/restores',
    request,
    'devcloud-tenant',
  );
  const job = await service.ended(asked.restore.job_id);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  const instance = restoredInstance(scratch, job);
  assert.deepEqual(instance, { id: instance.id, name, flavor: 'm1.nano', notes: [] });
  const shown = await service.call<{ restore: WireRestore }>('GET', `/v1/restores/${asked.restore.id}`);
  assert.equal(shown.restore.instance?.id, instance.id);

  const is = await nova.getServer(instance.id);
  const like = {
    ...was.description,
    id: instance.id,
    userId: is.description.userId,
    metadata: { team: 'blue', [restoreMark]: asked.restore.id },
  };
  assert.deepEqual(is.description, like);
  assert.equal(is.description.keyName, keyName);
  assert.equal(is.description.userData, userData);
  assert.equal(await scratch.admin.nova.findKeyPair(keyName), undefined, 'the key was only borrowed');
  const isAttached = await nova.describeAttachments(is);
  assert.deepEqual(
    isAttached.map(({ attachment }) => attachment),
    wasAttached.map(({ attachment }) => ({ ...attachment, instanceId: instance.id })),
  );
  await consoleShows(nova, instance.id, texts[0] ?? '', `data: ${texts[1] ?? ''}`);
  const now = isAttached.map(({ volumeId }) => volumeSha256(`volumes/volume-${volumeId}`));
  assert.deepEqual(await Promise.all(now), sha256);
  assert.equal(await guest('cat', isAttached[1]?.volumeId ?? '', 'test.txt'), 'precious\n');
  assert.equal((await listDeleted(`&name=${name}`)).length, 1, 'the new one is another instance');
});
