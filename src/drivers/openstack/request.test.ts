import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import { startFakeOpenStack, type FakeOpenStack } from '../../../test/support/fake-openstack.ts';
import { createHttp, type Http, type HttpRequest } from './request.ts';

let fake: FakeOpenStack;
let http: Http;
const waits: number[] = [];

before(async () => {
  fake = await startFakeOpenStack();
  http = createHttp({
    sleep: (ms) => (waits.push(ms), Promise.resolve()),
    random: () => 0,
    backoff: { attempts: 3, firstDelayMs: 100, maxDelayMs: 1000 },
    maxRetryAfterMs: 60_000,
  });
});
after(async () => {
  http.close();
  await fake.close();
});

function send(method: HttpRequest['method'], path: string, change: Partial<HttpRequest> = {}) {
  waits.length = 0;
  const headers = { 'X-Auth-Token': 'gAAAA-secret-token' };
  return http.send({
    method,
    url: `${fake.url}${path}`,
    serviceType: 'compute',
    headers,
    expected: [200],
    ...change,
  });
}

async function failureOf(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => assert.fail('should have failed'),
    (failure: unknown) => failure,
  );
  assert.ok(error instanceof AppError);
  assert.doesNotMatch(everythingIn(error), /gAAAA-secret-token|hunter2/, 'no secret anywhere in the error');
  return error;
}

/** The error as the most careless logger would print it: every own property, causes included. */
function everythingIn(error: unknown): string {
  const parts: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause) {
    parts.push(
      current.message,
      current.stack ?? '',
      JSON.stringify(current, Object.getOwnPropertyNames(current)),
    );
  }
  return parts.join('\n');
}

test('gives status, lower-case headers and the parsed body', async () => {
  fake.on('GET', '/fine', { headers: { 'X-Openstack-Request-Id': 'req-1' }, body: { a: 1 } });
  const response = await send('GET', '/fine');
  assert.deepEqual(response.body, { a: 1 });
  assert.equal(response.headers['x-openstack-request-id'], 'req-1');
});

test('a GET survives 500s and a lost connection', async () => {
  fake.on('GET', '/shaky', { status: 500, text: 'oops' }, { drop: true }, { body: { ok: true } });
  assert.deepEqual((await send('GET', '/shaky')).body, { ok: true });
  assert.deepEqual(waits, [50, 100]);
});

test('when it stays broken the error says everything that an operator needs', async () => {
  fake.on('GET', '/broken', {
    status: 500,
    headers: { 'x-openstack-request-id': 'req-42' },
    body: { computeFault: { code: 500, message: 'Unexpected API Error for gAAAA-secret-token.' } },
  });
  const error = await failureOf(send('GET', '/broken?name=web&token=hunter2'));
  assert.equal(error.code, 'OPENSTACK_UNEXPECTED_STATUS');
  assert.equal(error.retryable, true);
  assert.equal(fake.requestsTo('GET', '/broken').length, 3);
  assert.deepEqual(error.details, {
    method: 'GET',
    url: `${fake.url}/broken?name=web&token=***`,
    serviceType: 'compute',
    expectedStatus: [200],
    status: 500,
    requestId: 'req-42',
    openstackMessage: 'Unexpected API Error for ***.',
  });
});

test('statuses become the families that callers act on', async () => {
  const families: [number, unknown, string][] = [
    [400, { badRequest: { message: 'Invalid volume.' } }, 'OPENSTACK_REJECTED'],
    [401, { error: { message: 'no' } }, 'AUTH_REFUSED'],
    [403, { forbidden: { message: "Policy doesn't allow it" } }, 'FORBIDDEN_OPENSTACK'],
    [403, { forbidden: { message: 'Quota exceeded for instances' } }, 'LIMIT_OPENSTACK_QUOTA'],
    [404, { itemNotFound: { message: 'gone' } }, 'NOTFOUND_OPENSTACK'],
    [409, { conflictingRequest: { message: 'busy' } }, 'CONFLICT_OPENSTACK'],
    [413, { overLimit: { message: 'VolumeLimitExceeded' } }, 'LIMIT_OPENSTACK_QUOTA'],
    [302, undefined, 'OPENSTACK_UNEXPECTED_STATUS'],
  ];
  for (const [status, body, code] of families) {
    fake.on('GET', '/family', { status, body, headers: { Location: `${fake.url}/fine` } });
    assert.equal((await failureOf(send('GET', '/family'))).code, code);
  }
});

