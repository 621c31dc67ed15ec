import type { Job } from './types.ts';
import { api, refusal, take } from './client.ts';
import { watchJob, type JobWatcher } from './watch-job.ts';

/** Follows a job through the session; see `watchJob`. */
export function followJob(id: string, watcher: JobWatcher, signal: AbortSignal): Promise<Job | undefined> {
  return watchJob(watcher, {
    open: (lastEventId, until) => openStream(id, lastEventId, until),
    poll: async (until) =>
      (await take(api.GET('/v1/jobs/{id}', { params: { path: { id } }, signal: until }))).job,
    sleep,
    signal,
  });
}

async function openStream(
  id: string,
  lastEventId: string | undefined,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  // fetch and not EventSource: that one neither tells why it was refused nor sends an id after a reload.
  const { data, error, response } = await api.GET('/v1/jobs/{id}/events', {
    params: { path: { id } },
    headers: {
      Accept: 'text/event-stream',
      ...(lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }),
    },
    parseAs: 'stream',
    signal,
  });
  if (!response.ok || data === undefined || data === null) throw refusal(response, error);
  return data;
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
