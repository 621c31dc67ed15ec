import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { AppError, type ErrorCode } from '../../base/errors.ts';
import { startCli, type CliOutcome, type CliRunOptions } from '../../../test/support/cli-runner.ts';
import { startFakeService, type FakeService } from '../../../test/support/fake-service.ts';

let service: FakeService;
before(async () => {
  service = await startFakeService();
});
after(() => service.close());
beforeEach(() => service.operations.reset());

function cli(line: string[], options: CliRunOptions = {}): Promise<CliOutcome> {
  return startCli(line, { endpoint: service.url, ...options }).done;
}

describe('lists and single things', () => {
  test('a table looks as the openstack command draws it', async () => {
    service.operations.addPoint('web-01');
    const { code, stdout, stderr } = await cli([
      'point',
      'list',
      '-c',
      'kind',
      '-c',
      'Taken At',
      '-c',
      'size',
      '-c',
      'stored',
    ]);
    assert.equal(
      stdout,
      [
        '+----------+----------------------+-------+---------+',
        '| Kind     | Taken At             |  Size |  Stored |',
        '+----------+----------------------+-------+---------+',
        '| instance | 2026-11-22T10:00:00Z | 4 GiB | 118 MiB |',
        '+----------+----------------------+-------+---------+',
        '',
      ].join('\n'),
    );
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  });

  test('machines get raw numbers, in json, yaml, csv and plain values', async () => {
    service.operations.addPoint('a,b "c"');
    const show = async (format: string): Promise<string> =>
      (await cli(['point', 'list', '-f', format, '-c', 'Source', '-c', 'Stored'])).stdout;
    assert.deepEqual(JSON.parse(await show('json')), [{ Source: 'a,b "c"', Stored: 123_456_789 }]);
    assert.equal(await show('yaml'), '- Source: a,b "c"\n  Stored: 123456789\n');
    assert.equal(await show('csv'), 'Source,Stored\n"a,b ""c""",123456789\n');
    assert.equal(await show('value'), 'a,b "c" 123456789\n');
  });

  test('an empty list is a head without rows, or an empty array', async () => {
    assert.equal((await cli(['point', 'list', '-c', 'id'])).stdout, '+----+\n| ID |\n+----+\n');
    assert.equal((await cli(['point', 'list', '-f', 'json'])).stdout, '[]\n');
    assert.equal((await cli(['point', 'list', '-f', 'value'])).stdout, '');
  });

  test('names cannot steer the terminal', async () => {
    service.operations.addPoint('evil\u001b[2Jname\nnext');
    const table = (await cli(['point', 'list', '-c', 'source'])).stdout;
    assert.ok(table.includes('evil\\u001b[2Jname'));
    assert.ok(!table.includes('\u001b'));
    assert.equal(
      (await cli(['point', 'list', '-c', 'source', '-f', 'value'])).stdout,
      'evil\\u001b[2Jname\\nnext\n',
    );
  });

  test('lists go through every page, or stop at --limit', async () => {
    for (let index = 0; index < 2100; index += 1) service.operations.addPoint('web-01');
    const all = await cli(['point', 'list', '-f', 'value', '-c', 'ID']);
    assert.deepEqual(
      all.stdout.trim().split('\n'),
      service.operations.points.map(({ id }) => id),
    );
    const some = await cli(['point', 'list', '-f', 'value', '-c', 'ID', '--limit', '1003']);
    assert.equal(some.stdout.trim().split('\n').length, 1003);
  });

  test('points of a source and a time', async () => {
    const times = ['2026-11-20T10:00:00Z', '2026-11-21T23:59:00Z', '2026-11-22T09:00:00Z'].map(
      (text) => new Date(text),
    );
    for (const time of times) service.operations.addPoint('web-01', time);
    service.operations.addPoint('other-thing', times[1]);
    const list = async (...more: string[]): Promise<string> =>
      (await cli(['point', 'list', 'web-01', '-f', 'value', '-c', 'Taken At', ...more])).stdout;
    assert.equal((await list()).split('\n').length, 4);
    assert.match(
      await list('--since', 'yesterday', '--before', '3 hours ago'),
      /^2026-11-21T23:59:00\.000Z\n$/,
    );
  });

  test('each thing shows itself', async () => {
    const point = service.operations.addPoint('web-01');
    const shown = JSON.parse((await cli(['point', 'show', point.id.toUpperCase(), '-f', 'json'])).stdout);
    assert.equal(shown.source_name, 'web-01');
    assert.equal(shown.links[0].kind, 'full');
    const instances = await cli(['instance', 'list', '-f', 'csv', '-c', 'Name', '-c', 'Last Point']);
    assert.equal(instances.stdout, 'Name,Last Point\nweb-01,\n');
    const instance = await cli(['instance', 'show', 'web-01', '-c', 'name', '-c', 'disks']);
    assert.match(instance.stdout, /\| disks +\| \/dev\/vda web-01 volumes\/volume-/);
    const job = service.operations.addJob({ kind: 'volume', id: 'v', name: 'data' });
    assert.equal((await cli(['job', 'list', '-f', 'value', '-c', 'Target'])).stdout, 'volume data\n');
    assert.match((await cli(['job', 'show', job.id])).stdout, /\| target +\| volume data /);
    const admin = { token: 'admin' };
    assert.match(
      (await cli(['pool', 'list'], admin)).stdout,
      /\| ceph +\| volumes \| +2 \| 5 GiB \| +1 TiB \|/,
    );
    assert.match((await cli(['image', 'list', 'volumes'], admin)).stdout, /\| a +\| 1 GiB \| +1 \|/);
    assert.match(
      (await cli(['snapshot', 'list', 'volumes/a'], admin)).stdout,
      /\| backup\.x \| 1 GiB \| 2026-11-22T10:00:00Z \|/,
    );
  });
});

