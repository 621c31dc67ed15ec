/** A catalog with what is over for longer or shorter, for tests of what may go. */
import { createHistory, type History } from '../../src/workflows/history/run.ts';
import { newId } from '../../src/base/ids.ts';
import type { DiskKey } from '../../src/domain/disk.ts';
import type { NewJob, JobOutcome, JobRow, RestoreRow } from '../../src/drivers/catalog/types.ts';
import { openCatalogDatabase, type CatalogDatabase } from './catalog-database.ts';
import { newJob } from './catalog-rows.ts';

export type HistoryReport = Awaited<ReturnType<History['look']>>;

export const undoFailed = { code: 'CONFLICT_UNDO_FAILED', message: 'could not be taken back', details: {} };

export class HistoryLab {
  readonly database: CatalogDatabase;
  /** Points whose manifest is in the store still. */
  stored = new Set<string>();
  isStoreAway = false;
  readonly errors: string[] = [];
  readonly removed: HistoryReport[] = [];

  private constructor(database: CatalogDatabase) {
    this.database = database;
  }

  static async open(): Promise<HistoryLab> {
    return new HistoryLab(await openCatalogDatabase());
  }

  async close(): Promise<void> {
    await this.database.close();
  }

  /** One look of a service that has just begun, from the beginning of the rows. */
  async look(days = { jobs: 90, points: 90, restores: 365 }): Promise<HistoryReport> {
    await this.database.sql('emberkeep.history_passes').update({ after: null });
    const history = createHistory({
      clock: { now: () => new Date() },
      catalog: this.database.catalog,
      hasPoint: (_storeId, pointId) =>
        this.isStoreAway ? Promise.reject(new Error('away')) : Promise.resolve(this.stored.has(pointId)),
      days,
      onRemoved: (rows) => void this.removed.push({ ...rows }),
      onError: (message) => void this.errors.push(message),
    });
    return await history.look();
  }

  /** Everything that is there happened so many days earlier. */
  async age(days: number): Promise<void> {
    const columns = {
      jobs: ['created_at', 'started_at', 'finished_at'],
      restores: ['created_at', 'finished_at', 'undo_until', 'undone_at', 'undo_released_at', 'pending_until'],
      points: ['deleted_at'],
      former_links: ['removed_at'],
    };
    for (const [table, names] of Object.entries(columns))
      await this.database.sql.raw(
        `update emberkeep.${table} set ${names.map((name) => `${name} = ${name} - make_interval(days => :days)`).join(', ')}`,
        { days },
      );
  }

  async job(job: Partial<NewJob> = {}, outcome?: JobOutcome): Promise<JobRow> {
    const { jobs } = this.database.catalog;
    const row = await jobs.insert(newJob(job));
    if (outcome === undefined) return row;
    await jobs.start(row.id);
    return await jobs.finish(row.id, 1, outcome);
  }

  async reconciled(result: Record<string, unknown> = {}): Promise<JobRow> {
    const whole = {
      dryRun: false,
      found: 0,
      done: 0,
      left: 0,
      failed: 0,
      findings: [],
      problems: [],
      ...result,
    };
    return await this.job(
      { kind: 'reconcile', target: { dryRun: whole.dryRun } },
      { state: 'succeeded', result: whole },
    );
  }

  /** A restore of a disk whose job has ended so. */
  async restore(
    pointId: string,
    disk: DiskKey,
    outcome: JobOutcome = { state: 'succeeded', result: {} },
  ): Promise<RestoreRow> {
    const job = await this.job({ kind: 'restore', target: { pointId } }, outcome);
    return await this.database.catalog.restores.insert({
      id: newId(),
      jobId: job.id,
      pointId,
      mode: 'in-place',
      projectId: undefined,
      options: { disks: [disk] },
    });
  }

  async hasJob({ id }: Pick<JobRow, 'id'>): Promise<boolean> {
    return (await this.database.catalog.jobs.get(id)) !== undefined;
  }
}

export function succeeded(): JobOutcome {
  return { state: 'succeeded', result: {} };
}

export function failed(error = { code: 'CEPH_FAILED', message: 'no', details: {} }): JobOutcome {
  return { state: 'failed', error };
}
