import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import {
  startCli,
  type CliOutcome,
  type CliRun,
  type CliRunOptions,
} from '../../../test/support/cli-runner.ts';
import type { JobScript } from '../../../test/support/fake-operations.ts';
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

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

const backedUp: JobScript = async (operations, job) => {
  job.state = 'running';
  operations.emit(job, 'state', { state: 'running', attempt: 1 });
  operations.emit(job, 'step', { step: 'snapshots taken' });
  for (const bytesDone of [1, 2, 55, 56, 100])
    operations.emit(job, 'progress', { bytesDone: bytesDone * 2 ** 20, bytesTotal: 100 * 2 ** 20 });
  operations.emit(job, 'log', { message: 'a full: there is no point yet' });
  await Promise.resolve();
  const disk = { diskKey: 'volume:v', kind: 'full', fullReason: 'the first', storedBytes: 1234 };
  operations.finish(job, { result: { pointId: 'p-1', takenAt: '2026-11-22T10:00:00.000Z', disks: [disk] } });
};

const failing: JobScript = async (operations, job) => {
  await Promise.resolve();
  operations.finish(job, {
    state: 'failed',
    error: { code: 'CEPH_COMMAND', message: 'rbd failed; look at it', details: {} },
  });
};

describe('backup', () => {
  test('waits, tells each step and tenth on standard error, and the result on standard output', async () => {
    service.operations.script = backedUp;
    const { code, stdout, stderr } = await cli(['backup', 'web-01', '--full', '--cycle-days', '3']);
    const [job] = service.operations.jobs;
    assert.equal(code, 0);
    assert.deepEqual(stderr.split('\n'), [
      `backup of instance web-01: job ${job!.id} queued`,
      'backup of instance web-01: running',
      'backup of instance web-01: snapshots taken',
      'backup of instance web-01: 50 % (55 MiB of 100 MiB)',
      'backup of instance web-01: 100 % (100 MiB of 100 MiB)',
      'backup of instance web-01: a full: there is no point yet',
      'backup of instance web-01: succeeded',
      '',
    ]);
    assert.match(stdout, /\| point_id +\| p-1 /);
    assert.match(stdout, /\| disks +\| volume:v full \(the first\) 1\.21 KiB /);
    assert.equal(service.operations.backupRequests[0]!.full, true);
    assert.deepEqual(service.operations.backupRequests[0]!.cycle, { days: 3 });
  });

  test('what begins anew is counted anew', async () => {
    service.operations.script = async (operations, job) => {
      for (const bytesDone of [30, 70, 10, 40])
        operations.emit(job, 'progress', { bytesDone: bytesDone * 2 ** 20, bytesTotal: 100 * 2 ** 20 });
      await failing(operations, job);
    };
    const { stderr } = await cli(['backup', 'web-01']);
    assert.deepEqual(stderr.match(/\d+ %/g), ['30 %', '70 %', '40 %']);
  });

  test('a point id is all that a script needs', async () => {
    service.operations.script = backedUp;
    const { stdout } = await cli(['backup', '--volume', 'data', '-f', 'value', '-c', 'point_id']);
    assert.equal(stdout, 'p-1\n');
    assert.equal(service.operations.backupRequests[0]!.full, false);
  });

  test('--consistency is passed on, and a kind that is none is refused', async () => {
    service.operations.script = backedUp;
    assert.equal((await cli(['backup', 'web-01'])).code, 0);
    assert.equal((await cli(['backup', 'web-01', '--consistency', 'paused'])).code, 0);
    const asked = service.operations.backupRequests.map(({ consistency }) => consistency);
    assert.deepEqual(asked, ['crash', 'paused']);
    assert.equal((await cli(['backup', 'web-01', '--consistency', 'frozen'])).code, 2);
  });

  test('--bandwidth is passed on as a whole number of MiB', async () => {
    service.operations.script = backedUp;
    assert.equal((await cli(['backup', 'web-01', '--bandwidth', '20'])).code, 0);
    assert.equal(service.operations.backupRequests[0]!.bandwidthMib, 20);
    for (const wrong of ['0', '1.5', 'fast'])
      assert.equal((await cli(['backup', 'web-01', '--bandwidth', wrong])).code, 2);
  });

  test('--no-wait only starts it', async () => {
    const { code, stdout, stderr } = await cli(['backup', 'web-01', '--no-wait', '-f', 'json']);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.equal(JSON.parse(stdout).state, 'queued');
  });

  test('a failure is one line and the exit code of its family', async () => {
    service.operations.script = failing;
    const { code, stdout, stderr } = await cli(['backup', 'web-01']);
    assert.equal(code, 8);
    assert.equal(stdout, '');
    assert.equal(
      stderr.split('\n').at(-2),
      'emberkeep: backup of instance web-01 failed: rbd failed; look at it (CEPH_COMMAND, req-0)',
    );
  });

  test('of a pool, some may fail: exit 3, and all are listed', async () => {
    service.operations.script = (operations, job) =>
      (operations.jobs.indexOf(job) === 0 ? backedUp : failing)(operations, job);
    const { code, stdout, stderr } = await cli(
      ['backup', '--pool', 'volumes', '-f', 'csv', '-c', 'target', '-c', 'state'],
      {
        token: 'admin',
      },
    );
    assert.equal(code, 3);
    assert.equal(stdout, 'target,state\nimage volumes/a,succeeded\nimage volumes/b,failed\n');
    assert.match(stderr, /1 of 2 jobs did not succeed/);
    service.operations.reset();
    service.operations.script = failing;
    const none = await cli(['backup', '--pool', 'volumes'], { token: 'admin' });
    assert.equal(none.code, 8);
    assert.match(none.stderr, /all 2 jobs failed; the first: backup of image volumes\/a failed: rbd failed/);
  });

  test('a bar on a terminal, and names cannot steer it', async () => {
    service.operations.script = async (operations, job) => {
      operations.emit(job, 'log', { message: 'evil \u001b[2J' });
      await backedUp(operations, job);
    };
    const { code, stderr } = await cli(['backup', 'web-01'], { isTty: true });
    assert.equal(code, 0);
    assert.ok(stderr.includes('backup of instance web-01: evil \\u001b[2J\n'));
  });
});

