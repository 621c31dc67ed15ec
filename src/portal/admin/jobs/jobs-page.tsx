import type { VNode } from 'preact';
import { FilterSelect } from '../../ui/filter-select.tsx';
import { Page } from '../../ui/page.tsx';
import { usePages } from '../../ui/use-pages.ts';
import { useQueryState } from '../../ui/use-query-state.ts';
import { useSorting } from '../../ui/use-sorting.ts';
import { jobSorts } from '../../tenant/read-lists.ts';
import { oneOf } from '../../ui/one-of.ts';
import { Filters, ProjectFilter, SinceFilter, sinceOf } from '../filters.tsx';
import { readJobs } from '../read.ts';
import { ta, word } from '../text.ts';
import { JobTable } from './job-table.tsx';

const kinds = ['backup', 'restore', 'undo', 'verify', 'expire', 'rebuild', 'reconcile'] as const;
const states = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
const refreshMs = 10_000;

/** All jobs of all projects. */
export function JobsPage(): VNode {
  const [kind, setKind] = useQueryState('kind');
  const [state, setState] = useQueryState('state');
  const [project, setProject] = useQueryState('project');
  const [since, setSince] = useQueryState('since');
  const { sort, sorting } = useSorting(jobSorts);
  const pages = usePages(
    `admin/jobs ${kind} ${state} ${project} ${since} ${sort ?? ''}`,
    (marker, signal) =>
      readJobs(
        {
          kind: oneOf(kind, kinds),
          state: oneOf(state, states),
          project_id: project === '' ? undefined : project,
          since: sinceOf(since),
          sort,
          marker,
        },
        signal,
      ),
    refreshMs,
  );
  return (
    <Page title={ta('jobs.title')}>
      <Filters>
        <FilterSelect
          label={ta('column.kind')}
          value={kind}
          known={kinds}
          title={(value) => word('kind', value)}
          onChange={setKind}
        />
        <FilterSelect
          label={ta('column.state')}
          value={state}
          known={states}
          title={(value) => word('state', value)}
          onChange={setState}
        />
        <ProjectFilter value={project} onChange={setProject} />
        <SinceFilter value={since} onChange={setSince} />
      </Filters>
      <JobTable pages={pages} caption={ta('jobs.title')} empty={ta('jobs.none')} api={sorting} />
    </Page>
  );
}
