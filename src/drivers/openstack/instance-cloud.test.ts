import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { startFakeOpenStack, type FakeOpenStack } from '../../../test/support/fake-openstack.ts';
import { createInstanceCloud, type InstanceCloud } from './instance-cloud.ts';
import { createOpenStack, type OpenStack } from './openstack.ts';

const projectId = '122d12d440674bd782825d5bc797f3e9';
const compute = '/compute/v2.1';
const keyPair = { name: 'web', type: 'ssh', publicKey: 'ssh-rsa theirs', isOurs: false } as const;
const secret = 'cGFzc3dvcmQ6IGd1ZXNzLW1l';

let fake: FakeOpenStack;
let openstack: OpenStack;
let cloud: InstanceCloud;

beforeEach(async () => {
  fake = await startFakeOpenStack({ password: 'hunter2-secret' });
  openstack = createOpenStack({ credentials: fake.credentials() });
  cloud = createInstanceCloud(openstack);
});
afterEach(async () => {
  openstack.close();
  await fake.close();
});

function hasKey(name: string, publicKey: string): void {
  const body = { keypair: { name, type: 'ssh', public_key: publicKey } };
  fake.on('GET', `${compute}/os-keypairs/${name}`, { body });
}

function create(): Promise<string> {
  const server = { name: 'web-01', user_data: secret };
  return cloud.createInstance({ projectId, server, serverGroupId: 'group', keyPair });
}

test('a key is borrowed for the request only, under another name when ours has another key of that name', async () => {
  fake.on('POST', `${compute}/os-keypairs`, { status: 409, body: {} }, { status: 201, body: {} });
  hasKey('web', 'ssh-rsa ours');
  fake.on('POST', `${compute}/servers`, { status: 202, body: { server: { id: 'new' } } });
  fake.on('DELETE', `${compute}/os-keypairs/web-122d12d4`, { status: 202 });
  assert.equal(await create(), 'new');
  const [asked] = fake.requestsTo('POST', `${compute}/servers`);
  assert.deepEqual(asked?.body, {
    server: { name: 'web-01', user_data: secret, key_name: 'web-122d12d4' },
    'OS-SCH-HNT:scheduler_hints': { group: 'group' },
  });
  assert.equal(fake.requestsTo('DELETE', `${compute}/os-keypairs/web-122d12d4`).length, 1);
  assert.equal(fake.requestsTo('DELETE', `${compute}/os-keypairs/web`).length, 0, 'ours stays');
});

test('a key that another restore took back at that moment is borrowed once more', async () => {
  fake.on('POST', `${compute}/os-keypairs`, { status: 409, body: {} }, { status: 201, body: {} });
  hasKey('web', keyPair.publicKey);
  const refusal = { status: 400, body: { badRequest: { message: 'Invalid key_name provided.' } } };
  fake.on('POST', `${compute}/servers`, refusal, { status: 202, body: { server: { id: 'new' } } });
  fake.on('DELETE', `${compute}/os-keypairs/web-122d12d4`, { status: 202 });
  assert.equal(await create(), 'new');
});

test('user data that Nova repeats is in no message, and a borrowed key goes after a failure too', async () => {
  fake.on('POST', `${compute}/os-keypairs`, { status: 201, body: {} });
  fake.on('DELETE', `${compute}/os-keypairs/web`, { status: 202 });
  const message = `Invalid input for field/attribute user_data. Value: ${secret}.`;
  fake.on('POST', `${compute}/servers`, { status: 400, body: { badRequest: { message } } });
  await assert.rejects(create(), (error: Error) => {
    assert.match(error.message, /Invalid input/);
    return !error.message.includes(secret);
  });
  assert.equal(fake.requestsTo('DELETE', `${compute}/os-keypairs/web`).length, 1);
});
