/** The scripts of jobs, init containers and the test pod, run as they are. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { connectCatalog } from '../../src/drivers/catalog/connect.ts';
import { catalogSchema } from '../../src/drivers/catalog/migrate.ts';
import { queueSchema } from '../../src/drivers/queue/orders.ts';
import { startLocalPostgres } from '../../src/drivers/catalog/server/start-local-postgres.ts';
import { makeStateDir } from '../support/catalog-database.ts';
import { chartDirectory } from '../support/chart/values-file.ts';

let directory = '';
const signIn = {
  OS_AUTH_URL: 'http://127.0.0.1:1/v3',
  OS_USERNAME: 'emberkeep',
  OS_PASSWORD: 'secret',
  OS_PROJECT_NAME: 'service',
  OS_USER_DOMAIN_NAME: 'default',
  OS_PROJECT_DOMAIN_NAME: 'default',
};

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ek-chart-'));
  // As the image has it on its PATH.
  const program = join(directory, 'emberkeep');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${resolve('src/main.ts')}' "$@"\n`);
  await chmod(program, 0o755);
  await writeFile(join(directory, 'emberkeep.yaml'), 'store: { directory: /nonexistent }\n');
});
after(() => rm(directory, { recursive: true }));

interface Ended {
  code: number | string;
  stdout: string;
  stderr: string;
}

function script(name: string, env: Record<string, string>): Promise<Ended> {
  const PATH = `${directory}:${process.env['PATH'] ?? ''}`;
  const base = { PATH, TMPDIR: directory, EMBERKEEP_CONFIG: join(directory, 'emberkeep.yaml') };
  const options = { env: { ...base, ...env }, timeout: 120_000 };
  return new Promise((done) => {
    execFile('/bin/sh', [`${chartDirectory}/files/bin/${name}`], options, (error, stdout, stderr) => {
      done({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

test('ceph-keyrings.sh writes keyrings from bare keys and from whole keyrings, for their user alone', async () => {
  const [KEYS, KEYRINGS] = [join(directory, 'keys'), join(directory, 'keyrings')];
  const whole = '[client.backup]\n\tkey = AQB2\n\tcaps mon = "profile rbd"\n';
  for (const [path, text] of [
    ['ceph/emberkeep', 'AQB1==\n'],
    ['east/backup', whole],
  ] as const) {
    await mkdir(join(KEYS, path, '..'), { recursive: true });
    await writeFile(join(KEYS, path), text);
  }
  await mkdir(KEYRINGS);
  for (const run of ['first', 'second']) {
    const { code, stderr } = await script('ceph-keyrings.sh', { KEYS, KEYRINGS });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, run);
  }
  const bare = join(KEYRINGS, 'ceph.client.emberkeep.keyring');
  assert.equal(await readFile(bare, 'utf8'), '[client.emberkeep]\n\tkey = AQB1==\n');
  assert.equal((await stat(bare)).mode & 0o777, 0o600);
  assert.equal(await readFile(join(KEYRINGS, 'east.client.backup.keyring'), 'utf8'), whole);
});

test('db-sync.sh leaves a database with every table, says from which version, and why it cannot', async () => {
  const stateDir = await makeStateDir();
  const server = await startLocalPostgres({ stateDir });
  const sql = connectCatalog({ url: server.url });
  try {
    const EMBERKEEP_CONFIG = join(directory, 'db-sync.yaml');
    await writeFile(join(directory, 'url'), server.url);
    const settings = {
      state_dir: join(directory, 'state'),
      database: { url_file: join(directory, 'url') },
      // It gets no store, no keyring and no credentials.
      store: { directory: '/nonexistent' },
    };
    await writeFile(EMBERKEEP_CONFIG, JSON.stringify(settings));
    const first = await script('db-sync.sh', { EMBERKEEP_CONFIG });
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /the database was brought from nothing to \d{4}-/);
    assert.ok(await sql.schema.withSchema(catalogSchema).hasTable('points'));
    assert.ok(await sql.schema.withSchema(queueSchema).hasTable('job'));
    const again = await script('db-sync.sh', { EMBERKEEP_CONFIG });
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, /the database is up to date/);

    await sql('emberkeep.migrations').insert({ name: '9999-future' });
    const newer = await script('db-sync.sh', { EMBERKEEP_CONFIG });
    assert.equal(newer.code, 8);
    assert.match(newer.stderr, /9999-future.*\(CATALOG_SCHEMA_NEWER\)/);
    await writeFile(join(directory, 'url'), 'postgresql://nobody@127.0.0.1:1/none');
    const failed = await script('db-sync.sh', { EMBERKEEP_CONFIG });
    assert.equal(failed.code, 8);
    assert.match(failed.stderr, /\(CATALOG_UNREACHABLE\)/);
  } finally {
    await sql.destroy();
    await server.stop();
    await rm(stateDir, { recursive: true });
  }
});

test('keystone-bootstrap.sh gives the command what it knows', async () => {
  const SERVICE_PASSWORD_FILE = join(directory, 'password');
  await writeFile(SERVICE_PASSWORD_FILE, 'secret');
  const { code, stderr } = await script('keystone-bootstrap.sh', {
    ...signIn,
    SERVICE_PASSWORD_FILE,
    SERVICE_OS_USERNAME: 'emberkeep',
    SERVICE_OS_PROJECT_NAME: 'service',
    SERVICE_OS_USER_DOMAIN_NAME: 'default',
    SERVICE_OS_REGION_NAME: 'RegionOne',
    SERVICE_ROLE: 'admin',
    PROTECT_DOMAINS: 'default customers',
    PUBLIC_URL: 'https://backup.example.org',
    INTERNAL_URL: 'http://ek-api.openstack.svc.cluster.local:9879',
  });
  // Every option was taken: it got as far as Keystone, where nobody listens.
  assert.equal(code, 8, stderr);
  assert.match(stderr, /\(OPENSTACK_/);
});

test('test.sh fails with the configuration, and with what the service says of itself', async () => {
  let status = 200;
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/healthcheck' ? status : 404).end('{"ready":true}');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const INTERNAL_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const good = await script('test.sh', { INTERNAL_URL });
    assert.equal(good.code, 0, good.stderr);
    assert.match(good.stdout, /The configuration is valid[\s\S]*200 \{"ready":true\}/);
    status = 503;
    assert.equal((await script('test.sh', { INTERNAL_URL })).code, 1);
    const wrong = join(directory, 'wrong.yaml');
    await writeFile(wrong, 'listen: nowhere\n');
    assert.equal((await script('test.sh', { INTERNAL_URL, EMBERKEEP_CONFIG: wrong })).code, 2);
  } finally {
    server.close();
  }
});