describe('an interrupt', () => {
  const running = (run: CliRun): Promise<void> => until(() => run.said().includes('job '));

  test('leaves the job to a service elsewhere and says how to stop it', async () => {
    const run = startCli(['backup', 'web-01'], { endpoint: service.url });
    await running(run);
    run.interrupt();
    const { code, stderr } = await run.done;
    const [job] = service.operations.jobs;
    assert.equal(code, 130);
    assert.equal(job!.state, 'queued');
    assert.ok(stderr.includes(`job ${job!.id} goes on in the service at ${service.url}`));
    assert.ok(stderr.includes(`emberkeep job cancel ${job!.id}`));
    assert.match(stderr, /\nemberkeep: interrupted \(CANCELLED_BY_USER\)\n$/);
  });

  test('cancels the job when the service is this process', async () => {
    const own = await startFakeService();
    const run = startCli(['backup', 'web-01'], {
      startService: () => Promise.resolve({ url: own.url, stop: () => own.close() }),
    });
    await running(run);
    run.interrupt();
    const { code, stderr } = await run.done;
    assert.equal(code, 130);
    assert.equal(own.operations.jobs[0]!.state, 'cancelled');
    assert.match(stderr, /cancelling, and undoing/);
    assert.match(stderr, /job [0-9a-f-]+ cancelled\n/);
  });

  test('watching a job is not owning it', async () => {
    const job = service.operations.addJob({ kind: 'instance', name: 'web-01' });
    const run = startCli(['job', 'watch', job.id], { endpoint: service.url });
    await running(run);
    run.interrupt();
    assert.equal((await run.done).code, 130);
    assert.equal(job.state, 'queued');
  });

  test('of a listing gives up at once', async () => {
    const run = startCli(['job', 'list'], {
      endpoint: service.url,
      authenticate: async () => {
        run.interrupt();
        await Promise.resolve();
        return { token: 'member' };
      },
    });
    assert.equal((await run.done).code, 130);
  });
});

describe('without a service', () => {
  test('--no-wait is refused, since nobody would do the work', async () => {
    const own = await startFakeService();
    const line = ['backup', 'web-01', '--no-wait'];
    const { code, stderr } = await startCli(line, {
      startService: () => Promise.resolve({ url: own.url, stop: () => own.close() }),
    }).done;
    assert.equal(code, 2);
    assert.match(stderr, /start `emberkeep serve` first \(INPUT_NO_WAIT\)/);
    assert.equal(own.operations.jobs.length, 0);
  });
});

