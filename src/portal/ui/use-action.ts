import { useState } from 'preact/hooks';
import { toApiError, type ApiError } from '../api/api-error.ts';

export interface Action<A extends unknown[]> {
  busy: boolean;
  error: ApiError | undefined;
  run: (...args: A) => void;
  forget: () => void;
}

/** Something that a button does: once at a time, and what went wrong is kept to be shown. */
export function useAction<A extends unknown[] = []>(act: (...args: A) => Promise<void>): Action<A> {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | undefined>(undefined);
  const run = async (args: A): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await act(...args);
    } catch (thrown) {
      setError(toApiError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return {
    busy,
    error,
    run: (...args) => {
      if (!busy) void run(args);
    },
    forget: () => setError(undefined),
  };
}
