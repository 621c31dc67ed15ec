import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { TlsOptions } from './credentials.ts';
import { createHttp } from './request.ts';

const directory = mkdtempSync(join(tmpdir(), 'emberkeep-tls-'));
const caFile = join(directory, 'cert.pem');
let server: Server;
let url: string;

before(async () => {
  const keyFile = join(directory, 'key.pem');
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      keyFile,
      '-out',
      caFile,
      '-days',
      '2',
      '-subj',
      '/CN=cloud',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    ],
    { stdio: 'ignore' },
  );
  server = createServer({ key: readFileSync(keyFile), cert: readFileSync(caFile) }, (_request, response) => {
    response.end('{"ok":true}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
after(async () => {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  rmSync(directory, { recursive: true, force: true });
});

async function get(tls: TlsOptions): Promise<unknown> {
  const http = createHttp({
    tls,
    sleep: () => Promise.resolve(),
    backoff: { attempts: 1, firstDelayMs: 1, maxDelayMs: 1 },
  });
  try {
    return (await http.send({ method: 'GET', url, serviceType: 'identity', expected: [200] })).body;
  } finally {
    http.close();
  }
}

test('a certificate of an unknown CA is refused, with the setting that helps', async () => {
  await assert.rejects(get({ verify: true }), {
    code: 'OPENSTACK_UNREACHABLE',
    message: /set cacert to the CA of the cloud/,
  });
});

test('cacert makes it known; verify: false accepts anything, even beside a cacert that does not exist', async () => {
  assert.deepEqual(await get({ verify: true, caFile }), { ok: true });
  assert.deepEqual(await get({ verify: false, caFile: '/nowhere.pem' }), { ok: true });
});

test('a certificate file that cannot be read is named', async () => {
  await assert.rejects(async () => await get({ verify: true, caFile: '/nowhere.pem' }), {
    code: 'INPUT_CREDENTIALS',
    message: /CA certificate \/nowhere\.pem cannot be read/,
  });
});
