import type { Caller } from '../domain/access.ts';
import type { Disk } from '../domain/disk.ts';
import type { Expiration, ExpirationRequest } from '../domain/expiration.ts';
import type { InstanceDescription } from '../domain/instance.ts';
import type { Job, JobEvent, JobKind, JobProgress, Requester } from '../domain/job.ts';
import type { Consistency, PointKind, PointManifest } from '../domain/manifest.ts';
import type { PlannedRestore } from '../domain/planned-restore.ts';
import type { ReconciliationRequest } from '../domain/reconciliation.ts';
import type {
  RestoreMode,
  RestoreRequest,
  RestoreState,
  RestoredDisk,
  RestoredInstance,
} from '../domain/restore.ts';
import type { Protection, ProtectionState } from '../domain/protection.ts';
import type { ProtectionSort } from './inventory/source-order.ts';
import type { BackupTarget } from '../domain/target.ts';
import type { Verification, VerificationRequest } from '../domain/verification.ts';
import type { ApprovalOperations } from './approvals/approval-operations.ts';
import type { AuditOperations } from './audit/list-audit.ts';
import type { CoverageOperations } from './coverage/coverage-operations.ts';
import type { DiskOperations } from './inventory/list-disks.ts';
import type { StoreFilter, StoreSummary } from './inventory/list-stores.ts';
import type { VolumeFilter, VolumeSummary } from './inventory/list-volumes.ts';
import type { Page, PageRequest, SortedPageRequest } from './page.ts';
import type { PolicyOperations } from './policies/policy-operations.ts';
import type { FindingOperations } from './reconcile/list-findings.ts';
import type { RebuildRequest } from './rebuild/run.ts';
import type { OverviewOperations } from './watch/overview.ts';

export type { Page, PageRequest };

/**
 * Everything that the service can do for a caller: the one face that the API shows over HTTP. Each operation
 * authorises its caller itself and throws AppError; compose.ts puts them together from the workflows.
 */
export interface Operations {
  listInstances(caller: Caller, filter: InstanceFilter): Promise<Page<InstanceSummary>>;
  showInstance(caller: Caller, nameOrId: string): Promise<InstanceDetail>;

  /** One job for an instance, volume or image; one a disk for a pool. */
  requestBackup(caller: Caller, request: BackupRequest): Promise<Job[]>;

  listPoints(caller: Caller, filter: PointFilter): Promise<Page<PointSummary>>;
  showPoint(caller: Caller, pointId: string): Promise<PointDetail>;

  requestRestore(caller: Caller, request: RestoreRequest): Promise<Restore>;
  /** What requestRestore would do; nothing is done. */
  planRestore(caller: Caller, request: RestoreRequest): Promise<PlannedRestore>;
  /** The same for one that waits for an approval: what approving it would begin. */
  planWaitingRestore(caller: Caller, restoreId: string): Promise<PlannedRestore>;
  listRestores(caller: Caller, filter: RestoreFilter): Promise<Page<Restore>>;
  showRestore(caller: Caller, restoreId: string): Promise<Restore>;
  /** Takes back a restore that changed what was there, while its time is not over. */
  requestUndo(caller: Caller, restoreId: string): Promise<Job>;

  /** What goes and what stays, and one job for each source; none in a dry run. */
  requestExpiration(caller: Caller, request: ExpirationRequest): Promise<Expiration[]>;

  /** Brings the catalog back from the store; administrators only. */
  requestRebuild(caller: Caller, request: RebuildRequest): Promise<Job>;
  /** Removes what jobs left behind; administrators only. */
  requestReconciliation(caller: Caller, request: ReconciliationRequest): Promise<Job>;
  /** One job, whatever the number of points. */
  requestVerification(caller: Caller, request: VerificationRequest): Promise<Job>;

