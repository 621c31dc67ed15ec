/** Who did what, from where, and what came of it. */
import { authorize, visibleProject, type Caller } from '../../domain/access.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { AuditRow } from '../../drivers/catalog/types.ts';
import type { Page } from '../page.ts';

export interface AuditOperations {
  list(caller: Caller, filter: AuditRequest): Promise<Page<AuditEntry>>;
}

export interface AuditRequest {
  limit: number;
  /** Id of the last entry of the page before. */
  marker: string | undefined;
  since: Date | undefined;
  before: Date | undefined;
  action: string | undefined;
  result: string | undefined;
  userId: string | undefined;
  requestId: string | undefined;
  projectId: string | undefined;
  /** `asc` for the oldest first. */
  order?: 'asc' | 'desc' | undefined;
}

export type AuditEntry = Omit<AuditRow, 'id'> & { id: string };

/**
 * Newest first unless told. Who sees everything sees every entry; others see what was done to things of their own project. Where
 * somebody from elsewhere, such as an administrator, came from is not theirs to know (I7).
 */
export async function listAudit(
  { audit }: Pick<Catalog, 'audit'>,
  caller: Caller,
  { limit, marker, projectId: asked, ...filter }: AuditRequest,
): Promise<Page<AuditEntry>> {
  if (asked !== undefined) authorize(caller, 'read', asked, `project "${asked}"`);
  const projectId = asked ?? visibleProject(caller);
  const afterId = marker === undefined ? undefined : Number(marker);
  const rows = await audit.list({ ...filter, projectId, afterId, limit: limit + 1 });
  const items = rows.slice(0, limit).map((row) => shown(row, caller));
  return { items, nextMarker: rows.length > limit ? items.at(-1)?.id : undefined };
}

function shown({ id, actor, target, ...row }: AuditRow, caller: Caller): AuditEntry {
  const entry = { ...row, id: String(id) };
  if (caller.seesAll) return { ...entry, actor, target };
  const isOwn = actor['projectId'] === caller.projectId;
  return {
    ...entry,
    actor: isOwn ? actor : { userId: actor['userId'], userName: actor['userName'] },
    target: Object.fromEntries(Object.entries(target).filter(([key]) => !ofOthers.includes(key))),
  };
}

/** What a job's target holds for its worker. */
const ofOthers: readonly string[] = ['callerProjectId', 'callerUserId'];
