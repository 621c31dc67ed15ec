import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import {
  startFakeOpenStack,
  type FakeAnswer,
  type FakeOpenStack,
} from '../../../test/support/fake-openstack.ts';
import { createInstancePauses, type InstancePauses } from './instance-pause.ts';
import { createOpenStack, type OpenStack } from './openstack.ts';

const id = '11111111-2222-4333-8444-555555555555';
const path = `/compute/v2.1/servers/${id}`;
const refused: FakeAnswer = { status: 409, body: { conflictingRequest: { message: 'in another state' } } };

let fake: FakeOpenStack;
let openstack: OpenStack;
let pauses: InstancePauses;

before(async () => {
  fake = await startFakeOpenStack({ password: 'hunter2-secret' });
  openstack = createOpenStack({ credentials: fake.credentials(), sleep: () => Promise.resolve() });
  pauses = createInstancePauses(openstack, { clock: systemClock, sleep: () => Promise.resolve() });
});
after(async () => {
  openstack.close();
  await fake.close();
});

function server(status: string, taskState: string | null = null): FakeAnswer {
  const flavor = { original_name: 'tiny', vcpus: 1, ram: 64, disk: 0, ephemeral: 0, swap: 0 };
  return {
    body: {
      server: {
        id,
        name: 'web-01',
        status,
        tenant_id: 'p',
        created: '2026-11-22T10:00:00Z',
        flavor,
        'OS-EXT-STS:task_state': taskState,
      },
    },
  };
}

function actions(...rows: [string, string][]): FakeAnswer {
  return { body: { instanceActions: rows.map(([action, user_id]) => ({ action, user_id })) } };
}

test('a pause ends when Nova is done with it', async () => {
  fake.on('POST', `${path}/action`, { status: 202 });
  fake.on('GET', path, server('ACTIVE', 'pausing'), server('ACTIVE', 'pausing'), server('PAUSED'));
  assert.equal(await pauses.pause('p', id), true);
  assert.deepEqual(fake.requestsTo('POST', `${path}/action`).at(-1)?.body, { pause: null });
});

test('an instance that Nova refuses to pause, or whose host fails at it, runs on', async () => {
  fake.on('POST', `${path}/action`, refused);
  assert.equal(await pauses.pause('p', id), false);
  fake.on('POST', `${path}/action`, { status: 202 });
  fake.on('GET', path, server('ACTIVE', 'pausing'), server('ACTIVE'));
  assert.equal(await pauses.pause('p', id), false);
});

test('an unpause waits for a pause that Nova is still at', async () => {
  fake.on('POST', `${path}/action`, refused, { status: 202 });
  fake.on(
    'GET',
    path,
    server('ACTIVE', 'pausing'),
    server('PAUSED'),
    server('PAUSED', 'unpausing'),
    server('ACTIVE'),
  );
  assert.equal(await pauses.unpause('p', id), true);
});

test('an unpause says when somebody else was first', async () => {
  fake.on('POST', `${path}/action`, refused);
  fake.on('GET', path, server('ACTIVE'));
  assert.equal(await pauses.unpause('p', id), false);
});

test('an instance that stays paused although Nova was asked is told', async () => {
  fake.on('POST', `${path}/action`, { status: 202 });
  fake.on('GET', path, server('PAUSED'));
  await assert.rejects(pauses.unpause('p', id), { code: 'OPENSTACK_UNPAUSE_FAILED', retryable: true });
});

test('only a pause that our own user asked for is ended', async () => {
  const asked = (): number => fake.requestsTo('POST', `${path}/action`).length;
  fake.on('POST', `${path}/action`, { status: 202 });
  fake.on('GET', path, server('PAUSED'));
  for (const [answer, why] of [
    [actions(['pause', 'somebody-else'], ['pause', 'user-1']), 'paused by another user since'],
    [actions(['create', 'user-1']), 'never paused through Nova'],
  ] as const) {
    const before = asked();
    fake.on('GET', `${path}/os-instance-actions`, answer);
    assert.equal(await pauses.unpauseOurs('p', id), false, why);
    assert.equal(asked(), before, why);
  }
  fake.on('GET', `${path}/os-instance-actions`, actions(['reboot', 'x'], ['pause', 'user-1']));
  fake.on('GET', path, server('PAUSED'), server('ACTIVE'));
  assert.equal(await pauses.unpauseOurs('p', id), true);
});

test('an instance that is gone is told as such', async () => {
  fake.on('GET', path, { status: 404, body: { itemNotFound: { message: 'gone' } } });
  await assert.rejects(pauses.unpauseOurs('p', id), { code: 'NOTFOUND_INSTANCE' });
});
