import type { VNode } from 'preact';
import type { PolicySource } from '../../api/types.ts';
import { t } from '../../i18n/locale.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { List } from '../../ui/list.tsx';
import type { Column } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import type { Pages } from '../../ui/use-pages.ts';

const tones: Record<NonNullable<PolicySource['last_state']>, Tone> = {
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'idle',
};

/** What of the project follows a policy, through what, and when it runs. */
export function Sources({ pages }: { pages: Pages<PolicySource> }): VNode {
  return (
    <List
      caption={t('sources.title')}
      pages={pages}
      columns={columns()}
      rowKey={({ id }) => id}
      empty={{ title: t('sources.none'), children: <p>{t('sources.none.help')}</p> }}
    />
  );
}

function columns(): Column<PolicySource>[] {
  return [
    {
      id: 'name',
      title: t('column.name'),
      rowHeader: true,
      sortKey: ({ source_name: name }) => name,
      cell: ({ source_id: id, source_name: name, gone }) => (
        <span>
          <a href={`/portal/instances/${id}`}>{name}</a>
          {gone && <span class="hint"> {t('sources.gone')}</span>}
        </span>
      ),
    },
    {
      id: 'through',
      title: t('column.through'),
      sortKey: ({ reached_by: by }) => by ?? undefined,
      cell: ({ reached_by: by }) => (by === null ? '-' : t(`through.${by}`)),
    },
    {
      id: 'last',
      title: t('column.lastRun'),
      sortKey: ({ last_run_at: at }) => (at === null ? undefined : Date.parse(at)),
      cell: ({ last_run_at: at, last_state: state, last_error: error }) =>
        at === null || state === null ? (
          '-'
        ) : (
          <span>
            <Badge tone={tones[state]} {...(error === null ? {} : { title: error })}>
              {t(`run.${state}`)}
            </Badge>{' '}
            <Time at={at} />
          </span>
        ),
    },
    {
      id: 'next',
      title: t('column.nextRun'),
      sortKey: ({ next_run_at: at }) => (at === null ? undefined : Date.parse(at)),
      cell: ({ next_run_at: at, gone }) => (at === null || gone ? '-' : <Time at={at} />),
    },
  ];
}
