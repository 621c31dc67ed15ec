import type { Knex } from 'knex';
import type { JobEventKind, JobProgress } from '../../domain/job.ts';
import type { PointKind } from '../../domain/manifest.ts';
import type { RestoreState } from '../../domain/restore.ts';
import type { VerificationLevel } from '../../domain/verification.ts';
import { bindApprovals, type ApprovalStatements } from './approvals.ts';
import { appendAudit, appendAuditOf, listAudit } from './audit.ts';
import type { Sql, SqlTransaction } from './connect.ts';
import { bindCoverage, type CoverageStatements } from './coverage.ts';
import { bindDisks, type DiskStatements } from './disks.ts';
import { mapped } from './errors.ts';
import { bindExpiry, type ExpiryStatements } from './expiry-statements.ts';
import { bindHistory, type HistoryStatements } from './history.ts';
import { bindIdempotency, type IdempotencyStatements } from './idempotency.ts';
import { appendJobEvent, jobEventsSince } from './job-events.ts';
import {
  finishJob,
  getJob,
  insertJob,
  insertJobs,
  jobsOfIds,
  listJobs,
  recordPlan,
  recordProgress,
  requestJobCancel,
  startJob,
  unfinishedJobs,
} from './jobs.ts';
import { bindLinks, type LinkStatements } from './link-statements.ts';
import { latestPointsBySource, type LatestFilter } from './latest-points.ts';
import { commitPoint, getPoint, latestPointFor, latestPointsFor, listPoints } from './points.ts';
import { bindRebuild, type RebuildStatements } from './rebuild.ts';
import { bindProjectSettings, type ProjectSettingsStatements } from './project-settings.ts';
import { bindReconcile, type ReconcileStatements } from './reconcile-statements.ts';
import { bindPolicies, type PolicyStatements } from './policy-statements.ts';
import { getRestore, insertRestore, listRestores, restoreOfJob, updateRestore } from './restores.ts';
import { recentRestoreTimings, type RestoreTiming, type RestoreTimingFilter } from './restore-timings.ts';
import { undoStatements, type UndoStatements } from './undo.ts';
import { bindStoreUsage, type StoreUsageStatements } from './store-usage.ts';
import { getStore, listStores, setDefaultStore, upsertStore, type NewStore } from './stores.ts';
import { bindPortalSessions, type PortalSessionStatements } from './portal-sessions.ts';
import { bindSignInAttempts, type SignInAttemptStatements } from './sign-in-attempts.ts';
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
  insertAll(jobs: readonly NewJob[]): Promise<JobRow[]>;
  get(id: string | undefined): Promise<JobRow | undefined>;
  ofIds(ids: readonly string[]): Promise<JobRow[]>;
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
  upsert(store: NewStore): Promise<StoreRow>;
  setDefault(name: string): Promise<void>;
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

/** audit.ts */
export interface AuditStatements {
  append(entry: NewAudit): Promise<void>;
  appendAll(entries: readonly NewAudit[]): Promise<void>;
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
  disks: DiskStatements;
  storeUsage: StoreUsageStatements;
  portalSessions: PortalSessionStatements;
  signInAttempts: SignInAttemptStatements;
  history: HistoryStatements;
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

export interface CatalogOptions {
  /** How long a chain stays open that no policy writes to and that is not its disk's newest; see heads.ts. 0 unless told. */
  keepOpenDays?: number;
}

export function createCatalog(sql: Sql, { keepOpenDays = 0 }: CatalogOptions = {}): Catalog {
  return {
    ...bind(sql, keepOpenDays),
    transaction: (run) =>
      mapped(() => sql.transaction((trx) => run({ ...bind(trx, keepOpenDays), sql: trx }))),
  };
}

function bind(sql: Knex, keepOpenDays: number): CatalogStatements {
  return {
    jobs: {
      insert: (job) => mapped(() => insertJob(sql, job)),
      insertAll: (jobs) => mapped(() => insertJobs(sql, jobs)),
      get: (id) => mapped(() => getJob(sql, id)),
      ofIds: (ids) => mapped(() => jobsOfIds(sql, ids)),
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
    links: bindLinks(sql, keepOpenDays),
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
      setDefault: (name) => mapped(() => setDefaultStore(sql, name)),
      get: (id) => mapped(() => getStore(sql, id)),
      list: () => mapped(() => listStores(sql)),
    },
    verifications: bindVerifications(sql),
    rebuild: bindRebuild(sql),
    reconcile: bindReconcile(sql, keepOpenDays),
    policies: bindPolicies(sql),
    approvals: bindApprovals(sql),
    projects: bindProjectSettings(sql),
    idempotency: bindIdempotency(sql),
    coverage: bindCoverage(sql),
    audit: {
      append: (entry) => mapped(() => appendAudit(sql, entry)),
      appendAll: (entries) => mapped(() => appendAuditOf(sql, entries)),
      list: (filter) => mapped(() => listAudit(sql, filter)),
    },
    watch: bindWatch(sql),
    disks: bindDisks(sql),
    storeUsage: bindStoreUsage(sql),
    portalSessions: bindPortalSessions(sql),
    signInAttempts: bindSignInAttempts(sql),
    history: bindHistory(sql),
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
