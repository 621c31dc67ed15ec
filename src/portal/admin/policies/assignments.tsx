import { useState } from 'preact/hooks';
import type { VNode } from 'preact';
import { api, take } from '../../api/client.ts';
import { t } from '../../i18n/locale.ts';
import { currentSession } from '../../session/session.ts';
import { Button } from '../../ui/button.tsx';
import { FilterSelect } from '../../ui/filter-select.tsx';
import { List } from '../../ui/list.tsx';
import { oneOf } from '../../ui/one-of.ts';
import { Card } from '../../ui/page.tsx';
import { ErrorBox } from '../../ui/states.tsx';
import type { Column } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';
import { useAction } from '../../ui/use-action.ts';
import { usePages } from '../../ui/use-pages.ts';
import { useQueryState } from '../../ui/use-query-state.ts';
import { useSorting } from '../../ui/use-sorting.ts';
import { Filters, ProjectFilter } from '../filters.tsx';
import { ProjectName, useProjectNames, type ProjectNames } from '../project-names.tsx';
import { readAssignments, type Policy, type PolicyAssignment } from '../read.ts';
import { ta, word } from '../text.ts';
import { AssignDialog } from './assign-dialog.tsx';
import { selectorText } from './policy-words.ts';

const kinds = ['instance', 'project', 'metadata', 'tag', 'pool'] as const;

/** What the policy is assigned to. */
export function Assignments({ policy }: { policy: Policy }): VNode {
  const [open, setOpen] = useState(false);
  const names = useProjectNames();
  const mayChange = currentSession()?.rights.administer === true;
  const [kindText, setKind] = useQueryState('kind');
  const [project, setProject] = useQueryState('project');
  const kind = oneOf(kindText, kinds);
  const { sort, sorting } = useSorting(['kind', 'created_at']);
  const pages = usePages(
    `admin/assignments/${policy.id} ${kind ?? ''} ${project} ${sort ?? ''}`,
    (marker, signal) => readAssignments(policy.id, { kind, project_id: project, sort, marker }, signal),
  );
  const isFiltered = kind !== undefined || project !== '';
  return (
    <Card
      title={ta('policies.assignments')}
      actions={
        mayChange && (
          <Button look="primary" onClick={() => setOpen(true)}>
            {ta('assign.assign')}
          </Button>
        )
      }
    >
      <Filters>
        <FilterSelect
          label={ta('assign.to')}
          value={kind}
          known={kinds}
          title={(value) => word('selector', value)}
          onChange={setKind}
        />
        <ProjectFilter value={project} onChange={setProject} />
      </Filters>
      <List
        caption={ta('policies.assignments')}
        pages={pages}
        api={sorting}
        rowKey={({ id }) => id}
        empty={
          isFiltered
            ? { title: t('list.noMatch') }
            : { title: ta('assign.none'), children: ta('assign.noneHelp') }
        }
        columns={columns(
          names,
          (one) => mayChange && <Unassign policy={policy} assignment={one} onDone={pages.reload} />,
        )}
      />
      {open && (
        <AssignDialog
          policy={policy}
          onClose={() => setOpen(false)}
          onAssigned={() => {
            setOpen(false);
            pages.reload();
          }}
        />
      )}
    </Card>
  );
}

interface UnassignProps {
  policy: Policy;
  assignment: PolicyAssignment;
  onDone: () => void;
}

function Unassign({ policy, assignment, onDone }: UnassignProps): VNode {
  const names = useProjectNames();
  const { busy, error, run } = useAction(async () => {
    const path = { name_or_id: policy.id, assignment_id: assignment.id };
    await take(api.DELETE('/v1/policies/{name_or_id}/assignments/{assignment_id}', { params: { path } }));
    toast(ta('assign.taken'));
    onDone();
  });
  return (
    <>
      <Button
        busy={busy}
        onClick={run}
        label={ta('assign.takeFrom', { what: selectorText(assignment, names) })}
      >
        {ta('assign.take')}
      </Button>
      {error !== undefined && <ErrorBox error={error} />}
    </>
  );
}

function columns(
  names: ProjectNames,
  unassign: Column<PolicyAssignment>['cell'],
): Column<PolicyAssignment>[] {
  return [
    {
      id: 'to',
      apiSort: 'kind',
      title: ta('assign.to'),
      rowHeader: true,
      cell: (one) => (
        <>
          <span class="hint">{word('selector', one.kind)}</span> {selectorText(one, names)}
        </>
      ),
    },
    {
      id: 'project',
      title: ta('assign.within'),
      cell: ({ project_id: id }) =>
        id === null ? ta('assign.everywhere') : <ProjectName id={id} names={names} />,
    },
    {
      id: 'by',
      title: ta('assign.by'),
      cell: ({ by_admin: byAdmin }) => ta(byAdmin ? 'assign.byAdmin' : 'assign.byTenant'),
    },
    {
      id: 'created',
      apiSort: 'created_at',
      title: ta('column.created'),
      cell: ({ created_at: at }) => <Time at={at} />,
    },
    {
      id: 'actions',
      title: '',
      cell: unassign,
    },
  ];
}
