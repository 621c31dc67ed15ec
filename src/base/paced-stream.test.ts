import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from './paced-stream.ts';
import { cancelled } from './retry.ts';

const mib = 1024 * 1024;

/** A time that passes only while somebody sleeps. */
class VirtualTime {
  nowMs = 5_000;
  #sleepers: { untilMs: number; wake: () => void }[] = [];

  readonly clock = { now: (): Date => new Date(this.nowMs) };

  readonly sleep = (delayMs: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(cancelled(signal)));
      // Like a timer, never early; dates have whole milliseconds.
      this.#sleepers.push({ untilMs: Math.ceil(this.nowMs + delayMs), wake: resolve });
    });

  /** Until nobody sleeps any more. */
  async run(): Promise<void> {
    for (;;) {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      const next = this.#sleepers.toSorted((a, b) => a.untilMs - b.untilMs)[0];
      if (next === undefined) return;
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next);
      this.nowMs = Math.max(this.nowMs, next.untilMs);
      next.wake();
    }
  }
}

function paceOn({ clock, sleep }: VirtualTime, bytesPerSecond: number): Pace {
  return new Pace({ bytesPerSecond, clock, sleep });
}

async function* chunks(...sizes: number[]): AsyncGenerator<Buffer> {
  for (const size of sizes) {
    await Promise.resolve();
    yield Buffer.alloc(size, size % 251);
  }
}

async function read(stream: AsyncIterable<Buffer>, onChunk?: (chunk: Buffer) => void): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    onChunk?.(chunk);
  }
  return bytes;
}

test('all streams together are as fast as the bandwidth allows, not faster and not slower', async () => {
  const time = new VirtualTime();
  const pace = paceOn(time, 10 * mib);
  const done = Promise.all([
    read(pace.pass(chunks(8 * mib, 8 * mib, 4 * mib))),
    read(pace.pass(chunks(...Array.from({ length: 60 }, () => mib / 2)))),
    read(pace.pass(chunks(30 * mib))),
  ]);
  await time.run();
  assert.deepEqual(await done, [20 * mib, 30 * mib, 30 * mib]);
  // 80 MiB, of which the first 2.5 are the burst.
  assert.ok(Math.abs(time.nowMs - 5_000 - 7_750) < 100, `${time.nowMs}`);
});

test('neither stream waits for the other to end', async () => {
  const time = new VirtualTime();
  const pace = paceOn(time, mib);
  const ends: string[] = [];
  const long = read(pace.pass(chunks(40 * mib))).then(() => ends.push('long'));
  const short = read(pace.pass(chunks(5 * mib))).then(() => ends.push('short'));
  await time.run();
  await Promise.all([long, short]);
  assert.deepEqual(ends, ['short', 'long']);
});

test('I11: the source is read no further than what has passed', async () => {
  const time = new VirtualTime();
  const pace = paceOn(time, mib);
  let given = 0;
  async function* source(): AsyncGenerator<Buffer> {
    for await (const chunk of chunks(...Array.from({ length: 20 }, () => mib))) {
      given += 1;
      yield chunk;
    }
  }
  let passed = 0;
  const done = read(pace.pass(source()), () => {
    passed += 1;
    assert.ok(given - passed <= 1, `${given} read, ${passed} passed`);
  });
  await time.run();
  assert.equal(await done, 20 * mib);
});

test('the bytes are the same, in slices', async () => {
  const time = new VirtualTime();
  const pace = paceOn(time, mib);
  const pieces: Buffer[] = [];
  const source = Buffer.from(Array.from({ length: 3_500_000 }, (_, index) => index % 253));
  const done = read(pace.pass([source] as unknown as AsyncIterable<Buffer>), (chunk) => pieces.push(chunk));
  await time.run();
  await done;
  assert.equal(pieces.length, 4);
  assert.ok(Buffer.concat(pieces).equals(source));
});

test('a wait ends at once when it is cancelled, and the source is closed', async () => {
  const time = new VirtualTime();
  const pace = paceOn(time, 1);
  const controller = new AbortController();
  let closed = false;
  async function* source(): AsyncGenerator<Buffer> {
    try {
      yield* chunks(mib, mib);
    } finally {
      closed = true;
    }
  }
  const done = read(pace.pass(source(), controller.signal), () => setImmediate(() => controller.abort()));
  await assert.rejects(done, { code: 'CANCELLED_BY_CALLER' });
  assert.ok(closed);
});
