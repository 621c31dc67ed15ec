import type { VNode } from 'preact';
import { useRoute } from 'preact-iso';
import { api, take } from '../api/client.ts';
import type { Job } from '../api/types.ts';
import { isFinished } from '../api/watch-job.ts';
import { t } from '../i18n/locale.ts';
import { currentSession } from '../session/session.ts';
import { LinkButton } from '../ui/button.tsx';
import { Code } from '../ui/code.tsx';
import { Card, Facts, Page } from '../ui/page.tsx';
import { ErrorBox, Loading } from '../ui/states.tsx';
import { Time } from '../ui/time.tsx';
import { CancelButton } from './cancel-job.tsx';
import { jobTitle } from './job-columns.tsx';
import { JobProgress } from './job-progress.tsx';
import { pointOf } from './job-target.ts';
import { useJob } from './use-job.ts';
import { VerifyResult } from './verify-result.tsx';

/** One job, followed while it runs. */
export function JobPage(): VNode {
  const { params } = useRoute();
  const id = params['id'] ?? '';
  const followed = useJob(id);
  const { job, error } = followed;
  const crumbs = [{ title: t('jobs.title'), href: '/portal/jobs' }];
  if (job === undefined) {
    return (
      <Page title={t('job.title')} crumbs={crumbs}>
        {error === undefined ? <Loading lines={8} /> : <ErrorBox error={error} />}
      </Page>
    );
  }
  const mayChange = currentSession()?.rights.change === true;
  const pointId = pointOf(job);
  const hasPoint = pointId !== undefined && (job.kind !== 'backup' || job.state === 'succeeded');
  return (
    <Page
      title={jobTitle(job)}
      crumbs={crumbs}
      actions={
        <>
          {hasPoint && <LinkButton href={`/portal/points/${pointId}`}>{t('job.point')}</LinkButton>}
          {mayChange && !isFinished(job) && !job.cancel_requested && (
            <CancelButton what={t('job.cancel.what')} cancel={() => cancelJob(id)} />
          )}
        </>
      }
    >
      <Card title={t('job.progress')}>
        <JobProgress followed={followed} />
      </Card>
      <VerifyResult job={job} />
      <Card title={t('job.facts')}>
        <Facts facts={factsOf(job)} />
      </Card>
    </Page>
  );
}

async function cancelJob(id: string): Promise<void> {
  await take(api.POST('/v1/jobs/{id}/cancel', { params: { path: { id } } }));
}

function factsOf(job: Job): [string, VNode | string][] {
  const time = (at: string | null): VNode | string => (at === null ? '-' : <Time at={at} absolute />);
  return [
    [t('column.by'), job.requested_by.user_name],
    [t('column.created'), time(job.created_at)],
    [t('column.started'), time(job.started_at)],
    [t('column.finished'), time(job.finished_at)],
    [t('error.requestId'), <Code text={job.request_id} />],
    ['ID', <Code text={job.id} />],
  ];
}
