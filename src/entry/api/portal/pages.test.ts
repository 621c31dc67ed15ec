/** What the portal serves of its build, and of nothing else. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { AccessLab } from '../../../../test/support/access-lab.ts';
import { writePages } from '../../../../test/support/lab-portal.ts';
import { PortalBrowser } from '../../../../test/support/portal-browser.ts';

let lab: AccessLab;
before(async () => {
  lab = await AccessLab.open();
});
after(() => lab.close());

function browser(): PortalBrowser {
  return new PortalBrowser(lab.service.url);
}

test('an asset has its hash in its name, so it is kept for ever; small where the browser can', async () => {
  const packed = await browser().open('GET', '/assets/index-abc123.js', {
    headers: { 'accept-encoding': 'gzip' },
  });
  assert.equal(packed.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  assert.equal(packed.headers.get('content-encoding'), 'gzip');
  assert.match(packed.headers.get('content-type')!, /^text\/javascript/);
  assert.match(await packed.text(), /^console\.log/);
  const plain = await rawGet('/portal/assets/index-abc123.js', {});
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.match(plain.body.toString(), /^console\.log/);
  const small = await rawGet('/portal/assets/index-abc123.js', { 'accept-encoding': 'gzip' });
  assert.ok(small.body.length < plain.body.length);
  assert.deepEqual(gunzipSync(small.body), plain.body);
});

test('routes of the browser are index.html, which nobody keeps, under the strict policy', async () => {
  for (const path of ['/', '/instances', '/instances/a/b?c=d', '/secret.txt', '/index.html']) {
    const answer = await browser().call('GET', path);
    assert.deepEqual([answer.status, answer.text], [200, '<!doctype html><title>first</title>'], path);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const policy = answer.headers.get('content-security-policy')!;
    assert.deepEqual(policy.split(';').toSorted(), [
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "font-src 'self'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "img-src 'self' data:",
      "script-src 'self'",
      "style-src 'self'",
    ]);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  }
});

test('nothing beside the assets can be had', async () => {
  for (const path of [
    '/portal/assets/../secret.txt',
    '/portal/assets/..%2fsecret.txt',
    '/portal/assets/%2e%2e%2fsecret.txt',
    '/portal/assets/..%5csecret.txt',
    '/portal/assets/%00',
    '/portal/assets/.',
    '/portal/assets/%2e%2e',
    '/portal/assets//etc/passwd',
    '/portal/assets/__proto__',
    '/portal/..%2f..%2fetc%2fpasswd',
    '/portal/%ff',
  ]) {
    const { status, body } = await rawGet(path, {});
    assert.ok([200, 400, 404].includes(status), `${path}: ${status}`);
    assert.doesNotMatch(body.toString(), /not for browsers|root:/, path);
  }
  assert.equal((await browser().call('GET', '/assets/missing.js')).status, 404);
});

test('the address itself leads browsers there, and others to the versions', async () => {
  const ask = (accept: string): Promise<Response> =>
    fetch(`${lab.service.url}/`, { redirect: 'manual', headers: { accept } });
  const page = await ask('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8');
  assert.deepEqual([page.status, page.headers.get('location')], [303, '/portal/']);
  for (const accept of ['*/*', 'application/json']) assert.equal((await ask(accept)).status, 200);
  const bare = await fetch(`${lab.service.url}/portal`, { redirect: 'manual' });
  assert.deepEqual([bare.status, bare.headers.get('location')], [308, '/portal/']);
});

test('another build is served as soon as it is there; without one a page says what to do', async () => {
  const { directory } = lab.portal.deps;
  await writePages(directory, 'second build');
  assert.match((await browser().call('GET', '/')).text, /second build/);
  await rm(join(directory, 'index.html'));
  const missing = await browser().call('GET', '/');
  assert.equal(missing.status, 503);
  assert.match(missing.text, /npm run build:portal/);
  await writePages(directory);
  assert.match((await browser().call('GET', '/')).text, /first/);
});

interface RawAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** fetch resolves dots and unpacks. */
function rawGet(path: string, headers: Record<string, string>): Promise<RawAnswer> {
  const { hostname, port } = new URL(lab.service.url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: hostname, port, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    request.on('error', reject);
    request.end();
  });
}
