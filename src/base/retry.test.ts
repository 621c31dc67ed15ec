import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AppError } from './errors.ts';
import { backoffDelayMs, retry, sleep } from './retry.ts';

const backoff = { attempts: 4, firstDelayMs: 100, maxDelayMs: 1000 };

function recordingSleep(): { waits: number[]; sleep: (ms: number) => Promise<void> } {
  const waits: number[] = [];
  return { waits, sleep: (ms) => (waits.push(ms), Promise.resolve()) };
}

test('a delay grows to its ceiling and keeps at least half of it', () => {
  assert.equal(
    backoffDelayMs(1, backoff, () => 0),
    50,
  );
  assert.equal(
    backoffDelayMs(3, backoff, () => 1),
    400,
  );
  assert.equal(
    backoffDelayMs(30, backoff, () => 1),
    1000,
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempt, r) => {
        const delayMs = backoffDelayMs(attempt, backoff, () => r);
        return delayMs >= 50 && delayMs <= 1000;
      },
    ),
  );
});

test('retries until it succeeds, and tells the operation which attempt it is', async () => {
  const { waits, sleep: fake } = recordingSleep();
  const seen: number[] = [];
  const result = await retry(
    (attempt) => {
      seen.push(attempt);
      return attempt < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve('done');
    },
    { ...backoff, sleep: fake, random: () => 0, shouldRetry: () => true },
  );
  assert.equal(result, 'done');
  assert.deepEqual(seen, [1, 2, 3]);
  assert.deepEqual(waits, [50, 100]);
});

test('gives the last error when the attempts are used up or the failure is final', async () => {
  const { waits, sleep: fake } = recordingSleep();
  const failing = (attempt: number): Promise<never> => Promise.reject(new Error(`no ${attempt}`));
  await assert.rejects(retry(failing, { ...backoff, sleep: fake, shouldRetry: () => true }), /no 4/);
  assert.equal(waits.length, 3);
  await assert.rejects(retry(failing, { ...backoff, sleep: fake, shouldRetry: () => false }), /no 1/);
});

test('waits at least as long as the other side asked', async () => {
  const { waits, sleep: fake } = recordingSleep();
  await retry((attempt) => (attempt === 1 ? Promise.reject(new Error('busy')) : Promise.resolve(1)), {
    ...backoff,
    sleep: fake,
    random: () => 0,
    shouldRetry: () => 7000,
  });
  assert.deepEqual(waits, [7000]);
});

test('an aborted signal ends the wait and the loop as CANCELLED_', async () => {
  const controller = new AbortController();
  const waiting = retry(() => Promise.reject(new Error('down')), {
    ...backoff,
    firstDelayMs: 60_000,
    maxDelayMs: 60_000,
    signal: controller.signal,
    shouldRetry: () => true,
  });
  setImmediate(() => controller.abort());
  await assert.rejects(waiting, { code: 'CANCELLED_BY_CALLER' });
  await assert.rejects(sleep(1, controller.signal), { code: 'CANCELLED_BY_CALLER' });
});

test('a reason that is one of our errors is kept', async () => {
  const reason = new AppError('CANCELLED_BY_ADMIN', 'An administrator stopped the job.');
  await assert.rejects(sleep(1, AbortSignal.abort(reason)), { code: 'CANCELLED_BY_ADMIN' });
});
