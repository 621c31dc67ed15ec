import { once } from 'node:events';
import type { Request, Response } from 'express';
import { AppError } from '../../base/errors.ts';
import type { Caller } from '../../domain/access.ts';
import type { ApiDeps } from './api-deps.ts';
import { errorBody } from './error-response.ts';
import { requestIdOf } from './request-context.ts';
import { jobEventSchema, presentJob, presentJobEvent, presentProgress } from './resources/job.ts';
import { describeRoute, readRequest, toExpressPath, type RouteTable } from './route.ts';
import { idParams } from './schemas/common.ts';
import { z } from './zod.ts';

const defaultHeartbeatMs = 15_000;
const defaultProgressMs = 1000;

const eventsRoute = {
  method: 'get',
  path: '/v1/jobs/{id}/events',
  operationId: 'watchJob',
  summary: 'Follow a job as server-sent events',
  description:
    'Events named step, log and state carry a JobEvent; those named progress have no id and carry the progress in ' +
    'their data; the last one, named end, carries the Job itself. ' +
    'A client that lost the connection sends the last id it saw as Last-Event-ID and goes on from there.',
  tag: 'jobs',
  params: idParams,
  query: z.strictObject({}),
} as const;

/** Serves a job's events; `stopping` ends the open streams, and their clients come again elsewhere. */
export function addJobEventsRoute(table: RouteTable, deps: ApiDeps, stopping: AbortSignal): void {
  // No answer holds one as JSON, so the document would not have it; clients need its shape all the same.
  table.registry.register('JobEvent', jobEventSchema);
  describeRoute(table, eventsRoute, {
    200: { description: 'The events.', content: { 'text/event-stream': { schema: z.string() } } },
  });
  table.router.get(toExpressPath(eventsRoute.path), async (http: Request, response: Response) => {
    const { caller, params } = readRequest(eventsRoute, http, response);
    const afterEventId = lastEventId(http);
    // Authorises before the headers go out: a foreign job answers 404 as any other request for it (I7).
    await deps.operations.showJob(caller, params.id);
    openStream(response);
    if (http.method === 'HEAD') {
      response.end();
      return;
    }
    const left = new AbortController();
    response.once('close', () => left.abort());
    const signal = AbortSignal.any([left.signal, stopping]);
    const timers = [
      setInterval(() => beat(response), deps.heartbeatMs ?? defaultHeartbeatMs),
      setInterval(
        progressTeller(response, deps, caller, params.id, signal),
        deps.progressMs ?? defaultProgressMs,
      ),
    ];
    try {
      await sendEvents(response, deps, { caller, jobId: params.id, afterEventId, signal });
    } catch (error) {
      if (!signal.aborted) {
        response.err = error as Error;
        await send(response, signal, 'error', errorBody(error, requestIdOf(response), caller.isAdmin));
      }
    } finally {
      timers.forEach(clearInterval);
      response.end();
    }
  });
}

interface Watch {
  caller: Caller;
  jobId: string;
  afterEventId: number;
  signal: AbortSignal;
}

async function sendEvents(
  response: Response,
  { operations }: ApiDeps,
  { caller, jobId, afterEventId, signal }: Watch,
): Promise<void> {
  for await (const event of operations.watchJob(caller, jobId, afterEventId, signal)) {
    const body = presentJobEvent(event, caller.isAdmin);
    await send(response, signal, body.kind, body, event.id);
  }
  // Ended by the service's stop, the job is not at its end: the client asks again.
  if (signal.aborted) return;
  const job = await operations.showJob(caller, jobId);
  await send(response, signal, 'end', presentJob(job, caller.isAdmin));
}

/**
 * Progress changes too often to be kept as events, so it is told as it stands, without an id: a client that comes
 * again never asks for it.
 */
function progressTeller(
  response: Response,
  { operations }: ApiDeps,
  caller: Caller,
  jobId: string,
  signal: AbortSignal,
): () => void {
  let told = '';
  const tell = async (): Promise<void> => {
    const { progress, state } = await operations.showJob(caller, jobId);
    const data = progress === null ? undefined : presentProgress(progress);
    const text = JSON.stringify(data);
    if (data === undefined || text === told || state !== 'running' || response.writableNeedDrain) return;
    told = text;
    await send(response, signal, 'progress', { job_id: jobId, kind: 'progress', data });
  };
  // What is wrong with the job or the catalog, the events themselves will tell.
  return () => void tell().catch(() => undefined);
}

function beat(response: Response): void {
  if (!response.writableNeedDrain) response.write(': still here\n\n');
}

function openStream(response: Response): void {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store',
    // Tells nginx not to collect events before it passes them on.
    'X-Accel-Buffering': 'no',
  });
  response.flushHeaders();
}

async function send(
  response: Response,
  signal: AbortSignal,
  event: string,
  data: unknown,
  id?: number,
): Promise<void> {
  if (signal.aborted || response.writableEnded) return;
  const head = id === undefined ? '' : `id: ${id}\n`;
  const hasRoom = response.write(`${head}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  // A client that reads slowly holds its own stream back, never our memory (I11).
  if (!hasRoom) await once(response, 'drain', { signal });
}

function lastEventId(http: Request): number {
  const text = http.get('last-event-id');
  if (text === undefined || text === '') return 0;
  if (!/^\d{1,15}$/.test(text)) {
    throw new AppError(
      'INPUT_HEADER',
      'Last-Event-ID must be the id of an event of this job, a whole number',
    );
  }
  return Number(text);
}
