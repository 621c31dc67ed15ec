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
    bucket: 'backups',
    prefix: '',
    endpoint: 'https://rgw:8080',
    region: 'us-east-1',
    accessKeyId: 'id',
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
