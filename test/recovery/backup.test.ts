import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkState } from './check-state.ts';
import type { KillOrder } from './kill-switch.ts';
import { killPoints, Relay, sweep } from './relay.ts';
import { openScene, type Scene } from './scene.ts';
import { writeRandomly } from './source-disk.ts';

let scene: Scene;
let relay: Relay;
let calls: number;

before(async () => {
  scene = await openScene('backup');
  relay = new Relay(scene);
  const first = await relay.run(scene.requestBackup);
  assert.equal(first.job.state, 'succeeded', JSON.stringify(first.job.error));
  await changeDisks();
  const increment = await relay.run(scene.requestBackup);
  assert.equal(increment.job.state, 'succeeded', JSON.stringify(increment.job.error));
  calls = increment.calls;
});
after(async () => {
  await scene.close();
});

async function changeDisks(): Promise<void> {
  await Promise.all(scene.disks.map((disk) => writeRandomly(scene.rbd, disk)));
}

/** A killed backup is resumed to its end, and everything is as if nothing had happened. */
async function survive(kill: KillOrder, again?: KillOrder): Promise<string> {
  await changeDisks();
  const { job, killed } = await relay.run(scene.requestBackup, kill, again);
  const where = killed === '' ? `not reached: ${JSON.stringify(kill)}` : killed;
  assert.equal(job.state, 'succeeded', `${where}: ${JSON.stringify(job.error)}`);
  await checkState(scene).catch((error: unknown) => {
    throw new Error(`after: ${where}`, { cause: error });
  });
  return where;
}

test('a backup killed between any two steps is resumed', sweep, async (t) => {
  for (const [index, call] of killPoints(t, calls, 6).entries()) {
    const moment = index % 2 === 0 ? 'before' : 'after';
    t.diagnostic(await survive({ attempt: 1, call, moment }));
  }
});

test('a backup killed again while it is resumed is resumed', sweep, async (t) => {
  for (const call of killPoints(t, calls, 2)) {
    const kill: KillOrder = { attempt: 1, call, moment: 'before' };
    t.diagnostic(await survive(kill, { attempt: 2, call: 1 + (call % 8), moment: 'after' }));
  }
});

test(
  'a backup killed in the middle of a step, with or without the programs that it started, is resumed',
  sweep,
  async (t) => {
    for (const [index, call] of killPoints(t, calls, 2).entries()) {
      t.diagnostic(await survive({ attempt: 1, call, moment: 'during', wholeGroup: index % 2 === 0 }));
    }
  },
);

test('a backup killed in the middle of a stream is resumed', async (t) => {
  t.diagnostic(await survive({ attempt: 1, call: 0, moment: 'before', streamBytes: 128 * 1024 }));
});
