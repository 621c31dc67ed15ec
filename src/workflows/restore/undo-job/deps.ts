import type { RestoreRow } from '../../../drivers/catalog/types.ts';
import type { RestoreDeps } from '../deps.ts';
import type { RestorePlan } from '../plan.ts';
import type { UndoPlan } from './plan.ts';

export interface UndoDeps extends Pick<RestoreDeps, 'rbd' | 'cloud' | 'instances' | 'backupsPool'> {
  catalog: {
    /** What the restore did, as its job recorded it. */
    planOf(restoreId: string): Promise<RestorePlan>;
    /** What an earlier undo recorded; undefined when it came to no plan. */
    planOfUndo(jobId: string): Promise<UndoPlan | undefined>;
    done(restoreId: string): Promise<void>;
  };
}

export interface ExpireUndoDeps {
  rbd: UndoDeps['rbd'];
  catalog: {
    planOf(restoreId: string): Promise<RestorePlan>;
    /** Oldest first. */
    expired(limit: number): Promise<RestoreRow[]>;
    release(restoreId: string): Promise<void>;
    /** Whether this service took the snapshot: what it did not take is not ours to touch (I4). */
    ownsSnapshot(name: string): Promise<boolean>;
    /** Whether the id in a snapshot's name is of a restore of ours, which took it before a write-back. */
    isRestore(id: string | undefined): Promise<boolean>;
    /** The snapshot is gone with the image that carried it. */
    snapshotReleased(name: string): Promise<void>;
  };
}
