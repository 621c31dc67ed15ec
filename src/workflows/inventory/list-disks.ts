import { authorize, visibleProject, type Caller } from '../../domain/access.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { DiskRow } from '../../drivers/catalog/disks.ts';
import type { Page, PageRequest } from '../page.ts';

export interface DiskOperations {
  /** By key, which is also the marker. */
  list(caller: Caller, filter: StoredDiskFilter): Promise<Page<DiskRow>>;
}

export interface StoredDiskFilter extends PageRequest {
  /** Id or name of an instance, a volume or an image. */
  source: string | undefined;
  projectId: string | undefined;
}

/** Disks that have something in a store: who does not see everything sees what points of its project brought (I7). */
export async function listDisks(
  { disks }: Pick<Catalog, 'disks'>,
  caller: Caller,
  { limit, marker, source, projectId: asked }: StoredDiskFilter,
): Promise<Page<DiskRow>> {
  if (asked !== undefined) authorize(caller, 'read', asked, `project "${asked}"`);
  const projectId = asked ?? visibleProject(caller);
  const rows = await disks.list({ source, projectId, limit: limit + 1, after: marker });
  const items = rows.slice(0, limit);
  return { items, nextMarker: rows.length > limit ? items.at(-1)?.key : undefined };
}
