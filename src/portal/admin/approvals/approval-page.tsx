import { useState } from 'preact/hooks';
import type { VNode } from 'preact';
import { api, take } from '../../api/client.ts';
import { currentSession } from '../../session/session.ts';
import { Button } from '../../ui/button.tsx';
import { Code } from '../../ui/code.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/form.tsx';
import { Card, Facts, Page } from '../../ui/page.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';
import { useAction } from '../../ui/use-action.ts';
import { useQuery } from '../../ui/use-query.ts';
import { PlanView } from '../../tenant/plan-view.tsx';
import { ProjectName, useProjectNames } from '../project-names.tsx';
import type { RestorePlan } from '../../api/types.ts';
import { at, type Restore } from '../read.ts';
import { ta } from '../text.ts';
import { restoreTitle } from './restore-title.ts';
import { State } from '../words.tsx';

/** A restore that was asked for, what it would do, and the decision. */
export function ApprovalPage({ id }: { id: string }): VNode {
  const { data, error, reload } = useQuery(
    `admin/restore/${id}`,
    async (signal) =>
      (await take(api.GET('/v1/restores/{id}', { params: { path: { id } }, ...at(signal) }))).restore,
  );
  return (
    <Page
      title={data === undefined ? ta('column.restore') : restoreTitle(data)}
      crumbs={[{ title: ta('approvals.title'), href: '/portal/admin/approvals' }]}
      aside={data && <State state={data.state} />}
      actions={data?.state === 'pending' && <Decisions restore={data} onDecided={reload} />}
    >
      {data === undefined && error === undefined && <Loading />}
      {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
      {data !== undefined && (
        <>
          <RestoreFacts restore={data} />
          {data.state === 'pending' && <WaitingPlan id={id} />}
        </>
      )}
    </Page>
  );
}

function RestoreFacts({ restore }: { restore: Restore }): VNode {
  const names = useProjectNames();
  const { approval, requested_by: by } = restore;
  return (
    <Card>
      <Facts
        facts={[
          [ta('approvals.askedBy'), by?.user_name ?? ''],
          [ta('column.project'), <ProjectName key="p" id={restore.project_id} names={names} link />],
          [ta('column.created'), <Time key="c" at={restore.created_at} absolute />],
          ...(approval === null
            ? []
            : ([[ta('approvals.until'), <Time key="u" at={approval.pending_until} absolute />]] as const)),
          ...(approval?.decided_by == null
            ? []
            : ([[ta('approvals.decidedBy'), approval.decided_by.user_name]] as const)),
          ...(approval?.reason == null ? [] : ([[ta('column.reason'), approval.reason]] as const)),
          ...(restore.job_id === null
            ? []
            : ([
                [
                  ta('column.job'),
                  <a key="j" href={`/portal/admin/jobs/${restore.job_id}`}>
                    {ta('approvals.toJob')}
                  </a>,
                ],
              ] as const)),
          [ta('approvals.point'), <Code key="pt" text={restore.point_id} />],
        ]}
      />
    </Card>
  );
}

function WaitingPlan({ id }: { id: string }): VNode {
  const { data, error, reload } = useQuery(
    `admin/restore-plan/${id}`,
    async (signal) =>
      (await take(api.GET('/v1/restores/{id}/plan', { params: { path: { id } }, ...at(signal) })))
        .restore_plan,
  );
  return (
    <Card title={ta('approvals.plan')}>
      {data === undefined && error === undefined && (
        <>
          <p class="hint">{ta('plan.drafting')}</p>
          <Loading lines={5} />
        </>
      )}
      {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
      {data !== undefined && <PlanView plan={data} diskName={(key) => deviceOf(data, key)} />}
    </Card>
  );
}

/** Where the instance has the disk, which says more than its key. */
function deviceOf({ disks }: RestorePlan, key: string): string {
  return disks.find(({ disk_key: known }) => known === key)?.device ?? key;
}

type Decision = 'approve' | 'reject';

function Decisions({ restore, onDecided }: { restore: Restore; onDecided: () => void }): VNode | null {
  const [open, setOpen] = useState<Decision | undefined>(undefined);
  const session = currentSession();
  if (session?.rights.administer !== true) return null;
  const isOwn = restore.requested_by?.user_id === session.user.id;
  return (
    <>
      {isOwn && <span class="hint">{ta('approvals.own')}</span>}
      <Button look="primary" icon="approval" disabled={isOwn} onClick={() => setOpen('approve')}>
        {ta('approvals.approve')}
      </Button>
      <Button look="danger" onClick={() => setOpen('reject')}>
        {ta('approvals.reject')}
      </Button>
      {open !== undefined && (
        <DecisionDialog
          id={restore.id}
          decision={open}
          onClose={() => setOpen(undefined)}
          onDecided={() => {
            setOpen(undefined);
            onDecided();
          }}
        />
      )}
    </>
  );
}

interface DecisionDialogProps {
  id: string;
  decision: Decision;
  onClose: () => void;
  onDecided: () => void;
}

/** A rejection says why; an approval may. */
function DecisionDialog({ id, decision, onClose, onDecided }: DecisionDialogProps): VNode {
  const [reason, setReason] = useState('');
  const params = { path: { id } };
  const text = reason.trim();
  const { busy, error, run } = useAction(async () => {
    if (decision === 'reject') {
      await take(api.POST('/v1/restores/{id}/reject', { params, body: { reason: text } }));
      toast(ta('approvals.rejected'));
    } else {
      await take(
        api.POST('/v1/restores/{id}/approve', { params, body: text === '' ? {} : { reason: text } }),
      );
      toast(ta('approvals.approved'));
    }
    onDecided();
  });
  const needsReason = decision === 'reject' && text === '';
  return (
    <Dialog
      title={ta(`approvals.${decision}Title`)}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{ta('action.back')}</Button>
          <Button
            look={decision === 'reject' ? 'danger' : 'primary'}
            busy={busy}
            disabled={needsReason}
            onClick={run}
          >
            {ta(`approvals.${decision}`)}
          </Button>
        </>
      }
    >
      <p>{ta(`approvals.${decision}Hint`)}</p>
      <TextField
        label={ta(decision === 'reject' ? 'approvals.reason' : 'approvals.reasonOptional')}
        value={reason}
        required={decision === 'reject'}
        autoFocus
        onInput={setReason}
      />
      {error !== undefined && <ErrorBox error={error} />}
    </Dialog>
  );
}
