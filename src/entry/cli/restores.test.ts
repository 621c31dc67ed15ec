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
});
