import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import type { Clock } from '../../base/clock.ts';
import {
  startFakeOpenStack,
  tokenBody,
  type FakeOpenStack,
  type FakeOptions,
} from '../../../test/support/fake-openstack.ts';
import {
  createKeystoneClient,
  type KeystoneClient,
  type KeystoneClientOptions,
} from './keystone-client-lite.ts';
import { createHttp, type Http } from './request.ts';

const password = 'hunter2-secret';
let fake: FakeOpenStack;
let http: Http;

/** The real clock, moved ahead at will. */
const clock: Clock & { aheadMs: number } = {
  aheadMs: 0,
  now: () => new Date(new Date().getTime() + clock.aheadMs),
};

async function start(
  options: FakeOptions = {},
  change: Partial<KeystoneClientOptions> = {},
): Promise<KeystoneClient> {
  clock.aheadMs = 0;
  fake = await startFakeOpenStack({ password, ...options });
  http = createHttp({ sleep: () => Promise.resolve() });
  return createKeystoneClient({ credentials: fake.credentials(), http, clock, ...change });
}

afterEach(async () => {
  http.close();
  await fake.close();
});

const serverList = { method: 'GET', path: '/servers', expected: [200] } as const;

test('one token serves every call until it nears its end', async () => {
  const keystone = await start({ tokenLifetimeMs: 3_600_000 });
  const first = await keystone.token();
  clock.aheadMs = 3_600_000 - 301_000;
  assert.equal((await keystone.token()).value, first.value);
  clock.aheadMs = 3_600_000 - 299_000;
  assert.equal((await keystone.token()).value, 'fake-token-2');
});

test('a short-lived token is renewed when a fifth of its life is left', async () => {
  const keystone = await start({ tokenLifetimeMs: 10_000 });
  await keystone.token();
  clock.aheadMs = 7_000;
  await keystone.token();
  assert.equal(fake.issued.length, 1);
  clock.aheadMs = 9_000;
  await keystone.token();
  assert.equal(fake.issued.length, 2);
});

test('concurrent callers share one renewal, and one that gives up does not fail the others', async () => {
  const keystone = await start();
  const quitter = assert.rejects(keystone.token({ signal: AbortSignal.abort() }), {
    code: 'CANCELLED_BY_CALLER',
  });
  const [a, b] = await Promise.all([keystone.token(), keystone.token()]);
  await quitter;
  assert.equal(a.value, b.value);
  assert.equal(fake.issued.length, 1);
});

test('a 401 of a service renews the token and repeats the call once', async () => {
  const keystone = await start();
  const nova = keystone.service('compute');
  fake.on('GET', '/compute/v2.1/servers', (request) =>
    request.headers['x-auth-token'] === 'fake-token-1'
      ? { status: 401, body: { error: { message: 'expired' } } }
      : { body: { servers: [] } },
  );
  assert.deepEqual((await nova.request(serverList)).body, { servers: [] });
  assert.equal(fake.issued.length, 2);
});

test('a service that refuses fresh tokens is the one to look at', async () => {
  const keystone = await start();
  fake.on('GET', '/compute/v2.1/servers', { status: 401 });
  await assert.rejects(keystone.service('compute').request(serverList), {
    code: 'AUTH_REFUSED_BY_SERVICE',
    message: /compute service refuses even a fresh token.*keystone_authtoken/,
  });
  assert.equal(fake.issued.length, 2);
});

test('a wrong password names the user and the URL, never the password', async () => {
  const keystone = await start({ password: 'another' });
  await assert.rejects(keystone.token(), (error: Error) => {
    assert.match(
      error.message,
      /Keystone at http:\/\/127.*\/v3 refused user keeper for project home: check the password/,
    );
    assert.equal((error as { code?: string }).code, 'AUTH_FAILED');
    assert.doesNotMatch(
      JSON.stringify([error.message, error.stack, (error.cause as Error).message]),
      /hunter2/,
    );
    return true;
  });
});

test('acts in another project with the same user, and keeps that client', async () => {
  const keystone = await start();
  const other = keystone.scopedToProject('p2');
  assert.equal((await other.whoAmI()).projectId, 'p2');
  assert.equal(keystone.scopedToProject('p2'), other);
  assert.equal(other.scopedToProject('p2'), other);
  assert.equal((await keystone.whoAmI()).projectId, 'home');
});

test('forgets the project that was used longest ago', async () => {
  const keystone = await start({}, { maxProjects: 2 });
  const first = keystone.scopedToProject('p1');
  keystone.scopedToProject('p2');
  assert.equal(keystone.scopedToProject('p1'), first);
  keystone.scopedToProject('p3');
  assert.equal(keystone.scopedToProject('p1'), first);
  const again = keystone.scopedToProject('p2');
  assert.equal(keystone.scopedToProject('p2'), again);
});

test('a project without a role says which role to grant', async () => {
  const keystone = await start({ projects: ['home'] });
  await assert.rejects(keystone.scopedToProject('p9').token(), {
    code: 'FORBIDDEN_NO_ROLE',
    message: /User keeper has no role in project p9.*openstack role add --user keeper --project p9 admin/,
  });
});

