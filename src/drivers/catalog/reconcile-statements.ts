import type { Knex } from 'knex';
import { mapped } from './errors.ts';
import {
  backupsThatPaused,
  hasBrokenVolumeRestores,
  neededSnapshots,
  originOfSnapshot,
  poolsOfLinks,
  type CatalogPool,
  type SnapshotOrigin,
} from './reconcile.ts';
import type { JobRow } from './types.ts';

/** reconcile.ts */
export interface ReconcileStatements {
  pools(): Promise<CatalogPool[]>;
  neededSnapshots(names: readonly string[]): Promise<string[]>;
  originOfSnapshot(name: string): Promise<SnapshotOrigin | undefined>;
  backupsThatPaused(since: Date): Promise<JobRow[]>;
  hasBrokenVolumeRestores(): Promise<boolean>;
}

export function bindReconcile(sql: Knex): ReconcileStatements {
  return {
    pools: () => mapped(() => poolsOfLinks(sql)),
    neededSnapshots: (names) => mapped(() => neededSnapshots(sql, names)),
    originOfSnapshot: (name) => mapped(() => originOfSnapshot(sql, name)),
    backupsThatPaused: (since) => mapped(() => backupsThatPaused(sql, since)),
    hasBrokenVolumeRestores: () => mapped(() => hasBrokenVolumeRestores(sql)),
  };
}
