import { oneLine } from './human.ts';
import { textColumn, timeColumn, type Column } from './output/columns.ts';
import type { WireJob } from './wire.ts';

function field(job: WireJob, key: string): string | undefined {
  const value = job.target[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What the job works on, by the name that a person would use. */
export function targetOf(job: WireJob): string {
  const pool = field(job, 'pool');
  const image = field(job, 'image');
  if (pool !== undefined && image !== undefined) return `image ${pool}/${image}`;
  const pointId = field(job, 'point_id');
  if (pointId !== undefined) return `point ${pointId}`;
  return [field(job, 'kind'), field(job, 'name') ?? field(job, 'id')]
    .filter((word) => word !== undefined)
    .join(' ');
}

/** `backup of instance web-01`, safe for a line on a terminal. */
export function titleOf(job: WireJob): string {
  const target = field(job, 'source_name') ?? targetOf(job);
  return oneLine(target === '' ? `${job.kind} ${job.id}` : `${job.kind} of ${target}`);
}

export function pointIdOf(job: WireJob): string | null {
  const pointId = job.result?.['point_id'] ?? job.target['point_id'];
  return typeof pointId === 'string' ? pointId : null;
}

export const jobColumns: readonly Column<WireJob>[] = [
  textColumn('ID', ({ id }) => id),
  textColumn('Kind', ({ kind }) => kind),
  textColumn('Target', targetOf),
  textColumn('State', ({ state }) => state),
  {
    title: 'Progress',
    value: ({ progress }) => progress,
    human: percentOf,
  },
  timeColumn('Created At', ({ created_at: time }) => time),
  timeColumn('Finished At', ({ finished_at: time }) => time),
];

export const jobFields: readonly Column<WireJob>[] = [
  textColumn('id', ({ id }) => id),
  textColumn('kind', ({ kind }) => kind),
  textColumn('state', ({ state }) => state),
  { title: 'target', value: ({ target }) => target, human: targetOf },
  textColumn('step', ({ step }) => step),
  { title: 'progress', value: ({ progress }) => progress },
  { title: 'cancel_requested', value: ({ cancel_requested: asked }) => asked },
  { title: 'attempt', value: ({ attempt }) => attempt },
  textColumn('requested_by', ({ requested_by: by }) => by.user_name),
  textColumn('request_id', ({ request_id: id }) => id),
  textColumn('project_id', ({ project_id: id }) => id),
  timeColumn('created_at', ({ created_at: time }) => time),
  timeColumn('started_at', ({ started_at: time }) => time),
  timeColumn('finished_at', ({ finished_at: time }) => time),
  { title: 'result', value: ({ result }) => result },
  {
    title: 'error',
    value: ({ error }) => error,
    human: ({ error }) => (error === null ? '' : `${error.message} (${error.type})`),
  },
];

function percentOf(job: WireJob): string {
  const part = fractionOf(job);
  return part === undefined || job.state !== 'running' ? '' : `${Math.floor(part * 100)} %`;
}

/** 0 to 1; undefined while it is not known. */
function fractionOf({ progress }: Pick<WireJob, 'progress'>): number | undefined {
  if (progress?.bytes_total == null || progress.bytes_total === 0) return undefined;
  return Math.min(1, progress.bytes_done / progress.bytes_total);
}
