/** A segment of a SegmentPool, which alone changes it. */
export class PooledSegment {
  readonly layer: number;
  readonly number: number;
  /** Pieces that were asked for and are not done with. */
  users = 1;
  /** Rejects with what reading it threw. */
  loaded: Promise<void> = Promise.resolve();
  /** While it is in memory. */
  plain: Buffer | undefined;
  /** While it is set aside. */
  slot: number | undefined;
  /** Being written to the file, or there already. */
  isLeaving = false;

  constructor(layer: number, number: number) {
    this.layer = layer;
    this.number = number;
  }
}
