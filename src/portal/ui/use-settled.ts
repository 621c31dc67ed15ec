import { useEffect, useState } from 'preact/hooks';

const restMs = 400;

/** A value once it has not changed for a moment: what is typed is asked for when the typing rests. */
export function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), restMs);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