test('a password that no longer works is not mistaken for a missing role', async () => {
  const keystone = await start({ password: 'another', projects: ['home'] });
  await assert.rejects(keystone.scopedToProject('p9').token(), { code: 'AUTH_FAILED' });
});

test('an application credential sends no scope and cannot leave its project', async () => {
  const keystone = await start({}, {});
  const bound = keystone.withAuth(
    { kind: 'application-credential', id: 'ac1', secret: 'ac-secret' },
    { kind: 'project', name: 'ignored' },
  );
  await bound.token();
  assert.deepEqual(fake.requests.at(-1)?.body, {
    auth: {
      identity: {
        methods: ['application_credential'],
        application_credential: { id: 'ac1', secret: 'ac-secret' },
      },
    },
  });
  await assert.rejects(bound.scopedToProject('p2').token(), {
    code: 'FORBIDDEN_NO_ROLE',
    message:
      /application credential ac1 is bound to project name-of-home \(home\) and cannot act in project p2/,
  });
});

test('validates the token of a stranger once a minute, under its hash', async () => {
  const keystone = await start();
  fake.on('GET', '/v3/auth/tokens', { body: tokenBody(fake.url, { project: 'p1', lifetimeMs: 3_600_000 }) });
  const info = await keystone.validateToken('stranger-token');
  assert.deepEqual(
    [info.userName, info.projectId, info.roles, info.system],
    ['keeper', 'p1', ['admin'], false],
  );
  clock.aheadMs = 59_000;
  await keystone.validateToken('stranger-token');
  const asked = () => fake.requestsTo('GET', '/v3/auth/tokens');
  assert.equal(asked().length, 1);
  assert.equal(asked()[0]?.headers['x-subject-token'], 'stranger-token');
  assert.equal(asked()[0]?.headers['x-auth-token'], 'fake-token-1');
  clock.aheadMs = 61_000;
  await keystone.validateToken('stranger-token');
  assert.equal(asked().length, 2);
});

test('what is cached never outlives the token itself', async () => {
  const keystone = await start();
  fake.on(
    'GET',
    '/v3/auth/tokens',
    { body: tokenBody(fake.url, { project: 'p1', lifetimeMs: 20_000 }) },
    { status: 404 },
  );
  await keystone.validateToken('stranger-token');
  clock.aheadMs = 21_000;
  await assert.rejects(keystone.validateToken('stranger-token'), { code: 'AUTH_TOKEN_INVALID' });
});

test('an unknown or malformed token is AUTH_TOKEN_INVALID; the latter does not reach Keystone', async () => {
  const keystone = await start();
  fake.on('GET', '/v3/auth/tokens', { status: 404 });
  await assert.rejects(keystone.validateToken('unknown-token'), { code: 'AUTH_TOKEN_INVALID' });
  const before = fake.requests.length;
  for (const bad of ['', 'a b', 'a\r\nX-Evil: 1', 'é', 'x'.repeat(20_000)]) {
    await assert.rejects(keystone.validateToken(bad), { code: 'AUTH_TOKEN_INVALID' });
  }
  assert.equal(fake.requests.length, before);
});

test('a service user that may not validate is told which role it lacks', async () => {
  const keystone = await start();
  fake.on('GET', '/v3/auth/tokens', { status: 403 });
  await assert.rejects(keystone.validateToken('t'), {
    code: 'FORBIDDEN_TOKEN_VALIDATION',
    message: /role admin or service/,
  });
});

test("a caller's own token is used as it is and never renewed", async () => {
  const keystone = await start();
  fake.on('GET', '/v3/auth/tokens', { body: tokenBody(fake.url, { project: 'p1', lifetimeMs: 3_600_000 }) });
  const caller = keystone.withToken('caller-token');
  fake.on('GET', '/compute/v2.1/servers', { body: { servers: [] } }, { status: 401 });
  await caller.service('compute').request(serverList);
  assert.equal(fake.requestsTo('GET', '/compute/v2.1/servers')[0]?.headers['x-auth-token'], 'caller-token');
  await assert.rejects(caller.service('compute').request(serverList), { code: 'AUTH_TOKEN_EXPIRED' });
  fake.on('GET', '/v3/auth/tokens', { status: 404 });
  await assert.rejects(keystone.withToken('gone').token(), { code: 'AUTH_TOKEN_EXPIRED' });
  assert.equal(fake.issued.length, 0);
});

test('revoking gives up the token that is held', async () => {
  const keystone = await start();
  await keystone.token();
  fake.on('DELETE', '/v3/auth/tokens', { status: 204 });
  await keystone.revoke();
  assert.equal(fake.requestsTo('DELETE', '/v3/auth/tokens')[0]?.headers['x-subject-token'], 'fake-token-1');
  assert.equal((await keystone.token()).value, 'fake-token-2');
});

test('a server that is not Keystone is told apart', async () => {
  const keystone = await start();
  fake.on('POST', '/v3/auth/tokens', { status: 200, body: { hello: 'world' } });
  await assert.rejects(keystone.token(), {
    code: 'OPENSTACK_BAD_ANSWER',
    message: /check that it is Keystone/,
  });
});
