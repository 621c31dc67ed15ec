import { useEffect, useState } from 'preact/hooks';
import { toApiError, type ApiError } from '../api/api-error.ts';

export interface LazyModule<M> {
  module: M | undefined;
  error: ApiError | undefined;
  retry: () => void;
}

/** A part of the portal that is loaded when it is first needed; `load` must always be the same function. */
export function useLazyModule<M>(load: () => Promise<M>, needed: boolean): LazyModule<M> {
  const [state, setState] = useState<{ module?: M; error?: ApiError }>({});
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!needed) return;
    let left = false;
    load().then(
      (module) => {
        if (!left) setState({ module });
      },
      (error: unknown) => {
        if (!left) setState({ error: toApiError(error) });
      },
    );
    return () => {
      left = true;
    };
  }, [load, needed, round]);
  return {
    module: state.module,
    error: state.error,
    retry: () => {
      setState({});
      setRound((before) => before + 1);
    },
  };
}
