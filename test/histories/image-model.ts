/** An RBD image in memory, as far as snapshots and export-diff show it. */
import type { DiffRecord } from '../../src/domain/rbd-diff/records.ts';

/** What the model knows of a block since a snapshot, and the unit of its diffs. */
export const modelBlockBytes = 512;

interface Snapshot {
  name: string;
  bytes: Buffer;
  /** Blocks that were touched since this snapshot. */
  touched: Set<number>;
}

export class ImageModel {
  #bytes: Buffer;
  /** Blocks that were ever written, also with zeros. */
  readonly #written = new Set<number>();
  readonly #snapshots: Snapshot[] = [];

  constructor(sizeBytes: number) {
    this.#bytes = Buffer.alloc(sizeBytes);
  }

  get sizeBytes(): number {
    return this.#bytes.length;
  }

  write(offset: number, data: Buffer): void {
    const end = Math.min(this.sizeBytes, offset + data.length);
    if (offset >= end) return;
    data.copy(this.#bytes, offset, 0, end - offset);
    this.#touch(offset, end, true);
  }

  discard(offset: number, length: number): void {
    const end = Math.min(this.sizeBytes, offset + length);
    if (offset >= end) return;
    this.#bytes.fill(0, offset, end);
    this.#touch(offset, end, false);
  }

  resize(sizeBytes: number): void {
    if (sizeBytes < this.sizeBytes) this.discard(sizeBytes, this.sizeBytes - sizeBytes);
    const resized = Buffer.alloc(sizeBytes);
    this.#bytes.copy(resized);
    this.#bytes = resized;
  }

  /** Whole blocks only, so that a discard forgets what it covers. */
  #touch(offset: number, end: number, isWrite: boolean): void {
    for (let block = Math.floor(offset / modelBlockBytes); block * modelBlockBytes < end; block++) {
      const isWhole = block * modelBlockBytes >= offset && (block + 1) * modelBlockBytes <= end;
      if (isWrite) this.#written.add(block);
      else if (isWhole) this.#written.delete(block);
      for (const { touched } of this.#snapshots) touched.add(block);
    }
  }

  snapshot(name: string): Buffer {
    const bytes = Buffer.from(this.#bytes);
    this.#snapshots.push({ name, bytes, touched: new Set() });
    return bytes;
  }

  /**
   * The records of `rbd export-diff` from a snapshot (or nothing) to the head, which was just snapshot as `to`.
   * Neighbouring blocks are one record. A range that reads as zeros comes as a write when it was written, like in Ceph.
   */
  exportDiff(from: string | undefined, to: string): DiffRecord[] {
    const base = this.#snapshots.find(({ name }) => name === from);
    const blocks = [...(from === undefined ? this.#written : (base?.touched ?? []))]
      .filter((block) => block * modelBlockBytes < this.sizeBytes)
      .sort((a, b) => a - b);
    const records: DiffRecord[] = [
      ...(from === undefined ? [] : [{ type: 'from-snap', name: from } as const]),
      { type: 'to-snap', name: to },
      { type: 'image-size', sizeBytes: this.sizeBytes },
    ];
    for (let at = 0; at < blocks.length;) {
      const first = blocks[at] ?? 0;
      const isWritten = this.#written.has(first);
      let count = 1;
      while (blocks[at + count] === first + count && this.#written.has(first + count) === isWritten) count++;
      at += count;
      const offset = first * modelBlockBytes;
      const end = Math.min(this.sizeBytes, offset + count * modelBlockBytes);
      if (isWritten)
        records.push({ type: 'write', offset, data: Buffer.from(this.#bytes.subarray(offset, end)) });
      else records.push({ type: 'zero', offset, length: end - offset });
    }
    return records;
  }
}
