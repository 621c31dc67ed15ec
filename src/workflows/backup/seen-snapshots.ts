import { formatLocation, type ImageLocation } from '../../domain/disk.ts';
import type { Rbd } from '../../drivers/ceph/rbd.ts';
import type { RbdSnapshot } from '../../drivers/ceph/snapshots.ts';

/**
 * The snapshots of a job's images as it saw them last. While the job holds the disks' locks no other job of ours changes
 * them, and each listing is a process that takes as long as some hundred MiB of export. What others do meanwhile is
 * found by the listing after the export, which is always a new one (I3).
 */
export class SeenSnapshots {
  readonly #rbd: Pick<Rbd, 'listSnapshots'>;
  readonly #seen = new Map<string, readonly RbdSnapshot[]>();

  constructor(rbd: Pick<Rbd, 'listSnapshots'>) {
    this.#rbd = rbd;
  }

  /** What is there now. */
  async list(at: ImageLocation): Promise<readonly RbdSnapshot[]> {
    const snapshots = await this.#rbd.listSnapshots(at);
    this.#seen.set(keyOf(at), snapshots);
    return snapshots;
  }

  /** What was there when this job looked last, or now when it did not look yet. */
  async last(at: ImageLocation): Promise<readonly RbdSnapshot[]> {
    return this.#seen.get(keyOf(at)) ?? (await this.list(at));
  }

  /** As last, but never looks. */
  seen(at: ImageLocation): readonly RbdSnapshot[] | undefined {
    return this.#seen.get(keyOf(at));
  }
}

function keyOf(at: ImageLocation): string {
  return `${at.cluster}/${formatLocation(at)}`;
}
