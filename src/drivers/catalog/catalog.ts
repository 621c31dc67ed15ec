import type { Knex } from 'knex';
import type { JobEventKind, JobProgress } from '../../domain/job.ts';
import type { LinkManifest, PointKind, PointManifest } from '../../domain/manifest.ts';
import type { RestoreState } from '../../domain/restore.ts';
import type { VerificationLevel } from '../../domain/verification.ts';
import { bindApprovals, type ApprovalStatements } from './approvals.ts';
import { appendAudit, listAudit } from './audit.ts';
import type { Sql, SqlTransaction } from './connect.ts';
import { bindCoverage, type CoverageStatements } from './coverage.ts';
import { mapped } from './errors.ts';
import { bindExpiry, type ExpiryStatements } from './expiry-statements.ts';
import { bindIdempotency, type IdempotencyStatements } from './idempotency.ts';
import { appendJobEvent, jobEventsSince } from './job-events.ts';
import {
  finishJob,
  getJob,
  insertJob,
  listJobs,
  recordPlan,
  recordProgress,
  requestJobCancel,
  startJob,
  unfinishedJobs,
} from './jobs.ts';
import {
  chainOfLink,
  getLink,
  latestLinkForDisk,
  linksOfPoints,
  linksWithUnreleasedSnapshots,
  markLinkDamaged,
  newestDamage,
  markSnapshotReleased,
  ownsSnapshot,
} from './links.ts';
import { latestPointsBySource, type LatestFilter } from './latest-points.ts';
import { commitPoint, getPoint, latestPointFor, latestPointsFor, listPoints } from './points.ts';
import {
  importParent,
  importPoint,
  knownIds,
  missingParents,
  settlePoints,
  type MissingParent,
  type SettledPoints,
} from './rebuild.ts';
import { bindProjectSettings, type ProjectSettingsStatements } from './project-settings.ts';
import { bindReconcile, type ReconcileStatements } from './reconcile-statements.ts';
import { bindPolicies, type PolicyStatements } from './policy-statements.ts';
import { getRestore, insertRestore, listRestores, restoreOfJob, updateRestore } from './restores.ts';
import { recentRestoreTimings, type RestoreTiming, type RestoreTimingFilter } from './restore-timings.ts';
import { undoStatements, type UndoStatements } from './undo.ts';
import { getStore, listStores, upsertStore } from './stores.ts';
import { bindWatch, type WatchStatements } from './watch.ts';
import {
  bytesToVerify,
  isLinkVerifiedBy,
  nextPointsToVerify,
  recordLinkVerification,
  recordPointVerification,
  verificationTotals,
  type PointFound,
  type VerificationRequest,
  type VerificationTotals,
} from './verifications.ts';
import type {
  AuditFilter,
  AuditRow,
  JobEventRow,
  JobFilter,
  JobOutcome,
  JobPulse,
  JobRow,
  JsonObject,
  LinkRow,
  NewAudit,
  NewJob,
  NewPoint,
  NewRestore,
  PointFilter,
  PointRow,
  RestoreFilter,
  RestoreRow,
  StoreRow,
} from './types.ts';

/** Documented where each is written: jobs.ts. */
export interface JobStatements {
  insert(job: NewJob): Promise<JobRow>;
  get(id: string | undefined): Promise<JobRow | undefined>;
  list(filter?: JobFilter): Promise<JobRow[]>;
  unfinished(): Promise<JobRow[]>;
  start(id: string): Promise<JobRow | undefined>;
  recordPlan(id: string, attempt: number, plan: JsonObject, step: string): Promise<JobPulse>;
  recordProgress(id: string, attempt: number, progress: JobProgress): Promise<JobPulse>;
  finish(id: string, attempt: number, outcome: JobOutcome): Promise<JobRow>;
  requestCancel(id: string): Promise<JobRow | undefined>;
}

/** job-events.ts */
export interface EventStatements {
  append(jobId: string, kind: JobEventKind, data: JsonObject): Promise<JobEventRow>;
  since(jobId: string, afterId?: number): Promise<JobEventRow[]>;
}

/** points.ts */
export interface PointStatements {
  commit(point: NewPoint): Promise<PointRow>;
  get(id: string): Promise<PointRow | undefined>;
  list(filter?: PointFilter): Promise<PointRow[]>;
  latestFor(source: { kind: PointKind; sourceId: string }, at?: Date): Promise<PointRow | undefined>;
  latestForEach(kind: PointKind, sourceIds: readonly string[]): Promise<PointRow[]>;
  latestBySource(filter: LatestFilter): Promise<PointRow[]>;
}

