import type { VNode } from 'preact';
import { languageTag } from '../i18n/locale.ts';
import { formatInstant, formatMinute, formatRelative } from './format.ts';
import { now } from './now.ts';

interface TimeProps {
  /** ISO 8601. */
  at: string;
  /** The instant itself instead of how far it is from now. */
  absolute?: boolean;
}

/** An instant: relative in the text, exact with its zone in the title. */
export function Time({ at, absolute = false }: TimeProps): VNode {
  const date = new Date(at);
  const tag = languageTag();
  return (
    <time dateTime={at} title={formatInstant(date, tag)}>
      {absolute ? formatMinute(date, tag) : formatRelative(date.getTime(), now.value, tag)}
    </time>
  );
}
