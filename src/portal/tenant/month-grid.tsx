import type { VNode } from 'preact';
import type { Point } from '../api/types.ts';
import { languageTag, t } from '../i18n/locale.ts';
import { Icon } from '../ui/icons.tsx';
import { calendarOf, type CalendarDay, type Month } from './calendar.ts';
import { verdictOf } from './point-verdict.ts';

interface MonthGridProps {
  month: Month;
  points: readonly Point[];
  /** Key of the day whose points are listed; empty for all. */
  selected: string;
  onSelect: (key: string) => void;
}

/** The days of a month with how many points each has; days without one cannot be chosen. */
export function MonthGrid({ month, points, selected, onSelect }: MonthGridProps): VNode {
  return (
    <table class="calendar">
      <caption class="sr-only">{t('timeline.calendar')}</caption>
      <thead>
        <tr>
          {weekdays().map(({ short, long }) => (
            <th scope="col" key={long}>
              <abbr title={long}>{short}</abbr>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {calendarOf(month, points).map((week, index) => (
          <tr key={index}>
            {week.map((day, weekday) => (
              <td key={weekday}>
                {day !== undefined && <Day day={day} isSelected={day.key === selected} onSelect={onSelect} />}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface DayProps {
  day: CalendarDay<Point>;
  isSelected: boolean;
  onSelect: (key: string) => void;
}

function Day({ day: { key, day, points }, isSelected, onSelect }: DayProps): VNode {
  if (points.length === 0) return <span class="day">{day}</span>;
  const damaged = points.filter((point) => verdictOf(point) === 'damaged').length;
  const hasFull = points.some(({ type }) => type !== 'increment');
  const date = new Intl.DateTimeFormat(languageTag(), { day: 'numeric', month: 'long' }).format(
    new Date(`${key}T12:00:00`),
  );
  const words = [
    date,
    t.count('points.count', points.length),
    ...(hasFull ? [t('timeline.hasFull')] : []),
    ...(damaged > 0 ? [t.count('points.damaged', damaged)] : []),
  ];
  return (
    <button
      type="button"
      class={`day has-points ${damaged > 0 ? 'bad' : 'good'}`}
      aria-pressed={isSelected}
      onClick={() => onSelect(key)}
    >
      <span class="sr-only">{words.join(', ')}</span>
      <span aria-hidden="true">{day}</span>
      <span class="day-count" aria-hidden="true">
        {damaged > 0 && <Icon name="danger" />}
        {points.length}
        {hasFull && <span class="full-mark">{t('timeline.fullMark')}</span>}
      </span>
    </button>
  );
}

function weekdays(): { short: string; long: string }[] {
  const tag = languageTag();
  // The 1st of January 2024 was a Monday.
  return Array.from({ length: 7 }, (_, index) => {
    const day = new Date(2024, 0, 1 + index);
    return {
      short: new Intl.DateTimeFormat(tag, { weekday: 'short' }).format(day),
      long: new Intl.DateTimeFormat(tag, { weekday: 'long' }).format(day),
    };
  });
}