describe('what is refused before anything is sent', () => {
  const id = '6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f';
  const cases: [line: string[], code: string, message: RegExp][] = [
    [['point', 'show', 'x'], 'INPUT_ID', /"x" is not the id of a point/],
    [['job', 'cancel', '../etc'], 'INPUT_ID', /not the id of a job/],
    [['point', 'list', '--limit', '-1'], 'INPUT_NUMBER', /at least 1, not "-1"/],
    [['job', 'list', '--limit', '0'], 'INPUT_NUMBER', /at least 1/],
    [['job', 'list', '--limit', '1e3'], 'INPUT_NUMBER', /whole number/],
    [['point', 'list', '--since', 'soon'], 'INPUT_TIME', /cannot read the time "soon"/],
    [['restore', 'web-01', '--at', '2026-13-01'], 'INPUT_TIME', /2026-13-01/],
    [['restore'], 'INPUT_MISSING', /INSTANCE, --volume, --image or --point/],
    [['restore', 'a', '--point', id], 'INPUT_CONFLICT', /exclude each other/],
    [['restore', '--point', id, '--at', 'latest'], 'INPUT_CONFLICT', /a point has its own time/],
    [['backup', '--volume', 'v', '--pool', 'p'], 'INPUT_CONFLICT', /--volume and --pool/],
    [['backup', '--image', 'vms'], 'INPUT_IMAGE', /not POOL\/IMAGE/],
    [['backup', 'web-01', '--cluster', 'far'], 'INPUT_CLUSTER', /--image or --pool/],
    [['backup', ''], 'INPUT_NAME', /name or id/],
    [['backup', 'web-01', '-c', 'nope'], 'INPUT_COLUMN', /"nope"; there are job_id/],
    [['instance', 'list', '--endpoint', 'ftp://x'], 'INPUT_ENDPOINT', /http:/],
    [['instance', 'list', '--endpoint', 'http://u:secret@x'], 'INPUT_ENDPOINT', /without credentials/],
    [['serve', '--listen', '99999'], 'INPUT_LISTEN', /HOST:PORT/],
    [['nonsense'], 'INPUT_USAGE', /unknown command 'nonsense'; see `emberkeep --help`/],
    [['point', 'lst'], 'INPUT_USAGE', /Did you mean list\? see `emberkeep point --help`/],
    [['point', 'list', '--odd'], 'INPUT_USAGE', /unknown option '--odd'/],
    [['job', 'list', '--state', 'odd'], 'INPUT_USAGE', /Allowed choices are queued, running/],
    [['point', 'list', '-f', 'xml'], 'INPUT_USAGE', /Allowed choices are table, json/],
    [['job', 'show'], 'INPUT_USAGE', /missing required argument 'JOB'/],
  ];
  for (const [line, code, message] of cases) {
    test(`emberkeep ${line.join(' ')}`, async () => {
      const run = startCli(line, { endpoint: 'http://127.0.0.1:1' });
      const outcome = await run.done;
      assert.equal(outcome.code, 2);
      assert.equal(outcome.stdout, '');
      assert.match(outcome.stderr, /^emberkeep: [^\n]+\n$/);
      assert.match(outcome.stderr, message);
      assert.ok(outcome.stderr.includes(`(${code})`), outcome.stderr);
      assert.deepEqual(run.asked.openstack, []);
      assert.ok(!outcome.stderr.includes('secret'));
    });
  }
});

