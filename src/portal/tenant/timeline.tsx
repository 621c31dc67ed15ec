import type { VNode } from 'preact';
import { api, nextMarker, take } from '../api/client.ts';
import type { Point } from '../api/types.ts';
import { languageTag, t } from '../i18n/locale.ts';
import { currentSession } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { Empty, ErrorBox, Loading } from '../ui/states.tsx';
import { useQuery } from '../ui/use-query.ts';
import { useQueryState } from '../ui/use-query-state.ts';
import { addMonths, dayKey, monthKey, monthOf, monthRange, parseMonth, type Month } from './calendar.ts';
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
  const day = dayText.startsWith(monthKey(month)) ? dayText : '';
  const query = useQuery(
    `points ${sourceId} ${monthKey(month)}`,
    (signal) => readMonth(kind, sourceId, month, signal),
    { refreshMs },
  );
  const points = query.data?.points ?? [];
  const shown = day === '' ? points : points.filter(({ taken_at: at }) => dayKey(new Date(at)) === day);
  return (
    <div class="timeline">
      <MonthBar month={month} onMonth={(next) => setMonth(monthKey(next))} />
      <MonthGrid
        month={month}
        points={points}
        selected={day}
        onSelect={(key) => setDay(key === day ? '' : key)}
      />
      {query.error !== undefined && <ErrorBox error={query.error} onRetry={query.reload} />}
      {query.data === undefined && query.error === undefined && <Loading />}
      {query.data !== undefined && (
        <PointList
          title={day === '' ? monthName(month) : dayName(day)}
          points={shown}
          isCut={query.data.isCut}
          empty={t(lastPointAt === undefined ? 'points.none' : 'points.noneThen')}
          onWholeMonth={day === '' ? undefined : () => setDay('')}
        />
      )}
    </div>
  );
}

interface PointListProps {
  title: string;
  points: readonly Point[];
  /** There are more than were read. */
  isCut: boolean;
  empty: string;
  onWholeMonth: (() => void) | undefined;
}

function PointList({ title, points, isCut, empty, onWholeMonth }: PointListProps): VNode {
  return (
    <section aria-live="polite">
      <div class="card-head">
        <h2>{title}</h2>
        <span class="hint">{t.count('points.count', points.length)}</span>
        {onWholeMonth !== undefined && (
          <Button look="quiet" onClick={onWholeMonth}>
            {t('timeline.wholeMonth')}
          </Button>
        )}
      </div>
      {isCut && <p class="hint">{t('timeline.cut', { count: pageSize })}</p>}
      {points.length === 0 ? (
        <Empty title={empty} />
      ) : (
        <PointsTable points={points} complete restorable={currentSession()?.rights.change === true} />
      )}
    </section>
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
