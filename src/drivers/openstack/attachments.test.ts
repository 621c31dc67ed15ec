import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { startFakeOpenStack, type FakeOpenStack } from '../../../test/support/fake-openstack.ts';
import { createOpenStack, type OpenStack } from './openstack.ts';
import { createRestoreCloud } from './restore-cloud.ts';

/** What the development cloud does not do on demand: guests that do not let go, and services that die half way. */
let fake: FakeOpenStack;
let openstack: OpenStack;
let nowMs = 0;

beforeEach(async () => {
  nowMs = Date.parse('2026-11-22T12:00:00Z');
  fake = await startFakeOpenStack({ password: 'hunter2-secret' });
  openstack = createOpenStack({
    credentials: fake.credentials(),
    clock: { now: () => new Date(nowMs) },
    // Time passes only by sleeping.
    sleep: (ms) => ((nowMs += ms), Promise.resolve()),
  });
});
afterEach(async () => {
  openstack.close();
  await fake.close();
});

const attachmentsPath = '/compute/v2.1/servers/s1/os-volume_attachments';
const volumePath = '/volume/v3/home/volumes/v1';
const row = { volumeId: 'v1', serverId: 's1', device: '/dev/vdb', tag: null, delete_on_termination: false };
const listed = { body: { volumeAttachments: [row] } };
const unlisted = { body: { volumeAttachments: [] } };

function volume(status: string, held: boolean) {
  const attachments = held ? [{ server_id: 's1', attachment_id: 'a1' }] : [];
  return {
    body: {
      volume: {
        id: 'v1',
        status,
        size: 1,
        bootable: 'false',
        created_at: '2026-11-22T11:00:00.000000',
        attachments,
      },
    },
  };
}

const wait = { timeoutMs: 600_000 };

test('a detachment is over when both services say so', async () => {
  fake.on('GET', volumePath, volume('in-use', true), volume('detaching', true), volume('available', false));
  fake.on('GET', attachmentsPath, listed, listed, listed, unlisted);
  fake.on('DELETE', `${attachmentsPath}/v1`, { status: 202 });
  await openstack.attachments.detach('s1', 'v1', wait);
  assert.equal(fake.requestsTo('GET', attachmentsPath).length, 4);
});

test('a guest that does not let go is reported as soon as Nova gives up', async () => {
  fake.on('GET', volumePath, volume('in-use', true), volume('detaching', true), volume('in-use', true));
  fake.on('GET', attachmentsPath, listed);
  fake.on('DELETE', `${attachmentsPath}/v1`, { status: 202 });
  await assert.rejects(openstack.attachments.detach('s1', 'v1', wait), {
    code: 'OPENSTACK_DETACH_FAILED',
    message: /s1 did not let go of volume v1: unmount it in the guest or stop the instance/,
  });
  assert.equal(fake.requestsTo('GET', volumePath).length, 3);
});

test('a detachment that nova-compute left half done is reported after half a minute, and never attached onto', async () => {
  fake.on('GET', volumePath, volume('in-use', true), volume('available', false));
  fake.on('GET', attachmentsPath, listed);
  fake.on('DELETE', `${attachmentsPath}/v1`, { status: 202 });
  const startedMs = nowMs;
  const halfDone = { code: 'OPENSTACK_DETACH_FAILED', message: /still lists volume v1.*Cinder has freed it/ };
  await assert.rejects(openstack.attachments.detach('s1', 'v1', wait), halfDone);
  assert.ok(nowMs - startedMs >= 30_000 && nowMs - startedMs < 60_000);
  await assert.rejects(openstack.attachments.attach('s1', { volumeId: 'v1' }, wait), halfDone);
  assert.equal(fake.requestsTo('POST', attachmentsPath).length, 0);
});

test('an attachment that Nova gave up is reported', async () => {
  fake.on(
    'GET',
    volumePath,
    volume('available', false),
    volume('attaching', true),
    volume('available', false),
  );
  fake.on('GET', attachmentsPath, unlisted, listed, unlisted);
  fake.on('POST', attachmentsPath, { body: { volumeAttachment: row } });
  await assert.rejects(openstack.attachments.attach('s1', { volumeId: 'v1' }, wait), {
    code: 'OPENSTACK_ATTACH_FAILED',
    message: /could not attach volume v1 \(now available\) to instance s1/,
  });
});

