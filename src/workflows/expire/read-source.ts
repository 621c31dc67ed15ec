import type { DiskLink, SourceRow } from '../../drivers/catalog/expiry.ts';
import type { PointRow } from '../../drivers/catalog/types.ts';
import type { ExpireStatements } from './deps.ts';

export type ExpireSource = Pick<SourceRow, 'kind' | 'sourceId' | 'projectId' | 'storeId'>;

export interface SourceState {
  /** Complete and damaged ones. */
  points: PointRow[];
  diskKeys: string[];
  /** All links of these disks in the store, also those that belong to points of other sources. */
  links: DiskLink[];
}

const pageSize = 1000;

export async function readSource(catalog: ExpireStatements, source: ExpireSource): Promise<SourceState> {
  const { kind, sourceId, projectId, storeId } = source;
  const points: PointRow[] = [];
  let page: PointRow[];
  do {
    page = await catalog.points.list({
      kind,
      sourceId,
      projectId,
      storeId,
      limit: pageSize,
      marker: points.at(-1)?.id,
    });
    points.push(...page);
  } while (page.length === pageSize);
  const diskKeys = await catalog.expiry.diskKeysOf(source);
  return { points, diskKeys, links: await catalog.expiry.linksOf(diskKeys, storeId) };
}
