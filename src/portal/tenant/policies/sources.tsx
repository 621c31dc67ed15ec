import type { VNode } from 'preact';
import type { Policy, PolicySource } from '../../api/types.ts';
import { t } from '../../i18n/locale.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { FilterSelect } from '../../ui/filter-select.tsx';
import { List } from '../../ui/list.tsx';
import { oneOf } from '../../ui/one-of.ts';
import type { ApiSorting, Column } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { usePages, type Pages } from '../../ui/use-pages.ts';
import { useQueryState } from '../../ui/use-query-state.ts';
import { useSorting } from '../../ui/use-sorting.ts';
import { readSources, sourceSorts } from './read-policies.ts';

const tones: Record<NonNullable<PolicySource['last_state']>, Tone> = {
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'idle',
};

const refreshMs = 15_000;
const reaches = ['instance', 'choice', 'metadata', 'tag', 'project'] as const;
const lastStates = ['running', 'succeeded', 'failed', 'cancelled'] as const;

interface SourceList {
  pages: Pages<PolicySource>;
  sorting: ApiSorting;
  through: (typeof reaches)[number] | undefined;
  setThrough: (through: string) => void;
  last: (typeof lastStates)[number] | undefined;
  setLast: (last: string) => void;
}

/** What of the project follows a policy, as the page's address narrows and sorts it. */
export function useSources({ id }: Policy): SourceList {
  const [throughText, setThrough] = useQueryState('through');
  const [lastText, setLast] = useQueryState('last');
  const [through, last] = [oneOf(throughText, reaches), oneOf(lastText, lastStates)];
  const { sort, sorting } = useSorting(sourceSorts);
  const choice = { reached_by: through, last_state: last, sort };
  const pages = usePages(
    `sources of ${id} ${through ?? ''} ${last ?? ''} ${sort ?? ''}`,
    (marker, signal) => readSources(id, choice, marker, signal),
    refreshMs,
  );
  return { pages, sorting, through, setThrough, last, setLast };
}

/** What of the project follows a policy, through what, and when it runs. */
export function Sources({ list }: { list: SourceList }): VNode {
  const { pages, sorting, through, setThrough, last, setLast } = list;
  return (
    <>
      <div class="filters">
        <FilterSelect
          label={t('column.through')}
          value={through}
          known={reaches}
          title={(value) => t(`through.${value}`)}
          onChange={setThrough}
        />
        <FilterSelect
          label={t('column.lastRun')}
          value={last}
          known={lastStates}
          title={(value) => t(`run.${value}`)}
          onChange={setLast}
        />
      </div>
      <List
        caption={t('sources.title')}
        pages={pages}
        columns={columns()}
        rowKey={({ id }) => id}
        api={sorting}
        empty={
          through === undefined && last === undefined
            ? { title: t('sources.none'), children: <p>{t('sources.none.help')}</p> }
            : { title: t('list.noMatch') }
        }
      />
    </>
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
