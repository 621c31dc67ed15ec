import { useEffect, useRef, useState } from 'preact/hooks';
import { isAbort, toApiError, type ApiError } from '../api/api-error.ts';
import { scopeEpoch, signInEpoch } from '../session/session.ts';

export interface Query<T> {
  /** What was read last; stays while it is read again. */
  data: T | undefined;
  error: ApiError | undefined;
  loading: boolean;
  reload: () => void;
}

interface QueryOptions {
  /** Reads again so long after an answer, ms, while the page is looked at; left out: only on demand. */
  refreshMs?: number | undefined;
  /** What is read does not exist yet, or need not be read. */
  skip?: boolean | undefined;
}

interface State<T> {
  key: string;
  data?: T | undefined;
  error?: ApiError | undefined;
  loading: boolean;
}

/** Reads something while the page is there, and again when `key` or the project changes. */
export function useQuery<T>(
  key: string,
  read: (signal: AbortSignal) => Promise<T>,
  { refreshMs, skip = false }: QueryOptions = {},
): Query<T> {
  const fullKey = `${scopeEpoch.value} ${key}`;
  const [state, setState] = useState<State<T>>({ key: fullKey, loading: true });
  const [round, setRound] = useState(0);
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    if (skip) return;
    const left = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = (): void => {
      if (refreshMs !== undefined && !left.signal.aborted) timer = setTimeout(tick, refreshMs);
    };
    const run = async (): Promise<void> => {
      setState((before) => ({ ...(before.key === fullKey ? before : {}), key: fullKey, loading: true }));
      try {
        const data = await latest.current(left.signal);
        if (!left.signal.aborted) setState({ key: fullKey, data, loading: false });
      } catch (error) {
        if (left.signal.aborted || isAbort(error)) return;
        setState((before) => ({ ...before, key: fullKey, error: toApiError(error), loading: false }));
      }
      again();
    };
    const tick = (): void => {
      // A page that nobody looks at asks for nothing.
      if (document.visibilityState === 'visible') void run();
      else again();
    };
    void run();
    return () => {
      left.abort();
      clearTimeout(timer);
    };
  }, [fullKey, round, skip, refreshMs, signInEpoch.value]);
  const isCurrent = state.key === fullKey;
  return {
    data: isCurrent ? state.data : undefined,
    error: isCurrent ? state.error : undefined,
    loading: !skip && (!isCurrent || state.loading),
    reload: () => setRound((before) => before + 1),
  };
}
