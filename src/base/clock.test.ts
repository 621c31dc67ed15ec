import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockFrom, steadyClock, systemClock } from './clock.ts';

const dayMs = 86_400_000;

test('a steady clock goes on when the clock of the host is set', (t) => {
  for (const jumpMs of [dayMs, -dayMs]) {
    const before = steadyClock.now().getTime();
    const real = Date.now();
    t.mock.timers.enable({ apis: ['Date'], now: real + jumpMs });
    const passedMs = steadyClock.now().getTime() - before;
    assert.ok(Math.abs(systemClock.now().getTime() - real) > dayMs / 2, 'the host’s clock was set');
    t.mock.timers.reset();
    assert.ok(passedMs >= 0 && passedMs < dayMs / 2, `${passedMs} ms`);
  }
});

test('a clock from an instant on shows nothing before it', () => {
  let nowMs = 1_000;
  const clock = clockFrom({ now: () => new Date(nowMs) }, new Date(2_000));
  assert.equal(clock.now().getTime(), 2_000);
  nowMs = 3_000;
  assert.equal(clock.now().getTime(), 3_000);
});
