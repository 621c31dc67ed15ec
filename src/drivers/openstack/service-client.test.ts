import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { startFakeOpenStack, type FakeOpenStack } from '../../../test/support/fake-openstack.ts';
import type { CloudCredentials } from './credentials.ts';
import { createKeystoneClient } from './keystone-client-lite.ts';
import { collect, listRows } from './pagination.ts';
import { createHttp, type Http } from './request.ts';
import { segment, type ServiceClient } from './service-client.ts';

let fake: FakeOpenStack;
let http: Http;

beforeEach(async () => {
  fake = await startFakeOpenStack({ password: 'hunter2-secret' });
  http = createHttp({ sleep: () => Promise.resolve() });
});
afterEach(async () => {
  http.close();
  await fake.close();
});

const compute = { name: 'compute', min: '2.79', max: '2.93' } as const;
const volume = { name: 'volume', min: '3.59', max: '3.70' } as const;

function keystone(change: Partial<CloudCredentials> = {}) {
  return createKeystoneClient({ credentials: fake.credentials(change), http });
}

function nova(): ServiceClient {
  return keystone().service('compute', compute);
}

const listServers = { method: 'GET', path: '/servers', expected: [200] } as const;

test('speaks the newest microversion that both sides know, in both headers for Nova', async () => {
  fake.on('GET', '/compute/v2.1/', {
    body: { version: { id: 'v2.1', version: '2.88', min_version: '2.1' } },
  });
  fake.on('GET', '/compute/v2.1/servers', { body: {} });
  const client = nova();
  assert.equal(await client.microversion(), '2.88');
  await client.request(listServers);
  const [request] = fake.requestsTo('GET', '/compute/v2.1/servers');
  assert.ok(request);
  assert.equal(request.headers['openstack-api-version'], 'compute 2.88');
  assert.equal(request.headers['x-openstack-nova-api-version'], '2.88');
  assert.equal(fake.requestsTo('GET', '/compute/v2.1/').length, 1, 'the version document is read once');
});

test('finds the version document before the project id of a Cinder endpoint', async () => {
  fake.on('GET', '/volume/v3/home/volumes', { body: {} });
  await keystone()
    .service('block-storage', volume)
    .request({ method: 'GET', path: '/volumes', expected: [200] });
  const [request] = fake.requestsTo('GET', '/volume/v3/home/volumes');
  assert.ok(request);
  assert.equal(request.headers['openstack-api-version'], 'volume 3.70');
  assert.equal(request.headers['x-openstack-nova-api-version'], undefined);
});

test('says so when the cloud is too old or too new', async () => {
  fake.on('GET', '/compute/v2.1/', {
    body: { version: { id: 'v2.1', version: '2.60', min_version: '2.1' } },
  });
  await assert.rejects(nova().request(listServers), {
    code: 'OPENSTACK_MICROVERSION',
    message: /speaks 2\.1 to 2\.60, this service needs one of 2\.79 to 2\.93/,
  });
  fake.on('GET', '/compute/v2.1/', {
    body: { version: { id: 'v2.1', version: '2.130', min_version: '2.100' } },
  });
  await assert.rejects(nova().request(listServers), { code: 'OPENSTACK_MICROVERSION' });
  fake.on('GET', '/compute/v2.1/', { body: { hello: 1 } });
  await assert.rejects(nova().request(listServers), { code: 'OPENSTACK_BAD_ANSWER' });
});

test('a failed version request is not remembered', async () => {
  fake.on(
    'GET',
    '/compute/v2.1/',
    { status: 404 },
    { body: { version: { id: 'v2.1', version: '2.90', min_version: '2.1' } } },
  );
  fake.on('GET', '/compute/v2.1/servers', { body: {} });
  const client = nova();
  await assert.rejects(client.request(listServers), { code: 'NOTFOUND_OPENSTACK' });
  await client.request(listServers);
});

test('after an upgrade (406) the next call negotiates again', async () => {
  fake.on('GET', '/compute/v2.1/servers', { status: 406 }, { body: {} });
  const client = nova();
  await assert.rejects(client.request(listServers), { code: 'OPENSTACK_UNEXPECTED_STATUS' });
  await client.request(listServers);
  assert.equal(fake.requestsTo('GET', '/compute/v2.1/').length, 2);
});

test('a list is read page by page, by the query of the link only', async () => {
  const answer = (ids: string[], marker: string | undefined) => ({
    body: {
      servers: ids.map((id) => ({ id })),
      ...(marker === undefined
        ? {}
        : {
            servers_links: [
              { rel: 'next', href: `http://internal.invalid/v2.1/servers?limit=2&marker=${marker}` },
            ],
          }),
    },
  });
  fake.on(
    'GET',
    '/compute/v2.1/servers',
    answer(['a', 'b'], 'b'),
    answer(['c', 'd'], 'd'),
    answer([], undefined),
  );
  const rows = await collect(listRows(nova(), { path: '/servers', query: { all_tenants: 1 } }, 'servers'));
  assert.deepEqual(
    rows.map(({ row }) => (row as { id: string }).id),
    ['a', 'b', 'c', 'd'],
  );
  assert.deepEqual(
    fake.requestsTo('GET', '/compute/v2.1/servers').map(({ url }) => url.split('?')[1]),
    ['all_tenants=1', 'all_tenants=1&limit=2&marker=b', 'all_tenants=1&limit=2&marker=d'],
  );
});

test('pages that lead in a circle, or are no list, end in an error', async () => {
  const links = [{ rel: 'next', href: 'http://x/servers?marker=a' }];
  fake.on('GET', '/compute/v2.1/servers', { body: { servers: [{ id: 'a' }], servers_links: links } });
  const read = () => collect(listRows(nova(), { path: '/servers' }, 'servers'));
  await assert.rejects(read, { code: 'OPENSTACK_BAD_ANSWER', message: /already read/ });
  fake.on('GET', '/compute/v2.1/servers', { body: { flavors: [] } });
  await assert.rejects(read, { code: 'OPENSTACK_BAD_ANSWER', message: /no list "servers"/ });
});

test('the catalog is searched by type, region and interface; an override beats it', async () => {
  const ask = (
    change: Partial<CloudCredentials>,
    type: 'compute' | 'block-storage' | 'network' = 'compute',
  ) => keystone(change).service(type).request(listServers);
  await assert.rejects(ask({ region: 'Mars' }), {
    code: 'OPENSTACK_NO_ENDPOINT',
    message: /no compute public endpoint in region Mars: it offers public in RegionOne/,
  });
  await assert.rejects(ask({ interface: 'internal' }), { code: 'OPENSTACK_NO_ENDPOINT' });
  await assert.rejects(ask({}, 'network'), { message: /it lists compute, volumev3, image for user keeper/ });
  fake.on('GET', '/mine/home/servers', { body: {} });
  await ask({ endpointOverrides: { 'volume-v3': `${fake.url}/mine/%(project_id)s/` } }, 'block-storage');
});

test('an id in a path cannot climb to another resource', () => {
  assert.equal(segment('../../v3/users'), '..%2F..%2Fv3%2Fusers');
  assert.equal(segment('..'), '%2E%2E');
  assert.equal(segment('a?b#c'), 'a%3Fb%23c');
});
