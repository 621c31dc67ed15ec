/**
 * Every secret of a service is changed as docs/operate/secrets.md tells, and the chain goes on: one image, one service with a password
 * of the database, a pair of keys of a bucket, a cephx key and a user of Keystone, each of its own.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { bootstrapKeystone } from '../../../src/compose/keystone-bootstrap.ts';
import { checkConnection, connectCatalog, type Sql } from '../../../src/drivers/catalog/connect.ts';
import { startLocalPostgres } from '../../../src/drivers/catalog/server/start-local-postgres.ts';
import { documentedCaps, makeCephxUser, type CephxUser } from '../../support/cephx-user.ts';
import { relayTo } from '../../support/chart/addresses.ts';
import { Cleanup, credentialsOf, devcloud } from '../../support/devcloud.ts';
import { ceph, changeImage } from '../../support/rbd-image.ts';
import { radosgwAdmin, s3Cloud } from '../../support/s3-buckets.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';
import { ApiFailure, makeStateDir } from '../../support/service.ts';

const mib = 1024 * 1024;
const caps = documentedCaps();
const cleanup = new Cleanup();
let scratch: ScratchCloud;
let directory: string;
let config: string;
let image: string;
let stateDir: string;
/** Without the password. */
let databaseUrl: string;
let sql: Sql;
let cephx: CephxUser;
let service: FaultyService;
/** Of the service in Keystone: the second one takes the first one's place. */
let user: { name: string; password: string };
/** Of the bucket's owner in Ceph's gateway. */
let owner: string;

const newSecret = (): string => randomBytes(16).toString('hex');
const file = (name: string): string => join(directory, name);

before(async () => {
  scratch = await ScratchCloud.open('secrets');
  cleanup.add(() => scratch.close());
  directory = await mkdtemp('/tmp/ek-secrets-');
  cleanup.add(() => rm(directory, { recursive: true }));
  image = await scratch.image('volumes', 8 * mib);
  cephx = await makeCephxUser(scratch.prefix, caps, directory);
  cleanup.add(() => cephx.remove());
  user = { name: scratch.name('user'), password: newSecret() };
  await makeUser();
  config = file('emberkeep.yaml');
  await makeDatabase();
  const text = {
    database: { url: databaseUrl, password_file: file('database.password') },
    clusters: { ceph: { conf: devcloud().cephConf, user: cephx.name, keyring: cephx.keyringPath } },
    store: {
      s3: {
        ...(await makeBucket()),
        access_key_id_file: file('s3.id'),
        secret_access_key_file: file('s3.secret'),
      },
    },
  };
  await writeFile(config, JSON.stringify(text));
  service = await start();
  cleanup.add(() => service.stop());
  await expectBackup('full');
});
after(() => cleanup.run());

/** A server that asks the service's role for its password. */
async function makeDatabase(): Promise<void> {
  const hba = file('pg_hba.conf');
  await writeFile(hba, 'local all emberkeep trust\nlocal all all scram-sha-256\n', { mode: 0o644 });
  await promisify(execFile)('chmod', ['0711', directory]);
  stateDir = await makeStateDir();
  const server = await startLocalPostgres({ stateDir, settings: { hba_file: hba } });
  sql = connectCatalog({ url: server.url, poolSize: 1 });
  cleanup.add(async () => {
    await sql.destroy();
    await server.stop();
    await rm(stateDir, { recursive: true });
  });
  await sql.raw('create role service login');
  await setDatabasePassword(newSecret());
  await sql.raw('create database service owner service');
  const socket = `${new URL(server.url).searchParams.get('host') ?? ''}/.s.PGSQL.5432`;
  databaseUrl = `postgresql://service@127.0.0.1:${await relayTo(socket, cleanup)}/service`;
}

/** In the server; `password_file` too, unless it is to be late. */
async function setDatabasePassword(
  password: string,
  where: 'everywhere' | 'server' = 'everywhere',
): Promise<void> {
  await sql.raw(`alter role service password '${password}'`);
  if (where === 'everywhere') await writeFile(file('database.password'), password);
}

async function makeBucket(): Promise<{ bucket: string; endpoint: string; region: string }> {
  const { endpoint, region } = s3Cloud();
  owner = scratch.name('owner');
  const [id, secret] = [newSecret(), newSecret()];
  await radosgwAdmin(
    'user',
    'create',
    `--uid=${owner}`,
    `--display-name=${owner}`,
    `--access-key=${id}`,
    `--secret=${secret}`,
  );
  cleanup.add(() => radosgwAdmin('user', 'rm', `--uid=${owner}`, '--purge-data'));
  await writeKeys(id, secret);
  const credentials = { accessKeyId: id, secretAccessKey: secret };
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
  const bucket = scratch.name('bucket');
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  return { bucket, endpoint, region };
}

