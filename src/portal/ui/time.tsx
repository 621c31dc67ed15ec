import type { VNode } from 'preact';
import { languageTag } from '../i18n/locale.ts';
import { formatClock, formatInstant, formatMinute, formatRelative } from './format.ts';
import { now } from './now.ts';

interface TimeProps {
  /** ISO 8601. */
  at: string;
  /** The instant itself, to the minute, instead of how far it is from now. */
  absolute?: boolean;
  /** Only its time of day, to the second. */
  clock?: boolean;
}

/** An instant: relative in the text, exact with its zone in the title. */
export function Time({ at, absolute = false, clock = false }: TimeProps): VNode {
  const date = new Date(at);
  const tag = languageTag();
  const text = clock
    ? formatClock(date, tag)
    : absolute
      ? formatMinute(date, tag)
      : formatRelative(date.getTime(), now.value, tag);
  return (
    <time dateTime={at} title={formatInstant(date, tag)}>
      {text}
    </time>
  );
}