test('a detachment that Nova is still at is waited for, not asked for again', async () => {
  fake.on(
    'GET',
    volumePath,
    volume('detaching', true),
    volume('detaching', true),
    volume('available', false),
  );
  fake.on('GET', attachmentsPath, listed, listed, unlisted);
  await openstack.attachments.detach('s1', 'v1', wait);
  assert.equal(fake.requestsTo('DELETE', `${attachmentsPath}/v1`).length, 0);
});

test('a volume that Nova is still attaching is detached once it is attached', async () => {
  const states = [volume('reserved', false), volume('attaching', false), volume('in-use', true)];
  fake.on('GET', volumePath, ...states, volume('detaching', true), volume('available', false));
  fake.on('GET', attachmentsPath, listed, listed, listed, listed, unlisted);
  let looksBefore = 0;
  fake.on('DELETE', `${attachmentsPath}/v1`, () => {
    looksBefore = fake.requestsTo('GET', volumePath).length;
    return { status: 202 };
  });
  await openstack.attachments.detach('s1', 'v1', wait);
  assert.equal(looksBefore, states.length);
});

test('a volume that Nova is still detaching is attached again, also when Nova still lists it', async () => {
  const [detaching, free] = [volume('detaching', true), volume('available', false)];
  fake.on('GET', volumePath, detaching, detaching, free, free, free, volume('in-use', true));
  fake.on('GET', attachmentsPath, listed, listed, listed, unlisted, unlisted, listed);
  fake.on('POST', attachmentsPath, { body: { volumeAttachment: row } });
  await openstack.attachments.attach('s1', { volumeId: 'v1' }, wait);
  assert.equal(fake.requestsTo('POST', attachmentsPath).length, 1);
});

test('a volume that its guest did not let go needs no new attachment', async () => {
  fake.on('GET', volumePath, volume('detaching', true), volume('detaching', true), volume('in-use', true));
  fake.on('GET', attachmentsPath, listed);
  await openstack.attachments.attach('s1', { volumeId: 'v1' }, wait);
  assert.equal(fake.requestsTo('POST', attachmentsPath).length, 0);
});

test('a wait is bounded and says what it waited for; an abort ends it', async () => {
  fake.on('GET', volumePath, volume('creating', false));
  await assert.rejects(openstack.cinder.waitForVolume('v1', ['available'], { timeoutMs: 60_000 }), {
    code: 'OPENSTACK_WAIT_TIMEOUT',
    message: /Waited 60 s in vain for volume v1 to become available/,
  });
  const signal = AbortSignal.abort();
  await assert.rejects(openstack.cinder.waitForVolume('v1', ['available'], { ...wait, signal }), {
    code: 'CANCELLED_BY_CALLER',
  });
});

test('a volume that fails says why, as far as Cinder kept a message', async () => {
  fake.on('GET', volumePath, volume('error', false));
  fake.on('GET', '/volume/v3/home/messages', { body: { messages: [{ user_message: 'No backend.' }] } });
  await assert.rejects(openstack.cinder.waitForVolume('v1', ['available'], wait), {
    code: 'OPENSTACK_VOLUME_ERROR',
    message: /v1 went to error where available was expected: No backend\./,
  });
});

test('a marked volume in error that may hold the restored image is not cleared away', async () => {
  const marked = { ...volume('error', false).body.volume, size: 5, metadata: { mark: 'm1' } };
  fake.on('GET', '/volume/v3/home/volumes/detail', { body: { volumes: [marked] } });
  const cloud = createRestoreCloud(openstack, { locate: () => undefined });
  await assert.rejects(cloud.findVolumeByMark('home', 'mark', 'm1'), {
    code: 'CONFLICT_VOLUME_ERROR',
    message: /may hold the restored image volume-v1/,
  });
  assert.equal(fake.requestsTo('DELETE', volumePath).length, 0);
});
