import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startCli, type CliOutcome } from '../../../test/support/cli-runner.ts';
import { startFakeService, type FakeService } from '../../../test/support/fake-service.ts';

let service: FakeService;
before(async () => {
  service = await startFakeService();
});
after(() => service.close());
beforeEach(() => service.operations.reset());

function cli(line: string[], token = 'admin'): Promise<CliOutcome> {
  return startCli(line, { endpoint: service.url, token }).done;
}

const finding = {
  kind: 'fresh-image',
  what: 'backups/restore-1-0',
  where: 'cluster ceph',
  ageSeconds: 7300,
  sizeBytes: 1024,
  action: 'remove the image',
  reason: 'restore 1 failed',
  outcome: 'done',
  note: null,
};

function ends(result: Record<string, unknown>): void {
  service.operations.script = async (operations, job) => {
    await Promise.resolve();
    operations.finish(job, {
      result: {
        dryRun: false,
        found: 1,
        done: 1,
        left: 0,
        failed: 0,
        findings: [finding],
        problems: [],
        ...result,
      },
    });
  };
}

test('tells where catalog, store and clusters differ', async () => {
  const drift = [{ kind: 'link-missing', what: 'links/1', where: 'directory /s', advice: 'verify' }];
  ends({ drifted: 3, drift });
  const { code, stderr } = await cli(['reconcile', '--dry-run']);
  assert.equal(code, 3);
  assert.match(stderr, /link-missing: links\/1 in directory \/s; verify\n/);
  assert.match(stderr, /and 2 more of the kind/);
});

test('is for administrators', async () => {
  assert.equal((await cli(['reconcile'], 'member')).code, 4);
});

test('lists what was found and what became of it', async () => {
  ends({});
  const { code, stdout } = await cli(['reconcile']);
  assert.equal(code, 0);
  assert.match(stdout, /done +\| fresh-image \| backups\/restore-1-0 \| cluster ceph \| 2 h +\| +1 KiB \|/);
  assert.equal(service.operations.jobs[0]?.target['dryRun'], false);
});

test('a dry run is asked for as such, and what it finds is no failure', async () => {
  ends({ dryRun: true, done: 0, findings: [{ ...finding, outcome: 'found' }] });
  const { code, stdout } = await cli(['reconcile', '--dry-run', '-f', 'json']);
  assert.equal(code, 0);
  assert.equal(service.operations.jobs[0]?.target['dryRun'], true);
  const [row] = JSON.parse(stdout) as Record<string, unknown>[];
  assert.deepEqual([row?.['Age'], row?.['Size'], row?.['Outcome']], [7300, 1024, 'found']);
});

test('what was left, and what could not be looked for, shows in the exit code', async () => {
  ends({ done: 0, left: 1, findings: [{ ...finding, outcome: 'left', note: 'open at 10.0.0.1' }] });
  const left = await cli(['reconcile']);
  assert.equal(left.code, 3);
  assert.match(left.stdout, /restore 1 failed; open at 10\.0\.0\.1/);
  assert.match(left.stderr, /1 of 1 things could not be dealt with yet/);
  ends({ found: 0, done: 0, findings: [], problems: ['snapshots could not be looked for: no pool'] });
  const blind = await cli(['reconcile']);
  assert.equal(blind.code, 3);
  assert.match(blind.stderr, /snapshots could not be looked for: no pool/);
});

test('--no-wait gives the job', async () => {
  const { code, stdout } = await cli(['reconcile', '--no-wait', '-f', 'value', '-c', 'kind']);
  assert.deepEqual([code, stdout], [0, 'reconcile\n']);
});