  readonly policies: PolicyOperations;
  readonly approvals: ApprovalOperations<Restore>;
  readonly audit: AuditOperations;
  readonly coverage: CoverageOperations;
  readonly disks: DiskOperations;
  readonly overview: OverviewOperations;
  readonly findings: FindingOperations;

  listJobs(caller: Caller, filter: JobFilter): Promise<Page<Job>>;
  showJob(caller: Caller, jobId: string): Promise<Job>;
  cancelJob(caller: Caller, jobId: string): Promise<Job>;
  /** Events after `afterEventId` as they happen, ending with the job. */
  watchJob(caller: Caller, jobId: string, afterEventId: number, signal: AbortSignal): AsyncIterable<JobEvent>;

  listStores(caller: Caller, filter: StoreFilter): Promise<Page<StoreSummary>>;
  showStore(caller: Caller, nameOrId: string): Promise<StoreSummary>;
  listVolumes(caller: Caller, filter: VolumeFilter): Promise<Page<VolumeSummary>>;
  showVolume(caller: Caller, nameOrId: string): Promise<VolumeSummary>;
  listPools(caller: Caller): Promise<PoolSummary[]>;
  listImages(caller: Caller, filter: ImageFilter): Promise<Page<ImageSummary>>;
  listSnapshots(caller: Caller, image: ClusterPool & { image: string }): Promise<SnapshotSummary[]>;
}

export interface InstanceFilter extends PageRequest {
  name: string | undefined;
  /** Part of the name, in upper or lower case. */
  search?: string | undefined;
  /** Administrators only: a project's id, or every project. Others always see their own. */
  projectId: string | undefined;
  allProjects: boolean;
  /** Instances that Nova has no more and that have points. */
  deleted?: boolean;
  /** Nova's word for what it is doing, such as ACTIVE. */
  status?: string | undefined;
  protection?: ProtectionState | undefined;
  /** The newest first when undefined. */
  sort?: InstanceSort | undefined;
}

export interface InstanceSort {
  by: 'name' | 'created_at' | 'status' | ProtectionSort;
  direction: 'asc' | 'desc';
}

export interface InstanceSummary {
  id: string;
  name: string;
  status: string;
  projectId: string;
  /** Newest complete point; undefined when the instance was never backed up. */
  lastPoint: { id: string; takenAt: Date } | undefined;
  /** undefined for one that is gone from Nova. */
  protection?: Protection | undefined;
}

export interface InstanceDetail {
  instance: InstanceDescription;
  disks: (Disk & { sizeBytes: number | undefined })[];
  points: PointSummary[];
  lastPoint: InstanceSummary['lastPoint'];
  protection: Protection;
}

export interface BackupRequest {
  target: BackupTarget;
  /** Start a new cycle whatever the chain says. */
  full: boolean;
  /** Instead of the configured cycle: increments after a full, and its greatest age in days. */
  cycle?: { increments?: number | undefined; days?: number | undefined } | undefined;
  /** `paused` for instances only; undefined means `crash`. */
  consistency?: Consistency | undefined;
  /** MiB a second that the exports of all its disks together may take; undefined: as fast as the service may. */
  bandwidthMib?: number | undefined;
  /** Name of the store; undefined: the default one. */
  store?: string | undefined;
}

export interface PointFilter extends SortedPageRequest {
  kind: PointKind | undefined;
  /** Name or id of the instance or volume, or `pool/image`. */
  source: string | undefined;
  /** What the source's name begins with, in upper or lower case. */
  sourcePrefix?: string | undefined;
  state?: 'complete' | 'damaged' | undefined;
  since: Date | undefined;
  before: Date | undefined;
  projectId: string | undefined;
  /** Name or id of the store that they are in. */
  store?: string | undefined;
}

