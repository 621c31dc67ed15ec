import { useEffect, useState } from 'preact/hooks';
import { toApiError, type ApiError } from '../api/api-error.ts';
import { api, take } from '../api/client.ts';
import { followJob } from '../api/job-stream.ts';
import type { Job, JobEvent } from '../api/types.ts';
import { isFinished } from '../api/watch-job.ts';
import { scopeEpoch, signInEpoch } from '../session/session.ts';
import { withEvent } from './job-after-event.ts';
import { addSample, type Sample } from './transfer-rate.ts';

export interface FollowedJob {
  job: Job | undefined;
  /** Steps, notes and changes of state, oldest first. */
  events: readonly JobEvent[];
  samples: readonly Sample[];
  connection: 'live' | 'lost';
  error: ApiError | undefined;
}

const nothing: FollowedJob = {
  job: undefined,
  events: [],
  samples: [],
  connection: 'live',
  error: undefined,
};

/** A job as it is, followed until its end; undefined id: nothing. `onEnd` is told of the end that was seen. */
export function useJob(id: string | undefined, onEnd?: () => void): FollowedJob {
  const [followed, setFollowed] = useState<FollowedJob>(nothing);
  useEffect(() => {
    setFollowed(nothing);
    if (id === undefined) return;
    const left = new AbortController();
    const change = (update: (before: FollowedJob) => Partial<FollowedJob>): void => {
      if (!left.signal.aborted) setFollowed((before) => ({ ...before, ...update(before) }));
    };
    follow(id, change, left.signal, onEnd).catch((error: unknown) =>
      change(() => ({ error: toApiError(error) })),
    );
    return () => left.abort();
    // The session that is new after an expiry goes on where the old one stopped.
  }, [id, scopeEpoch.value, signInEpoch.value]);
  return followed;
}

type Change = (update: (before: FollowedJob) => Partial<FollowedJob>) => void;

async function follow(id: string, change: Change, signal: AbortSignal, onEnd?: () => void): Promise<void> {
  const { job } = await take(api.GET('/v1/jobs/{id}', { params: { path: { id } }, signal }));
  change(() => ({ job }));
  const wasFinished = isFinished(job);
  const last = await followJob(
    id,
    {
      event: (event) =>
        change(({ job: before, events }) => ({
          events: [...events, event],
          job: before && withEvent(before, event),
        })),
      progress: (progress) =>
        change(({ job: before, samples }) => ({
          samples: addSample(samples, {
            atMs: performance.now(),
            bytesDone: Number(progress['bytes_done'] ?? 0),
          }),
          job: before && { ...before, progress: progress as Job['progress'] },
        })),
      connection: (connection) => change(() => ({ connection })),
    },
    signal,
  );
  if (last === undefined) return;
  change(() => ({ job: last, connection: 'live' }));
  if (!wasFinished) onEnd?.();
}
