import assert from 'node:assert/strict';
import { once, EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { Lock } from '../../drivers/catalog/locks.ts';
import { startScheduler } from './start-scheduler.ts';

function lockOf(controller = new AbortController(), onRelease = (): void => undefined): Lock {
  return {
    name: 'scheduler',
    signal: controller.signal,
    release: () => {
      onRelease();
      return Promise.resolve();
    },
  };
}

test('ticks again and again, one at a time, with the lock, and stops once the last one is through', async () => {
  const news = new EventEmitter();
  let running = 0;
  let released = 0;
  let ticks = 0;
  const stop = startScheduler({
    locks: { acquire: () => Promise.resolve(lockOf(undefined, () => void (released += 1))) },
    tick: async () => {
      running += 1;
      assert.equal(running, 1);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      ticks += 1;
      news.emit('tick');
    },
    onError: (_message, error) => assert.fail(String(error)),
    intervalMs: 1,
  });
  while (ticks < 3) await once(news, 'tick');
  await stop();
  assert.equal(running, 0);
  assert.equal(released, ticks);
});

test('a worker without the lock leaves the tick to the one that has it', async () => {
  const asked = new EventEmitter();
  const stop = startScheduler({
    locks: {
      acquire: () => {
        setImmediate(() => asked.emit('asked'));
        return Promise.resolve(undefined);
      },
    },
    tick: () => assert.fail('no lock, no tick'),
    onError: (_message, error) => assert.fail(String(error)),
    intervalMs: 1,
  });
  await once(asked, 'asked');
  await once(asked, 'asked');
  await stop();
});

test('a tick that fails is told and does not end the ticks; a lost lock and a stop end the tick under way', async () => {
  const news = new EventEmitter();
  const held = new AbortController();
  const told: string[] = [];
  let ticks = 0;
  const stop = startScheduler({
    locks: { acquire: () => Promise.resolve(lockOf(held)) },
    tick: async (signal) => {
      ticks += 1;
      news.emit('tick');
      if (ticks === 1) throw new Error('the database is away');
      if (!signal.aborted) await once(signal, 'abort');
      signal.throwIfAborted();
    },
    onError: (message) => void told.push(message),
    intervalMs: 1,
  });
  while (ticks < 2) await once(news, 'tick');
  assert.deepEqual(told, ['a tick of the scheduler failed']);
  held.abort(new Error('the lock was lost'));
  while (ticks < 3) await once(news, 'tick');
  assert.ok(told.length >= 2);
  const before = told.length;
  await stop();
  assert.ok(told.length >= before);
});
