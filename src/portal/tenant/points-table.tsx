import type { VNode } from 'preact';
import type { Point } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { currentSession } from '../session/session.ts';
import { Badge } from '../ui/badge.tsx';
import { FilterSelect } from '../ui/filter-select.tsx';
import { formatBytes } from '../ui/format.ts';
import { List } from '../ui/list.tsx';
import type { Column } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { usePages } from '../ui/use-pages.ts';
import { useQueryState } from '../ui/use-query-state.ts';
import { useSorting } from '../ui/use-sorting.ts';
import { verdictOf, verdictTones } from './point-verdict.ts';
import { pointSorts, readPoints, type PointFilter } from './read-lists.ts';

const states = ['complete', 'damaged'] as const;
const refreshMs = 60_000;

interface PointsTableProps {
  kind: PointFilter['kind'];
  sourceId: string;
  /** When they were taken. */
  range: { since: Date; before: Date };
  /** What is said when there are none, whatever their state. */
  empty: string;
}

/** The points of a span of time, in any order. */
export function PointsTable({ kind, sourceId, range: { since, before }, empty }: PointsTableProps): VNode {
  const [stateText, setState] = useQueryState('state');
  const state = states.find((one) => one === stateText);
  const { sort, sorting } = useSorting(pointSorts);
  const filter = { kind, source: sourceId, state, since, before, sort };
  const pages = usePages(
    `list of points ${sourceId} ${since.toISOString()} ${before.toISOString()} ${state ?? ''} ${sort ?? ''}`,
    (marker, signal) => readPoints(filter, marker, signal),
    refreshMs,
  );
  return (
    <>
      <div class="filters">
        <FilterSelect
          label={t('column.state')}
          value={state}
          known={states}
          title={(value) => t(`points.state.${value}`)}
          onChange={setState}
        />
      </div>
      <List
        caption={t('points.title')}
        pages={pages}
        columns={columns(currentSession()?.rights.change === true)}
        rowKey={({ id }) => id}
        api={sorting}
        empty={{ title: state === undefined ? empty : t('list.noMatch') }}
      />
    </>
  );
}

export function VerdictBadge({ point }: { point: Point }): VNode {
  const verdict = verdictOf(point);
  return <Badge tone={verdictTones[verdict]}>{t(`verdict.${verdict}`)}</Badge>;
}

function columns(restorable: boolean): Column<Point>[] {
  return [
    {
      id: 'taken',
      apiSort: 'taken_at',
      title: t('column.takenAt'),
      rowHeader: true,
      cell: ({ id, taken_at: at }) => (
        <a href={`/portal/points/${id}`}>
          <Time at={at} absolute />
        </a>
      ),
    },
    { id: 'age', title: t('column.age'), cell: ({ taken_at: at }) => <Time at={at} /> },
    {
      id: 'type',
      title: t('column.type'),
      cell: ({ type }) => t(`pointType.${type}`),
    },
    {
      id: 'consistency',
      title: t('column.consistency'),
      cell: ({ consistency }) => consistencyName(consistency),
    },
    {
      id: 'verdict',
      title: t('column.reliability'),
      cell: (point) => <VerdictBadge point={point} />,
    },
    {
      id: 'size',
      apiSort: 'size_bytes',
      title: t('column.size'),
      numeric: true,
      cell: ({ size_bytes: size }) => formatBytes(size),
    },
    {
      id: 'stored',
      apiSort: 'stored_bytes',
      title: t('column.stored'),
      numeric: true,
      cell: ({ stored_bytes: stored }) => formatBytes(stored),
    },
    ...(restorable
      ? [
          {
            id: 'actions',
            title: '',
            cell: (point: Point) =>
              point.state === 'complete' ? (
                <a
                  href={`/portal/points/${point.id}/restore`}
                  aria-label={t('restore.of', { at: point.taken_at })}
                >
                  {t('restore.action')}
                </a>
              ) : (
                '-'
              ),
          },
        ]
      : []),
  ];
}

/** A later service may know consistencies that this portal has no word for. */
export function consistencyName(consistency: string): string {
  const key = `consistency.${consistency}`;
  return t.has(key) ? t(key) : consistency;
}
