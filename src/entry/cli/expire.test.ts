import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startCli, type CliOutcome, type CliRunOptions } from '../../../test/support/cli-runner.ts';
import { startFakeService, type FakeService } from '../../../test/support/fake-service.ts';

let service: FakeService;
before(async () => {
  service = await startFakeService();
});
after(() => service.close());
beforeEach(() => {
  service.operations.reset();
  service.operations.script = (operations, job) => {
    operations.finish(job, {
      result: { pointIds: ['a'], droppedLinks: 1, foldedLinks: 2, freedBytes: 4096, stays: [] },
    });
    return Promise.resolve();
  };
});

function cli(line: string[], options: CliRunOptions = {}): Promise<CliOutcome> {
  return startCli(line, { endpoint: service.url, ...options }).done;
}

test('a dry run lists the points with the reasons of those that stay, and changes nothing', async () => {
  const old = service.operations.addPoint('web-01');
  const newest = service.operations.addPoint('web-01');
  const { code, stdout, stderr } = await cli(
    'expire --source web-01 --keep-daily 7 --keep-within 3 --dry-run -f csv -c ID -c Verdict -c Why'.split(
      ' ',
    ),
  );
  assert.deepEqual(stdout.trimEnd().split('\n'), [
    'ID,Verdict,Why',
    `${newest.id},stays,"[""newest""]"`,
    `${old.id},goes,[]`,
  ]);
  assert.match(
    stderr,
    /instance web-01: 1 of 2 points go, which frees 1 MiB to 2 MiB; needs up to 2 MiB more/,
  );
  assert.equal(code, 0);
  const [request] = service.operations.expirationRequests;
  assert.equal(request?.dryRun, true);
  assert.deepEqual([request.rules.keepDaily, request.rules.keepWithinDays, request.strategy], [7, 3, 'fold']);
  assert.equal(service.operations.jobs.length, 0);
});

test('asks first, does it, and says what came of it', async () => {
  service.operations.addPoint('web-01');
  service.operations.addPoint('web-01');
  const line = ['expire', '--source', 'web-01', '--keep-last', '1', '-f', 'json'];
  const refused = await cli(line, { isTty: true, input: 'n\n' });
  assert.equal(refused.code, 130);
  assert.match(refused.stderr, /Delete recovery point .* for ever\?/);
  const silent = await cli(line);
  assert.equal(silent.code, 2);
  assert.match(silent.stderr, /--yes/);
  assert.equal(service.operations.jobs.length, 0);

  const { code, stdout } = await cli([...line, '--yes']);
  assert.equal(code, 0);
  const [job] = service.operations.jobs;
  assert.deepEqual(JSON.parse(stdout), [
    {
      Job: job?.id,
      Target: 'instance web-01',
      State: 'succeeded',
      'Deleted Points': 1,
      'Dropped Links': 1,
      'Folded Links': 2,
      Freed: 4096,
    },
  ]);
});

test('point delete names points; only --yes lets the newest go', async () => {
  const points = [service.operations.addPoint('web-01'), service.operations.addPoint('web-01')];
  const ids = points.map(({ id }) => id);
  assert.equal((await cli(['point', 'delete', ...ids], { isTty: true, input: 'y\n' })).code, 0);
  assert.equal((await cli(['point', 'delete', ids[0] ?? '', '--yes'])).code, 0);
  const requests = service.operations.expirationRequests.filter(({ dryRun }) => !dryRun);
  assert.deepEqual(
    requests.map(({ of, allowNewest }) => [of, allowNewest]),
    [
      [{ points: ids }, false],
      [{ points: [ids[0]] }, true],
    ],
  );
});

test('refuses what contradicts itself before it asks the service', async () => {
  for (const [line, code] of [
    ['expire --keep-last 3', 'INPUT_MISSING'],
    ['expire --all --source web-01', 'INPUT_CONFLICT'],
    ['expire --all --dry-run --yes', 'INPUT_CONFLICT'],
    ['expire --all --keep-last 0', 'INPUT_NUMBER'],
    ['expire --all --yes -c Verdict', 'INPUT_COLUMN'],
    ['point delete web-01', 'INPUT_ID'],
  ] as const) {
    const outcome = await cli(line.split(' '));
    assert.match(outcome.stderr, new RegExp(code), line);
    assert.equal(outcome.code, 2, line);
  }
  assert.deepEqual(service.operations.expirationRequests, []);
});
