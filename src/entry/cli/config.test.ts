import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { problemsOfFiles } from '../../config/check-files.ts';
import { loadConfig } from '../../config.ts';
import { startCli } from '../../../test/support/cli-runner.ts';

const directory = mkdtempSync(join(tmpdir(), 'ek-config-'));
after(() => rmSync(directory, { recursive: true }));

function file(text: string): string {
  const path = join(directory, `${Math.random()}.yaml`);
  writeFileSync(path, text);
  return path;
}

async function check(text: string) {
  const loaded = () => Promise.resolve(loadConfig({ env: {}, file: file(text), stateDir: '/state' }));
  return await startCli(['config', 'check'], { loadConfig: async () => await loaded() }).done;
}

test('every problem is on a line of its own, with its line in the file and what may have been meant', async () => {
  const { code, stderr, stdout } = await check(
    'listen: nowhere\n\nlimits:\n  diskss: 2\n  jobs: 0\nsurprise: 1\nnova_pool: { cluster: west, pool: vms }\n',
  );
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.deepEqual(stderr.trimEnd().split('\n').slice(0, 3), [
    'line 1: listen: must be HOST:PORT',
    'line 4: limits.diskss: there is no such option; did you mean disks?',
    'line 5: limits.jobs: Too small: expected number to be >=1',
  ]);
  assert.match(stderr, /line 6: surprise: there is no such option; it may be state_dir, listen, /);
});

test('a pool on a cluster that is not there is told with its line', async () => {
  const { stderr } = await check('segment_mib: 4\nnova_pool: { cluster: west, pool: vms }\n');
  assert.match(stderr, /^line 2: nova_pool: pool vms is on cluster "west"/);
});

test('a mistake of YAML is told with its line', async () => {
  const { code, stderr } = await check('limits:\n  jobs: 2\n jobs: 3\n');
  assert.equal(code, 2);
  assert.match(stderr, /^line \d: file: /);
});

test('I10: secrets come from files; one that is missing or empty is told by its option', () => {
  const url = 'postgresql://ek@db:5432/ek';
  const secret = file('p@ss/word\n');
  const config = loadConfig({
    env: {},
    file: file(
      `database: { url: '${url}', password_file: /no/such }\nkeystone: { password_file: ${file('')} }\n`,
    ),
    stateDir: '/state',
  });
  assert.deepEqual(
    problemsOfFiles(config).map(({ message }) => message.replace(directory, '')),
    [
      'database.password_file: /no/such cannot be read (ENOENT); check path and permissions',
      `keystone.password_file: ${config.keystone.password_file?.replace(directory, '') ?? ''} is empty; write the secret into it`,
    ],
  );
  const good = loadConfig({
    env: {},
    file: file(`database: { url: '${url}', password_file: ${secret} }\n`),
    stateDir: '/s',
  });
  assert.deepEqual(problemsOfFiles(good), []);
});

test('I10: bootstrap passes what is to be made on, without any password in its arguments', async () => {
  const cli = startCli([
    'keystone',
    'bootstrap',
    '--password-file',
    '/secret',
    '--public-url',
    'https://b.example.org',
  ]);
  const { code, stdout, stderr } = await cli.done;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /user emberkeep\s+\|? ?kept|user emberkeep/);
  assert.match(stderr, /nothing was changed/);
  const asked = cli.asked.bootstraps[0] ?? {};
  assert.deepEqual(asked['endpoints'], [
    { interface: 'public', url: 'https://b.example.org' },
    { interface: 'internal', url: 'https://b.example.org' },
  ]);
  assert.equal(asked['passwordFile'], '/secret');
  const wrong = await startCli(['keystone', 'bootstrap', '--internal-url', 'https://b.example.org']).done;
  assert.match(wrong.stderr, /--public-url/);
  const password = await startCli(['keystone', 'bootstrap', '--password', 'x']).done;
  assert.equal(password.code, 2);
});

test('a role of its own needs a database that others reach', async () => {
  const { code, stderr } = await startCli(['serve', '--role', 'worker']).done;
  assert.equal(code, 2);
  assert.match(stderr, /--role worker needs a database.*\(INPUT_ROLE\)/);
});
