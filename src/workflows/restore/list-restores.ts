import { isUuid } from '../../base/ids.ts';
import { authorize, isAllowed, notFound, visibleProject, type Caller } from '../../domain/access.ts';
import {
  restoreModes,
  type RestoreState,
  type RestoredDisk,
  type RestoredInstance,
} from '../../domain/restore.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { JobRow, RestoreRow } from '../../drivers/catalog/types.ts';
import type { Page, Restore, RestoreApproval, RestoreFilter } from '../operations.ts';

type Statements = Pick<Catalog, 'restores' | 'jobs'>;

export async function listRestores(
  catalog: Statements,
  caller: Caller,
  { limit, marker, projectId: asked, state, ...filter }: RestoreFilter,
): Promise<Page<Restore>> {
  if (asked !== undefined) authorize(caller, 'read', asked, `project "${asked}"`);
  const projectId = asked ?? visibleProject(caller);
  const states = state === undefined ? undefined : [state];
  const rows = await catalog.restores.list({ ...filter, states, projectId, limit: limit + 1, marker });
  const page = rows.slice(0, limit);
  const jobs = await jobsOf(catalog, page);
  const items = page.map((row) => restoreOf(row, jobs));
  return { items, nextMarker: rows.length > limit ? page.at(-1)?.id : undefined };
}

export async function showRestore(catalog: Statements, caller: Caller, restoreId: string): Promise<Restore> {
  const row = isUuid(restoreId) ? await catalog.restores.get(restoreId) : undefined;
  if (row === undefined || !isAllowed(caller, 'read', row.projectId ?? null))
    throw notFound(`restore "${restoreId}"`);
  return restoreOf(row, await jobsOf(catalog, [row]));
}

/** Of all of them at once, those that undo them too. */
async function jobsOf({ jobs }: Statements, rows: readonly RestoreRow[]): Promise<Map<string, JobRow>> {
  const ids = rows.flatMap(({ jobId, undoJobId }) => [jobId, undoJobId]).filter((id) => id !== undefined);
  return new Map((await jobs.ofIds(ids)).map((job) => [job.id, job]));
}

function restoreOf(row: RestoreRow, jobs: ReadonlyMap<string, JobRow>): Restore {
  const job = jobs.get(row.jobId ?? '');
  if (row.undoJobId === undefined || row.undoneAt !== undefined) return toRestore(row, job);
  const { progress } = toRestore(row, jobs.get(row.undoJobId));
  return { ...toRestore(row, job), progress };
}

/** Nothing can be taken back before the restore has ended well, or after what was kept for it is gone. */
function undoUntil(
  { undoUntil: until, undoReleasedAt }: RestoreRow,
  job: JobRow | undefined,
): Date | undefined {
  return job?.state === 'succeeded' && undoReleasedAt === undefined ? until : undefined;
}

function stateOf({ state }: RestoreRow, job: JobRow | undefined): RestoreState {
  return state === 'undone' || job === undefined ? state : job.state;
}

function approvalOf(row: RestoreRow): RestoreApproval | undefined {
  const { pendingUntil, decidedBy, decidedAt, decisionReason: reason } = row;
  return pendingUntil === undefined ? undefined : { pendingUntil, decidedBy, decidedAt, reason };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** What was kept for the undo is gone with it, and with its time. */
function disksOf({ undoReleasedAt }: RestoreRow, job: JobRow | undefined): RestoredDisk[] {
  const disks = job?.result?.['disks'];
  if (!Array.isArray(disks)) return [];
  const made = disks as RestoredDisk[];
  if (undoReleasedAt === undefined) return made;
  return made.map((disk) => ({ ...disk, keptImage: undefined, keptSnapshot: undefined }));
}

/** How a restore stands is its job's to say. */
export function toRestore(row: RestoreRow, job: JobRow | undefined): Restore {
  return {
    id: row.id,
    jobId: row.jobId ?? null,
    pointId: row.pointId,
    sourceName: textOf(row.options['sourceName']),
    mode: restoreModes.find((mode) => mode === row.mode) ?? 'image',
    projectId: row.projectId ?? null,
    state: stateOf(row, job),
    createdAt: row.createdAt,
    finishedAt: job?.finishedAt ?? row.finishedAt,
    approval: approvalOf(row),
    requestedBy: row.requestedBy ?? job?.requestedBy,
    undoUntil: undoUntil(row, job),
    undoJobId: row.undoJobId,
    undoneAt: row.undoneAt,
    progress: job?.state === 'running' ? job.progress : undefined,
    disks: disksOf(row, job),
    instance: job?.result?.['instance'] as RestoredInstance | undefined,
  };
}
