import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import type { Job } from '../../domain/job.ts';
import type { ErrorBody } from './error-response.ts';
import { projectOf } from '../../../test/support/fake-cloud.ts';
import { startFakeService, type FakeService } from '../../../test/support/fake-service.ts';

let service: FakeService;
before(async () => {
  service = await startFakeService({ heartbeatMs: 5, progressMs: 5 });
});
after(() => service.close());

function open(
  job: Pick<Job, 'id'>,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${service.url}/v1/jobs/${job.id}/events`, {
    headers: { 'x-auth-token': 'member', ...headers },
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Reads until the text so far satisfies the test, or to the end. */
async function readUntil(response: Response, isEnough: (text: string) => boolean): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (isEnough(text)) break;
  }
  return text;
}

interface EventData {
  id?: number;
  data?: Record<string, unknown>;
  state?: string;
  result?: unknown;
  error?: { type: string };
}

function eventsIn(text: string): { id: string | undefined; event: string; data: EventData }[] {
  return text
    .split('\n\n')
    .filter((block) => block.includes('data: '))
    .map((block) => ({
      id: /^id: (.*)$/m.exec(block)?.[1],
      event: /^event: (.*)$/m.exec(block)![1]!,
      data: JSON.parse(/^data: (.*)$/m.exec(block)![1]!) as EventData,
    }));
}

function aRunningJob(): Job {
  return service.operations.addJob({ kind: 'instance', id: 'i', name: 'web-01' });
}

describe('a job seen as server-sent events', () => {
  test('past and coming events arrive in order and the job ends the stream', async () => {
    const job = aRunningJob();
    service.operations.emit(job, 'step', { step: 'snapshot', camelCase: 1 });
    service.operations.emit(job, 'log', { message: 'web-01 was paused for 31 ms' });
    const response = await open(job);
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    assert.equal(response.headers.get('cache-control'), 'no-store');
    setImmediate(() => {
      service.operations.emit(job, 'progress', { bytesDone: 5, bytesTotal: 10 });
      service.operations.finish(job, { result: { pointId: 'p' } });
    });
    const events = eventsIn(await readUntil(response, () => false));
    assert.deepEqual(
      events.map(({ event }) => event),
      ['step', 'log', 'progress', 'state', 'end'],
    );
    assert.deepEqual(events[0]!.data.data, { step: 'snapshot', camel_case: 1 });
    assert.deepEqual(events[1]!.data.data, {
      message: 'web-01 was paused for 31 ms',
      code: 'paused',
      params: { name: 'web-01', ms: '31' },
    });
    assert.equal(events[2]!.id, String(events[2]!.data.id));
    assert.deepEqual(events[2]!.data.data, { bytes_done: 5, bytes_total: 10 });
    assert.equal(events[4]!.id, undefined);
    assert.equal(events[4]!.data.state, 'succeeded');
    assert.deepEqual(events[4]!.data.result, { point_id: 'p' });
  });

  test('a client that comes again goes on after the last event it saw', async () => {
    const job = aRunningJob();
    const first = service.operations.emit(job, 'step', { step: 'one' });
    const leaving = new AbortController();
    const early = await open(job, {}, leaving.signal);
    assert.match(await readUntil(early, (text) => text.includes('"one"')), /"one"/);
    service.operations.emit(job, 'step', { step: 'two' });
    service.operations.finish(job, {});
    const again = eventsIn(
      await readUntil(await open(job, { 'last-event-id': String(first.id) }), () => false),
    );
    assert.deepEqual(
      again.map(({ event, data }) => data.data?.['step'] ?? event),
      ['two', 'state', 'end'],
    );
  });

  test('progress is told as it stands, without an id', async () => {
    const job = aRunningJob();
    Object.assign(job, { state: 'running', progress: { bytesDone: 5, bytesTotal: 10, storedBytes: 3 } });
    const response = await open(job);
    const text = await readUntil(response, (sofar) => sofar.includes('progress'));
    const [told] = eventsIn(text);
    assert.equal(told!.id, undefined);
    assert.deepEqual(told!.data.data, { stored_bytes: 3, bytes_done: 5, bytes_total: 10 });
  });

  test('comments keep an idle stream open', async () => {
    const job = aRunningJob();
    const leaving = new AbortController();
    const text = await readUntil(
      await open(job, {}, leaving.signal),
      (sofar) => sofar.split(': still here').length > 3,
    );
    leaving.abort();
    assert.match(text, /^(: still here\n\n)+$/);
  });

  test('what goes wrong before the stream is an ordinary answer', async () => {
    const foreign = service.operations.addJob({ kind: 'volume' }, 'backup', projectOf('other'));
    const refused = await open(foreign);
    assert.equal(refused.status, 404);
    assert.equal(((await refused.json()) as ErrorBody).error.type, 'NOTFOUND_RESOURCE');
    const odd = await open(aRunningJob(), { 'last-event-id': 'x' });
    assert.equal(odd.status, 400);
    assert.match(((await odd.json()) as ErrorBody).error.message, /Last-Event-ID/);
  });

  test('what goes wrong within it is its last event', async () => {
    const job = aRunningJob();
    const watch = service.operations.watchJob.bind(service.operations);
    service.operations.watchJob = async function* () {
      await Promise.resolve();
      throw new AppError('CATALOG_CONNECT', 'the catalog does not answer; try again later');
    };
    const events = eventsIn(await readUntil(await open(job), () => false));
    service.operations.watchJob = watch;
    assert.equal(events.at(-1)!.event, 'error');
    assert.equal(events.at(-1)!.data.error?.type, 'CATALOG_CONNECT');
  });

  test('closing the service ends open streams and leaves nothing behind', async () => {
    const other = await startFakeService({ heartbeatMs: 5 });
    const job = other.operations.addJob({ kind: 'volume' });
    const response = await fetch(`${other.url}/v1/jobs/${job.id}/events`, {
      headers: { 'x-auth-token': 'member' },
    });
    const reader = response.body!.getReader();
    await reader.read();
    await other.close();
    for (let done = false; !done;) ({ done } = await reader.read());
    await assert.rejects(fetch(`${other.url}/livez`));
  });
});
