/** What `npm pack` makes, installed with npm as an operator would: it starts, with everything that it needs and the portal. */
import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { access, cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { after, before, test } from 'node:test';
import { openTestDatabase } from '../support/test-database.ts';

const execute = promisify(execFile);
const repository = resolve(import.meta.dirname, '../..');
const packed = ['.npmrc', 'LICENSE', 'package.json', 'src', 'tsconfig.build.json', 'tsconfig.json'];
/** Sees this Node as `node`, and nothing of the repository's packages; npm needs what the machine says of its registry. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };

let directory: string;
let program: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ek-packed-'));
  // A tree of its own: `npm pack` builds, and other tests and the service read `dist` meanwhile.
  const source = join(directory, 'source');
  for (const name of packed) await cp(join(repository, name), join(source, name), { recursive: true });
  await symlink(join(repository, 'node_modules'), join(source, 'node_modules'));
  await execute('npm', ['pack', '--silent', '--pack-destination', directory], { cwd: source, env });
  const tarball = join(directory, `emberkeep-${await version()}.tgz`);
  const prefix = join(directory, 'prefix');
  const how = ['--global', '--prefix', prefix, '--prefer-offline', '--no-audit', '--no-fund'];
  await execute('npm', ['install', ...how, tarball], { cwd: directory, env });
  program = join(prefix, 'bin/emberkeep');
});
after(() => rm(directory, { recursive: true }));

async function version(): Promise<string> {
  const manifest = await readFile(join(repository, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

test('the packed program says its version, and came without what only builds it', async () => {
  const { stdout } = await execute(program, ['--version'], { cwd: directory, env });
  assert.equal(stdout.trim(), await version());
  const installed = join(directory, 'prefix/lib/node_modules/emberkeep');
  await access(join(installed, 'node_modules/express'));
  for (const absent of ['node_modules/typescript', 'node_modules/vite', 'src', 'test'])
    await assert.rejects(access(join(installed, absent)), { code: 'ENOENT' }, absent);
});

test('the packed program serves API and portal, and ends on SIGTERM', async () => {
  const database = await openTestDatabase();
  const child = spawn(program, ['serve', '--role', 'api', '--listen', '127.0.0.1:0'], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...env,
      EMBERKEEP_STATE_DIR: join(directory, 'state'),
      EMBERKEEP_DATABASE_URL: database.url,
      // Nobody answers there; pages and health checks ask nobody.
      OS_AUTH_URL: 'http://127.0.0.1:1/v3',
      OS_USERNAME: 'emberkeep',
      OS_PASSWORD: 'secret',
      OS_PROJECT_NAME: 'service',
      OS_USER_DOMAIN_NAME: 'default',
      OS_PROJECT_DOMAIN_NAME: 'default',
    },
  });
  const closed = once(child, 'close');
  try {
    const url = await addressOf(child);
    const page = await fetch(`${url}/portal/`);
    const script = /<script type="module"[^>]* src="([^"]+)"/.exec(await page.text())?.[1] ?? '';
    assert.equal((await fetch(new URL(script, `${url}/portal/`))).status, 200, script);
    assert.equal((await fetch(`${url}/livez`)).status, 200);
    child.kill('SIGTERM');
    assert.deepEqual(await closed, [0, null]);
  } finally {
    child.kill('SIGKILL');
    await closed;
    await database.close();
  }
});

/** The API's, from the line that says that it listens; rejects with what was said when the program ends without it. */
function addressOf({ stderr }: ChildProcessByStdio<null, null, Readable>): Promise<string> {
  return new Promise((found, failed) => {
    let said = '';
    stderr.on('data', (text: Buffer) => {
      said += text.toString();
      const url = /listens on (http:\S+?)(;|\s)/.exec(said)?.[1];
      if (url !== undefined) found(url);
    });
    stderr.once('close', () => failed(new Error(`it ended without listening: ${said}`)));
  });
}
