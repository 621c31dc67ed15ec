import { AppError, errorFamilies, type ErrorCode } from '../../base/errors.ts';
import { say, type CliContext } from './context.ts';
import { exitPartial } from './exit-codes.ts';
import { createReporter } from './job-reporter.ts';
import { titleOf } from './job-view.ts';
import type { Session } from './session.ts';
import { watchJob } from './watch-job.ts';
import type { WireJob } from './wire.ts';

/**
 * Waits for jobs one after the other (each one's events are kept, so nothing is missed) and returns how they ended.
 * The first interrupt cancels them when the service is this process, since nobody else would go on with them; a
 * service elsewhere goes on, and the user is told how to stop it. Either way CANCELLED_BY_USER is thrown then.
 */
export async function waitForJobs(
  context: CliContext,
  session: Session,
  jobs: readonly WireJob[],
): Promise<WireJob[]> {
  const reporter = await createReporter(context.deps.stderr, context.deps.isTty.stderr);
  const ended: WireJob[] = [];
  try {
    for (const job of jobs) ended.push(await watchJob(session.client, job, reporter));
    return ended;
  } catch (error) {
    if (!context.interrupted.aborted) throw error;
    const rest = jobs.filter(({ id }) => !ended.some((job) => job.id === id));
    await (session.isOwnService ? cancelJobs(context, session, rest) : leaveJobs(context, session, rest));
    throw new AppError('CANCELLED_BY_USER', 'interrupted', { cause: error });
  }
}

async function cancelJobs(
  context: CliContext,
  { lastingClient }: Session,
  jobs: readonly WireJob[],
): Promise<void> {
  say(
    context,
    'Interrupted: cancelling, and undoing what was begun (press Ctrl-C again to leave at once) ...',
  );
  for (const job of jobs) {
    await lastingClient.post(`/v1/jobs/${job.id}/cancel`).catch((error: unknown) => {
      // It may have ended by itself meanwhile.
      if (!(error instanceof AppError && error.code.startsWith('CONFLICT_'))) throw error;
    });
  }
  const silent = { begin: () => undefined, event: () => undefined, end: () => undefined };
  for (const job of jobs) {
    const { state } = await watchJob(lastingClient, job, silent);
    say(context, `${titleOf(job)}: job ${job.id} ${state}`);
  }
}

function leaveJobs(context: CliContext, { client }: Session, jobs: readonly WireJob[]): Promise<void> {
  for (const { id } of jobs) {
    say(
      context,
      `Interrupted: job ${id} goes on in the service at ${client.url}. Follow it with \`emberkeep job watch ${id}\`, stop it with \`emberkeep job cancel ${id}\`.`,
    );
  }
  return Promise.resolve();
}

/** Throws what the jobs failed of; when only some of them did, says so and lets the others' results be shown. */
export function settle(context: CliContext, jobs: readonly WireJob[]): void {
  const bad = jobs.filter(({ state }) => state !== 'succeeded');
  const [first] = bad;
  if (first === undefined) return;
  if (jobs.length === 1) throw failureOf(first);
  for (const job of bad) say(context, `${titleOf(job)}: ${failureOf(job).message}`);
  if (bad.length === jobs.length) {
    throw new AppError(
      failureOf(first).code,
      `all ${jobs.length} jobs failed; the first: ${failureOf(first).message}`,
    );
  }
  say(context, `emberkeep: ${bad.length} of ${jobs.length} jobs did not succeed; see \`emberkeep job list\``);
  context.exitCode = exitPartial;
}

export function failureOf(job: WireJob): AppError {
  if (job.state === 'cancelled') {
    return new AppError('CANCELLED_JOB', `${titleOf(job)} was cancelled (job ${job.id})`);
  }
  const { type = 'BUG_NO_REASON', message = 'no reason was recorded', details = {} } = job.error ?? {};
  const isKnown = errorFamilies.some((family) => type.startsWith(`${family}_`));
  return new AppError(isKnown ? (type as ErrorCode) : 'BUG_SERVICE', `${titleOf(job)} failed: ${message}`, {
    details: { ...details, jobId: job.id, requestId: job.request_id },
  });
}
