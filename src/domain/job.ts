/** One run of a workflow on a worker, as users and workers see it. */
export const jobKinds = ['backup', 'restore', 'undo', 'verify', 'expire', 'rebuild', 'reconcile'] as const;
export type JobKind = (typeof jobKinds)[number];

export const jobStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];

/** How a job can end. */
export const finalJobStates = ['succeeded', 'failed', 'cancelled'] as const satisfies JobState[];
export type FinalJobState = (typeof finalJobStates)[number];

/** Who asked for something, as Keystone knew them at that moment. */
export interface Requester {
  userId: string;
  userName: string;
  projectId?: string | undefined;
  projectName?: string | undefined;
  roles: readonly string[];
}

/** How far a job is; workflows may add numbers of their own. */
export interface JobProgress {
  bytesDone: number;
  /** Absent while it is not known. */
  bytesTotal?: number;
  [key: string]: unknown;
}

/** Why a job failed: what `AppError` says of itself. */
export interface JobFailure {
  code: string;
  message: string;
  details: Record<string, unknown>;
}

/** What a job's watchers are told, in order. */
export type JobEventKind = 'step' | 'progress' | 'log' | 'state';

// `running` to `running` is another worker taking over from one that died (I9).
const nextStates: Record<JobState, readonly JobState[]> = {
  queued: ['running', 'failed', 'cancelled'],
  running: ['running', 'succeeded', 'failed', 'cancelled'],
  succeeded: [],
  failed: [],
  cancelled: [],
};

export function canMoveJob(from: JobState, to: JobState): boolean {
  return nextStates[from].includes(to);
}

/** The states that a job can be in before it moves to the given one. */
export function statesBefore(to: JobState): JobState[] {
  return jobStates.filter((from) => canMoveJob(from, to));
}

export function isFinishedJob(state: JobState): state is FinalJobState {
  return nextStates[state].length === 0;
}

/** A job as everybody sees it; the workflow's recorded plan stays inside the catalog. */
export interface Job {
  id: string;
  kind: JobKind;
  state: JobState;
  /** Owner of what the job works on; null for bare images. */
  projectId: string | null;
  /** What was asked for. */
  target: Record<string, unknown>;
  /** Step that was recorded last; null before the first. */
  step: string | null;
  progress: JobProgress | null;
  result: Record<string, unknown> | null;
  error: JobFailure | null;
  attempt: number;
  cancelRequested: boolean;
  requestedBy: Requester;
  requestId: string;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
}

export interface JobEvent {
  /** Grows over all jobs; what a watcher passes to go on after it. */
  id: number;
  jobId: string;
  at: Date;
  kind: JobEventKind;
  data: Record<string, unknown>;
}
