/** One image, or a snapshot of it, into another image: only what differs is written, and all of it is read back. */
import { AppError } from '../../../base/errors.ts';
import { compareStreams } from '../../../domain/compare-streams.ts';
import type { DifferenceBytes } from '../../../domain/difference-output.ts';
import { formatLocation, type ImageLocation } from '../../../domain/disk.ts';
import { differenceStream } from '../../../domain/stream-difference.ts';
import type { OutputStream } from '../../../drivers/ceph/command.ts';
import type { RestoreDeps } from '../deps.ts';
import { rewritePasses } from '../progress.ts';
import { waitUntilFree } from '../wait-until-free.ts';

type Deps = Pick<RestoreDeps, 'rbd'>;

/** undefined is the image as it is now; nobody else *may* write to it meanwhile. */
export interface Content {
  at: ImageLocation;
  snapshot: string | undefined;
}

export interface RewriteOptions {
  target: ImageLocation;
  /** Of every range of the target, what is there is this ... */
  have: Content;
  /** ... or this already; all of it is afterwards. */
  want: Content;
  /** Size that the target gets, bytes; behind the end of what is wanted come zeros. */
  sizeBytes: number;
  signal: AbortSignal;
  onProgress?: OnRewrite | undefined;
}

/** Bytes of the target's address space: it is gone over to be written, then to be read back. Called often. */
export type OnRewrite = (progress: { bytesDone: number; bytesTotal: number }) => void;

/**
 * Can be killed and called again at any instant (I9): what a dead import wrote is what this one writes. Throws
 * CONFLICT_IMAGE_IN_USE (I6), INTEGRITY_WRITE_BACK.
 */
export async function rewriteImage(deps: Deps, options: RewriteOptions): Promise<DifferenceBytes> {
  const { target, have, want, sizeBytes, signal } = options;
  let told: DifferenceBytes = { written: 0, zeroed: 0 };
  const onDifference = (bytes: DifferenceBytes): void => void (told = bytes);
  const onPosition = passOf(options, 0);
  await withStreams(deps, [have, want], signal, async (from, to) => {
    // I6: just before. A program that a dead worker started is waited for too.
    await waitUntilFree(deps, target, signal);
    const stream = differenceStream(from, to, { sizeBytes, onDifference, onPosition });
    await deps.rbd.importDiff(target, stream, { signal });
  });
  onPosition(sizeBytes);
  // Whoever opened it meanwhile may have written to it; what was written shows below.
  await waitUntilFree(deps, target, signal);
  await readBack(deps, options);
  return told;
}

function passOf({ sizeBytes, onProgress }: RewriteOptions, pass: number): (offset: number) => void {
  const bytesTotal = rewritePasses * sizeBytes;
  return (offset) => onProgress?.({ bytesDone: pass * sizeBytes + Math.min(offset, sizeBytes), bytesTotal });
}

async function readBack(deps: Deps, options: RewriteOptions): Promise<void> {
  const { target, want, sizeBytes, signal } = options;
  const now = { at: target, snapshot: undefined };
  const onPosition = passOf(options, 1);
  const difference = await withStreams(deps, [want, now], signal, (one, other) =>
    compareStreams(one, other, onPosition),
  );
  const found = await deps.rbd.showImage(target);
  const problem =
    difference?.what === 'bytes'
      ? `differs at byte ${difference.offset}`
      : found.sizeBytes === sizeBytes
        ? undefined
        : `has ${found.sizeBytes} bytes instead of ${sizeBytes}`;
  if (problem === undefined) return;
  throw new AppError(
    'INTEGRITY_WRITE_BACK',
    `${formatLocation(target)} ${problem} after ${formatContent(want)} was written into it; look at the health of the cluster, and who has the image open`,
  );
}

async function withStreams<T>(
  { rbd }: Deps,
  [one, other]: readonly [Content, Content],
  signal: AbortSignal,
  use: (one: AsyncIterable<Buffer>, other: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  const open = ({ at, snapshot }: Content): Promise<OutputStream> =>
    rbd.exportDiff(at, { snapshot, fromSnapshot: undefined, signal });
  const first = await open(one);
  try {
    const second = await open(other);
    try {
      return await use(whole(first), whole(second));
    } finally {
      second.close();
    }
  } finally {
    first.close();
  }
}

/** I2: its end is given out only when the exporter exited 0. */
async function* whole({ chunks, exited }: OutputStream): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of chunks) yield chunk;
  await exited;
}

function formatContent({ at, snapshot }: Content): string {
  return `${formatLocation(at)}${snapshot === undefined ? '' : `@${snapshot}`}`;
}
