import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

interface Ended {
  code: number | string;
  stdout: string;
  stderr: string;
}

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

/** As a person in a shell without any OS_* variable. */
function emberkeep(...argv: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], HOME: '/nonexistent' };
    execFile(process.execPath, [main, ...argv], { env, cwd: '/' }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

test('help is on standard output, with examples and exit codes, and every command has its own', async () => {
  const { code, stdout, stderr } = await emberkeep('--help');
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.match(stdout, /Examples:\n {2}emberkeep backup web-01/);
  assert.match(stdout, /Exit codes:\n {2}0 {2}done\n[\s\S]*130 {2}cancelled/);
  const commands = ['backup', 'restore', 'serve', 'point list', 'job watch', 'snapshot list', 'config show'];
  const helps = await Promise.all(commands.map((command) => emberkeep(...command.split(' '), '--help')));
  for (const [index, help] of helps.entries()) {
    const command = commands[index]!;
    assert.equal(help.code, 0);
    assert.ok(help.stdout.startsWith(`Usage: emberkeep ${command} `), command);
    assert.match(help.stdout, /Examples:\n {2}emberkeep /);
    assert.ok(
      help.stdout.split('\n').every((line) => line.length <= 100),
      command,
    );
  }
});

test('the version', async () => {
  assert.match((await emberkeep('--version')).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('a mistake is one line on standard error and exit 2', async () => {
  assert.deepEqual(await emberkeep('bakup'), {
    code: 2,
    stdout: '',
    stderr: "emberkeep: unknown command 'bakup'. Did you mean backup? see `emberkeep --help` (INPUT_USAGE)\n",
  });
  const bare = await emberkeep();
  assert.equal(bare.code, 2);
  assert.match(bare.stderr, /^Usage: emberkeep/);
});

test('no credentials, and a configuration that is not there', async () => {
  const unknown = await emberkeep('point', 'list', '--endpoint', 'http://127.0.0.1:1');
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /^emberkeep: [^\n]+ \(INPUT_[A-Z_]+\)\n$/);
  const missing = await emberkeep('config', 'check', '--config', '/nonexistent.yaml');
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /nonexistent\.yaml .*\(INPUT_CONFIG\)\n$/);
});
