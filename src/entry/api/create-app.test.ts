import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { request as httpRequest } from 'node:http';
import { AppError, type ErrorCode } from '../../base/errors.ts';
import { assertError, callApi, type Answer, type CallOptions } from '../../../test/support/api-call.ts';
import type { ErrorBody } from './error-response.ts';
import { fixedTime, projectOf } from '../../../test/support/fake-cloud.ts';
import { startFakeService, type FakeService } from '../../../test/support/fake-service.ts';

let service: FakeService;
before(async () => {
  service = await startFakeService({ heartbeatMs: 10 });
});
after(() => service.close());
beforeEach(() => {
  service.operations.reset();
  service.log.length = 0;
});

function call<T>(method: string, path: string, options?: CallOptions): Promise<Answer<T>> {
  return callApi<T>(service, method, path, options);
}

describe('what needs no token', () => {
  test('health, versions and the document', async () => {
    assert.deepEqual((await call('GET', '/livez', { token: '' })).body, { alive: true });
    assert.equal((await call<{ ready: boolean }>('GET', '/readyz', { token: '' })).body.ready, true);
    assert.equal((await call('GET', '/healthcheck', { token: '' })).status, 200);
    const { body } = await call<{ versions: { id: string; links: { href: string }[] }[] }>('GET', '/', {
      token: '',
    });
    assert.equal(body.versions[0]!.id, 'v1');
    assert.equal(body.versions[0]!.links[0]!.href, `${service.url}/v1`);
    const document = (await call<{ openapi: string; paths: object }>('GET', '/openapi.json', { token: '' }))
      .body;
    assert.equal(document.openapi, '3.1.0');
    assert.deepEqual(Object.keys(document.paths).sort(), [
      '/v1/audit',
      '/v1/backups',
      '/v1/catalog/rebuilds',
      '/v1/coverage',
      '/v1/coverage/projects',
      '/v1/disks',
      '/v1/expirations',
      '/v1/instances',
      '/v1/instances/{name_or_id}',
      '/v1/jobs',
      '/v1/jobs/{id}',
      '/v1/jobs/{id}/cancel',
      '/v1/jobs/{id}/events',
      '/v1/overview',
      '/v1/points',
      '/v1/points/{id}',
      '/v1/policies',
      '/v1/policies/{name_or_id}',
      '/v1/policies/{name_or_id}/assignments',
      '/v1/policies/{name_or_id}/assignments/{assignment_id}',
      '/v1/policies/{name_or_id}/simulate',
      '/v1/policies/{name_or_id}/sources',
      '/v1/pools',
      '/v1/pools/{pool}/images',
      '/v1/pools/{pool}/images/{image}/snapshots',
      '/v1/project-names',
      '/v1/projects',
      '/v1/projects/{name_or_id}',
      '/v1/reconciliations',
      '/v1/reconciliations/{id}/findings',
      '/v1/restore-plans',
      '/v1/restores',
      '/v1/restores/{id}',
      '/v1/restores/{id}/approve',
      '/v1/restores/{id}/cancel',
      '/v1/restores/{id}/plan',
      '/v1/restores/{id}/reject',
      '/v1/restores/{id}/undo',
      '/v1/stores',
      '/v1/stores/{name_or_id}',
      '/v1/stores/{name_or_id}/usage',
      '/v1/verifications',
      '/v1/volumes',
      '/v1/volumes/{name_or_id}',
    ]);
  });

  test('a service that is not ready answers 503, whatever is wrong', async () => {
    for (const ready of [
      () => Promise.resolve({ ready: false, checks: [] }),
      () => Promise.reject(new Error('no database')),
    ]) {
      const sick = await startFakeService({ health: { ready, healthy: ready } });
      const response = await fetch(`${sick.url}/readyz`);
      assert.equal(response.status, 503);
      assert.deepEqual(await response.json(), { ready: false, checks: [] });
      await sick.close();
    }
  });
});

