import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadConfig, maskedConfig } from './config.ts';

const directory = mkdtempSync(join(tmpdir(), 'ek-config-'));
after(() => rmSync(directory, { recursive: true }));

function file(text: string): string {
  const path = join(directory, `${Math.random()}.yaml`);
  writeFileSync(path, text);
  return path;
}

test('without a file there are defaults; CEPH_CONF and the state directory come from outside', () => {
  const config = loadConfig({ env: { CEPH_CONF: '/cloud/ceph.conf' }, stateDir: '/state' });
  assert.equal(config.clusters['ceph']?.conf, '/cloud/ceph.conf');
  assert.equal(config.storeDirectory, '/state/store');
  assert.deepEqual(config.backups_pool, { cluster: 'ceph', pool: 'backups' });
});

test('a variable stands over the file, an option over both', () => {
  const path = file('state_dir: /file\nlisten: 127.0.0.1:1\n');
  const env = { EMBERKEEP_STATE_DIR: '/variable', EMBERKEEP_LISTEN: '127.0.0.1:2' };
  assert.equal(loadConfig({ env: {}, file: path }).stateDir, '/file');
  assert.equal(loadConfig({ env, file: path }).stateDir, '/variable');
  assert.equal(loadConfig({ env, file: path, stateDir: '/option' }).stateDir, '/option');
  assert.equal(loadConfig({ env, file: path }).listen, '127.0.0.1:2');
});

test('the master key comes from a file; a variable names another one, and earlier keys stay', () => {
  const path = file('encryption: { key_file: /keys/new, old_key_files: [/keys/old] }\n');
  const env = { EMBERKEEP_ENCRYPTION_KEY_FILE: '/keys/other' };
  assert.deepEqual(loadConfig({ env: {}, file: path }).encryption, {
    key_file: '/keys/new',
    old_key_files: ['/keys/old'],
  });
  assert.deepEqual(loadConfig({ env, file: path }).encryption, {
    key_file: '/keys/other',
    old_key_files: ['/keys/old'],
  });
  assert.deepEqual(loadConfig({ env: {} }).encryption, { old_key_files: [] });
});

test('what is wrong is told at once, key by key', () => {
  const path = file('cycle: { days: -3 }\nlisten: nowhere\nsurprise: 1\n');
  assert.throws(() => loadConfig({ env: {}, file: path }), {
    code: 'INPUT_CONFIG',
    message: /cycle\.days: .*; .*|surprise/,
  });
  assert.throws(() => loadConfig({ env: {}, file: path }), { message: /listen: must be HOST:PORT/ });
  assert.throws(() => loadConfig({ env: {}, file: path }), { message: /surprise/ });
});

test('a pool on a cluster that is not configured is refused', () => {
  const path = file('backups_pool: { cluster: west, pool: backups }\n');
  assert.throws(() => loadConfig({ env: {}, file: path }), {
    code: 'INPUT_CONFIG',
    message: /"west".*clusters \(ceph\)/,
  });
});

test('a file that is missing or no mapping is told by name', () => {
  assert.throws(() => loadConfig({ env: { EMBERKEEP_CONFIG: '/no/such.yaml' } }), {
    message: /\/no\/such\.yaml/,
  });
  assert.throws(() => loadConfig({ env: {}, file: file('- a\n- b\n') }), {
    message: /must be a YAML mapping/,
  });
});

test('I10: the password of the database is masked', () => {
  const config = loadConfig({
    env: { EMBERKEEP_DATABASE_URL: 'postgresql://ek:hunter2@db/ek' },
    stateDir: '/s',
  });
  assert.doesNotMatch(JSON.stringify(maskedConfig(config)), /hunter2/);
});

test('limits: none but the widths unless told, and no bandwidth that nothing would get through', () => {
  const { limits } = loadConfig({ env: {}, stateDir: '/s', file: file('limits: { disks: 4 }\n') });
  assert.deepEqual(limits, { jobs: 2, disks: 4, bandwidth_mib: 0 });
  const wrong = file(
    'limits: { bandwidth_mib: 0.01, disks_per_pool: 0, rbd_concurrent_management_ops: 0 }\n',
  );
  assert.throws(() => loadConfig({ env: {}, file: wrong }), {
    message: /disks_per_pool.*bandwidth_mib: must be 0 or at least 0\.1.*rbd_concurrent_management_ops/,
  });
});
