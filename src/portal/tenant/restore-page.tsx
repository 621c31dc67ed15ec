import type { VNode } from 'preact';
import { useRoute } from 'preact-iso';
import { api, take } from '../api/client.ts';
import type { Job, Restore } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { currentSession } from '../session/session.ts';
import { LinkButton } from '../ui/button.tsx';
import { Code } from '../ui/code.tsx';
import { Card, Facts, Page } from '../ui/page.tsx';
import { ErrorBox, Loading } from '../ui/states.tsx';
import { Time } from '../ui/time.tsx';
import { useQuery } from '../ui/use-query.ts';
import { CancelButton } from './cancel-job.tsx';
import { JobProgress } from './job-progress.tsx';
import { RestoreBadge } from './restore-columns.tsx';
import { RestoreResult } from './restore-result.tsx';
import { UndoCard } from './undo-card.tsx';
import { readPoint } from './point-page.tsx';
import { useJob, type FollowedJob } from './use-job.ts';

const refreshMs = 10_000;

/** One restore: what was asked for, how it goes on, what it made, and the way back. */
export function RestorePage(): VNode {
  const { params } = useRoute();
  const id = params['id'] ?? '';
  const query = useQuery(`restore ${id}`, (signal) => readRestore(id, signal), { refreshMs });
  if (query.data !== undefined) return <RestoreView restore={query.data} onChanged={query.reload} />;
  return (
    <Page title={t('restore.single')} crumbs={[{ title: t('restores.title'), href: '/portal/restores' }]}>
      {query.error === undefined ? (
        <Loading lines={8} />
      ) : (
        <ErrorBox error={query.error} onRetry={query.reload} />
      )}
    </Page>
  );
}

async function readRestore(id: string, signal: AbortSignal): Promise<Restore> {
  return (await take(api.GET('/v1/restores/{id}', { params: { path: { id } }, signal }))).restore;
}

interface RestoreViewProps {
  restore: Restore;
  onChanged: () => void;
}

function RestoreView({ restore, onChanged }: RestoreViewProps): VNode {
  const point = useQuery(`point ${restore.point_id}`, (signal) => readPoint(restore.point_id, signal)).data;
  const followed = useJob(restore.job_id ?? undefined, onChanged);
  const undo = useJob(restore.undo_job_id ?? undefined, onChanged);
  const name = point?.source_name ?? '';
  // What an undone restore made is gone, or was put aside.
  const hasResult = restore.state !== 'undone' && (restore.disks.length > 0 || restore.instance !== null);
  return (
    <Page
      title={t(`restoreTitle.${restore.mode}`, { name })}
      crumbs={[{ title: t('restores.title'), href: '/portal/restores' }]}
      aside={<RestoreBadge state={restore.state} />}
      actions={
        <>
          {point !== undefined && (
            <LinkButton href={`/portal/points/${point.id}`}>{t('job.point')}</LinkButton>
          )}
          {isCancellable(restore, followed.job) && <CancelRestore restore={restore} onChanged={onChanged} />}
        </>
      }
    >
      <Approval restore={restore} />
      {restore.undo_job_id !== null && <ProgressCard title={t('undo.progress')} followed={undo} />}
      {restore.job_id !== null && <ProgressCard title={t('job.progress')} followed={followed} />}
      {isUndoable(restore) && <UndoCard restore={restore} name={name} onAsked={onChanged} />}
      {hasResult && <RestoreResult restore={restore} />}
      <Card title={t('job.facts')}>
        <Facts facts={factsOf(restore)} />
      </Card>
    </Page>
  );
}

function ProgressCard({ title, followed }: { title: string; followed: FollowedJob }): VNode {
  return (
    <Card title={title}>
      <JobProgress followed={followed} />
    </Card>
  );
}

function isCancellable({ state }: Restore, job: Job | undefined): boolean {
  const isOpen = state === 'pending' || state === 'queued' || state === 'running';
  return isOpen && job?.cancel_requested !== true && currentSession()?.rights.change === true;
}

function isUndoable({ state, undo_job_id: undoJob, undo_until: until }: Restore): boolean {
  return (
    state === 'succeeded' && undoJob === null && until !== null && currentSession()?.rights.change === true
  );
}

function CancelRestore({ restore: { id, state }, onChanged }: RestoreViewProps): VNode {
  return (
    <CancelButton
      what={t(state === 'pending' ? 'restore.withdraw.what' : 'job.cancel.what')}
      cancel={async () => {
        await take(api.POST('/v1/restores/{id}/cancel', { params: { path: { id } }, body: {} }));
        onChanged();
      }}
    />
  );
}

/** Where an approval was needed: that it waits, or who decided what, and why. */
function Approval({ restore: { state, approval } }: { restore: Restore }): VNode | null {
  if (approval === null) return null;
  const { decided_by: by, decided_at: at, reason, pending_until: until } = approval;
  return (
    <Card title={t('approval.title')}>
      {state === 'pending' ? (
        <p>
          {t('approval.waits')} <Time at={until} absolute />
        </p>
      ) : (
        <p>
          {by !== null && at !== null ? (
            <>
              {t('approval.decided', { name: by.user_name })} <Time at={at} absolute />
            </>
          ) : (
            t('approval.expired')
          )}
        </p>
      )}
      {reason !== null && <blockquote>{reason}</blockquote>}
    </Card>
  );
}

function factsOf(restore: Restore): [string, VNode | string][] {
  const time = (at: string | null): VNode | string => (at === null ? '-' : <Time at={at} absolute />);
  return [
    [t('column.mode'), t(`mode.${restore.mode}`)],
    [t('column.by'), restore.requested_by?.user_name ?? '-'],
    [t('column.created'), time(restore.created_at)],
    [t('column.finished'), time(restore.finished_at)],
    ...(restore.undone_at === null
      ? []
      : ([[t('restore.undoneAt'), time(restore.undone_at)]] as [string, VNode][])),
    ['ID', <Code text={restore.id} />],
  ];
}
