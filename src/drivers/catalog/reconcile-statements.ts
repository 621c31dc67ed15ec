import type { Knex } from 'knex';
import { mapped } from './errors.ts';
import {
  backupsThatPaused,
  hasBrokenVolumeRestores,
  originOfSnapshot,
  poolsOfLinks,
  type CatalogPool,
  type SnapshotOrigin,
} from './reconcile.ts';
import { idsInStore, isInStore } from './drift.ts';
import { neededSnapshots, snapshotsOfHeads, type NeededSnapshot } from './heads.ts';
import type { JobRow } from './types.ts';

export interface PageOfIds {
  /** The last of the page before. */
  after: string | undefined;
  limit: number;
}

/** reconcile.ts, drift.ts, heads.ts */
export interface ReconcileStatements {
  pools(): Promise<CatalogPool[]>;
  neededSnapshots(names: readonly string[]): Promise<string[]>;
  originOfSnapshot(name: string): Promise<SnapshotOrigin | undefined>;
  backupsThatPaused(since: Date): Promise<JobRow[]>;
  hasBrokenVolumeRestores(): Promise<boolean>;
  idsInStore(table: 'points' | 'links', storeId: string, page: PageOfIds): Promise<string[]>;
  isInStore(table: 'points' | 'links', storeId: string, id: string): Promise<boolean>;
  snapshotsOfHeads(page: PageOfIds): Promise<{ heads: NeededSnapshot[]; last: string | undefined }>;
}

export function bindReconcile(sql: Knex, keepOpenDays: number): ReconcileStatements {
  return {
    pools: () => mapped(() => poolsOfLinks(sql)),
    neededSnapshots: (names) => mapped(() => neededSnapshots(sql, names, keepOpenDays)),
    originOfSnapshot: (name) => mapped(() => originOfSnapshot(sql, name)),
    backupsThatPaused: (since) => mapped(() => backupsThatPaused(sql, since)),
    hasBrokenVolumeRestores: () => mapped(() => hasBrokenVolumeRestores(sql)),
    idsInStore: (table, storeId, page) => mapped(() => idsInStore(sql, table, storeId, page)),
    isInStore: (table, storeId, id) => mapped(() => isInStore(sql, table, storeId, id)),
    snapshotsOfHeads: (page) => mapped(() => snapshotsOfHeads(sql, page, keepOpenDays)),
  };
}
