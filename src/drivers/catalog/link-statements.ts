import type { Knex } from 'knex';
import { mapped } from './errors.ts';
import { neededSnapshotsOfDisks, type NeededSnapshot } from './heads.ts';
import {
  chainOfLink,
  getLink,
  latestLinkForDisk,
  linksOfPoints,
  linksWithUnreleasedSnapshots,
  markLinkDamaged,
  markSnapshotReleased,
  newestDamage,
  ownsSnapshot,
} from './links.ts';
import type { LinkRow, PointRow } from './types.ts';

/** links.ts, heads.ts */
export interface LinkStatements {
  get(id: string): Promise<LinkRow | undefined>;
  ofPoints(pointIds: readonly string[]): Promise<LinkRow[]>;
  ownsSnapshot(name: string): Promise<boolean>;
  latestForDisk(diskKey: string, storeId?: string): Promise<LinkRow | undefined>;
  newestDamage(diskKey: string, storeId?: string): Promise<string | undefined>;
  neededSnapshots(diskKeys: readonly string[]): Promise<NeededSnapshot[]>;
  chainOf(id: string): Promise<LinkRow[]>;
  markDamaged(id: string, reason: string): Promise<PointRow[]>;
  snapshotReleased(name: string): Promise<void>;
  withUnreleasedSnapshots(diskKey?: string): Promise<LinkRow[]>;
}

export function bindLinks(sql: Knex, keepOpenDays: number): LinkStatements {
  return {
    get: (id) => mapped(() => getLink(sql, id)),
    ofPoints: (pointIds) => mapped(() => linksOfPoints(sql, pointIds)),
    ownsSnapshot: (name) => mapped(() => ownsSnapshot(sql, name)),
    latestForDisk: (diskKey, storeId) => mapped(() => latestLinkForDisk(sql, diskKey, storeId)),
    newestDamage: (diskKey, storeId) => mapped(() => newestDamage(sql, diskKey, storeId)),
    neededSnapshots: (diskKeys) => mapped(() => neededSnapshotsOfDisks(sql, diskKeys, keepOpenDays)),
    chainOf: (id) => mapped(() => chainOfLink(sql, id)),
    markDamaged: (id, reason) => mapped(() => markLinkDamaged(sql, id, reason)),
    snapshotReleased: (name) => mapped(() => markSnapshotReleased(sql, name)),
    withUnreleasedSnapshots: (diskKey) => mapped(() => linksWithUnreleasedSnapshots(sql, diskKey)),
  };
}
