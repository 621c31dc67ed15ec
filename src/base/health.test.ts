import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHealth, type HealthCheck } from './health.ts';

function fixture(cacheMs = 1000) {
  const state = { databaseWorks: true, cephWorks: true, asked: 0, nowMs: 0 };
  const answer = (works: boolean): Promise<void> => {
    state.asked += 1;
    return works ? Promise.resolve() : Promise.reject(new Error('away'));
  };
  const checks: HealthCheck[] = [
    { name: 'database', isEssential: true, run: () => answer(state.databaseWorks) },
    { name: 'ceph', isEssential: false, run: () => answer(state.cephWorks) },
  ];
  return { state, health: createHealth({ checks, timeoutMs: 1000, cacheMs, now: () => state.nowMs }) };
}

test('what every replica stands on does not make this one unready; what is its own does', async () => {
  const { state, health } = fixture(0);
  assert.deepEqual(await health.ready(), {
    ready: true,
    checks: [
      { name: 'database', ok: true },
      { name: 'ceph', ok: true },
    ],
  });
  state.cephWorks = false;
  assert.equal((await health.ready()).ready, true);
  assert.equal((await health.healthy()).ready, false);
  state.databaseWorks = false;
  assert.equal((await health.ready()).ready, false);
});

test('an answer is believed for a while, so that however many ask, it costs the same', async () => {
  const { state, health } = fixture();
  for (let time = 0; time < 5; time += 1) await Promise.all([health.ready(), health.healthy()]);
  assert.equal(state.asked, 2);
  state.nowMs = 1001;
  await health.ready();
  assert.equal(state.asked, 4);
});

test('one that hangs counts as away, and is not asked again while it hangs', async () => {
  let asked = 0;
  const never = new Promise<void>(() => undefined);
  const run = (): Promise<void> => {
    asked += 1;
    return never;
  };
  const checks = [{ name: 'store', isEssential: true, run }];
  const health = createHealth({ checks, timeoutMs: 5, cacheMs: 0, now: () => 0 });
  assert.equal((await health.ready()).ready, false);
  assert.equal((await health.ready()).ready, false);
  assert.equal(asked, 1);
});

test('once it is about to end it is not ready, and says so', async () => {
  const { health } = fixture();
  health.drain();
  const { ready, checks } = await health.ready();
  assert.equal(ready, false);
  assert.deepEqual(checks.at(-1), { name: 'staying', ok: false });
});
