import { useEffect, useState } from 'preact/hooks';
import type { VNode } from 'preact';
import { api, take } from '../../api/client.ts';
import { toApiError, type ApiError } from '../../api/api-error.ts';
import { followJob } from '../../api/job-stream.ts';
import { isFinished } from '../../api/watch-job.ts';
import { languageTag } from '../../i18n/locale.ts';
import { targetName } from '../../tenant/job-target.ts';
import { currentSession } from '../../session/session.ts';
import { Button } from '../../ui/button.tsx';
import { Code } from '../../ui/code.tsx';
import { formatBytes, formatDuration } from '../../ui/format.ts';
import { Card, Facts, Page } from '../../ui/page.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';
import { useAction } from '../../ui/use-action.ts';
import { useQuery } from '../../ui/use-query.ts';
import { ProjectName, useProjectNames } from '../project-names.tsx';
import { at as withSignal, type Job } from '../read.ts';
import { ta, word } from '../text.ts';
import { State } from '../words.tsx';
import { Progress, secondsOf } from './job-table.tsx';

const refreshMs = 3000;

/** A job with its steps as they come, and what is needed to find it in the service's log. */
export function JobPage({ id }: { id: string }): VNode {
  const job = useQuery(
    `admin/job/${id}`,
    async (signal) =>
      (await take(api.GET('/v1/jobs/{id}', { params: { path: { id } }, ...withSignal(signal) }))).job,
    { refreshMs },
  );
  const { data, error, reload } = job;
  const title =
    data === undefined
      ? ta('jobs.one')
      : ta('job.of', { kind: word('kind', data.kind), target: targetName(data) });
  return (
    <Page
      title={title}
      crumbs={[{ title: ta('jobs.title'), href: '/portal/admin/jobs' }]}
      aside={data && <State state={data.state} />}
      actions={data && <CancelButton job={data} onAsked={reload} />}
    >
      {data === undefined && error === undefined && <Loading />}
      {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
      {data !== undefined && (
        <>
          <JobFacts job={data} />
          {data.error !== null && <Failure job={data} failure={data.error} />}
          <Steps key={id} job={data} />
          <Raw title={ta('job.target')} value={data.target} />
          {data.result !== null && <Raw title={ta('job.result')} value={data.result} />}
        </>
      )}
    </Page>
  );
}

function JobFacts({ job }: { job: Job }): VNode {
  const names = useProjectNames();
  const seconds = secondsOf(job);
  const { progress } = job;
  return (
    <Card>
      <Progress job={job} />
      <Facts
        facts={[
          [ta('column.project'), <ProjectName key="p" id={job.project_id} names={names} link />],
          [ta('job.requestedBy'), job.requested_by.user_name],
          [ta('column.created'), <Time key="c" at={job.created_at} absolute />],
          ...(job.started_at === null
            ? []
            : ([[ta('job.started'), <Time key="s" at={job.started_at} absolute />]] as const)),
          ...(job.finished_at === null
            ? []
            : ([[ta('job.finished'), <Time key="f" at={job.finished_at} absolute />]] as const)),
          ...(seconds === undefined
            ? []
            : ([[ta('column.took'), formatDuration(seconds, languageTag())]] as const)),
          ...(progress === null || progress.bytes_done === 0
            ? []
            : ([[ta('job.bytes'), bytesOf(progress)]] as const)),
          [ta('job.attempts'), String(job.attempt)],
          [ta('column.request'), job.request_id === '' ? '' : <Code key="r" text={job.request_id} />],
          [ta('job.id'), <Code key="i" text={job.id} />],
        ]}
      />
      <p class="hint">{ta('job.logHint')}</p>
    </Card>
  );
}

function bytesOf({ bytes_done: done, bytes_total: total }: NonNullable<Job['progress']>): string {
  if (total === null) return formatBytes(done);
  return ta('job.bytesOf', { done: formatBytes(done), total: formatBytes(total) });
}

function Failure({ job, failure }: { job: Job; failure: NonNullable<Job['error']> }): VNode {
  return (
    <div class="error-box" role="alert">
      <p class="error-title">{ta('job.failed', { kind: word('kind', job.kind) })}</p>
      <p class="error-said" lang="en">
        {failure.message}
      </p>
      <p class="error-facts">
        <span>
          {ta('job.code')} <code>{failure.type}</code>
        </span>
      </p>
    </div>
  );
}

interface Step {
  id: number;
  at: string;
  name: string;
}

/** The steps of the job from its events; goes on with them until the job ends. */
function Steps({ job }: { job: Job }): VNode {
  const [steps, setSteps] = useState<readonly Step[]>([]);
  const [error, setError] = useState<ApiError | undefined>(undefined);
  useEffect(() => {
    const left = new AbortController();
    followJob(
      job.id,
      {
        event: ({ id, at, kind, data }) => {
          const name = kind === 'step' ? data['step'] : kind === 'state' ? data['state'] : undefined;
          if (typeof name !== 'string') return;
          setSteps((before) =>
            before.some((step) => step.id === id) ? before : [...before, { id, at, name }],
          );
        },
        progress: () => undefined,
        connection: () => undefined,
      },
      left.signal,
    ).catch((thrown: unknown) => {
      if (!left.signal.aborted) setError(toApiError(thrown));
    });
    return () => left.abort();
  }, [job.id]);
  return (
    <Card title={ta('job.steps')}>
      {error !== undefined && <ErrorBox error={error} />}
      <ol class="job-steps" aria-live={isFinished(job) ? 'off' : 'polite'}>
        {steps.map(({ id, at, name }) => (
          <li key={id}>
            <span>{word('state', name)}</span> <Time at={at} absolute />
          </li>
        ))}
      </ol>
    </Card>
  );
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

function CancelButton({ job, onAsked }: { job: Job; onAsked: () => void }): VNode | null {
  const { busy, error, run } = useAction(async () => {
    await take(api.POST('/v1/jobs/{id}/cancel', { params: { path: { id: job.id } } }));
    toast(ta('job.cancelAsked'));
    onAsked();
  });
  if (isFinished(job) || currentSession()?.rights.administer !== true) return null;
  return (
    <>
      <Button look="danger" busy={busy} disabled={job.cancel_requested} onClick={run}>
        {job.cancel_requested ? ta('job.cancelling') : ta('job.cancel')}
      </Button>
      {error !== undefined && <ErrorBox error={error} />}
    </>
  );
}
