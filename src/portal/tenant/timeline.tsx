import type { VNode } from 'preact';
import { api, nextMarker, take } from '../api/client.ts';
import type { Point } from '../api/types.ts';
import { languageTag, t } from '../i18n/locale.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { ErrorBox } from '../ui/states.tsx';
import { useQuery } from '../ui/use-query.ts';
import { useQueryState } from '../ui/use-query-state.ts';
import {
  addMonths,
  dayRange,
  monthKey,
  monthOf,
  monthRange,
  parseDay,
  parseMonth,
  type Month,
} from './calendar.ts';
import { MonthGrid } from './month-grid.tsx';
import { PointsTable } from './points-table.tsx';

const pageSize = 1000;
const refreshMs = 60_000;

interface TimelineProps {
  kind: 'instance' | 'volume';
  sourceId: string;
  /** The month of it is shown first. */
  lastPointAt: string | undefined;
}

/** A source's points, month by month: a calendar, and the list of the month or of one day. */
export function Timeline({ kind, sourceId, lastPointAt }: TimelineProps): VNode {
  const [monthText, setMonth] = useQueryState('month');
  const [dayText, setDay] = useQueryState('day');
  const month = parseMonth(monthText) ?? parseMonth(dayText.slice(0, 7)) ?? monthOfPoint(lastPointAt);
  // A day of another month, from before the month was changed, chooses nothing.
  const day = parseDay(dayText, month);
  const query = useQuery(
    `points ${sourceId} ${monthKey(month)}`,
    (signal) => readMonth(kind, sourceId, month, signal),
    { refreshMs },
  );
  const points = query.data?.points ?? [];
  return (
    <div class="timeline">
      <MonthBar month={month} onMonth={(next) => setMonth(monthKey(next))} />
      <MonthGrid
        month={month}
        points={points}
        selected={day ?? ''}
        onSelect={(key) => setDay(key === day ? '' : key)}
      />
      {query.error !== undefined && <ErrorBox error={query.error} onRetry={query.reload} />}
      {query.data?.isCut === true && <p class="hint">{t('timeline.cut', { count: pageSize })}</p>}
      <section aria-live="polite">
        <div class="card-head">
          <h2>{day === undefined ? monthName(month) : dayName(day)}</h2>
          {day !== undefined && (
            <Button look="quiet" onClick={() => setDay('')}>
              {t('timeline.wholeMonth')}
            </Button>
          )}
        </div>
        <PointsTable
          kind={kind}
          sourceId={sourceId}
          range={day === undefined ? monthRange(month) : dayRange(day)}
          empty={t(lastPointAt === undefined ? 'points.none' : 'points.noneThen')}
        />
      </section>
    </div>
  );
}

async function readMonth(
  kind: TimelineProps['kind'],
  source: string,
  month: Month,
  signal: AbortSignal,
): Promise<{ points: Point[]; isCut: boolean }> {
  const { since, before } = monthRange(month);
  const query = {
    kind,
    source,
    since: since.toISOString(),
    before: before.toISOString(),
    limit: pageSize,
  };
  const { points, links } = await take(api.GET('/v1/points', { params: { query }, signal }));
  return { points, isCut: nextMarker(links) !== undefined };
}

function MonthBar({ month, onMonth }: { month: Month; onMonth: (month: Month) => void }): VNode {
  const following = addMonths(month, 1);
  const isLast = monthRange(following).since > new Date();
  return (
    <div class="month-bar">
      <button type="button" class="button" onClick={() => onMonth(addMonths(month, -1))}>
        <Icon name="left" />
        <span class="sr-only">{t('timeline.earlier')}</span>
      </button>
      <h2>{monthName(month)}</h2>
      <button type="button" class="button" disabled={isLast} onClick={() => onMonth(following)}>
        <Icon name="right" />
        <span class="sr-only">{t('timeline.later')}</span>
      </button>
    </div>
  );
}

function monthOfPoint(takenAt: string | undefined): Month {
  return monthOf(takenAt === undefined ? new Date() : new Date(takenAt));
}

function monthName(month: Month): string {
  return new Intl.DateTimeFormat(languageTag(), { month: 'long', year: 'numeric' }).format(
    monthRange(month).since,
  );
}

function dayName(key: string): string {
  return new Intl.DateTimeFormat(languageTag(), { dateStyle: 'full' }).format(new Date(`${key}T12:00:00`));
}
