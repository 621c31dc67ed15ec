import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startCli, type CliOutcome } from '../../../test/support/cli-runner.ts';
import { startFakeService, type FakeService } from '../../../test/support/fake-service.ts';

let service: FakeService;
before(async () => {
  service = await startFakeService();
});
after(() => service.close());
beforeEach(() => {
  service.operations.reset();
  service.operations.addPoint('web-01', new Date('2026-11-21T08:00:00Z'));
  service.operations.script = async (operations, job) => {
    await Promise.resolve();
    const restore = operations.restores.find(({ jobId }) => jobId === job.id);
    assert.ok(restore);
    const notes = ['10.0.0.5 is in use'];
    restore.instance = { instanceId: 'i-2', name: 'again', flavor: 'm1.large', notes };
    operations.finish(job, { result: {} });
  };
});

function cli(...line: string[]): Promise<CliOutcome> {
  return startCli(line, { endpoint: service.url }).done;
}

const asked = ['restore', 'web-01', '--mode', 'instance'];

test('shows the new instance, and what came out otherwise', async () => {
  const { code, stdout } = await cli(...asked);
  assert.equal(code, 0);
  assert.match(stdout, /\| instance_id +\| i-2 /);
  assert.match(stdout, /again \(m1\.large\) .*\n.*  note: 10\.0\.0\.5 is in use/);
  assert.equal((await cli(...asked, '-f', 'value', '-c', 'instance_id')).stdout, 'i-2\n');
  assert.equal(service.operations.restoreRequests[0]?.instance, undefined);
});

test('what it is to have instead goes along', async () => {
  const more = ['--name', 'again', '--flavor', 'm1.large', '--key-name', 'mine'];
  await cli(...asked, ...more, '--network', 'blue', '--network', 'green');
  await cli(...asked, '--network', 'none', '--availability-zone', 'az2');
  assert.deepEqual(
    service.operations.restoreRequests.map(({ name, instance }) => ({ name, instance })),
    [
      {
        name: 'again',
        instance: {
          flavor: 'm1.large',
          networks: ['blue', 'green'],
          keyName: 'mine',
          availabilityZone: undefined,
        },
      },
      {
        name: undefined,
        instance: { flavor: undefined, networks: [], keyName: undefined, availabilityZone: 'az2' },
      },
    ],
  );
});

test('another mode takes none of it', async () => {
  const { code, stderr } = await cli('restore', 'web-01', '--flavor', 'm1.large');
  assert.equal(code, 2);
  assert.match(stderr, /are for --mode instance \(INPUT_CONFLICT\)/);
  assert.equal(service.operations.restoreRequests.length, 0);
});
