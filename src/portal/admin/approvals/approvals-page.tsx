import type { VNode } from 'preact';
import { Select } from '../../ui/form.tsx';
import { List } from '../../ui/list.tsx';
import { Page } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import { usePages } from '../../ui/use-pages.ts';
import { useQueryState } from '../../ui/use-query-state.ts';
import { useSorting } from '../../ui/use-sorting.ts';
import { Filters, ProjectFilter } from '../filters.tsx';
import { oneOf } from '../../ui/one-of.ts';
import { ProjectName, useProjectNames } from '../project-names.tsx';
import { readRestores } from '../read.ts';
import { ta, word } from '../text.ts';
import { State } from '../words.tsx';
import { restoreTitle } from './restore-title.ts';

const shown = ['pending', 'rejected', 'expired'] as const;
const refreshMs = 15_000;

/** The inbox: restores that wait for an approval, and those that got none. */
export function ApprovalsPage(): VNode {
  const [stateText, setState] = useQueryState('state');
  const [project, setProject] = useQueryState('project');
  const state = oneOf(stateText, shown) ?? 'pending';
  const { sort, sorting } = useSorting(['created_at', 'mode']);
  const names = useProjectNames();
  const pages = usePages(
    `admin/approvals ${state} ${project} ${sort ?? ''}`,
    (marker, signal) =>
      readRestores(
        {
          state,
          project_id: project === '' ? undefined : project,
          // Who waits longest comes first.
          sort: sort ?? (state === 'pending' ? 'created_at:asc' : undefined),
          marker,
        },
        signal,
      ),
    refreshMs,
  );
  return (
    <Page title={ta('approvals.title')}>
      <Filters>
        <Select
          label={ta('column.state')}
          value={state}
          onChange={(chosen) => setState(chosen === 'pending' ? '' : chosen)}
          options={shown.map((value) => ({ value, label: word('state', value) }))}
        />
        <ProjectFilter value={project} onChange={setProject} />
      </Filters>
      <List
        caption={ta('approvals.title')}
        pages={pages}
        api={sorting}
        rowKey={({ id }) => id}
        empty={{ title: ta(state === 'pending' ? 'approvals.none' : 'approvals.noneDecided') }}
        columns={[
          {
            id: 'mode',
            apiSort: 'mode',
            title: ta('column.restore'),
            rowHeader: true,
            cell: (restore) => <a href={`/portal/admin/approvals/${restore.id}`}>{restoreTitle(restore)}</a>,
          },
          {
            id: 'state',
            title: ta('column.state'),
            cell: (restore) => <State state={restore.state} />,
          },
          {
            id: 'asked',
            title: ta('approvals.askedBy'),
            cell: ({ requested_by: by }) => by?.user_name ?? '',
          },
          {
            id: 'project',
            title: ta('column.project'),
            cell: ({ project_id: id }) => <ProjectName id={id} names={names} />,
          },
          {
            id: 'created',
            apiSort: 'created_at',
            title: ta('column.created'),
            cell: ({ created_at: at }) => <Time at={at} />,
          },
          {
            id: 'until',
            title: ta('approvals.until'),
            cell: ({ approval }) => (approval === null ? '' : <Time at={approval.pending_until} />),
          },
        ]}
      />
    </Page>
  );
}
