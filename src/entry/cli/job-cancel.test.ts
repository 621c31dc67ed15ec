import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startCli, type CliOutcome } from '../../../test/support/cli-runner.ts';
import { startFakeService, type FakeService } from '../../../test/support/fake-service.ts';

let service: FakeService;
before(async () => {
  service = await startFakeService();
});
after(() => service.close());

function cli(line: string[]): Promise<CliOutcome> {
  return startCli(line, { endpoint: service.url }).done;
}

test('a job is cancelled once', async () => {
  const job = service.operations.addJob({ kind: 'instance', name: 'web-01' });
  const { code, stdout } = await cli(['job', 'cancel', job.id, '-f', 'value', '-c', 'state']);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: 'cancelled\n' });
  assert.equal((await cli(['job', 'cancel', job.id])).code, 6);
});