describe('requests that are refused', () => {
  test('without a token, and with one that Keystone does not know', async () => {
    const missing = await call('GET', '/v1/points', { token: '' });
    assertError(missing, 401, 'AUTH_TOKEN_MISSING', /X-Auth-Token/);
    assert.equal(missing.headers.get('www-authenticate'), 'Keystone');
    assertError(await call('GET', '/v1/points', { token: 'stale' }), 401, 'AUTH_TOKEN', /get a new one/);
    assertError(await call('GET', '/v1/nothing', { token: '' }), 401, 'AUTH_TOKEN_MISSING', /token/);
  });

  test('unknown paths and wrong methods', async () => {
    assertError(await call('GET', '/v1/nothing'), 404, 'NOTFOUND_PATH', /\/v1\/nothing/);
    assertError(await call('GET', '/nothing', { token: '' }), 404, 'NOTFOUND_PATH', /openapi\.json/);
    const answer = await call('DELETE', '/v1/points');
    assertError(answer, 405, 'INPUT_METHOD', /DELETE .* use GET/);
    assert.equal(answer.headers.get('allow'), 'GET');
    assertError(await call('GET', '/v1/points/%zz'), 400, 'INPUT_URL', /percent/);
  });

  test('bodies that are not what is asked for', async () => {
    const post = (body: unknown, headers = {}) => call<ErrorBody>('POST', '/v1/backups', { body, headers });
    assertError(await post('{"target":'), 400, 'INPUT_JSON', /not valid JSON/);
    assertError(
      await post('x=1', { 'content-type': 'text/plain' }),
      415,
      'INPUT_MEDIA_TYPE',
      /application\/json/,
    );
    assertError(await call('POST', '/v1/backups'), 400, 'INPUT_BODY', /missing/);
    assertError(await post({}), 400, 'INPUT_BODY', /target: is missing/);
    assertError(
      await post({ target: {} }),
      400,
      'INPUT_BODY',
      /exactly one of instance, volume, image, pool/,
    );
    assertError(await post({ target: { instance: 'a', volume: 'b' } }), 400, 'INPUT_BODY', /exactly one/);
    assertError(
      await post({ target: { image: 'nope' } }),
      400,
      'INPUT_BODY',
      /target\.image: must be POOL\/IMAGE/,
    );
    assertError(await post({ target: { instance: '' } }), 400, 'INPUT_BODY', /must not be empty/);
    assertError(
      await post({ target: { instance: 'a' }, full: 'yes' }),
      400,
      'INPUT_BODY',
      /full: must be a boolean/,
    );
    const unknown = await post({ target: { instance: 'a' }, fool: true });
    assertError(unknown, 400, 'INPUT_BODY', /unknown key "fool"; known are target, full, cycle/);
    assert.deepEqual(unknown.body.error.details['issues'], [
      {
        path: '',
        message: 'unknown key "fool"; known are target, full, cycle, bandwidth_mib, store, consistency',
      },
    ]);
    assertError(await post('x'.repeat(300_000)), 413, 'INPUT_BODY_TOO_LARGE', /256 KiB/);
  });

  test('queries that are not what is asked for', async () => {
    const get = (query: string) => call('GET', `/v1/points?${query}`);
    assertError(await get('limit=0'), 400, 'INPUT_QUERY', /limit: must be at least 1/);
    assertError(await get('limit=-3'), 400, 'INPUT_QUERY', /limit/);
    assertError(await get('limit=many'), 400, 'INPUT_QUERY', /limit: must be a/);
    assertError(await get('limit=1.5'), 400, 'INPUT_QUERY', /limit: must be a whole number/);
    assertError(await get('limit=5000'), 400, 'INPUT_QUERY', /at most 1000/);
    assertError(await get('limit=1&limit=2'), 400, 'INPUT_QUERY', /limit/);
    assertError(await get('marker=x'), 400, 'INPUT_QUERY', /marker: must be a UUID/);
    assertError(await get('since=yesterday'), 400, 'INPUT_QUERY', /since: must be an ISO 8601 time/);
    assertError(await get('kind=tape'), 400, 'INPUT_QUERY', /kind: must be one of instance, volume, image/);
    assertError(
      await get('order=id'),
      400,
      'INPUT_QUERY',
      /unknown parameter "order"; known are limit, marker/,
    );
    assertError(await call('GET', '/v1/points/abc'), 400, 'INPUT_PATH', /id: must be a UUID/);
  });

  test('a foreign point answers exactly as one that is not there (I7)', async () => {
    const foreign = service.operations.addPoint('db-01', fixedTime, projectOf('other'));
    const unknownId = '00000000-0000-4000-8000-000000000000';
    const ofForeign = await call<ErrorBody>('GET', `/v1/points/${foreign.id}`);
    const ofUnknown = await call<ErrorBody>('GET', `/v1/points/${unknownId}`);
    assertError(ofForeign, 404, 'NOTFOUND_RESOURCE', /not found/);
    assert.equal(
      ofForeign.body.error.message.replace(foreign.id, 'ID'),
      ofUnknown.body.error.message.replace(unknownId, 'ID'),
    );
    assert.deepEqual((await call<{ points: unknown[] }>('GET', '/v1/points')).body.points, []);
    assert.equal((await call('GET', `/v1/points/${foreign.id}`, { token: 'stranger' })).status, 200);
  });

  test('a reader may look but not touch', async () => {
    assert.equal((await call('GET', '/v1/instances', { token: 'reader' })).status, 200);
    const answer = await call('POST', '/v1/backups', {
      token: 'reader',
      body: { target: { instance: 'web-01' } },
    });
    assertError(answer, 403, 'FORBIDDEN_ROLE', /ask for the role member/);
  });
});

