import { cancelled } from './retry.ts';

const ignore = (): void => undefined;

/** Waits that a signal can end, one after the other: with one listener, since a stream has thousands of chunks. */
export interface AbortWatch {
  /** The promise, or the signal's error (CANCELLED_*) when that comes first. */
  or<T>(promise: Promise<T>): Promise<T>;
  /** To be called when all is done. */
  end(): void;
}

/** Not Promise.race with one lasting promise: that keeps every chunk it ever raced alive. */
export function watchAbort(signal: AbortSignal | undefined): AbortWatch {
  if (signal === undefined) return { or: (promise) => promise, end: ignore };
  let rejectWait: (error: Error) => void = ignore;
  const onAbort = (): void => rejectWait(cancelled(signal));
  signal.addEventListener('abort', onAbort);
  return {
    or: (promise) =>
      new Promise((resolve, reject) => {
        rejectWait = reject;
        promise.then(resolve, reject);
        if (signal.aborted) onAbort();
      }),
    end: () => signal.removeEventListener('abort', onAbort),
  };
}

/** A promise, or the signal's error when that comes first. */
export async function orAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const watch = watchAbort(signal);
  try {
    return await watch.or(promise);
  } finally {
    watch.end();
  }
}
