import type { VNode } from 'preact';
import type { PolicySource } from '../../api/types.ts';
import { t } from '../../i18n/locale.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { List } from '../../ui/list.tsx';
import type { ApiSorting, Column } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import type { Pages } from '../../ui/use-pages.ts';

const tones: Record<NonNullable<PolicySource['last_state']>, Tone> = {
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'idle',
};

interface SourcesProps {
  pages: Pages<PolicySource>;
  sorting: ApiSorting;
  /** Not all of them are asked for. */
  filtered: boolean;
}

/** What of the project follows a policy, through what, and when it runs. */
export function Sources({ pages, sorting, filtered }: SourcesProps): VNode {
  return (
    <List
      caption={t('sources.title')}
      pages={pages}
      columns={columns()}
      rowKey={({ id }) => id}
      api={sorting}
      empty={
        filtered
          ? { title: t('list.noMatch') }
          : { title: t('sources.none'), children: <p>{t('sources.none.help')}</p> }
      }
    />
  );
}

function columns(): Column<PolicySource>[] {
  return [
    {
      id: 'name',
      apiSort: 'source_name',
      title: t('column.name'),
      rowHeader: true,
      cell: ({ source_id: id, source_name: name, gone }) => (
        <span>
          <a href={`/portal/instances/${id}`}>{name}</a>
          {gone && <span class="hint"> {t('sources.gone')}</span>}
        </span>
      ),
    },
    {
      id: 'through',
      apiSort: 'reached_by',
      title: t('column.through'),
      cell: ({ reached_by: by }) => (by === null ? '-' : t(`through.${by}`)),
    },
    {
      id: 'last',
      apiSort: 'last_run_at',
      title: t('column.lastRun'),
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
      apiSort: 'next_run_at',
      title: t('column.nextRun'),
      cell: ({ next_run_at: at, gone }) => (at === null || gone ? '-' : <Time at={at} />),
    },
  ];
}