/** links.ts */
export interface LinkStatements {
  get(id: string): Promise<LinkRow | undefined>;
  ofPoints(pointIds: readonly string[]): Promise<LinkRow[]>;
  ownsSnapshot(name: string): Promise<boolean>;
  latestForDisk(diskKey: string): Promise<LinkRow | undefined>;
  newestDamage(diskKey: string): Promise<string | undefined>;
  chainOf(id: string): Promise<LinkRow[]>;
  markDamaged(id: string, reason: string): Promise<PointRow[]>;
  snapshotReleased(name: string): Promise<void>;
  withUnreleasedSnapshots(diskKey?: string): Promise<LinkRow[]>;
}

/** restores.ts */
export interface RestoreStatements {
  insert(restore: NewRestore): Promise<RestoreRow>;
  update(id: string, state: RestoreState, result?: JsonObject): Promise<RestoreRow>;
  get(id: string): Promise<RestoreRow | undefined>;
  ofJob(jobId: string): Promise<RestoreRow | undefined>;
  list(filter?: RestoreFilter): Promise<RestoreRow[]>;
  timings(filter: RestoreTimingFilter): Promise<RestoreTiming[]>;
}

/** stores.ts */
export interface StoreStatements {
  upsert(store: { id: string; url: string; description?: string | undefined }): Promise<StoreRow>;
  get(id: string): Promise<StoreRow | undefined>;
  list(): Promise<StoreRow[]>;
}

/** verifications.ts */
export interface VerificationStatements {
  nextPoints(request: VerificationRequest, limit: number): Promise<PointRow[]>;
  bytesOf(request: VerificationRequest, level: VerificationLevel): Promise<number>;
  recordPoint(pointId: string, jobId: string, found: PointFound | undefined): Promise<void>;
  recordLink(linkId: string, jobId: string): Promise<void>;
  isLinkVerified(linkId: string, jobId: string): Promise<boolean>;
  totals(jobId: string): Promise<VerificationTotals>;
}

/** rebuild.ts */
export interface RebuildStatements {
  knownIds(table: 'points' | 'links', ids: readonly string[]): Promise<string[]>;
  importPoint(manifest: PointManifest, links: LinkManifest[]): Promise<void>;
  missingParents(storeId: string, afterId: string | undefined, limit: number): Promise<MissingParent[]>;
  importParent(storeId: string, link: LinkManifest, parent: MissingParent): Promise<void>;
  settle(storeId: string): Promise<SettledPoints>;
}

/** audit.ts */
export interface AuditStatements {
  append(entry: NewAudit): Promise<void>;
  list(filter?: AuditFilter): Promise<AuditRow[]>;
}

export interface CatalogStatements {
  jobs: JobStatements;
  events: EventStatements;
  points: PointStatements;
  links: LinkStatements;
  restores: RestoreStatements;
  undo: UndoStatements;
  expiry: ExpiryStatements;
  stores: StoreStatements;
  verifications: VerificationStatements;
  rebuild: RebuildStatements;
  reconcile: ReconcileStatements;
  policies: PolicyStatements;
  approvals: ApprovalStatements;
  projects: ProjectSettingsStatements;
  idempotency: IdempotencyStatements;
  coverage: CoverageStatements;
  audit: AuditStatements;
  watch: WatchStatements;
}

/** The same statements inside one transaction. */
export interface CatalogTransaction extends CatalogStatements {
  /** Hand this to `Queue.enqueue`, so that the work order and the rows become visible together. */
  readonly sql: SqlTransaction;
}

export interface Catalog extends CatalogStatements {
  /** Commits when `run` resolves, rolls back when it throws. Every error is an AppError. */
  transaction<T>(run: (tx: CatalogTransaction) => Promise<T>): Promise<T>;
}

export function createCatalog(sql: Sql): Catalog {
  return {
    ...bind(sql),
    transaction: (run) => mapped(() => sql.transaction((trx) => run({ ...bind(trx), sql: trx }))),
  };
}

