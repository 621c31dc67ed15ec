import { EventEmitter, once } from 'node:events';
import { AppError } from '../../src/base/errors.ts';
import { newId } from '../../src/base/ids.ts';
import { authorize, notFound, type Caller } from '../../src/domain/access.ts';
import { isFinishedJob, type Job, type JobEvent, type JobEventKind } from '../../src/domain/job.ts';
import type { RestoreRequest } from '../../src/domain/restore.ts';
import type {
  BackupRequest,
  InstanceDetail,
  InstanceFilter,
  InstanceSummary,
  JobFilter,
  Operations,
  Page,
  PageRequest,
  PointDetail,
  PointFilter,
  PointSummary,
  Restore,
} from '../../src/workflows/operations.ts';
import type { Expiration, ExpirationRequest } from '../../src/domain/expiration.ts';
import type { PlannedRestore } from '../../src/domain/planned-restore.ts';
import type { ReconciliationRequest } from '../../src/domain/reconciliation.ts';
import type { VerificationRequest } from '../../src/domain/verification.ts';
import type { RebuildRequest } from '../../src/workflows/rebuild/run.ts';
import { fakeImages, fakePools, fakeSnapshots } from './fake-ceph.ts';
import { page, visibleTo } from './fake-page.ts';
import { fakeExpirations } from './fake-expirations.ts';
import { fakePlan, fakeRestore, fakeUndo, newestPoint } from './fake-restore.ts';
import { aPoint, anInstance, fixedTime, projectOf, volumeNamed } from './fake-cloud.ts';

/** What a job of the fake does when it runs; without a script it waits for `emit` and `finish`. */
export type JobScript = (operations: FakeOperations, job: Job) => Promise<void>;

/** The operations over a small made-up cloud, kept in memory, for the tests of the doors that show them. */
export class FakeOperations implements Operations {
  readonly instances: InstanceDetail[] = [anInstance('web-01'), anInstance('db-01', projectOf('other'))];
  readonly points: PointDetail[] = [];
  readonly jobs: Job[] = [];
  readonly restores: Restore[] = [];
  readonly events: JobEvent[] = [];
  readonly backupRequests: BackupRequest[] = [];
  readonly restoreRequests: RestoreRequest[] = [];
  readonly expirationRequests: ExpirationRequest[] = [];
  script: JobScript | undefined;
  /** Not made up: see policy-lab.ts. */
  policies = {} as Operations['policies'];
  /** Not made up either: see access-lab.ts. */
  approvals = {} as Operations['approvals'];
  audit = {} as Operations['audit'];
  coverage = {} as Operations['coverage'];
  disks = {} as Operations['disks'];
  overview = {} as Operations['overview'];
  findings = {} as Operations['findings'];
  #fault: Error | undefined;
  readonly #news = new EventEmitter().setMaxListeners(0);

  /** Forgets everything but the instances. */
  reset(): void {
    for (const list of [this.points, this.jobs, this.restores, this.events]) list.length = 0;
    const asked = [this.backupRequests, this.restoreRequests, this.expirationRequests];
    for (const list of asked) list.length = 0;
    this.script = undefined;
    this.#fault = undefined;
  }

  /** The next operation throws this. */
  failNext(error: Error): void {
    this.#fault = error;
  }

  addPoint(sourceName: string, takenAt = fixedTime, projectId = projectOf('demo')): PointDetail {
    const point = aPoint(sourceName, takenAt, projectId);
    this.points.push(point);
    return point;
  }

  addJob(target: Record<string, unknown>, kind: Job['kind'] = 'backup', projectId = projectOf('demo')): Job {
    const job: Job = {
      id: newId(),
      kind,
      state: 'queued',
      projectId,
      target,
      step: null,
      progress: null,
      result: null,
      error: null,
      attempt: 0,
      cancelRequested: false,
      requestedBy: { userId: 'u1', userName: 'alice', projectId, projectName: 'demo', roles: ['member'] },
      requestId: 'req-0',
      createdAt: fixedTime,
      startedAt: null,
      finishedAt: null,
    };
    this.jobs.push(job);
    return job;
  }

  emit(job: Job, kind: JobEventKind, data: Record<string, unknown>): JobEvent {
    const event = { id: this.events.length + 1, jobId: job.id, at: fixedTime, kind, data };
    this.events.push(event);
    this.#news.emit('news');
    return event;
  }

  finish(job: Job, end: Partial<Pick<Job, 'state' | 'result' | 'error'>>): void {
    Object.assign(job, { state: 'succeeded', finishedAt: fixedTime, ...end });
    for (const restore of this.restores.filter(({ jobId }) => jobId === job.id)) {
      Object.assign(restore, { state: job.state, finishedAt: fixedTime });
    }
    this.emit(job, 'state', { state: job.state });
  }

