import { jobKinds, jobStates, type Job, type JobEvent, type JobProgress } from '../../../domain/job.ts';
import { damageReasonOf } from '../../../domain/damage-reasons.ts';
import { findingLineOf } from '../../../domain/finding-words.ts';
import { jobStepOf } from '../../../domain/job-steps.ts';
import { noteOf } from '../../../domain/notes.ts';
import type { SaidText } from '../../../domain/said-text.ts';
import { bytes, timestamp } from '../schemas/common.ts';
import { presentNested } from '../schemas/said-params.ts';
import { shownDetails } from '../shown-details.ts';
import { snakeKeys } from '../snake-keys.ts';
import { z } from '../zod.ts';

const freeForm = z.record(z.string(), z.unknown());

export const jobKind = z.enum(jobKinds);
export const jobState = z.enum(jobStates);

export const progressSchema = z.looseObject({ bytes_done: bytes, bytes_total: bytes.nullable() });

export const jobSchema = z
  .strictObject({
    id: z.string(),
    kind: jobKind,
    state: jobState,
    project_id: z.string().nullable(),
    target: freeForm.openapi({
      description: 'What the job works on: kind, with id and name, or pool and image.',
    }),
    step: z.string().nullable(),
    progress: progressSchema
      .nullable()
      .openapi({ description: 'bytes_total is null while it is not known.' }),
    attempt: z.number().int().openapi({ description: 'How often a worker has started it.' }),
    request_id: z.string(),
    cancel_requested: z.boolean(),
    result: freeForm.nullable().openapi({
      description:
        'Of a verification: its points with the `reason` in English, and where that has one its `reason_code` with `reason_params`. Of a reconciliation its `problems`, and with codes as `problems_said`.',
    }),
    error: z.strictObject({ type: z.string(), message: z.string(), details: freeForm }).nullable(),
    requested_by: z.strictObject({ user_id: z.string(), user_name: z.string() }),
    created_at: timestamp,
    started_at: timestamp.nullable(),
    finished_at: timestamp.nullable(),
  })
  .openapi('Job');

export const jobEventSchema = z
  .strictObject({
    id: z.number().int(),
    job_id: z.string(),
    at: timestamp,
    kind: z.enum(['step', 'progress', 'log', 'state']),
    data: freeForm.openapi({
      description:
        'Of a `step` its English text as `step`, of a `log` as `message`; and where the text has one its stable `code` with `params` that stand in it; a parameter that is itself such a text has its own as `NAME_code` and `NAME_params`.',
    }),
  })
  .openapi('JobEvent');

type Progress = NonNullable<z.input<typeof jobSchema>['progress']>;

export function presentJob(job: Job, isAdmin: boolean): z.input<typeof jobSchema> {
  const { error } = job;
  return {
    id: job.id,
    kind: job.kind,
    state: job.state,
    project_id: job.projectId,
    target: presentTarget(job.target),
    step: job.step,
    progress: job.progress === null ? null : presentProgress(job.progress),
    attempt: job.attempt,
    request_id: job.requestId,
    cancel_requested: job.cancelRequested,
    result: job.result === null ? null : presentResult(job.result),
    error:
      error === null
        ? null
        : {
            type: error.code,
            message: error.message,
            details: shownDetails(error.code, error.details, isAdmin),
          },
    requested_by: { user_id: job.requestedBy.userId, user_name: job.requestedBy.userName },
    created_at: job.createdAt.toISOString(),
    started_at: job.startedAt?.toISOString() ?? null,
    finished_at: job.finishedAt?.toISOString() ?? null,
  };
}

function presentResult(result: Record<string, unknown>): Record<string, unknown> {
  const shown = snakeKeys(result);
  for (const key of ['damaged_points', 'unverified_points']) {
    const points = shown[key];
    if (Array.isArray(points)) shown[key] = points.map((point) => withReasonCode(partOf(point)));
  }
  const { problems } = shown;
  if (Array.isArray(problems)) shown['problems_said'] = problems.map((text) => presentProblem(String(text)));
  return shown;
}

function presentProblem(text: string): Record<string, unknown> {
  const said = noteOf(text);
  return { text, code: said?.code ?? null, params: presentNested(said?.params ?? {}) };
}

function withReasonCode(point: Record<string, unknown>): Record<string, unknown> {
  const said = typeof point['reason'] === 'string' ? damageReasonOf(point['reason']) : undefined;
  return said === undefined ? point : { ...point, reason_code: said.code, reason_params: said.params };
}

export function presentJobEvent(event: JobEvent, isAdmin: boolean): z.input<typeof jobEventSchema> {
  return {
    id: event.id,
    job_id: event.jobId,
    at: event.at.toISOString(),
    kind: event.kind,
    data: presentEventData(event.data, isAdmin),
  };
}

export function presentProgress({ bytesDone, bytesTotal, ...more }: JobProgress): Progress {
  return { ...snakeKeys(more), bytes_done: bytesDone, bytes_total: bytesTotal ?? null };
}

/** What was asked for, flat: what a backup works on (an image by pool and name), or what a restore brings back. */
function presentTarget(asked: Record<string, unknown>): Record<string, unknown> {
  const flat = { ...asked, ...partOf(asked['target']) };
  const shown: Record<string, unknown> = { ...flat, ...partOf(flat['location']) };
  // The project of whoever asked is not the owner's business (I7).
  for (const key of ['target', 'location', 'callerProjectId']) Reflect.deleteProperty(shown, key);
  return snakeKeys(shown);
}

function partOf(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...value } : {};
}

/** The code of a step or of a note. */
function saidIn({ step, message }: Record<string, unknown>): SaidText<string> | undefined {
  if (typeof step === 'string') return jobStepOf(step);
  return typeof message === 'string' ? (findingLineOf(message) ?? noteOf(message)) : undefined;
}

/** A job's last event tells its failure too. */
function presentEventData(
  { error, ...data }: Record<string, unknown>,
  isAdmin: boolean,
): Record<string, unknown> {
  const said = saidIn(data);
  if (said !== undefined) return { ...snakeKeys(data), code: said.code, params: presentNested(said.params) };
  if (error === undefined || error === null) return snakeKeys(data);
  const { code, message, details } = partOf(error);
  return {
    ...snakeKeys(data),
    error: { type: code, message, details: shownDetails(String(code), partOf(details), isAdmin) },
  };
}
