import { useState } from 'preact/hooks';
import type { VNode } from 'preact';
import { api, nextMarker, take } from '../../api/client.ts';
import { currentSession } from '../../session/session.ts';
import { Button } from '../../ui/button.tsx';
import { List } from '../../ui/list.tsx';
import { Card } from '../../ui/page.tsx';
import { ErrorBox } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';
import { useAction } from '../../ui/use-action.ts';
import { usePages } from '../../ui/use-pages.ts';
import { given } from '../given.ts';
import { ProjectName, useProjectNames } from '../project-names.tsx';
import { at, type Policy, type PolicyAssignment } from '../read.ts';
import { ta, word } from '../text.ts';
import { AssignDialog } from './assign-dialog.tsx';
import { selectorText } from './policy-words.ts';

/** What the policy is assigned to. */
export function Assignments({ policy }: { policy: Policy }): VNode {
  const [open, setOpen] = useState(false);
  const names = useProjectNames();
  const mayChange = currentSession()?.rights.administer === true;
  const pages = usePages(`admin/assignments/${policy.id}`, async (marker, signal) => {
    const params = { path: { name_or_id: policy.id }, query: given({ marker }) };
    const { assignments, links } = await take(
      api.GET('/v1/policies/{name_or_id}/assignments', { params, ...at(signal) }),
    );
    return { items: assignments, next: nextMarker(links) };
  });
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
      <List
        caption={ta('policies.assignments')}
        pages={pages}
        rowKey={({ id }) => id}
        empty={{ title: ta('assign.none'), children: ta('assign.noneHelp') }}
        columns={[
          {
            id: 'to',
            title: ta('assign.to'),
            rowHeader: true,
            sortKey: (one) => selectorText(one, names),
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
            title: ta('column.created'),
            sortKey: ({ created_at: at }) => Date.parse(at),
            cell: ({ created_at: at }) => <Time at={at} />,
          },
          {
            id: 'actions',
            title: '',
            cell: (one) => mayChange && <Unassign policy={policy} assignment={one} onDone={pages.reload} />,
          },
        ]}
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