async function writeKeys(id: string, secret: string): Promise<void> {
  await writeFile(file('s3.id'), id);
  await writeFile(file('s3.secret'), secret);
}

/** As `emberkeep keystone bootstrap` does. */
async function makeUser(): Promise<void> {
  const { name, password } = user;
  await bootstrapKeystone(credentialsOf('devcloud-admin'), {
    domain: 'default',
    userName: name,
    password,
    projectName: scratch.prefix,
    roleName: 'admin',
    protectedDomains: ['default'],
    endpoints: [],
    region: undefined,
  });
  const { identity } = scratch.admin;
  cleanup.add(async () => {
    for (const { id } of await identity.findUsers(name, 'default')) await identity.deleteUser(id);
    for (const { id } of await identity.findProjects(scratch.prefix)) await identity.deleteProject(id);
  });
}

async function start(): Promise<FaultyService> {
  const domain = { id: 'default' };
  return await startFaultyService({
    credentials: {
      ...credentialsOf('emberkeep'),
      auth: { kind: 'password', userName: user.name, userDomain: domain, password: user.password },
      scope: { kind: 'project', name: scratch.prefix, domain },
    },
    env: { EMBERKEEP_CONFIG: config },
    // With one of its own it takes no database of the tests' server.
    stateDir,
  });
}

async function restart(): Promise<void> {
  await service.stop();
  service = await start();
}

async function expectBackup(kind: 'full' | 'increment'): Promise<void> {
  await changeImage(image, [
    { kind: 'write', offset: 0, length: mib, seed: 1 + Math.floor(Math.random() * 1e6) },
  ]);
  const { result } = await service.backup({ image });
  assert.equal(result.disks[0]?.kind, kind);
}

/** At once, when a backup is asked for by somebody whose token the service has not seen. */
async function expectRefusal(code: string): Promise<void> {
  const asked = service.call('POST', '/v1/backups', { target: { image } }, 'emberkeep');
  await assert.rejects(asked, (error) => {
    assert.ok(error instanceof ApiFailure, String(error));
    assert.equal(error.body.error.type, code);
    return true;
  });
}

test('password of the database: a start with the old one, or without one, is refused, one with the new one goes on', async () => {
  const next = newSecret();
  await setDatabasePassword(next, 'server');
  await assert.rejects(start(), { code: 'CATALOG_LOGIN_REFUSED' });
  const withoutPassword = connectCatalog({ url: databaseUrl, poolSize: 1 });
  await assert.rejects(checkConnection(withoutPassword), { code: 'CATALOG_LOGIN_REFUSED' });
  await withoutPassword.destroy();
  await setDatabasePassword(next);
  await restart();
  await expectBackup('increment');
});

test('keys of the bucket: both pairs work beside each other, and the old one may go', async () => {
  const old = await readFile(file('s3.id'), 'utf8');
  const [id, secret] = [newSecret(), newSecret()];
  const key = ['--key-type=s3', `--uid=${owner}`];
  await radosgwAdmin('key', 'create', ...key, `--access-key=${id}`, `--secret=${secret}`);
  await expectBackup('increment');
  await writeKeys(id, secret);
  await restart();
  await expectBackup('increment');
  await radosgwAdmin('key', 'rm', ...key, `--access-key=${old}`);
  await expectBackup('increment');
});

test('key of Ceph in place: refused until the keyring has the new one, then without a restart', async () => {
  const next = file('next.keyring');
  const grants = Object.entries(caps).flatMap(([daemon, cap]) => ['--cap', daemon, cap]);
  await writeFile(next, await readFile(cephx.keyringPath, 'utf8'));
  await promisify(execFile)('ceph-authtool', [
    next,
    '--name',
    `client.${cephx.name}`,
    '--gen-key',
    ...grants,
  ]);
  await ceph('auth', 'import', '-i', next);
  await expectRefusal('CEPH_NO_PERMISSION');
  await writeFile(cephx.keyringPath, await readFile(next, 'utf8'));
  await expectBackup('increment');
});

test('password of the service user in place: with the old one nobody is served, with the new one the chain goes on', async () => {
  const { identity } = scratch.admin;
  const [found] = await identity.findUsers(user.name, 'default');
  const password = newSecret();
  await identity.setUserPassword(found?.id ?? '', password);
  // One that runs may keep its token for as long as Keystone's caches know it.
  await restart();
  await expectRefusal('AUTH_FAILED');
  user.password = password;
  await restart();
  await expectBackup('increment');
});

test('a second service user takes over, and the first one may go', async () => {
  const first = user.name;
  user = { name: scratch.name('user'), password: newSecret() };
  await makeUser();
  await expectBackup('increment');
  await restart();
  for (const { id } of await scratch.admin.identity.findUsers(first, 'default'))
    await scratch.admin.identity.deleteUser(id);
  await expectBackup('increment');
});
