import assert from 'node:assert/strict';
import { test } from 'node:test';
import { releaseMemory, releasingChunks } from './memory.ts';

const size = 64 * 1024;

test('a buffer that owns its memory is empty afterwards, a second time changes nothing', () => {
  const bytes = Buffer.alloc(size, 1);
  releaseMemory(bytes);
  releaseMemory(bytes);
  assert.equal(bytes.length, 0);
});

test('a little room behind a buffer is no other buffer', () => {
  const bytes = Buffer.alloc(size + 64, 1).subarray(0, size);
  releaseMemory(bytes);
  assert.equal(bytes.length, 0);
});

test('a part of a larger buffer and a small one keep their bytes', () => {
  const whole = Buffer.alloc(2 * size, 1);
  releaseMemory(whole.subarray(0, size));
  assert.equal(whole.length, 2 * size);
  const small = Buffer.from('small');
  releaseMemory(small);
  assert.equal(small.toString(), 'small');
});

test('a chunk stands until the next one is asked for', async () => {
  // eslint-disable-next-line @typescript-eslint/require-await -- an async source with nothing to wait for
  async function* source(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(size, 1);
    yield Buffer.alloc(size, 2);
  }
  const passed: number[] = [];
  const stream = releasingChunks(source(), (bytes) => passed.push(bytes));
  const first = (await stream.next()).value;
  assert.ok(first);
  assert.equal(first[size - 1], 1);
  const second = (await stream.next()).value;
  assert.equal(first.length, 0);
  assert.equal(second?.[0], 2);
  assert.equal((await stream.next()).done, true);
  assert.deepEqual(passed, [size, size]);
});
