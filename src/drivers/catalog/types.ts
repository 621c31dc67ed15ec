import type {
  JobEventKind,
  JobFailure,
  JobKind,
  JobProgress,
  JobState,
  Requester,
} from '../../domain/job.ts';
import type { LinkManifest, PointKind, PointManifest } from '../../domain/manifest.ts';
import type { RestoreMode, RestoreState } from '../../domain/restore.ts';
import type { VerificationLevel, VerificationOutcome } from '../../domain/verification.ts';

/** Anything that JSON can hold; what it means is known to the workflow that wrote it. */
export type JsonObject = Record<string, unknown>;

/** A page of a list: newest first unless told, `limit` rows (100 when undefined, 10,000 at most) after the row `marker`. */
export interface Page {
  limit?: number | undefined;
  marker?: string | undefined;
  /** By a column that the list has an order for. */
  sort?: { by: string; direction: 'asc' | 'desc' } | undefined;
}

export interface JobRow {
  id: string;
  kind: JobKind;
  state: JobState;
  /** Owner in OpenStack; undefined for what belongs to no project. */
  projectId: string | undefined;
  /** What the user asked for. */
  target: JsonObject;
  /** Id of the instance or volume, or `cluster/pool/image`, that it works on; undefined for jobs on several or none. */
  sourceId: string | undefined;
  /** Everything that another worker needs to resume, written step by step by the workflow. */
  plan: JsonObject;
  /** Step that the plan was last recorded for. */
  step: string | undefined;
  progress: JobProgress;
  result: JsonObject | undefined;
  error: JobFailure | undefined;
  /** How often a worker has started it; also the fence that keeps a lost worker from writing. */
  attempt: number;
  cancelRequested: boolean;
  requestedBy: Requester;
  requestId: string | undefined;
  createdAt: Date;
  startedAt: Date | undefined;
  finishedAt: Date | undefined;
  updatedAt: Date;
}

export interface NewJob {
  id: string;
  kind: JobKind;
  projectId: string | undefined;
  target: JsonObject;
  plan?: JsonObject;
  requestedBy: Requester;
  requestId?: string | undefined;
}

export interface JobFilter extends Page {
  kind?: JobKind | undefined;
  states?: JobState[] | undefined;
  projectId?: string | undefined;
  /** Asked for at or after. */
  since?: Date | undefined;
  /** Asked for before. */
  before?: Date | undefined;
  /** Only jobs that work on this instance, volume or image (`cluster/pool/image`), or on a point of it. */
  sourceId?: string | undefined;
  /** Only what this request asked for. */
  requestId?: string | undefined;
}

/** What ended a job. */
export type JobOutcome =
  | { state: 'succeeded'; result: JsonObject }
  | { state: 'failed'; error: JobFailure }
  | { state: 'cancelled'; result?: JsonObject };

/** Told to a worker at every write, so that it need not ask. */
export interface JobPulse {
  cancelRequested: boolean;
}

export interface JobEventRow {
  /** Grows over time; watchers ask for what came after the last one they saw. */
  id: number;
  jobId: string;
  at: Date;
  kind: JobEventKind;
  data: JsonObject;
}

export type PointState = 'complete' | 'damaged' | 'deleted';

export interface PointRow {
  id: string;
  kind: PointKind;
  sourceId: string;
  sourceName: string;
  projectId: string | undefined;
  takenAt: Date;
  spreadMs: number;
  consistency: string;
  state: PointState;
  damagedReason: string | undefined;
  storeId: string;
  jobId: string | undefined;
  createdAt: Date;
  deletedAt: Date | undefined;
  /** When, how and with what outcome it was verified last; undefined before the first time. */
  verifiedAt: Date | undefined;
  verifiedLevel: VerificationLevel | undefined;
  verifiedOutcome: VerificationOutcome | undefined;
  /** When a restore of it was last compared with the store, and was the same. */
  provenAt: Date | undefined;
  /** Sums over its links; of a deleted point, as it was deleted. */
  sizeBytes: number;
  storedBytes: number;
  manifest: PointManifest;
}

/** A point and the links that end at it, as their manifests say; everything else is derived from those. */
export interface NewPoint {
  manifest: PointManifest;
  links: LinkManifest[];
  /** The job that made it; undefined when the catalog is rebuilt from a store. */
  jobId?: string | undefined;
}

