/** What a running job has around it, whoever runs it: entry/worker provides it, backup and restore use it. */
export interface JobContext<Plan> {
  readonly jobId: string;
  /** What an earlier attempt recorded; undefined on the first. */
  readonly plan: Plan | undefined;
  /** Aborted when the user cancels, the locks are lost or the service stops. */
  readonly signal: AbortSignal;
  /**
   * True when the job will go on elsewhere (the service stops, the locks are lost): then nothing may be undone,
   * since the next attempt resumes from the recorded plan.
   */
  willResume(): boolean;
  /** Durable when it resolves; throws CONFLICT_STALE_ATTEMPT when another attempt has begun (I9). */
  record(step: string, plan: Plan): Promise<void>;
  /** For people who watch; may be dropped when it comes too often. */
  progress(progress: JobProgress): void;
  note(message: string): Promise<void>;
  /** Waits until this job alone works on all of them, cluster-wide (I9). */
  lock(names: readonly string[]): Promise<void>;
}

export interface JobProgress {
  /** Bytes of the disks' address space that are dealt with. */
  bytesDone: number;
  bytesTotal: number;
  /** Bytes that went into or came out of the store so far. */
  storedBytes: number;
}
