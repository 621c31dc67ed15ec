import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { request as httpRequest } from 'node:http';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { fixedTime, projectOf } from '../../../test/support/fake-cloud.ts';
import { startFakeService, type FakeService } from '../../../test/support/fake-service.ts';

interface Answer {
  status: number;
  headers: Headers;
  body: any;
}

let service: FakeService;
before(async () => {
  service = await startFakeService({ heartbeatMs: 10 });
});
after(() => service.close());
beforeEach(() => {
  service.operations.points.length = 0;
  service.operations.jobs.length = 0;
  service.operations.restores.length = 0;
  service.operations.backupRequests.length = 0;
  service.operations.restoreRequests.length = 0;
  service.log.length = 0;
});

async function call(
  method: string,
  path: string,
  options: { token?: string; body?: unknown; headers?: any } = {},
) {
  const { token = 'member', body, headers = {} } = options;
  const response = await fetch(service.url + path, {
    method,
    headers: {
      ...(token === '' ? {} : { 'x-auth-token': token }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const answer: Answer = {
    status: response.status,
    headers: response.headers,
    body: JSON.parse(await response.text()),
  };
  checkAgainstDocument(method, path, answer);
  return answer;
}

/** Every answer of /v1 must be what the OpenAPI document says of it. */
function checkAgainstDocument(method: string, path: string, { status, body }: Answer): void {
  const pathname = path.split('?')[0]!;
  const paths = service.api.document.paths as Record<string, any>;
  const template = Object.keys(paths).find((key) =>
    new RegExp(`^${key.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
  );
  const operation = template === undefined ? undefined : paths[template][method.toLowerCase()];
  const response = operation?.responses[String(status)] ?? operation?.responses.default;
  const schema = response?.content['application/json'].schema ?? { $ref: '#/components/schemas/Error' };
  if (!pathname.startsWith('/v1/') && status < 400) return;
  if (status < 400)
    assert.ok(operation.responses[String(status)], `${method} ${path}: ${status} is not described`);
  const { components } = service.api.document;
  const definitions = JSON.parse(
    JSON.stringify({ ...schema, $defs: components?.schemas }).replaceAll('#/components/schemas/', '#/$defs/'),
  );
  z.fromJSONSchema(definitions).parse(body);
}

function assertError(answer: Answer, status: number, type: string, message: RegExp): void {
  assert.equal(answer.status, status);
  assert.equal(answer.body.error.code, status);
  assert.equal(answer.body.error.type, type);
  assert.match(answer.body.error.message, message);
  assert.equal(answer.body.error.request_id, answer.headers.get('x-openstack-request-id'));
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
}

describe('what needs no token', () => {
  test('health, versions and the document', async () => {
    assert.deepEqual((await call('GET', '/livez', { token: '' })).body, { alive: true });
    assert.equal((await call('GET', '/readyz', { token: '' })).body.ready, true);
    assert.equal((await call('GET', '/healthcheck', { token: '' })).status, 200);
    const { body } = await call('GET', '/', { token: '' });
    assert.equal(body.versions[0].id, 'v1');
    assert.equal(body.versions[0].links[0].href, `${service.url}/v1`);
    const document = (await call('GET', '/openapi.json', { token: '' })).body;
    assert.equal(document.openapi, '3.1.0');
    assert.deepEqual(Object.keys(document.paths).sort(), [
      '/v1/backups',
      '/v1/instances',
      '/v1/instances/{name_or_id}',
      '/v1/jobs',
      '/v1/jobs/{id}',
      '/v1/jobs/{id}/cancel',
      '/v1/jobs/{id}/events',
      '/v1/points',
      '/v1/points/{id}',
      '/v1/pools',
      '/v1/pools/{pool}/images',
      '/v1/pools/{pool}/images/{image}/snapshots',
      '/v1/restores',
      '/v1/restores/{id}',
    ]);
  });

  test('a service that is not ready answers 503, whatever is wrong', async () => {
    for (const ready of [
      () => Promise.resolve({ ready: false, checks: [] }),
      () => Promise.reject(new Error('no database')),
    ]) {
      const sick = await startFakeService({ ready });
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
    const post = (body: unknown, headers = {}) => call('POST', '/v1/backups', { body, headers });
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
    assertError(unknown, 400, 'INPUT_BODY', /unknown key "fool"; known are target, full/);
    assert.deepEqual(unknown.body.error.details.issues[0].path, '');
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
      await get('sort=id'),
      400,
      'INPUT_QUERY',
      /unknown parameter "sort"; known are limit, marker/,
    );
    assertError(await call('GET', '/v1/points/abc'), 400, 'INPUT_PATH', /id: must be a UUID/);
  });

  test('a foreign point answers exactly as one that is not there (I7)', async () => {
    const foreign = service.operations.addPoint('db-01', fixedTime, projectOf('other'));
    const unknownId = '00000000-0000-4000-8000-000000000000';
    const ofForeign = await call('GET', `/v1/points/${foreign.id}`);
    const ofUnknown = await call('GET', `/v1/points/${unknownId}`);
    assertError(ofForeign, 404, 'NOTFOUND_RESOURCE', /not found/);
    assert.equal(
      ofForeign.body.error.message.replace(foreign.id, 'ID'),
      ofUnknown.body.error.message.replace(unknownId, 'ID'),
    );
    assert.equal((await call('GET', '/v1/points')).body.points.length, 0);
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
    const fail = (code: any, token = 'member') => {
      service.operations.failNext(new AppError(code, 'it failed; do this', { details: { poolName: 'p1' } }));
      return call('GET', '/v1/points', { token });
    };
    const statuses = {
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
      assertError(await fail(code), status, code, /it failed; do this/);
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
    const line = JSON.parse(service.log.at(-1)!);
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
    const line = JSON.parse(service.log[0]!);
    assert.equal(line.path, '/v1/points');
    assert.equal(line.status, 200);
    assert.equal(line.projectId, projectOf('demo'));
  });
});

describe('resources', () => {
  test('instances, with hosts for administrators only', async () => {
    const list = (await call('GET', '/v1/instances')).body;
    assert.deepEqual(
      list.instances.map(({ name }: any) => name),
      ['web-01'],
    );
    assert.deepEqual(list.links, []);
    const all = await call('GET', '/v1/instances?all_projects=true', { token: 'admin' });
    assert.equal(all.body.instances.length, 2);
    const { instance } = (await call('GET', '/v1/instances/web-01')).body;
    assert.deepEqual(instance.metadata, { someKey: 'someValue' });
    assert.deepEqual(instance.flavor.extra_specs, { 'hw:cpu_policy': 'shared' });
    assert.deepEqual(instance.disks[0].volume.metadata, { camelCase: 'kept', 'with space': 'kept' });
    assert.equal(instance.has_user_data, true);
    assert.ok(!JSON.stringify(instance).includes('secret-host'));
    assert.ok(!JSON.stringify(instance).includes('cGFzc3dvcmQ='));
    const asAdmin = await call('GET', `/v1/instances/${instance.id}`, {
      token: 'admin',
    });
    assert.equal(asAdmin.body.instance.host, 'secret-host');
  });

  test('points page by marker and limit', async () => {
    for (let hour = 0; hour < 5; hour += 1) {
      service.operations.addPoint('web-01', new Date(Date.UTC(2026, 10, 22, hour)));
    }
    const seen: string[] = [];
    let path = '/v1/points?limit=2&source=web-01';
    for (let pages = 0; pages < 5 && path !== ''; pages += 1) {
      const { body } = await call('GET', path);
      seen.push(...body.points.map(({ id }: any) => id));
      path = body.links[0]?.href.slice(service.url.length) ?? '';
    }
    assert.deepEqual(
      seen,
      service.operations.points.map(({ id }) => id),
    );
    const since = await call(
      'GET',
      '/v1/points?since=2026-11-22T03:00:00%2B01:00&before=2026-11-22T04:00:00Z',
    );
    assert.equal(since.body.points.length, 2);
    const { point } = (await call('GET', `/v1/points/${seen[0]!}`)).body;
    assert.equal(point.links[0].kind, 'full');
    assert.equal(point.instance.name, 'web-01');
  });

  test('links lead through the public address when one is set', async () => {
    const proxied = await startFakeService({ publicUrl: 'https://cloud.example/backup/' });
    proxied.operations.addPoint('web-01');
    proxied.operations.addPoint('web-01');
    const response = await fetch(`${proxied.url}/v1/points?limit=1`, {
      headers: { 'x-auth-token': 'member' },
    });
    const { links } = (await response.json()) as any;
    assert.match(links[0].href, /^https:\/\/cloud\.example\/backup\/v1\/points\?limit=1&marker=/);
    await proxied.close();
  });

  test('backups of each kind of target', async () => {
    const post = async (target: object, token = 'member') =>
      (await call('POST', '/v1/backups', { token, body: { target } })).body.jobs;
    const [job] = await post({ instance: 'web-01' });
    assert.equal(job.state, 'queued');
    assert.equal(job.target.name, 'web-01');
    assert.equal((await post({ pool: 'volumes' }, 'admin')).length, 2);
    const [image] = await post({ image: 'volumes/a', cluster: 'far' });
    assert.deepEqual(image.target, { kind: 'image', cluster: 'far', pool: 'volumes', image: 'a' });
    await post({ volume: 'data' });
    assert.deepEqual(
      service.operations.backupRequests.map(({ target }) => target),
      [
        { kind: 'instance', nameOrId: 'web-01' },
        { kind: 'pool', cluster: 'ceph', pool: 'volumes' },
        { kind: 'image', location: { cluster: 'far', pool: 'volumes', image: 'a' } },
        { kind: 'volume', nameOrId: 'data' },
      ],
    );
  });

  test('restores by point and by time', async () => {
    const point = service.operations.addPoint('web-01');
    const post = (body: object) => call('POST', '/v1/restores', { body });
    const { body, status } = await post({ point: { id: point.id }, mode: 'volume', name: 'again' });
    assert.equal(status, 202);
    assert.equal(body.restore.point_id, point.id);
    const earlier = await post({
      point: { instance: 'web-01', at: '2026-11-22T11:00:00+01:00' },
      mode: 'replace',
    });
    assert.equal(earlier.body.restore.mode, 'replace');
    assert.deepEqual(service.operations.restoreRequests.at(-1)?.point, {
      sourceKind: 'instance',
      nameOrId: 'web-01',
      at: fixedTime,
    });
    assertError(await post({ point: { instance: 'web-01' } }), 400, 'INPUT_BODY', /mode/);
    assertError(
      await post({ point: { id: point.id, at: 'latest' }, mode: 'image' }),
      400,
      'INPUT_BODY',
      /no "at"/,
    );
    const soon = await post({ point: { instance: 'web-01', at: 'soon' }, mode: 'image' });
    assertError(soon, 400, 'INPUT_BODY', /point\.at: must be "latest" or an ISO 8601 time/);
    assert.equal((await call('GET', '/v1/restores')).body.restores.length, 2);
    assert.equal((await call('GET', `/v1/restores/${body.restore.id}`)).body.restore.mode, 'volume');
  });

  test('jobs are listed, shown and cancelled once', async () => {
    const job = service.operations.addJob({ kind: 'volume', id: 'v', name: 'data' });
    assert.equal((await call('GET', '/v1/jobs?state=queued&kind=backup')).body.jobs[0].id, job.id);
    assert.equal((await call('GET', '/v1/jobs?state=failed')).body.jobs.length, 0);
    assertError(await call('GET', '/v1/jobs?state=odd'), 400, 'INPUT_QUERY', /state: must be one of queued/);
    const cancelled = await call('POST', `/v1/jobs/${job.id}/cancel`);
    assert.equal(cancelled.status, 202);
    assert.equal(cancelled.body.job.state, 'cancelled');
    assertError(
      await call('POST', `/v1/jobs/${job.id}/cancel`),
      409,
      'CONFLICT_JOB_FINISHED',
      /already cancelled/,
    );
  });

  test('a job that failed for the cloud shows its details to administrators only', async () => {
    const job = service.operations.addJob({ kind: 'volume', id: 'v' });
    const error = { code: 'CEPH_COMMAND', message: 'rbd failed', details: { hostName: 'mon-1' } };
    service.operations.finish(job, { state: 'failed', error });
    const details = async (token: string) =>
      (await call('GET', `/v1/jobs/${job.id}`, { token })).body.job.error.details;
    assert.deepEqual(await details('member'), {});
    assert.deepEqual(await details('admin'), { host_name: 'mon-1' });
  });

  test('pools, images and snapshots are for administrators', async () => {
    assertError(await call('GET', '/v1/pools'), 403, 'FORBIDDEN_ROLE', /administrator/);
    assert.equal((await call('GET', '/v1/pools', { token: 'admin' })).body.pools[0].pool, 'volumes');
    const images = await call('GET', '/v1/pools/volumes/images?cluster=far', { token: 'admin' });
    assert.equal(images.body.images[0].cluster, 'far');
    const snapshots = await call('GET', '/v1/pools/volumes/images/a/snapshots', { token: 'admin' });
    assert.deepEqual(
      snapshots.body.snapshots.map(({ created_at }: any) => created_at),
      [fixedTime.toISOString(), null],
    );
  });

  test('an answer that breaks its schema is a bug, not an answer', async () => {
    const point = service.operations.addPoint('web-01');
    point.sizeBytes = -1;
    assertError(await call('GET', '/v1/points'), 500, 'BUG_RESPONSE', /report request id/);
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
