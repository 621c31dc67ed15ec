import type { VNode } from 'preact';
import { api, take } from '../../api/client.ts';
import type { Policy, PolicyAssignment } from '../../api/types.ts';
import { t } from '../../i18n/locale.ts';
import { currentSession } from '../../session/session.ts';
import { Button } from '../../ui/button.tsx';
import { FilterSelect } from '../../ui/filter-select.tsx';
import { List } from '../../ui/list.tsx';
import { oneOf } from '../../ui/one-of.ts';
import { ErrorBox } from '../../ui/states.tsx';
import type { ApiSorting, Column } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';
import { useAction } from '../../ui/use-action.ts';
import { usePages, type Pages } from '../../ui/use-pages.ts';
import { useQueryState } from '../../ui/use-query-state.ts';
import { useSorting } from '../../ui/use-sorting.ts';
import { assignmentSorts, readAssignments } from './read-policies.ts';

const refreshMs = 15_000;
const kinds = ['instance', 'project', 'metadata', 'tag', 'pool'] as const;

interface AssignmentList {
  pages: Pages<PolicyAssignment>;
  sorting: ApiSorting;
  kind: PolicyAssignment['kind'] | undefined;
  setKind: (kind: string) => void;
}

/** What of the project a policy is assigned to, as the page's address narrows and sorts it. */
export function useAssignments({ id }: Policy): AssignmentList {
  const [kindText, setKind] = useQueryState('kind');
  const kind = oneOf(kindText, kinds);
  const { sort, sorting } = useSorting(assignmentSorts, 'assignment_sort');
  const pages = usePages(
    `assignments of ${id} ${kind ?? ''} ${sort ?? ''}`,
    (marker, signal) => readAssignments(id, { kind, sort }, marker, signal),
    refreshMs,
  );
  return { pages, sorting, kind, setKind };
}

interface AssignmentsProps {
  policy: Policy;
  list: AssignmentList;
  /** Of instances that are known to follow the policy, by id. */
  names: ReadonlyMap<string, string>;
  onChanged: () => void;
}

/** What of the project a policy is assigned to, and the way to take that back. */
export function Assignments({ policy, list, names, onChanged }: AssignmentsProps): VNode {
  const { pages, sorting, kind, setKind } = list;
  const whatIs = (assignment: PolicyAssignment): string => targetOf(assignment, names);
  return (
    <>
      <div class="filters">
        <FilterSelect
          label={t('assignment.to')}
          value={kind}
          known={kinds}
          title={(value) => t(`assignment.kind.${value}`)}
          onChange={setKind}
        />
      </div>
      <List
        caption={t('assignments.title')}
        pages={pages}
        columns={columnsFor(policy, whatIs, onChanged)}
        rowKey={({ id }) => id}
        api={sorting}
        empty={{ title: t(kind === undefined ? 'assignments.none' : 'list.noMatch') }}
      />
    </>
  );
}

function columnsFor(
  policy: Policy,
  whatIs: (assignment: PolicyAssignment) => string,
  onChanged: () => void,
): Column<PolicyAssignment>[] {
  const mayChange = currentSession()?.rights.change === true;
  return [
    {
      id: 'to',
      apiSort: 'kind',
      title: t('assignment.to'),
      rowHeader: true,
      cell: (assignment) => (
        <span>
          <span class="hint">{t(`assignment.kind.${assignment.kind}`)}</span> {whatIs(assignment)}
        </span>
      ),
    },
    {
      id: 'by',
      title: t('assignment.by'),
      cell: ({ by_admin: byAdmin }) => t(byAdmin ? 'assignment.admin' : 'assignment.tenant'),
    },
    {
      id: 'created',
      apiSort: 'created_at',
      title: t('column.made'),
      cell: ({ created_at: at }) => <Time at={at} />,
    },
    ...(mayChange
      ? [
          {
            id: 'actions',
            title: '',
            cell: (assignment: PolicyAssignment) =>
              mayTake(assignment) && (
                <TakeAway
                  policy={policy}
                  assignment={assignment}
                  what={whatIs(assignment)}
                  onDone={onChanged}
                />
              ),
          },
        ]
      : []),
  ];
}

function mayTake({ by_admin: byAdmin }: PolicyAssignment): boolean {
  return !byAdmin || currentSession()?.rights.administer === true;
}

function targetOf({ kind, selector }: PolicyAssignment, names: ReadonlyMap<string, string>): string {
  const text = (key: string): string => selector[key] ?? '';
  switch (kind) {
    case 'instance': {
      const id = text('instance_id');
      return names.get(id) ?? id;
    }
    case 'project':
      return t('assignment.project');
    case 'metadata':
      return `${text('key')}=${text('value')}`;
    case 'tag':
      return text('tag');
    case 'pool':
      return text('pool');
  }
}

interface TakeAwayProps {
  policy: Policy;
  assignment: PolicyAssignment;
  what: string;
  onDone: () => void;
}

function TakeAway({ policy, assignment, what, onDone }: TakeAwayProps): VNode {
  const { busy, error, run } = useAction(async () => {
    const path = { name_or_id: policy.id, assignment_id: assignment.id };
    await take(api.DELETE('/v1/policies/{name_or_id}/assignments/{assignment_id}', { params: { path } }));
    toast(t('policy.unassigned'));
    onDone();
  });
  return (
    <>
      <Button look="quiet" busy={busy} onClick={run} label={t('assignment.take', { what })}>
        {t('policy.unassign')}
      </Button>
      {error !== undefined && <ErrorBox error={error} />}
    </>
  );
}