export interface PointSummary {
  id: string;
  kind: PointKind;
  sourceId: string;
  sourceName: string;
  projectId: string | null;
  takenAt: Date;
  state: 'complete' | 'damaged' | 'deleted';
  /** `full` when every disk starts a chain here, `increment` when none does, else `mixed`. */
  type: 'full' | 'increment' | 'mixed';
  /** `crash` or `paused`. */
  consistency: string;
  disks: number;
  /** Sizes of the disks, bytes. */
  sizeBytes: number;
  /** What this point added to the store, bytes. */
  storedBytes: number;
  /** Name of the store that it is in; its id when no configuration names it any more. */
  store: string;
  /** The last verification; undefined before the first. */
  lastVerified?: Verification | undefined;
  /** When a restore of it last was compared with the store, and was the same. */
  lastProvenAt?: Date | undefined;
}

export interface PointDetail extends PointSummary {
  manifest: PointManifest;
  links: PointLink[];
}

export interface PointLink {
  linkId: string;
  diskKey: string;
  kind: 'full' | 'increment';
  chainId: string;
  parentLinkId: string | null;
  depth: number;
  /** `pool/image` of the source. */
  image: string;
  snapshot: string;
  sizeBytes: number;
  storedBytes: number;
  dataBytes: number;
  /** As the point's. */
  store: string;
}

export interface Restore {
  id: string;
  /** null while it waits for an approval, and for ever when it never got one. */
  jobId: string | null;
  pointId: string;
  /** What the point is of, by its name then; undefined for restores of earlier releases. */
  sourceName?: string | undefined;
  mode: RestoreMode;
  projectId: string | null;
  state: RestoreState;
  createdAt: Date;
  finishedAt: Date | undefined;
  /** Until when it can be undone; undefined when it cannot, or not any more. */
  undoUntil?: Date | undefined;
  /** The last job that was asked to undo it. */
  undoJobId?: string | undefined;
  undoneAt?: Date | undefined;
  /** Of one that needed an approval. */
  approval?: RestoreApproval | undefined;
  requestedBy?: Requester | undefined;
  /** Of the job that works on it now, the restore's own or its undo's; undefined when none does. */
  progress?: JobProgress | undefined;
  disks: RestoredDisk[];
  /** What mode `instance` made. */
  instance?: RestoredInstance | undefined;
}

export interface RestoreApproval {
  /** Until when it could be given. */
  pendingUntil: Date;
  /** Who approved, rejected or withdrew it. */
  decidedBy: Requester | undefined;
  decidedAt: Date | undefined;
  reason: string | undefined;
}

export interface RestoreFilter extends SortedPageRequest {
  state?: RestoreState | undefined;
  mode?: RestoreMode | undefined;
  pointId?: string | undefined;
  /** Id of what the points are of. */
  sourceId?: string | undefined;
  projectId?: string | undefined;
}

export interface JobFilter extends SortedPageRequest {
  kind: JobKind | undefined;
  state: string | undefined;
  projectId?: string | undefined;
  /** Asked for at or after. */
  since?: Date | undefined;
  /** Asked for before. */
  before?: Date | undefined;
  /** Id of the instance or volume, or CLUSTER/POOL/IMAGE, that they or their points are of. */
  sourceId?: string | undefined;
  /** Id of the request that asked for them: the backup of a pool is many jobs. */
  requestId?: string | undefined;
}

export interface ClusterPool {
  cluster: string;
  pool: string;
}

/** By name; the marker is the name of the last image of the page before. */
export interface ImageFilter extends ClusterPool, PageRequest {}

export interface PoolSummary extends ClusterPool {
  /** Images in the pool. */
  images: number;
  usedBytes: number;
  availableBytes: number;
}

export interface ImageSummary extends ClusterPool {
  image: string;
  imageId: string;
  sizeBytes: number;
  snapshots: number;
  watchers: number;
  /** `volume:<id>` and the like when the image is a disk that OpenStack knows by its name. */
  diskKey: string;
}

export interface SnapshotSummary {
  id: number;
  name: string;
  sizeBytes: number;
  createdAt: Date | undefined;
  protected: boolean;
  /** Taken by this service. */
  ours: boolean;
}