function bind(sql: Knex): CatalogStatements {
  return {
    jobs: {
      insert: (job) => mapped(() => insertJob(sql, job)),
      get: (id) => mapped(() => getJob(sql, id)),
      list: (filter) => mapped(() => listJobs(sql, filter)),
      unfinished: () => mapped(() => unfinishedJobs(sql)),
      start: (id) => mapped(() => startJob(sql, id)),
      recordPlan: (id, attempt, plan, step) => mapped(() => recordPlan(sql, id, attempt, plan, step)),
      recordProgress: (id, attempt, progress) => mapped(() => recordProgress(sql, id, attempt, progress)),
      finish: (id, attempt, outcome) => mapped(() => finishJob(sql, id, attempt, outcome)),
      requestCancel: (id) => mapped(() => requestJobCancel(sql, id)),
    },
    events: {
      append: (jobId, kind, data) => mapped(() => appendJobEvent(sql, jobId, kind, data)),
      since: (jobId, afterId) => mapped(() => jobEventsSince(sql, jobId, afterId)),
    },
    points: {
      commit: (point) => mapped(() => commitPoint(sql, point)),
      get: (id) => mapped(() => getPoint(sql, id)),
      list: (filter) => mapped(() => listPoints(sql, filter)),
      latestFor: (source, at) => mapped(() => latestPointFor(sql, source, at)),
      latestForEach: (kind, sourceIds) => mapped(() => latestPointsFor(sql, kind, sourceIds)),
      latestBySource: (filter) => mapped(() => latestPointsBySource(sql, filter)),
    },
    links: {
      get: (id) => mapped(() => getLink(sql, id)),
      ofPoints: (pointIds) => mapped(() => linksOfPoints(sql, pointIds)),
      ownsSnapshot: (name) => mapped(() => ownsSnapshot(sql, name)),
      latestForDisk: (diskKey) => mapped(() => latestLinkForDisk(sql, diskKey)),
      newestDamage: (diskKey) => mapped(() => newestDamage(sql, diskKey)),
      chainOf: (id) => mapped(() => chainOfLink(sql, id)),
      markDamaged: (id, reason) => mapped(() => markLinkDamaged(sql, id, reason)),
      snapshotReleased: (name) => mapped(() => markSnapshotReleased(sql, name)),
      withUnreleasedSnapshots: (diskKey) => mapped(() => linksWithUnreleasedSnapshots(sql, diskKey)),
    },
    restores: {
      insert: (restore) => mapped(() => insertRestore(sql, restore)),
      update: (id, state, result) => mapped(() => updateRestore(sql, id, state, result)),
      get: (id) => mapped(() => getRestore(sql, id)),
      ofJob: (jobId) => mapped(() => restoreOfJob(sql, jobId)),
      list: (filter) => mapped(() => listRestores(sql, filter)),
      timings: (filter) => mapped(() => recentRestoreTimings(sql, filter)),
    },
    undo: undoStatements(sql),
    expiry: bindExpiry(sql),
    stores: {
      upsert: (store) => mapped(() => upsertStore(sql, store)),
      get: (id) => mapped(() => getStore(sql, id)),
      list: () => mapped(() => listStores(sql)),
    },
    verifications: bindVerifications(sql),
    rebuild: bindRebuild(sql),
    reconcile: bindReconcile(sql),
    policies: bindPolicies(sql),
    approvals: bindApprovals(sql),
    projects: bindProjectSettings(sql),
    idempotency: bindIdempotency(sql),
    coverage: bindCoverage(sql),
    audit: {
      append: (entry) => mapped(() => appendAudit(sql, entry)),
      list: (filter) => mapped(() => listAudit(sql, filter)),
    },
    watch: bindWatch(sql),
  };
}

function bindVerifications(sql: Knex): CatalogStatements['verifications'] {
  return {
    nextPoints: (request, limit) => mapped(() => nextPointsToVerify(sql, request, limit)),
    bytesOf: (request, level) => mapped(() => bytesToVerify(sql, request, level)),
    recordPoint: (id, jobId, found) => mapped(() => recordPointVerification(sql, id, jobId, found)),
    recordLink: (id, jobId) => mapped(() => recordLinkVerification(sql, id, jobId)),
    isLinkVerified: (id, jobId) => mapped(() => isLinkVerifiedBy(sql, id, jobId)),
    totals: (jobId) => mapped(() => verificationTotals(sql, jobId)),
  };
}

function bindRebuild(sql: Knex): RebuildStatements {
  return {
    knownIds: (table, ids) => mapped(() => knownIds(sql, table, ids)),
    importPoint: (manifest, links) => mapped(() => importPoint(sql, manifest, links)),
    missingParents: (storeId, after, limit) => mapped(() => missingParents(sql, storeId, after, limit)),
    importParent: (storeId, link, parent) => mapped(() => importParent(sql, storeId, link, parent)),
    settle: (storeId) => mapped(() => settlePoints(sql, storeId)),
  };
}
