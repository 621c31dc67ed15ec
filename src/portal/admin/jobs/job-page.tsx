import type { VNode } from 'preact';
import { api, take } from '../../api/client.ts';
import { isFinished } from '../../api/watch-job.ts';
import { languageTag } from '../../i18n/locale.ts';
import { currentSession } from '../../session/session.ts';
import { CancelButton } from '../../tenant/cancel-job.tsx';
import { JobProgress } from '../../tenant/job-progress.tsx';
import { titleOf } from './job-title.ts';
import { useJob } from '../../tenant/use-job.ts';
import { Code } from '../../ui/code.tsx';
import { formatBytes, formatDuration } from '../../ui/format.ts';
import { Card, Facts, Page } from '../../ui/page.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { ProjectName, useProjectNames } from '../project-names.tsx';
import type { Job } from '../read.ts';
import { ta } from '../text.ts';
import { secondsOf } from './job-table.tsx';

/** A job with its steps as they come, and what is needed to find it in the service's log. */
export function JobPage({ id }: { id: string }): VNode {
  const followed = useJob(id);
  const { job, error } = followed;
  const crumbs = [{ title: ta('jobs.title'), href: '/portal/admin/jobs' }];
  if (job === undefined) {
    return (
      <Page title={ta('jobs.single')} crumbs={crumbs}>
        {error === undefined ? <Loading lines={6} /> : <ErrorBox error={error} />}
      </Page>
    );
  }
  const mayCancel = !isFinished(job) && !job.cancel_requested && currentSession()?.rights.administer === true;
  return (
    <Page
      title={titleOf(job)}
      crumbs={crumbs}
      actions={mayCancel && <CancelButton what={ta('job.cancelHint')} cancel={() => cancelJob(id)} />}
    >
      <Card title={ta('job.progress')}>
        <JobProgress followed={followed} />
      </Card>
      <JobFacts job={job} />
      <Raw title={ta('job.target')} value={job.target} />
      {job.result !== null && <Raw title={ta('job.result')} value={job.result} />}
    </Page>
  );
}

async function cancelJob(id: string): Promise<void> {
  await take(api.POST('/v1/jobs/{id}/cancel', { params: { path: { id } } }));
}

function JobFacts({ job }: { job: Job }): VNode {
  const names = useProjectNames();
  const seconds = secondsOf(job);
  const time = (at: string | null): VNode | string => (at === null ? '' : <Time at={at} absolute />);
  return (
    <Card title={ta('job.facts')}>
      <Facts
        facts={[
          [ta('column.project'), <ProjectName key="p" id={job.project_id} names={names} link />],
          [ta('job.requestedBy'), job.requested_by.user_name],
          [ta('column.created'), time(job.created_at)],
          [ta('job.started'), time(job.started_at)],
          [ta('job.finished'), time(job.finished_at)],
          [ta('column.took'), seconds === undefined ? '' : formatDuration(seconds, languageTag())],
          [ta('job.bytes'), bytesOf(job.progress)],
          [ta('job.attempts'), String(job.attempt)],
          [ta('column.request'), job.request_id === '' ? '' : <Code key="r" text={job.request_id} />],
          [ta('job.id'), <Code key="i" text={job.id} />],
        ]}
      />
      <p class="hint">{ta('job.logHint')}</p>
    </Card>
  );
}

function bytesOf(progress: Job['progress']): string {
  if (progress === null) return '';
  const { bytes_done: done, bytes_total: total } = progress;
  if (total === null) return formatBytes(done);
  return ta('job.bytesOf', { done: formatBytes(done), total: formatBytes(total) });
}

/** What the service says, as it says it. */
function Raw({ title, value }: { title: string; value: Record<string, unknown> }): VNode {
  return (
    <details class="raw">
      <summary>{title}</summary>
      <pre tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>
    </details>
  );
}