describe('errors', () => {
  test('each family has its exit code, and the line names code and request id', async () => {
    const codes: [ErrorCode, number][] = [
      ['INPUT_X', 2],
      ['FORBIDDEN_X', 4],
      ['NOTFOUND_X', 5],
      ['CONFLICT_X', 6],
      ['LIMIT_X', 7],
      ['OPENSTACK_X', 8],
      ['CEPH_X', 8],
      ['STORE_X', 8],
      ['CATALOG_X', 8],
      ['INTEGRITY_X', 9],
      ['CANCELLED_X', 130],
    ];
    for (const [code, exitCode] of codes) {
      service.operations.failNext(new AppError(code, 'it is so; do that'));
      const outcome = await cli(['point', 'list']);
      assert.equal(outcome.code, exitCode, code);
      assert.match(
        outcome.stderr,
        new RegExp(`^emberkeep: it is so; do that \\(${code}, req-[0-9a-f-]{36}\\)\\n$`),
      );
    }
    service.operations.failNext(new TypeError('inner'));
    const bug = await cli(['point', 'list']);
    assert.equal(bug.code, 1);
    assert.match(bug.stderr, /report request id req-/);
  });

  test('a refused sign-in, a foreign service and nobody there', async () => {
    const stale = startCli(['point', 'list'], { endpoint: service.url, token: 'stale' });
    const outcome = await stale.done;
    assert.equal(outcome.code, 4);
    assert.equal(stale.asked.openstack.length, 2, 'a refused token is renewed once');
    const nobody = await cli(['point', 'list'], { endpoint: 'http://127.0.0.1:1' });
    assert.equal(nobody.code, 8);
    assert.match(
      nobody.stderr,
      /cannot reach the Emberkeep service at http:\/\/127\.0\.0\.1:1 \(.*\); is it running/,
    );
    const failed = await cli(['point', 'list'], {
      authenticate: () =>
        Promise.reject(new AppError('AUTH_FAILED', 'Keystone refuses alice; check OS_PASSWORD')),
    });
    assert.deepEqual(failed, {
      code: 4,
      stdout: '',
      stderr: 'emberkeep: Keystone refuses alice; check OS_PASSWORD (AUTH_FAILED)\n',
    });
  });

  test('the causes are shown with --debug only, and never the token', async () => {
    const authenticate = (): Promise<never> =>
      Promise.reject(new AppError('AUTH_FAILED', 'refused', { cause: new Error('deep reason') }));
    const plain = await cli(['point', 'list'], { authenticate });
    assert.equal(plain.stderr, 'emberkeep: refused (AUTH_FAILED)\n');
    const debug = await cli(['point', 'list', '--debug', '--os-password', 'topsecret', '--os-token', 'tok'], {
      authenticate,
    });
    assert.match(debug.stderr, /deep reason[\s\S]*at /);
    assert.ok(!debug.stderr.includes('topsecret'));
  });

  test('the configuration is checked first', async () => {
    const loadConfig = (): Promise<never> =>
      Promise.reject(new AppError('INPUT_CONFIG', 'x.yaml is wrong: listen'));
    const outcome = await cli(['config', 'check'], { loadConfig });
    assert.deepEqual(outcome, {
      code: 2,
      stdout: '',
      stderr: 'emberkeep: x.yaml is wrong: listen (INPUT_CONFIG)\n',
    });
    assert.match((await cli(['config', 'check'])).stdout, /^The configuration is valid/);
    assert.match(
      (await cli(['config', 'show'])).stdout,
      /\| database\.url \| postgresql:\/\/u:\*\*\*@db\/x \|/,
    );
    const shown = JSON.parse((await cli(['config', 'show', '-f', 'json'])).stdout) as object;
    assert.deepEqual(Object.keys(shown), ['state_dir', 'database', 'limits']);
  });
});