  async listInstances(caller: Caller, filter: InstanceFilter): Promise<Page<InstanceSummary>> {
    await this.#enter();
    if (filter.allProjects || filter.projectId !== undefined)
      authorize(caller, 'administer', null, 'instances of other projects');
    const visible = this.instances
      .filter(({ instance }) => filter.allProjects || instance.projectId === caller.projectId)
      .filter(({ instance }) => filter.name === undefined || instance.name === filter.name)
      .map(({ instance, points }) => ({
        id: instance.id,
        name: instance.name,
        status: instance.status,
        projectId: instance.projectId,
        lastPoint: points[0],
      }));
    return page(visible, filter);
  }

  async showInstance(caller: Caller, nameOrId: string): Promise<InstanceDetail> {
    await this.#enter();
    const found = this.instances.find(({ instance }) => [instance.id, instance.name].includes(nameOrId));
    if (found === undefined) throw notFound(`instance ${JSON.stringify(nameOrId)}`);
    authorize(caller, 'read', found.instance.projectId, `instance ${JSON.stringify(nameOrId)}`);
    return found;
  }

  async requestBackup(caller: Caller, request: BackupRequest): Promise<Job[]> {
    await this.#enter();
    this.backupRequests.push(request);
    const { target } = request;
    if (target.kind === 'pool') {
      authorize(caller, 'administer', null, `pool ${target.pool}`);
      return ['a', 'b'].map((image) =>
        this.#start(
          this.addJob({ kind: 'image', location: { cluster: target.cluster, pool: target.pool, image } }),
        ),
      );
    }
    if (target.kind === 'instance') {
      const { instance } = await this.showInstance(caller, target.nameOrId);
      authorize(caller, 'backup', instance.projectId, `instance ${JSON.stringify(target.nameOrId)}`);
      return [this.#start(this.addJob({ kind: 'instance', id: instance.id, name: instance.name }))];
    }
    if (target.kind === 'image') return [this.#start(this.addJob({ ...target }))];
    return [this.#start(this.addJob({ kind: 'volume', ...volumeNamed(target.nameOrId) }))];
  }

  async listPoints(caller: Caller, filter: PointFilter): Promise<Page<PointSummary>> {
    await this.#enter();
    const visible = this.points
      .filter((point) => caller.isAdmin || point.projectId === caller.projectId)
      .filter((point) => filter.kind === undefined || point.kind === filter.kind)
      .filter(
        (point) => filter.source === undefined || [point.sourceId, point.sourceName].includes(filter.source),
      )
      .filter((point) => filter.since === undefined || point.takenAt >= filter.since)
      .filter((point) => filter.before === undefined || point.takenAt < filter.before);
    return page(visible, filter);
  }

  async showPoint(caller: Caller, pointId: string): Promise<PointDetail> {
    await this.#enter();
    const point = this.points.find(({ id }) => id === pointId);
    if (point === undefined) throw notFound(`point ${pointId}`);
    authorize(caller, 'read', point.projectId, `point ${pointId}`);
    return point;
  }

  async requestRestore(caller: Caller, request: RestoreRequest): Promise<Restore> {
    await this.#enter();
    const point = await this.#wantedPoint(caller, request);
    const job = this.addJob({ kind: 'restore', pointId: point.id, name: point.sourceName }, 'restore');
    const restore = fakeRestore(point, job, request.mode);
    this.restores.push(restore);
    this.#start(job);
    return restore;
  }

  async planRestore(caller: Caller, request: RestoreRequest): Promise<PlannedRestore> {
    await this.#enter();
    return fakePlan(await this.#wantedPoint(caller, request), request.mode);
  }

  async planWaitingRestore(caller: Caller, restoreId: string): Promise<PlannedRestore> {
    const restore = await this.showRestore(caller, restoreId);
    return fakePlan(await this.showPoint(caller, restore.pointId), restore.mode);
  }

  async #wantedPoint(caller: Caller, request: RestoreRequest): Promise<PointDetail> {
    this.restoreRequests.push(request);
    const { point: wanted } = request;
    const point =
      'pointId' in wanted ? await this.showPoint(caller, wanted.pointId) : newestPoint(this.points, wanted);
    authorize(caller, 'restore', point.projectId, `point ${point.id}`);
    return point;
  }

  async requestExpiration(caller: Caller, request: ExpirationRequest): Promise<Expiration[]> {
    await this.#enter();
    this.expirationRequests.push(request);
    return fakeExpirations(caller, this.points, request, (target) =>
      this.#start(this.addJob(target, 'expire')),
    );
  }

  async requestRebuild(caller: Caller, { dryRun, store }: RebuildRequest): Promise<Job> {
    await this.#enter();
    authorize(caller, 'administer', null, 'the catalog');
    return this.#start(this.addJob({ name: 'the catalog', dryRun, store }, 'rebuild'));
  }

  async requestReconciliation(caller: Caller, { dryRun }: ReconciliationRequest): Promise<Job> {
    await this.#enter();
    authorize(caller, 'administer', null, 'what the service left behind');
    return this.#start(this.addJob({ name: 'what jobs left behind', dryRun }, 'reconcile'));
  }

  async requestVerification(caller: Caller, { target, level }: VerificationRequest): Promise<Job> {
    await this.#enter();
    if ('pointId' in target) {
      const { id, sourceName, projectId } = await this.showPoint(caller, target.pointId);
      authorize(caller, 'restore', projectId, `point ${id}`);
      return this.#start(this.addJob({ pointId: id, name: sourceName, level }, 'verify'));
    }
    return this.#start(this.addJob({ name: 'all points', level }, 'verify'));
  }

  async listRestores(caller: Caller, filter: PageRequest): Promise<Page<Restore>> {
    await this.#enter();
    return page(visibleTo(caller, this.restores), filter);
  }

  async showRestore(caller: Caller, restoreId: string): Promise<Restore> {
    await this.#enter();
    const restore = this.restores.find(({ id }) => id === restoreId);
    if (restore === undefined) throw notFound(`restore ${restoreId}`);
    authorize(caller, 'read', restore.projectId, `restore ${restoreId}`);
    return restore;
  }

  async requestUndo(caller: Caller, restoreId: string): Promise<Job> {
    const restore = await this.showRestore(caller, restoreId);
    authorize(caller, 'restore', restore.projectId, `restore ${restoreId}`);
    return this.#start(this.addJob(fakeUndo(restore), 'undo'));
  }

  async listJobs(caller: Caller, filter: JobFilter): Promise<Page<Job>> {
    await this.#enter();
    const visible = this.jobs
      .filter(({ projectId }) => caller.isAdmin || projectId === caller.projectId)
      .filter(({ kind }) => filter.kind === undefined || kind === filter.kind)
      .filter(({ state }) => filter.state === undefined || state === filter.state);
    return page(visible, filter);
  }

  async showJob(caller: Caller, jobId: string): Promise<Job> {
    await this.#enter();
    const job = this.jobs.find(({ id }) => id === jobId);
    if (job === undefined) throw notFound(`job ${jobId}`);
    authorize(caller, 'read', job.projectId, `job ${jobId}`);
    return job;
  }

  async cancelJob(caller: Caller, jobId: string): Promise<Job> {
    const job = await this.showJob(caller, jobId);
    authorize(caller, 'cancel', job.projectId, `job ${jobId}`);
    if (isFinishedJob(job.state)) {
      throw new AppError(
        'CONFLICT_JOB_FINISHED',
        `job ${jobId} has already ${job.state}; there is nothing to cancel`,
      );
    }
    job.cancelRequested = true;
    this.finish(job, { state: 'cancelled' });
    return job;
  }

  async *watchJob(
    caller: Caller,
    jobId: string,
    afterEventId: number,
    signal: AbortSignal,
  ): AsyncIterable<JobEvent> {
    const job = await this.showJob(caller, jobId);
    for (let last = afterEventId; ;) {
      const news = this.events.filter((event) => event.jobId === jobId && event.id > last);
      for (const event of news) {
        last = event.id;
        yield event;
      }
      if (news.length > 0) continue;
      if (isFinishedJob(job.state)) return;
      await once(this.#news, 'news', { signal });
    }
  }

  readonly listStores: Operations['listStores'] = () => Promise.resolve({ items: [], nextMarker: undefined });
  readonly showStore: Operations['showStore'] = (_caller, id) => Promise.reject(notFound(`store ${id}`));
  readonly listVolumes: Operations['listVolumes'] = (_caller, filter) => Promise.resolve(page([], filter));
  readonly showVolume: Operations['showVolume'] = (_caller, nameOrId) =>
    Promise.reject(notFound(`volume ${JSON.stringify(nameOrId)}`));

  readonly listPools: Operations['listPools'] = (caller) => this.#enter().then(() => fakePools(caller));

  readonly listImages: Operations['listImages'] = (caller, pool) =>
    this.#enter().then(() => ({ items: fakeImages(caller, pool), nextMarker: undefined }));

  readonly listSnapshots: Operations['listSnapshots'] = (caller, image) =>
    this.#enter().then(() => fakeSnapshots(caller, image));

  #start(job: Job): Job {
    const { script } = this;
    if (script !== undefined) setImmediate(() => void script(this, job));
    return job;
  }

  async #enter(): Promise<void> {
    await Promise.resolve();
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault !== undefined) throw fault;
  }
}
