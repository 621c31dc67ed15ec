/** How far a restore or its undo is, over all of its disks, for people who watch. */
import type { JobContext } from '../job-context.ts';
import type { RestoreDiskPlan } from './plan.ts';

/** Bytes of an image's address space. */
interface Part {
  bytesDone: number;
  bytesTotal: number;
}

/** What is done with a disk: each is a part of the whole. */
export type PartKind = 'import' | 'rewrite';

/** A disk's own image is gone over twice, to be written and to be read back. */
export const rewritePasses = 2;

/** The parts together are one number that grows from the import's first byte to the last one that is read back. */
export class Progress {
  readonly #context: Pick<JobContext<unknown>, 'progress'>;
  readonly #parts = new Map<string, Part>();

  constructor(context: Pick<JobContext<unknown>, 'progress'>) {
    this.#context = context;
  }

  /** What of the disk is to come, or was done by an earlier attempt. */
  expect(kind: PartKind, index: number, part: Part): void {
    this.#parts.set(`${kind} ${index}`, part);
  }

  /** A part that was not expected makes the whole larger. */
  tell(kind: PartKind, index: number, part: Part): void {
    this.expect(kind, index, part);
    const all = [...this.#parts.values()];
    this.#context.progress({
      bytesDone: all.reduce((sum, { bytesDone }) => sum + bytesDone, 0),
      bytesTotal: all.reduce((sum, { bytesTotal }) => sum + bytesTotal, 0),
      storedBytes: 0,
    });
  }
}

/** Of a restore, whatever an earlier attempt has done of it. */
export function progressOfRestore(
  context: Pick<JobContext<unknown>, 'progress'>,
  disks: readonly RestoreDiskPlan[],
): Progress {
  const progress = new Progress(context);
  for (const [index, { sizeBytes, imported, writeBack }] of disks.entries()) {
    progress.expect('import', index, { bytesDone: imported ? sizeBytes : 0, bytesTotal: sizeBytes });
    if (writeBack === undefined) continue;
    const bytesTotal = rewritePasses * (writeBack.begun?.sizeBytes ?? sizeBytes);
    progress.expect('rewrite', index, { bytesDone: writeBack.written ? bytesTotal : 0, bytesTotal });
  }
  return progress;
}

/** Of what brings back what was there: a swap takes no time, a disk that was written back that of both passes. */
export function progressOfWayBack(
  context: Pick<JobContext<unknown>, 'progress'>,
  disks: readonly Pick<RestoreDiskPlan, 'writeBack'>[],
): Progress {
  const progress = new Progress(context);
  for (const [index, { writeBack }] of disks.entries()) {
    if (writeBack?.begun === undefined) continue;
    const bytesTotal = rewritePasses * writeBack.begun.sizeBytes;
    progress.expect('rewrite', index, { bytesDone: 0, bytesTotal });
  }
  return progress;
}