export interface PointFilter extends Page {
  kind?: PointKind | undefined;
  sourceId?: string | undefined;
  sourceName?: string | undefined;
  /** What the source's name begins with, in upper or lower case. */
  namePrefix?: string | undefined;
  /** Id or name of the source. */
  source?: string | undefined;
  projectId?: string | undefined;
  storeId?: string | undefined;
  /** Taken at or after. */
  since?: Date | undefined;
  /** Taken before. */
  before?: Date | undefined;
  /** Complete and damaged ones when undefined. */
  states?: PointState[] | undefined;
}

export interface LinkRow {
  id: string;
  pointId: string;
  diskKey: string;
  kind: 'full' | 'increment';
  chainId: string;
  parentLinkId: string | undefined;
  depth: number;
  /** Name of the cluster in the configuration, and its fsid. */
  cluster: string;
  clusterId: string;
  pool: string;
  image: string;
  imageId: string;
  sizeBytes: number;
  fromSnapshot: { name: string; id: number } | undefined;
  toSnapshot: { name: string; id: number };
  /** When the to-snapshot was removed from the source; undefined while it is still there (I4). */
  snapshotReleasedAt: Date | undefined;
  plainBytes: number;
  /** Segments and index. */
  storedBytes: number;
  dataBytes: number;
  zeroBytes: number;
  storeId: string;
  state: 'complete' | 'damaged';
  damagedReason: string | undefined;
  createdAt: Date;
  manifest: LinkManifest;
}

export interface RestoreRow {
  id: string;
  /** undefined before it is approved, and for ever when it never was. */
  jobId: string | undefined;
  pointId: string;
  mode: RestoreMode;
  projectId: string | undefined;
  state: RestoreState;
  options: JsonObject;
  result: JsonObject | undefined;
  createdAt: Date;
  finishedAt: Date | undefined;
  /** Until when it can be undone; undefined for what cannot. */
  undoUntil: Date | undefined;
  /** The last job that was asked to undo it. */
  undoJobId: string | undefined;
  undoneAt: Date | undefined;
  /** When what was kept for its undo was given up. */
  undoReleasedAt: Date | undefined;
  /** undefined for restores of earlier releases. */
  requestedBy: Requester | undefined;
  /** Until when it can be approved; undefined for what needed no approval. */
  pendingUntil: Date | undefined;
  /** Who approved, rejected or withdrew it. */
  decidedBy: Requester | undefined;
  decidedAt: Date | undefined;
  decisionReason: string | undefined;
}

export interface NewRestore {
  id: string;
  jobId: string;
  pointId: string;
  mode: RestoreMode;
  projectId: string | undefined;
  options?: JsonObject;
  requestedBy?: Requester | undefined;
}

export interface RestoreFilter extends Page {
  projectId?: string | undefined;
  pointId?: string | undefined;
  /** Of any point of this instance, volume or image. */
  sourceId?: string | undefined;
  mode?: RestoreMode | undefined;
  states?: RestoreState[] | undefined;
}

export interface StoreRow {
  id: string;
  /** Without credentials (I10). */
  url: string;
  description: string | undefined;
  /** As the configuration calls it; undefined for one that no configuration names any more. */
  name: string | undefined;
  /** Where goes what names no store. */
  isDefault: boolean;
  createdAt: Date;
}

export interface AuditRow {
  id: number;
  at: Date;
  actor: JsonObject;
  action: string;
  target: JsonObject;
  result: string;
  requestId: string | undefined;
  /** Whose thing it was about; undefined for what is nobody's, and for entries of earlier releases. */
  projectId: string | undefined;
}

export interface NewAudit {
  actor: JsonObject;
  /** What was done, e.g. `restore.create`. */
  action: string;
  target: JsonObject;
  /** `allowed`, `refused`, or what came of it. */
  result: string;
  requestId?: string | undefined;
  projectId?: string | undefined;
}

export interface AuditFilter {
  since?: Date | undefined;
  before?: Date | undefined;
  action?: string | undefined;
  result?: string | undefined;
  userId?: string | undefined;
  projectId?: string | undefined;
  requestId?: string | undefined;
  /** Rows after the one with this id. */
  afterId?: number | undefined;
  /** `asc` for the oldest first. */
  order?: 'asc' | 'desc' | undefined;
  limit?: number | undefined;
}
