import type { Job, JobEvent } from './types.ts';
import { toApiError, type ApiError } from './api-error.ts';
import { readEvents } from './server-sent-events.ts';

/** What a watcher sees: an event of the job, its progress, or whether it is being heard of at all. */
export interface JobWatcher {
  event(event: JobEvent): void;
  progress(progress: Record<string, unknown>): void;
  /** `lost`: the connection is, and comes again by itself. */
  connection(state: 'live' | 'lost'): void;
}

export interface WatchOptions {
  /** Opens the stream after the event with this id. @throws {ApiError} when the service refuses. */
  open: (lastEventId: string | undefined, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;
  /** Reads the job itself: what the watcher falls back on where streams do not get through. */
  poll: (signal: AbortSignal) => Promise<Job>;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  signal: AbortSignal;
}

const firstPauseMs = 500;
const longestPauseMs = 15_000;

/**
 * Follows a job to its end and returns it as it is then; undefined when the signal ended it. Goes on after the last event that was seen whenever the
 * connection is lost, with growing pauses, and asks for the job itself between two tries.
 *
 * @throws {ApiError} when the job may not be seen, or the session is over.
 */
export async function watchJob(watcher: JobWatcher, options: WatchOptions): Promise<Job | undefined> {
  const { open, poll, sleep, signal } = options;
  let lastEventId: string | undefined;
  let pauseMs = firstPauseMs;
  const isAborted = (): boolean => signal.aborted;
  while (!isAborted()) {
    try {
      const stream = await open(lastEventId, signal);
      watcher.connection('live');
      for await (const { id, event, data } of readEvents(stream)) {
        pauseMs = firstPauseMs;
        lastEventId = id ?? lastEventId;
        if (event === 'end') return JSON.parse(data) as Job;
        if (event === 'error') break;
        tell(watcher, JSON.parse(data) as JobEvent);
      }
    } catch (error) {
      if (isAborted()) return undefined;
      if (isFinal(toApiError(error))) throw error;
    }
    if (isAborted()) return undefined;
    watcher.connection('lost');
    const job = await ask(poll, signal);
    if (job !== undefined && isFinished(job)) return job;
    if (job?.progress != null) watcher.progress(job.progress);
    await sleep(pauseMs, signal);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
  return undefined;
}

export function isFinished({ state }: Pick<Job, 'state'>): boolean {
  return state !== 'queued' && state !== 'running';
}

function tell(watcher: JobWatcher, event: JobEvent): void {
  if (event.kind === 'progress') watcher.progress(event.data);
  else watcher.event(event);
}

async function ask(poll: WatchOptions['poll'], signal: AbortSignal): Promise<Job | undefined> {
  try {
    return await poll(signal);
  } catch (error) {
    if (!signal.aborted && isFinal(toApiError(error))) throw error;
    return undefined;
  }
}

/** Asking again would not help: the session is over, the job is not to be seen, or the request is wrong. */
function isFinal(error: ApiError): boolean {
  return error.status >= 400 && error.status < 500 && error.status !== 429 && error.status !== 408;
}
