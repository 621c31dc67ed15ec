import type { Job } from './job.ts';
import type { PointKind } from './manifest.ts';
import type { RetentionRules } from './retention.ts';

/** `fold` deletes any point; `chains` only points whose chains go as a whole. */
export type ExpireStrategy = 'fold' | 'chains';

/** What a user asks to be deleted. */
export interface ExpirationRequest {
  /** Points by their ids, or those of one source or of all sources that the rules let go. */
  of: { points: readonly string[] } | { source: string } | 'all';
  /** Only what is in this store, by name or id; undefined: whatever store it is in. */
  store?: string | undefined;
  /** Take the place of the configured ones as a whole; not looked at when points are named. */
  rules: RetentionRules;
  strategy: ExpireStrategy;
  /** The newest complete point of a source may go when it is named. */
  allowNewest: boolean;
  dryRun: boolean;
}

/** What an expiry does, or in a dry run would do, with what one source has in one store. */
export interface Expiration {
  kind: PointKind;
  sourceId: string;
  sourceName: string;
  projectId: string | null;
  storeId: string;
  /** Its name; null when no configuration names it any more. */
  store: string | null;
  /** Newest first. */
  points: ExpirationPoint[];
  /** Links that nothing stands on: known exactly. */
  freesAtLeastBytes: number;
  /** And the folded links, if nothing in them lives on. */
  freesAtMostBytes: number;
  /** While it folds. */
  needsAtMostBytes: number;
  notes: string[];
  /** null in a dry run, and when there is nothing to do. */
  job: Job | null;
}

export interface ExpirationPoint {
  id: string;
  takenAt: Date;
  state: 'complete' | 'damaged' | 'deleted';
  goes: boolean;
  /** Why it stays; empty when it goes. */
  reasons: string[];
}
