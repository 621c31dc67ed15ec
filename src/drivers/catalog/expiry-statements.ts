import type { Sql } from './connect.ts';
import { mapped } from './errors.ts';
import {
  childrenOfLink,
  databaseNow,
  deletePoints,
  diskKeysOfSource,
  dropLinks,
  foldLinks,
  linksOfDisks,
  listSources,
  type CatalogFold,
  type DiskLink,
  type SourceFilter,
  type SourceRow,
} from './expiry.ts';
import type { JsonObject, LinkRow, PointRow } from './types.ts';

/** Documented where each is written: expiry.ts. */
export interface ExpiryStatements {
  /** What time PostgreSQL has. */
  now(): Promise<Date>;
  sources(filter?: SourceFilter): Promise<SourceRow[]>;
  diskKeysOf(source: Pick<SourceRow, 'kind' | 'sourceId'>): Promise<string[]>;
  linksOf(diskKeys: readonly string[], storeId?: string): Promise<DiskLink[]>;
  childrenOf(linkId: string): Promise<LinkRow[]>;
  deletePoints(
    ids: readonly string[],
    audit: { actor: JsonObject; requestId?: string | undefined },
  ): Promise<PointRow[]>;
  dropLinks(ids: readonly string[]): Promise<void>;
  foldLinks(fold: CatalogFold): Promise<void>;
}

export function bindExpiry(sql: Sql): ExpiryStatements {
  return {
    now: () => mapped(() => databaseNow(sql)),
    sources: (filter) => mapped(() => listSources(sql, filter)),
    diskKeysOf: (source) => mapped(() => diskKeysOfSource(sql, source)),
    linksOf: (diskKeys, storeId) => mapped(() => linksOfDisks(sql, diskKeys, storeId)),
    childrenOf: (linkId) => mapped(() => childrenOfLink(sql, linkId)),
    deletePoints: (ids, entry) => mapped(() => deletePoints(sql, ids, entry)),
    dropLinks: (ids) => mapped(() => dropLinks(sql, ids)),
    foldLinks: (fold) => mapped(() => foldLinks(sql, fold)),
  };
}
