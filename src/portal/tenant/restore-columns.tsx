import type { VNode } from 'preact';
import type { Restore } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { Badge, type Tone } from '../ui/badge.tsx';
import type { Column } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';

const tones: Record<Restore['state'], Tone> = {
  pending: 'warn',
  rejected: 'bad',
  expired: 'idle',
  queued: 'idle',
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'idle',
  undone: 'idle',
};

export function RestoreBadge({ state }: Pick<Restore, 'state'>): VNode {
  return <Badge tone={tones[state]}>{t(`restoreState.${state}`)}</Badge>;
}

export function restoreColumns(): Column<Restore>[] {
  return [
    {
      id: 'created',
      title: t('column.restore'),
      apiSort: 'created_at',
      rowHeader: true,
      cell: ({ id, created_at: at }) => (
        <a href={`/portal/restores/${id}`}>
          <Time at={at} absolute />
        </a>
      ),
    },
    {
      id: 'mode',
      title: t('column.mode'),
      apiSort: 'mode',
      cell: ({ mode }) => t(`mode.${mode}`),
    },
    {
      id: 'state',
      title: t('column.state'),
      cell: ({ state }) => <RestoreBadge state={state} />,
    },
    {
      id: 'made',
      title: t('column.made'),
      cell: ({ disks, instance }) =>
        instance?.name ?? (disks.length === 0 ? '-' : t.count('disks.count', disks.length)),
    },
    { id: 'by', title: t('column.by'), cell: ({ requested_by: by }) => by?.user_name ?? '-' },
    {
      id: 'undo',
      title: t('column.undoUntil'),
      apiSort: 'undo_until',
      cell: ({ undo_until: at }) => (at === null ? '-' : <Time at={at} />),
    },
  ];
}
