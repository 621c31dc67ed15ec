import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { startCli, type CliOutcome } from '../../../test/support/cli-runner.ts';
import type { JobScript } from '../../../test/support/fake-operations.ts';
import { startFakeService, type FakeService } from '../../../test/support/fake-service.ts';
import { AppError } from '../../base/errors.ts';

let service: FakeService;
before(async () => {
  service = await startFakeService();
});
after(() => service.close());
beforeEach(() => service.operations.reset());

function cli(line: string[], token = 'member'): Promise<CliOutcome> {
  return startCli(line, { endpoint: service.url, token }).done;
}

function finding(result: Record<string, unknown>): JobScript {
  return async (operations, job) => {
    await Promise.resolve();
    operations.finish(job, { result });
  };
}

const intact = { points: 3, intact: 3, damaged: 0, unverified: 0, damagedPoints: [], unverifiedPoints: [] };

describe('verify', () => {
  test('shows what was found, with an exit code for damage and one for what could not be looked at', async () => {
    service.operations.script = finding(intact);
    const whole = await cli(['verify', '--all', '-f', 'value', '-c', 'intact']);
    assert.deepEqual([whole.code, whole.stdout], [0, '3\n']);

    service.operations.script = finding({
      ...intact,
      intact: 2,
      damaged: 1,
      damagedPoints: [{ pointId: 'p-1', sourceName: 'web-01', reason: 'a checksum' }],
    });
    const damaged = await cli(['verify', '--source', 'web-01', '--quick']);
    assert.equal(damaged.code, 9);
    assert.match(damaged.stderr, /1 of 3 points are damaged/);
    assert.match(damaged.stdout, /p-1 web-01: a checksum/);

    service.operations.script = finding({ ...intact, intact: 2, unverified: 1 });
    const unverified = await cli(['verify', '--all']);
    assert.equal(unverified.code, 3);
    assert.match(unverified.stderr, /1 of 3 points could not be verified/);
  });

  test('takes one thing and one level', async () => {
    const both = await cli(['verify', '--all', '--source', 'web-01']);
    assert.deepEqual([both.code, service.operations.jobs.length], [2, 0]);
    assert.match(both.stderr, /exclude each other/);
    assert.equal((await cli(['verify'])).code, 2);
    assert.equal((await cli(['verify', '--all', '--deep', '--quick'])).code, 2);
    const { code } = await cli(['verify', '--all', '--deep', '--no-wait']);
    assert.deepEqual([code, service.operations.jobs[0]?.target['level']], [0, 'deep']);
  });

  test('a point tells of its last verification', async () => {
    const point = service.operations.addPoint('web-01');
    const at = new Date('2026-11-22T11:00:00.000Z');
    Object.assign(point, { lastVerified: { at, level: 'deep', outcome: 'intact' }, lastProvenAt: at });
    const list = await cli(['point', 'list', '-f', 'value', '-c', 'Verified']);
    assert.match(list.stdout, /deep/);
    const table = await cli(['point', 'show', point.id]);
    assert.match(table.stdout, /last_verified \| deep 2026-11-22T11:00:00Z/);
    assert.match(table.stdout, /last_proven +\| 2026-11-22T11:00:00Z/);
  });
});

describe('catalog rebuild', () => {
  const rebuilt = { storeId: 's', dryRun: false, knownPoints: 1, addedPoints: 2, damagedPoints: 0 };

  test('is for administrators, and says what it brought back', async () => {
    assert.equal((await cli(['catalog', 'rebuild'])).code, 4);
    service.operations.script = finding({ ...rebuilt, unusedLinks: 0, problems: 0 });
    const whole = await cli(['catalog', 'rebuild', '-f', 'value', '-c', 'added_points'], 'admin');
    assert.deepEqual([whole.code, whole.stdout], [0, '2\n']);
  });

  test('tells that something is broken', async () => {
    service.operations.script = finding({ ...rebuilt, unusedLinks: 1, problems: 1 });
    const { code, stderr } = await cli(['catalog', 'rebuild', '--dry-run'], 'admin');
    assert.equal(code, 3);
    assert.match(stderr, /1 things in the store are broken or unused/);
    assert.equal(service.operations.jobs.at(-1)?.target['dryRun'], true);
  });

  test('tells the service which store is meant, whatever the directory that one is in', async () => {
    service.operations.script = finding({ ...rebuilt, unusedLinks: 0, problems: 0 });
    const meant: [string, string][] = [
      ['./copy', `${process.cwd()}/copy`],
      ['offsite', 'offsite'],
      ['/mnt/copy/', '/mnt/copy'],
      ['s3://backups/cloud-1', 's3://backups/cloud-1'],
    ];
    for (const [given, place] of meant) {
      await cli(['catalog', 'rebuild', '--store', given], 'admin');
      assert.equal(service.operations.jobs.at(-1)?.target['store'], place);
    }
    const jobs = service.operations.jobs.length;
    const { code, stderr } = await cli(['catalog', 'rebuild', '--store', 'https://gateway/backups'], 'admin');
    assert.deepEqual([code, service.operations.jobs.length], [2, jobs]);
    assert.match(stderr, /a directory or s3:\/\/BUCKET/);
  });

  test('never makes the store that it is to read', async () => {
    const run = startCli(['catalog', 'rebuild', '--store', '/mnt/copy'], {
      token: 'admin',
      startService: () => Promise.reject(new AppError('STORE_NOT_FOUND', 'there is no store')),
    });
    assert.notEqual((await run.done).code, 0);
    assert.equal(run.asked.started[0]?.storeExists, true);
  });
});
