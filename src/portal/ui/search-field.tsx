import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { TextField } from './form.tsx';

const pauseMs = 300;

interface SearchFieldProps {
  label: string;
  value: string;
  onSearch: (value: string) => void;
}

/** Searches when the typing rests. */
export function SearchField({ label, value, onSearch }: SearchFieldProps): VNode {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => onSearch(text.trim()), pauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  return <TextField type="search" label={label} value={text} onInput={setText} />;
}
