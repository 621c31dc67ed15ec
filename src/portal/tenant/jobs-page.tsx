import type { VNode } from 'preact';
import type { Job } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { FilterSelect } from '../ui/filter-select.tsx';
import { List } from '../ui/list.tsx';
import { Page } from '../ui/page.tsx';
import { usePages } from '../ui/use-pages.ts';
import { useQueryState } from '../ui/use-query-state.ts';
import { useSorting } from '../ui/use-sorting.ts';
import { jobColumns } from './job-columns.tsx';
import { jobSorts, readJobs } from './read-lists.ts';

const kinds = ['backup', 'restore', 'undo', 'verify', 'expire'] as const satisfies readonly Job['kind'][];
const states = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
] as const satisfies readonly Job['state'][];
const refreshMs = 10_000;

export function JobsPage(): VNode {
  const [kindText, setKind] = useQueryState('kind');
  const [stateText, setState] = useQueryState('state');
  const { sort, sorting } = useSorting(jobSorts);
  const kind = kinds.find((one) => one === kindText);
  const state = states.find((one) => one === stateText);
  const pages = usePages(
    `jobs ${kind ?? ''} ${state ?? ''} ${sort ?? ''}`,
    (marker, signal) => readJobs({ kind, state, sort }, marker, signal),
    refreshMs,
  );
  return (
    <Page title={t('jobs.title')}>
      <div class="filters">
        <FilterSelect
          label={t('column.kind')}
          value={kind}
          known={kinds}
          title={(value) => t(`jobKind.${value}`)}
          onChange={setKind}
        />
        <FilterSelect
          label={t('column.state')}
          value={state}
          known={states}
          title={(value) => t(`jobState.${value}`)}
          onChange={setState}
        />
      </div>
      <List
        caption={t('jobs.title')}
        pages={pages}
        columns={jobColumns()}
        rowKey={({ id }) => id}
        api={sorting}
        empty={{ title: t(kind === undefined && state === undefined ? 'jobs.none' : 'list.noMatch') }}
      />
    </Page>
  );
}
