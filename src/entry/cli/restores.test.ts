/** Restores in place, and what became of restores: list, show, undo. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { startCli, type CliOutcome } from '../../../test/support/cli-runner.ts';
import { startFakeService, type FakeService } from '../../../test/support/fake-service.ts';

let service: FakeService;
before(async () => {
  service = await startFakeService();
});
after(() => service.close());
beforeEach(() => {
  service.operations.reset();
  service.operations.script = async (operations, job) => {
    await Promise.resolve();
    operations.finish(job, { result: {} });
  };
  service.operations.addPoint('web-01', new Date('2026-11-21T08:00:00Z'));
});

function cli(line: string[]): Promise<CliOutcome> {
  return startCli(line, { endpoint: service.url }).done;
}

describe('restore', () => {
  test('in place needs a yes too, and the disk is shown with what is kept of it', async () => {
    service.operations.script = async (operations, job) => {
      await Promise.resolve();
      const restore = operations.restores.find(({ jobId }) => jobId === job.id)!;
      restore.undoUntil = new Date('2026-11-29T10:00:00Z');
      restore.disks.push({
        diskKey: 'volume:v',
        sizeBytes: 2 ** 30,
        image: 'volumes/volume-v',
        keptImage: 'volumes/emberkeep-undo-r-0',
        notes: [],
      });
      const image = 'volumes/volume-w';
      const keptSnapshot = `${image}@backup.r.snap.1`;
      restore.disks.push({ diskKey: 'volume:w', sizeBytes: 2 ** 30, image, keptSnapshot, notes: [] });
      operations.finish(job, { result: {} });
    };
    const inPlace = ['restore', 'web-01', '--mode', 'in-place'];
    const script = await cli(inPlace);
    assert.equal(script.code, 2);
    assert.match(script.stderr, /Stop the instance, put its disks back .* add --yes if you mean it/);
    const { code, stdout } = await cli([...inPlace, '--yes']);
    assert.equal(code, 0);
    assert.match(stdout, /\| undo_until +\| 2026-11-29T10:00:00Z/);
    assert.match(stdout, /volume:v in place \(volumes\/volume-v\).*\n.*kept as volumes\/emberkeep-undo-r-0/);
    assert.match(stdout, /kept as volumes\/volume-w@backup\.r\.snap\.1/);
  });

  test('what is kept is told of what is kept, and how far a restore is while it runs', async () => {
    await cli(['restore', 'web-01', '--mode', 'in-place', '--yes']);
    const restore = service.operations.restores[0]!;
    restore.progress = { bytesDone: 2 ** 29, bytesTotal: 3 * 2 ** 30 };
    const show = async (): Promise<string> => (await cli(['restore', 'show', restore.id])).stdout;
    assert.match(await show(), /\| progress +\| 16 % \(512 MiB of 3 GiB\)/);
    restore.progress = undefined;
    const image = 'volumes/volume-v';
    restore.disks.push({ diskKey: 'volume:v', sizeBytes: 2 ** 30, image, notes: ['a note'] });
    const expired = await show();
    assert.match(expired, /volume:v in place \(volumes\/volume-v\).*\n.*what was there is not kept any more/);
    assert.match(expired, /note: a note/);
    const replaced = { newVolumeId: 'n', replacedVolumeId: 'w', image: 'volumes/volume-n' };
    restore.disks.push({ diskKey: 'volume:w', sizeBytes: 2 ** 30, notes: [], ...replaced });
    restore.state = 'undone';
    const undone = await show();
    assert.match(undone, /volume:v as it was before the restore \(volumes\/volume-v\)/);
    assert.match(undone, /volume:w as it was before the restore with w/);
    assert.doesNotMatch(undone, /kept/);
    assert.match(undone, /\| new_volume_ids +\| +\|/);
  });

  test('restores are listed, shown and undone', async () => {
    await cli(['restore', 'web-01', '--mode', 'in-place', '--yes']);
    const { id } = service.operations.restores[0]!;
    assert.equal(
      (await cli(['restore', 'list', '-f', 'value', '-c', 'Mode', '--limit', '1'])).stdout,
      'in-place\n',
    );
    assert.match((await cli(['restore', 'show', id, '-f', 'yaml'])).stdout, /^undo_until: null$/m);
    service.operations.script = async (operations, job) => {
      await Promise.resolve();
      operations.finish(job, { result: { notes: ['volume n is kept'] } });
    };
    assert.match(
      (await cli(['restore', 'undo', id])).stderr,
      /Bring back what was there .* \(INPUT_CONFIRM\)/,
    );
    assert.match(
      (await cli(['restore', 'undo', id, '--mode', 'image'])).stderr,
      /restore undo takes no --mode \(INPUT_CONFLICT\)/,
    );
    const undone = await cli(['restore', 'undo', id, '--yes', '-f', 'json']);
    assert.equal(undone.code, 0);
    assert.match(undone.stderr, /note: volume n is kept/);
    assert.equal((JSON.parse(undone.stdout) as { state: string }).state, 'undone');
  });

  test('a plan is text for people, the structure for programs, and asks for no yes', async () => {
    const line = [
      'restore',
      'web-01',
      '--mode',
      'replace',
      '--disk',
      '/dev/vdb',
      '--name',
      "a'b c",
      '--plan',
    ];
    const { code, stdout } = await cli(line);
    assert.equal(code, 0);
    const { id } = service.operations.points[0]!;
    for (const part of [
      /^Restore of instance web-01 as of 2026-11-21T08:00:00Z with mode replace/,
      /It can be done\. Nothing has been changed\./,
      /1\. Detach the volume\./,
      /\(\/dev\/vdb\), 1 GiB: 2 MiB from the store, 8 MiB to be written/,
      /roughly 41 s, by the last 3 restores with this mode/,
      /how much cannot be told.* up to 4 MiB of it is in no point\): it stays on volume old/,
      /its flavor is gone/,
      new RegExp(`emberkeep restore --point ${id} --mode replace --disk /dev/vdb --name 'a'\\\\''b c'`),
    ])
      assert.match(stdout, part);
    const json = await cli([...line, '-f', 'json']);
    const plan = JSON.parse(json.stdout) as { duration_seconds: number; steps: object[]; losses: object[] };
    assert.deepEqual([plan.duration_seconds, plan.steps.length, plan.losses.length], [41.2, 1, 1]);
    assert.equal((await cli([...line, '-f', 'value', '-c', 'read_bytes'])).stdout, '2097152\n');
    assert.equal(service.operations.restores.length, 0, 'nothing was asked for');
    assert.deepEqual(service.operations.restoreRequests[0]?.disks, ['/dev/vdb']);
  });

  test('a plan that something stands against tells all of it, and exits with 6', async () => {
    const { code, stdout, stderr } = await cli(['restore', 'web-01', '--mode', 'in-place', '--plan']);
    assert.equal(code, 6);
    assert.equal(stderr, '');
    assert.match(stdout, /It cannot be done now: 2 problems\. Nothing has been changed\./);
    assert.match(
      stdout,
      /1\. the disk is smaller than it was; extend it to 2 GiB first \(CONFLICT_DISK_SIZE\)/,
    );
    assert.match(stdout, /2\. instance web-01 is PAUSED; start it first \(CONFLICT_INSTANCE_STATE\)/);
    assert.doesNotMatch(stdout, /To do this|How long/);
  });
});