test('Retry-After is obeyed, as seconds and as a date', async () => {
  fake.on('GET', '/limited', { status: 429, headers: { 'Retry-After': '7' } }, { body: {} });
  await send('GET', '/limited');
  assert.deepEqual(waits, [7000]);
  const dates = { Date: 'Sun, 22 Nov 2026 18:00:00 GMT', 'Retry-After': 'Sun, 22 Nov 2026 18:00:09 GMT' };
  fake.on('GET', '/limited', { status: 503, headers: dates }, { body: {} });
  await send('GET', '/limited');
  assert.deepEqual(waits, [9000]);
});

test('a server that asks for a longer pause than we have is given up on', async () => {
  fake.on('GET', '/closed', { status: 429, headers: { 'Retry-After': '3600' } });
  const error = await failureOf(send('GET', '/closed'));
  assert.equal(error.code, 'LIMIT_OPENSTACK_RATE');
  assert.deepEqual(waits, []);
});

test('a POST that may have been executed is sent once', async () => {
  fake.on('POST', '/make', { drop: true });
  const lost = await failureOf(send('POST', '/make', { body: { password: 'hunter2' } }));
  assert.equal(lost.code, 'OPENSTACK_UNREACHABLE');
  assert.equal(fake.requestsTo('POST', '/make').length, 1);
  fake.on('POST', '/make-502', { status: 502 });
  await failureOf(send('POST', '/make-502', { body: {} }));
  assert.equal(fake.requestsTo('POST', '/make-502').length, 1);
});

test('a POST that was refused, or may be executed twice, is repeated', async () => {
  fake.on('POST', '/busy', { status: 503 }, { body: {} });
  await send('POST', '/busy', { body: {} });
  fake.on('POST', '/again', { drop: true }, { body: {} });
  await send('POST', '/again', { body: {}, repeatable: true });
  assert.equal(fake.requestsTo('POST', '/again').length, 2);
});

test('a service that is down is named with its URL and type, and what to check', async () => {
  const url = 'http://127.0.0.1:1/v2.1/servers';
  const error = await failureOf(send('POST', '', { url, body: {} }));
  assert.equal(error.code, 'OPENSTACK_UNREACHABLE');
  assert.match(
    error.message,
    /compute service at http:\/\/127\.0\.0\.1:1\/v2\.1\/servers cannot be reached .*ECONNREFUSED/,
  );
  assert.equal(waits.length, 2, 'nothing was sent, so even a POST is tried again');
});

test('a slow answer ends as a timeout', async () => {
  fake.on('POST', '/slow', { hang: true });
  const error = await failureOf(send('POST', '/slow', { body: {}, timeoutMs: 50 }));
  assert.equal(error.code, 'OPENSTACK_TIMEOUT');
});

test('an aborted call ends as CANCELLED_ and is not repeated', async () => {
  fake.on('GET', '/endless', { hang: true });
  const controller = new AbortController();
  const call = send('GET', '/endless', { signal: controller.signal });
  setTimeout(() => controller.abort(), 20);
  assert.equal((await failureOf(call)).code, 'CANCELLED_BY_CALLER');
  assert.equal(fake.requestsTo('GET', '/endless').length, 1);
});

test('an answer that is not JSON is reported as such, not retried', async () => {
  fake.on('GET', '/page', { text: '<html>Welcome to nginx</html>' });
  const error = await failureOf(send('GET', '/page'));
  assert.equal(error.code, 'OPENSTACK_BAD_ANSWER');
  assert.match(error.message, /not JSON.*proxy/);
  fake.on('GET', '/page', {
    status: 404,
    text: '<html><head><style>x{}</style></head><h1>Not here</h1></html>',
  });
  assert.equal((await failureOf(send('GET', '/page'))).details['openstackMessage'], 'Not here');
});

test('a failure that is expected may be told by a page', async () => {
  fake.on('GET', '/failing', { status: 500, text: '<html><h1>Internal Server Error</h1></html>' });
  const { status, body } = await send('GET', '/failing', { expected: [200, 500] });
  assert.deepEqual([status, body], [500, undefined]);
});

test('proxy variables of the environment are not obeyed', async () => {
  process.env['HTTP_PROXY'] = 'http://127.0.0.1:1';
  try {
    fake.on('GET', '/direct', { body: {} });
    await send('GET', '/direct');
  } finally {
    delete process.env['HTTP_PROXY'];
  }
});
