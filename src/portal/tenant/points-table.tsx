import type { VNode } from 'preact';
import type { Point } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { Badge } from '../ui/badge.tsx';
import { formatBytes } from '../ui/format.ts';
import { Table, type Column } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { verdictOf, verdictTones } from './point-verdict.ts';

interface PointsTableProps {
  points: readonly Point[];
  complete: boolean;
  /** Offers to restore each. */
  restorable: boolean;
}

export function PointsTable({ points, complete, restorable }: PointsTableProps): VNode {
  return (
    <Table
      caption={t('points.title')}
      columns={columns(restorable)}
      rows={points}
      rowKey={({ id }) => id}
      complete={complete}
    />
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
      title: t('column.takenAt'),
      rowHeader: true,
      sortKey: ({ taken_at: at }) => Date.parse(at),
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
      sortKey: ({ type }) => type,
      cell: ({ type }) => t(`pointType.${type}`),
    },
    {
      id: 'consistency',
      title: t('column.consistency'),
      sortKey: ({ consistency }) => consistency,
      cell: ({ consistency }) => consistencyName(consistency),
    },
    {
      id: 'verdict',
      title: t('column.reliability'),
      sortKey: verdictOf,
      cell: (point) => <VerdictBadge point={point} />,
    },
    {
      id: 'size',
      title: t('column.size'),
      numeric: true,
      sortKey: ({ size_bytes: size }) => size,
      cell: ({ size_bytes: size }) => formatBytes(size),
    },
    {
      id: 'stored',
      title: t('column.stored'),
      numeric: true,
      sortKey: ({ stored_bytes: stored }) => stored,
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