describe('which service', () => {
  test('--os-* options stand as variables, wherever they are on the line', async () => {
    const run = startCli([
      '--os-cloud',
      'one',
      'point',
      'list',
      '--os-project-name',
      'p',
      '--endpoint',
      `${service.url}/`,
    ]);
    assert.equal((await run.done).code, 0);
    assert.deepEqual(run.asked.openstack, [{ OS_CLOUD: 'one', OS_PROJECT_NAME: 'p' }]);
  });

  test('the one of this machine, when its note is true', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'ek-entry-'));
    const note = (url: string, pid: number): Promise<void> =>
      writeFile(join(stateDir, 'service.json'), JSON.stringify({ url, pid }));
    await note(service.url, process.pid);
    const found = startCli(['instance', 'list'], { stateDir });
    assert.equal((await found.done).code, 0);
    assert.deepEqual(found.asked.started, []);
    const busy = await startCli(['serve'], { stateDir }).done;
    assert.equal(busy.code, 6);
    assert.match(busy.stderr, /CONFLICT_SERVICE_RUNNING/);

    const own = await startFakeService();
    const startService: CliRunOptions['startService'] = () =>
      Promise.resolve({ url: own.url, stop: () => own.close() });
    await note('http://127.0.0.1:1', process.pid);
    const stale = startCli(['instance', 'list'], { stateDir, startService });
    assert.equal((await stale.done).code, 0);
    assert.equal(stale.asked.started[0]?.purpose, 'command');
    await assert.rejects(fetch(`${own.url}/livez`), 'the service ends with the command');
    await rm(stateDir, { recursive: true });
  });

  test('the one that Keystone knows', async () => {
    const authenticate = (): Promise<{ token: string; endpoint: string }> =>
      Promise.resolve({ token: 'member', endpoint: `${service.url}/v1` });
    assert.equal((await startCli(['instance', 'list'], { authenticate }).done).code, 0);
  });

  test('serve runs until it is interrupted', async () => {
    const own = await startFakeService();
    const run = startCli(['serve', '--listen', '127.0.0.1:0'], {
      startService: () => Promise.resolve({ url: own.url, stop: () => own.close() }),
    });
    while (!run.said().includes('listens on')) await new Promise(setImmediate);
    run.interrupt();
    const outcome = await run.done;
    assert.equal(outcome.code, 0);
    assert.equal(outcome.stdout, '');
    assert.deepEqual(run.asked.started[0]?.listen, { host: '127.0.0.1', port: 0 });
  });
});
