import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, maskedConfig, type AppConfig } from '../config.ts';

function load(yaml: string, env: Record<string, string> = {}): AppConfig {
  const directory = mkdtempSync(join(tmpdir(), 'ek-config-'));
  try {
    const file = join(directory, 'emberkeep.yaml');
    writeFileSync(file, yaml);
    return loadConfig({ env, file, stateDir: '/state' });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function refusal(yaml: string, env: Record<string, string> = {}): string {
  try {
    load(yaml, env);
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'INPUT_CONFIG');
    const { message } = error as Error;
    assert.doesNotMatch(message, /\n/);
    return message;
  }
  throw new Error('it was accepted');
}

test('a bucket with an endpoint is asked in path style and in some region', () => {
  const { s3 } = load('store: { s3: { bucket: backups, endpoint: "https://rgw:8080", access_key_id: id } }');
  assert.deepEqual(s3, {
    section: 'store.s3',
    bucket: 'backups',
    prefix: '',
    endpoint: 'https://rgw:8080',
    region: 'us-east-1',
    accessKeyId: 'id',
    accessKeyIdFile: undefined,
    secretAccessKey: undefined,
    secretAccessKeyFile: undefined,
    pathStyle: true,
    caFile: undefined,
  });
});

test('without an endpoint it is Amazon, where the SDK finds region and keys', () => {
  const { s3 } = load('store: { s3: { bucket: backups } }');
  assert.equal(s3?.endpoint, undefined);
  assert.equal(s3?.region, undefined);
  assert.equal(s3?.pathStyle, false);
});

test("AWS's variables stand behind the file", () => {
  const env = { AWS_ENDPOINT_URL: 'http://a', AWS_ENDPOINT_URL_S3: 'http://b', AWS_REGION: 'eu' };
  assert.equal(load('store: { s3: { bucket: backups } }', env).s3?.endpoint, 'http://b');
  const own = load('store: { s3: { bucket: backups, endpoint: "http://c", region: us } }', env).s3;
  assert.deepEqual([own?.endpoint, own?.region], ['http://c', 'us']);
});

test('EMBERKEEP_STORE is a path or a bucket, and stands over the file', () => {
  const file = 'store: { s3: { bucket: one, prefix: p, endpoint: "http://rgw" } }';
  const variable = load(file, { EMBERKEEP_STORE: 's3://two/deep/er/' }).s3;
  assert.deepEqual(
    [variable?.bucket, variable?.prefix, variable?.endpoint],
    ['two', 'deep/er', 'http://rgw'],
  );
  assert.equal(load(file, { EMBERKEEP_STORE: 's3://two' }).s3?.prefix, '');
  const directory = load(file, { EMBERKEEP_STORE: '/srv/store' });
  assert.equal(directory.s3, undefined);
  assert.equal(directory.storeDirectory, '/srv/store');
  const bucket = load('store: { directory: /srv/store }', { EMBERKEEP_STORE: 's3://two' });
  assert.equal(bucket.s3?.bucket, 'two');
});

test('what is wrong gives one line that names the key', () => {
  assert.match(refusal('store: { directory: /srv, s3: { bucket: backups } }'), /store: has both/);
  assert.match(refusal('store: { s3: { prefix: a } }'), /store\.s3\.bucket: must be the name of a bucket/);
  assert.match(
    refusal('store: { s3: { bucket: backups, prefix: /a/ } }'),
    /store\.s3\.prefix: must be names/,
  );
  assert.match(
    refusal('store: { s3: { bucket: backups, endpoint: rgw } }'),
    /store\.s3\.endpoint: must be http/,
  );
  assert.match(refusal('', { EMBERKEEP_STORE: 'gs://bucket' }), /EMBERKEEP_STORE must be/);
  assert.match(refusal('', { EMBERKEEP_STORE: 's3://' }), /store\.s3\.bucket/);
  assert.match(
    refusal('store: { s3: { bucket: backups } }', { AWS_ENDPOINT_URL: 'nowhere' }),
    /AWS_ENDPOINT_URL must be/,
  );
});

test('I10: secrets are neither shown nor taken from URLs', () => {
  const config = load('store: { s3: { bucket: backups } }', { EMBERKEEP_S3_SECRET_ACCESS_KEY: 'hunter2' });
  assert.equal(config.s3?.secretAccessKey, 'hunter2');
  assert.doesNotMatch(JSON.stringify(maskedConfig(config)), /hunter2/);
  assert.doesNotMatch(
    refusal('store: { s3: { bucket: backups, endpoint: "http://id:hunter2@rgw" } }'),
    /hunter2/,
  );
});

const several = `
stores:
  near: { default: true, directory: /srv/near }
  offsite:
    s3: { bucket: backups, endpoint: "http://rgw", access_key_id: id, secret_access_key_file: /run/secret }
    encryption: { key_file: /run/offsite.key }
    disks: 2
limits: { disks_per_store: 4 }
encryption: { key_file: /run/master.key }
`;

test('several stores have names, one is the default, and each may have keys and a limit of its own', () => {
  const config = load(several, { EMBERKEEP_S3_SECRET_ACCESS_KEY: 'hunter2' });
  assert.deepEqual(
    config.storeList.map(({ name, isDefault, directory, disks, encryption }) => [
      name,
      isDefault,
      directory,
      disks,
      encryption.key_file,
    ]),
    [
      ['near', true, '/srv/near', 4, '/run/master.key'],
      ['offsite', false, undefined, 2, '/run/offsite.key'],
    ],
  );
  const s3 = config.storeList[1]?.s3;
  assert.deepEqual(
    [s3?.section, s3?.bucket, s3?.secretAccessKeyFile],
    ['stores.offsite.s3', 'backups', '/run/secret'],
  );
  assert.equal(s3?.secretAccessKey, undefined, 'a store that names its secret has no other one');
  assert.equal(config.storeDirectory, '/srv/near');
  const shown = maskedConfig(config) as { stores: Record<string, unknown>; store?: unknown };
  assert.deepEqual(Object.keys(shown.stores), ['near', 'offsite']);
  assert.equal(shown.store, undefined);
});

test('one store is as it always was, and has a name', () => {
  const [only, ...others] = load('store: { directory: /srv/store }').storeList;
  assert.deepEqual(others, []);
  assert.deepEqual([only.name, only.isDefault, only.directory], ['default', true, '/srv/store']);
  assert.equal(load('store: { name: near }').storeList[0].name, 'near');
  const alone = load('stores: { near: { directory: /srv/near } }').storeList;
  assert.deepEqual(
    alone.map(({ name, isDefault }) => [name, isDefault]),
    [['near', true]],
    'the only one of several is the default one',
  );
});

test('EMBERKEEP_STORE names one of several, or stands in the place of all', () => {
  const named = load(several, { EMBERKEEP_STORE: 'offsite' });
  assert.deepEqual(
    named.storeList.map(({ name, isDefault }) => [name, isDefault]),
    [
      ['offsite', true],
      ['near', false],
    ],
  );
  const other = load(several, { EMBERKEEP_STORE: '/mnt/copy' }).storeList;
  assert.deepEqual(
    other.map(({ name, directory }) => [name, directory]),
    [['default', '/mnt/copy']],
  );
});

test('what is wrong with several stores is told by line', () => {
  assert.match(
    refusal('stores:\n  a: { directory: /a }\n  b: { directory: /b }\n'),
    /line 1: stores: must have exactly one store with `default: true`/,
  );
  const two = 'stores: { a: { directory: /a, default: true }, b: { directory: /b, default: true } }';
  assert.match(refusal(two), /exactly one/);
  assert.match(refusal('stores: { a: { default: true } }'), /stores\.a: has neither directory nor s3/);
  assert.match(refusal('stores: { "a b": { directory: /a } }'), /must be up to 40 letters/);
  assert.match(
    refusal('store: { directory: /a }\nstores: { b: { directory: /b } }'),
    /line 2: stores: stands beside store/,
  );
});
