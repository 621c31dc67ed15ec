import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { errorOfAnswer, type ApiError } from './api-error.ts';
import type { Job } from './types.ts';
import { watchJob, type JobWatcher, type WatchOptions } from './watch-job.ts';

const job: Job = {
  id: 'j',
  kind: 'backup',
  state: 'running',
  project_id: 'p',
  target: {},
  step: null,
  progress: null,
  attempt: 1,
  request_id: 'req-1',
  cancel_requested: false,
  result: null,
  error: null,
  requested_by: { user_id: 'u', user_name: 'user' },
  created_at: '2026-11-27T10:00:00Z',
  started_at: null,
  finished_at: null,
};
const ended: Job = { ...job, state: 'succeeded' };

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let url: string;
/** What the service does with one connection after the other; the last one stays. */
let streams: Handler[];
let asked: (string | undefined)[];
let polls: number;
let polled: Job;

beforeEach(async () => {
  [streams, asked, polls, polled] = [[], [], 0, job];
  server = createServer((request, response) => {
    if (request.url === '/job') {
      polls += 1;
      response.end(JSON.stringify(polled));
      return;
    }
    asked.push(request.headers['last-event-id'] as string | undefined);
    const handle = streams.length > 1 ? streams.shift() : streams[0];
    handle?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function step(id: number, name: string): string {
  const event = { id, job_id: 'j', at: '2026-11-27T10:00:00Z', kind: 'step', data: { step: name } };
  return `id: ${id}\nevent: step\ndata: ${JSON.stringify(event)}\n\n`;
}

const progressText = `event: progress\ndata: ${JSON.stringify({ job_id: 'j', kind: 'progress', data: { bytes_done: 5, bytes_total: 10 } })}\n\n`;
const endText = `event: end\ndata: ${JSON.stringify(ended)}\n\n`;

function says(...texts: string[]): Handler {
  return (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    for (const text of texts) response.write(text);
    response.end();
  };
}

interface Heard {
  watcher: JobWatcher;
  steps: string[];
  progress: unknown[];
  connection: string[];
}

function listener(): Heard {
  const [steps, progress, connection]: [string[], unknown[], string[]] = [[], [], []];
  const watcher: JobWatcher = {
    event: ({ data }) => steps.push(String(data['step'])),
    progress: (data) => progress.push(data),
    connection: (state) => connection.push(state),
  };
  return { watcher, steps, progress, connection };
}

const pauses: number[] = [];

function options(signal = new AbortController().signal): WatchOptions {
  pauses.length = 0;
  return {
    open: async (lastEventId, until) => {
      const headers = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
      const response = await fetch(`${url}/events`, { headers, signal: until });
      if (!response.ok || response.body === null)
        throw errorOfAnswer(response.status, await response.json(), undefined);
      return response.body;
    },
    poll: async (until) => (await (await fetch(`${url}/job`, { signal: until })).json()) as Job,
    sleep: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
    signal,
  };
}

describe('watchJob', () => {
  test('tells events and progress in their order, and ends with the job', async () => {
    streams = [says(': still here\n\n', step(1, 'planned'), progressText, step(2, 'imported'), endText)];
    const heard = listener();
    assert.deepEqual(await watchJob(heard.watcher, options()), ended);
    assert.deepEqual(heard.steps, ['planned', 'imported']);
    assert.deepEqual(heard.progress, [{ bytes_done: 5, bytes_total: 10 }]);
    assert.equal(polls, 0);
  });

  test('an event that comes in pieces, with CRLF and over several characters, is one event', async () => {
    const text = step(1, '已完成').replaceAll('\n', '\r\n') + endText;
    streams = [
      (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        const bytes = Buffer.from(text);
        const send = (at: number): void => {
          if (at >= bytes.length) response.end();
          else response.write(bytes.subarray(at, at + 7), () => setImmediate(send, at + 7));
        };
        send(0);
      },
    ];
    const heard = listener();
    await watchJob(heard.watcher, options());
    assert.deepEqual(heard.steps, ['已完成']);
  });

  test('goes on after the last event that it saw when the connection is cut', async () => {
    streams = [
      (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write(step(7, 'planned'), () => setTimeout(() => response.destroy(), 20));
      },
      says(step(8, 'imported'), endText),
    ];
    const heard = listener();
    await watchJob(heard.watcher, options());
    assert.deepEqual(asked, [undefined, '7']);
    assert.deepEqual(heard.steps, ['planned', 'imported']);
    assert.deepEqual(heard.connection, ['live', 'lost', 'live']);
  });

  test('where no stream gets through it asks for the job, with pauses that grow to a bound', async () => {
    let refused = 0;
    streams = [
      (_request, response) => {
        refused += 1;
        if (refused === 9) polled = ended;
        else polled = { ...job, progress: { bytes_done: refused, bytes_total: 10 } };
        response.writeHead(502).end('{}');
      },
    ];
    const heard = listener();
    assert.deepEqual(await watchJob(heard.watcher, options()), ended);
    assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
    assert.equal(heard.progress.length, 8);
  });

  test('a session that is over ends it: another try would not help', async () => {
    const error = { code: 401, type: 'AUTH_SESSION', message: 'sign in again', request_id: 'req-9' };
    streams = [(_request, response) => response.writeHead(401).end(JSON.stringify({ error }))];
    await assert.rejects(watchJob(listener().watcher, options()), (thrown: ApiError) => {
      assert.deepEqual([thrown.status, thrown.type, thrown.requestId], [401, 'AUTH_SESSION', 'req-9']);
      return true;
    });
    assert.equal(pauses.length, 0);
  });

  test('leaving the page ends it and closes the connection', async () => {
    const left = new AbortController();
    const closed = new Promise<void>((resolve) => {
      streams = [
        (request, response) => {
          request.on('close', resolve);
          response.writeHead(200, { 'Content-Type': 'text/event-stream' });
          response.write(step(1, 'planned'), () => setTimeout(() => left.abort(), 20));
        },
      ];
    });
    assert.equal(await watchJob(listener().watcher, options(left.signal)), undefined);
    await closed;
  });
});
