import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readServerSentEvents, type ServerSentEvent } from './server-sent-events.ts';

/** The text in chunks that end anywhere, within characters too. */
async function read(text: string, cuts: number[] = []): Promise<ServerSentEvent[]> {
  const bytes = Buffer.from(text);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    let from = 0;
    for (const to of ends) {
      await Promise.resolve();
      yield bytes.subarray(from, to);
      from = to;
    }
  }
  const events: ServerSentEvent[] = [];
  for await (const event of readServerSentEvents(chunks())) events.push(event);
  return events;
}

test('events, comments, line ends and what is unfinished', async () => {
  assert.deepEqual(
    await read(
      'id: 1\nevent: step\ndata: {"a":1}\n\n: still here\n\ndata:x\r\ndata: y\r\n\r\nevent: cut\ndata: z\n',
    ),
    [
      { id: '1', event: 'step', data: '{"a":1}' },
      { id: '1', event: 'message', data: 'x\ny' },
    ],
  );
  assert.deepEqual(await read(''), []);
});

test('the events do not depend on how the stream is cut', async () => {
  const event = fc.record({ id: fc.nat(), event: fc.constantFrom('step', 'log'), data: fc.json() });
  await fc.assert(
    fc.asyncProperty(fc.array(event), fc.array(fc.nat({ max: 5000 })), async (events, cuts) => {
      const text = events
        .map(({ id, event: kind, data }) => `: hi\nid: ${id}\nevent: ${kind}\ndata: ${data}\n\n`)
        .join('');
      const expected = events.map(({ id, event: kind, data }) => ({ id: String(id), event: kind, data }));
      assert.deepEqual(await read(text, cuts), expected);
    }),
  );
});