describe('job', () => {
  test('watch ends as the job ends', async () => {
    const job = service.operations.addJob({ kind: 'instance', name: 'web-01' });
    const run = startCli(['job', 'watch', job.id, '-f', 'value', '-c', 'state'], { endpoint: service.url });
    await until(() => run.said() !== '');
    await failing(service.operations, job);
    const { code, stdout } = await run.done;
    assert.deepEqual({ code, stdout }, { code: 8, stdout: 'failed\n' });
  });

  test('watch goes on when the service was away for a moment', async () => {
    const first = await startFakeService();
    const job = first.operations.addJob({ kind: 'instance', name: 'web-01' });
    const run = startCli(['job', 'watch', job.id], { endpoint: first.url });
    first.operations.emit(job, 'step', { step: 'one' });
    await until(() => run.said().includes('one'));
    await first.close();
    const port = Number(new URL(first.url).port);
    const second = await startFakeService({ operations: first.operations }, port);
    first.operations.emit(job, 'step', { step: 'two' });
    first.operations.finish(job, {});
    const { code, stderr } = await run.done;
    assert.equal(code, 0);
    assert.deepEqual(stderr.match(/: (one|two|succeeded)$/gm), [': one', ': two', ': succeeded']);
    await second.close();
  });
});

describe('restore', () => {
  const restored: JobScript = async (operations, job) => {
    await Promise.resolve();
    const { disks } = operations.restores.find(({ jobId }) => jobId === job.id)!;
    disks.push({
      diskKey: 'volume:v',
      sizeBytes: 2 ** 30,
      image: 'volumes/volume-n',
      newVolumeId: 'n',
      replacedVolumeId: 'v',
      device: '/dev/vdb',
      notes: ['the type is gone'],
    });
    operations.finish(job, { result: {} });
  };
  const replace = ['restore', 'web-01', '--at', 'yesterday', '--mode', 'replace', '--disk', '/dev/vdb'];
  beforeEach(() => {
    service.operations.script = restored;
    service.operations.addPoint('web-01', new Date('2026-11-21T08:00:00Z'));
  });

  test('brings volumes back unless told otherwise, and shows what it made', async () => {
    const { code, stdout } = await cli(['restore', 'web-01', '--name', 'again']);
    assert.equal(code, 0);
    assert.match(stdout, /\| new_volume_ids \| n /);
    assert.match(stdout, /volume:v -> volume n at \/dev\/vdb .*\n.*  instead of v, which is kept/);
    assert.match(stdout, /note: the type is gone/);
    assert.deepEqual(service.operations.restoreRequests[0], {
      point: { sourceKind: 'instance', nameOrId: 'web-01', at: 'latest' },
      mode: 'volume',
      disks: [],
      name: 'again',
      plain: false,
    });
  });

  test('yesterday is the whole day', async () => {
    await cli(['restore', 'web-01', '--at', 'yesterday']);
    const { point } = service.operations.restoreRequests[0]!;
    assert.deepEqual('at' in point && point.at, new Date('2026-11-21T23:59:59.999Z'));
  });

  test('an image comes back as an image', async () => {
    const point = service.operations.addPoint('volumes/a');
    point.kind = 'image';
    await cli(['restore', '--point', point.id]);
    await cli(['restore', '--image', 'volumes/a']);
    assert.deepEqual(
      service.operations.restoreRequests.map(({ mode }) => mode),
      ['image', 'image'],
    );
  });

  test('replacing needs a yes, and then restores the very point that was shown', async () => {
    const point = service.operations.points[0]!;
    const script = await cli(replace);
    assert.equal(script.code, 2);
    assert.match(script.stderr, /add --yes if you mean it \(INPUT_CONFIRM\)/);
    const no = await cli(replace, { isTty: true, input: 'n\n' });
    assert.equal(no.code, 130);
    assert.match(no.stderr, /not confirmed; nothing was changed/);
    assert.equal((await cli(replace, { isTty: true, input: '' })).code, 130);
    assert.equal(service.operations.restoreRequests.length, 0);
    const yes = await cli(replace, { isTty: true, input: 'yes\n' });
    assert.equal(yes.code, 0);
    assert.ok(yes.stderr.includes(`Recovery point ${point.id}: instance web-01 as of 2026-11-21T08:00:00Z.`));
    assert.deepEqual(service.operations.restoreRequests[0]?.point, { pointId: point.id });
    const beforehand = await cli([...replace, '--yes']);
    assert.equal(beforehand.code, 0);
    assert.deepEqual(service.operations.restoreRequests[1]?.disks, ['/dev/vdb']);
  });

  test('no point in time is not found', async () => {
    const { code, stderr } = await cli([
      'restore',
      'web-01',
      '--at',
      '2026-11-01',
      '--mode',
      'replace',
      '--yes',
    ]);
    assert.equal(code, 5);
    assert.match(stderr, /NOTFOUND_POINT/);
  });
});
