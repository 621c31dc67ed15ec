import type { VNode } from 'preact';
import { languageTag, t } from '../i18n/locale.ts';
import { formatDuration } from '../ui/format.ts';
import { now } from '../ui/now.ts';
import { pointAge } from './point-age.ts';

/** The age of the newest good point against how old its policy lets it become. */
export function AgeMeter({ takenAt, staleAt }: { takenAt: string; staleAt: string }): VNode {
  const { used, ageMs, leftMs } = pointAge(takenAt, staleAt, now.value);
  const span = (ms: number): string => formatDuration(coarse(Math.abs(ms) / 1000), languageTag());
  const text =
    leftMs >= 0
      ? t('age.fresh', { age: span(ageMs), left: span(leftMs) })
      : t('age.stale', { age: span(ageMs), over: span(leftMs) });
  return (
    <span class="age">
      <meter min={0} max={1} high={0.85} low={0.5} optimum={0} value={Math.min(1, used)} aria-label={text} />
      <span class="hint">{text}</span>
    </span>
  );
}

/** Seconds matter in the first minute only. */
function coarse(seconds: number): number {
  return seconds < 60 ? seconds : Math.floor(seconds / 60) * 60;
}