describe('failures of the service', () => {
  test('each family has its status, and only administrators see details of the cloud', async () => {
    const fail = (code: ErrorCode, token = 'member') => {
      service.operations.failNext(new AppError(code, 'it failed; do this', { details: { poolName: 'p1' } }));
      return call<ErrorBody>('GET', '/v1/points', { token });
    };
    const statuses: Record<string, number> = {
      CONFLICT_BUSY: 409,
      LIMIT_RATE: 429,
      LIMIT_STORE_SPACE: 507,
      OPENSTACK_ANSWER: 502,
      OPENSTACK_TIMEOUT: 504,
      CEPH_COMMAND: 502,
      STORE_READ: 502,
      CATALOG_CONNECT: 503,
      INTEGRITY_SEGMENT: 500,
      CANCELLED_BY_USER: 499,
    };
    for (const [code, status] of Object.entries(statuses)) {
      assertError(await fail(code as ErrorCode), status, code, /it failed; do this/);
    }
    assert.deepEqual((await fail('CEPH_COMMAND')).body.error.details, {});
    assert.deepEqual((await fail('CEPH_COMMAND', 'admin')).body.error.details, { pool_name: 'p1' });
    assert.deepEqual((await fail('CONFLICT_BUSY')).body.error.details, { pool_name: 'p1' });
  });

  test('a bug tells nothing of itself but the request id, and is logged with its stack', async () => {
    service.operations.failNext(new TypeError('inner secret'));
    const answer = await call('GET', '/v1/points');
    assertError(answer, 500, 'BUG_UNEXPECTED', /report request id req-/);
    assert.ok(!JSON.stringify(answer.body).includes('inner secret'));
    const line = JSON.parse(service.log.at(-1)!) as {
      level: number;
      requestId: string;
      err: { stack: string };
    };
    assert.equal(line.level, 50);
    assert.equal(line.requestId, answer.headers.get('x-openstack-request-id'));
    assert.match(line.err.stack, /inner secret/);
  });

  test('request ids go in and out, and no token reaches the log (I10)', async () => {
    const id = 'req-01234567-89ab-4cde-8f01-23456789abcd';
    const given = await call('GET', '/v1/points', { headers: { 'x-openstack-request-id': id } });
    assert.equal(given.headers.get('x-openstack-request-id'), id);
    const forged = await call('GET', '/v1/points?limit=0', {
      headers: { 'x-openstack-request-id': 'x'.repeat(50) },
    });
    assert.match(forged.headers.get('x-openstack-request-id')!, /^req-[0-9a-f-]{36}$/);
    await call('GET', '/v1/points', { token: 'very-secret-token' });
    assert.ok(service.log.length >= 3);
    assert.ok(!service.log.join('').includes('very-secret-token'));
    const line = JSON.parse(service.log[0]!) as Record<string, unknown>;
    assert.equal(line['path'], '/v1/points');
    assert.equal(line['status'], 200);
    assert.equal(line['projectId'], projectOf('demo'));
  });
});

test('a HEAD request of a listing answers without a body', async () => {
  const status = await new Promise((resolve, reject) => {
    const request = httpRequest(`${service.url}/v1/points`, {
      method: 'HEAD',
      headers: { 'x-auth-token': 'member' },
    });
    request.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
    request.end();
  });
  assert.equal(status, 200);
});
