import { isUuid } from '../../base/ids.ts';
import { isAllowed, notFound, visibleProject, type Caller } from '../../domain/access.ts';
import { restoreModes, type RestoredDisk, type RestoredInstance } from '../../domain/restore.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { JobRow, RestoreRow } from '../../drivers/catalog/types.ts';
import type { Page, PageRequest, Restore } from '../operations.ts';

type Statements = Pick<Catalog, 'restores' | 'jobs'>;

export async function listRestores(
  catalog: Statements,
  caller: Caller,
  { limit, marker }: PageRequest,
): Promise<Page<Restore>> {
  const projectId = visibleProject(caller);
  const rows = await catalog.restores.list({ projectId, limit: limit + 1, marker });
  const page = rows.slice(0, limit);
  const items = await Promise.all(page.map(async (row) => toRestore(row, await catalog.jobs.get(row.jobId))));
  return { items, nextMarker: rows.length > limit ? page.at(-1)?.id : undefined };
}

export async function showRestore(catalog: Statements, caller: Caller, restoreId: string): Promise<Restore> {
  const row = isUuid(restoreId) ? await catalog.restores.get(restoreId) : undefined;
  if (row === undefined || !isAllowed(caller, 'read', row.projectId ?? null))
    throw notFound(`restore "${restoreId}"`);
  return toRestore(row, await catalog.jobs.get(row.jobId));
}

/** Nothing can be taken back before the restore has ended well, or after what was kept for it is gone. */
function undoUntil(
  { undoUntil: until, undoReleasedAt }: RestoreRow,
  job: JobRow | undefined,
): Date | undefined {
  return job?.state === 'succeeded' && undoReleasedAt === undefined ? until : undefined;
}

/** How a restore stands is its job's to say. */
export function toRestore(row: RestoreRow, job: JobRow | undefined): Restore {
  const disks = job?.result?.['disks'];
  return {
    id: row.id,
    jobId: row.jobId,
    pointId: row.pointId,
    mode: restoreModes.find((mode) => mode === row.mode) ?? 'image',
    projectId: row.projectId ?? null,
    state: row.state === 'undone' ? 'undone' : (job?.state ?? 'queued'),
    createdAt: row.createdAt,
    finishedAt: job?.finishedAt,
    undoUntil: undoUntil(row, job),
    undoJobId: row.undoJobId,
    undoneAt: row.undoneAt,
    disks: Array.isArray(disks) ? (disks as RestoredDisk[]) : [],
    instance: job?.result?.['instance'] as RestoredInstance | undefined,
  };
}
