import type { VNode } from 'preact';
import type { Job, JobEvent } from '../api/types.ts';
import { isFinished } from '../api/watch-job.ts';
import { languageTag, t } from '../i18n/locale.ts';
import { Code } from '../ui/code.tsx';
import { formatBytes, formatDuration } from '../ui/format.ts';
import { ErrorBox } from '../ui/states.tsx';
import { Time } from '../ui/time.tsx';
import { ErrorSaid, Said } from '../ui/said.tsx';
import { JobBadge } from './job-columns.tsx';
import { fractionOf } from './job-target.ts';
import { rateOf, secondsLeft } from './transfer-rate.ts';
import type { FollowedJob } from './use-job.ts';

/** How a job goes on: its step, its bytes, its rate, what is left, and what it did so far. */
export function JobProgress({ followed }: { followed: FollowedJob }): VNode {
  const { job, events, connection, error } = followed;
  return (
    <div class="progress">
      {error !== undefined && <ErrorBox error={error} />}
      {job !== undefined && (
        <>
          <p class="progress-state">
            <JobBadge state={job.state} />
            {job.cancel_requested && !isFinished(job) && <span>{t('job.cancelling')}</span>}
            {job.attempt > 1 && <span class="hint">{t('job.attempt', { attempt: job.attempt })}</span>}
          </p>
          {job.state === 'running' && <Transfer followed={followed} job={job} />}
          {connection === 'lost' && !isFinished(job) && (
            <p class="hint" role="status">
              {t('job.reconnecting')}
            </p>
          )}
          {job.error !== null && <JobFailure job={job} />}
        </>
      )}
      {events.length > 0 && <Steps events={events} />}
    </div>
  );
}

function Transfer({ followed: { samples }, job }: { followed: FollowedJob; job: Job }): VNode {
  const done = job.progress?.bytes_done ?? 0;
  const total = job.progress?.bytes_total ?? undefined;
  const fraction = fractionOf(job.progress);
  const rate = rateOf(samples);
  const left = secondsLeft(done, total, rate);
  const facts = [
    total === undefined
      ? formatBytes(done)
      : t('job.bytes', { done: formatBytes(done), total: formatBytes(total) }),
    ...(rate === undefined ? [] : [t('job.rate', { rate: formatBytes(rate) })]),
    ...(left === undefined ? [] : [t('job.left', { left: formatDuration(left, languageTag()) })]),
  ];
  return (
    <>
      <progress max={1} value={fraction} aria-label={t('job.progress')} />
      <p class="hint">{done === 0 && total === undefined ? t('job.noBytes') : facts.join(' · ')}</p>
      {/* Said aloud in tenths: every change would drown everything else. */}
      <p class="sr-only" role="status">
        {fraction !== undefined && t('job.percent', { percent: Math.floor(fraction * 10) * 10 })}
      </p>
    </>
  );
}

/** What the job said when it failed, with the request id under which the logs have it. */
export function JobFailure({ job }: { job: Job }): VNode | null {
  if (job.error === null) return null;
  return (
    <div class="error-box" role="alert">
      <p class="error-title">{t('job.failed')}</p>
      <ErrorSaid code={job.error.type} english={job.error.message} />
      <p class="error-facts">
        <span>
          {t('error.code')} <code>{job.error.type}</code>
        </span>
        <span>
          {t('error.requestId')} <Code text={job.request_id} />
        </span>
      </p>
    </div>
  );
}

function Steps({ events }: { events: readonly JobEvent[] }): VNode {
  return (
    <section>
      <h3>{t('job.steps')}</h3>
      <ol class="steps" aria-live="polite" aria-relevant="additions">
        {events.map((event) => {
          const text = textOf(event);
          const { code, params } = event.data;
          return (
            text !== undefined && (
              <li key={event.id} class={event.kind}>
                <span class="step-time">
                  <Time at={event.at} clock />
                </span>
                {event.kind === 'state' ? (
                  <span>{text}</span>
                ) : (
                  <Said kind={wordsOf(event)} code={code} params={params} english={text} />
                )}
              </li>
            )
          );
        })}
      </ol>
    </section>
  );
}

function wordsOf({ kind, data: { code } }: JobEvent): 'note' | 'finding' | 'jobStep' {
  if (kind !== 'log') return 'jobStep';
  return String(code).startsWith('finding-') ? 'finding' : 'note';
}

function textOf({ kind, data }: JobEvent): string | undefined {
  const key = { step: 'step', log: 'message', state: 'state', progress: '' }[kind];
  const text = data[key];
  if (typeof text !== 'string') return undefined;
  const state = `jobState.${text}`;
  return kind === 'state' && t.has(state) ? t(state) : text;
}
