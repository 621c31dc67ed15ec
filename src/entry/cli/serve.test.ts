import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { startCli } from '../../../test/support/cli-runner.ts';
import { startFakeService } from '../../../test/support/fake-service.ts';

test('a second interrupt of serve ends the wait for its jobs', async () => {
  const own = await startFakeService();
  const run = startCli(['serve'], {
    startService: () =>
      Promise.resolve({
        url: own.url,
        stop: async ({ hurry }) => {
          assert.equal(hurry.aborted, false);
          const hurried = once(hurry, 'abort');
          run.interrupt();
          await hurried;
          await own.close();
        },
      }),
  });
  while (!run.said().includes('listens on')) await new Promise(setImmediate);
  run.interrupt();
  const { code, stderr } = await run.done;
  assert.equal(code, 0);
  assert.match(stderr, /Stopping: .*\(once more: at once\)/);
});
