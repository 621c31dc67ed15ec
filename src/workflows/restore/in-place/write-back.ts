/**
 * The point in the disk's own image, where Cinder's snapshots and clones hang on that: a snapshot of ours first, then only
 * what differs from the restored image, then all of it read back. It goes back in the same way, from that snapshot: what
 * is there then is put into a second snapshot first, so that a half-done way back can be turned round as well.
 *
 * Which of both a range has is of no matter to `rewriteImage`, so each call, first or repeated, makes it whole (I9).
 */
import { AppError } from '../../../base/errors.ts';
import type { DifferenceBytes } from '../../../domain/difference-output.ts';
import { formatLocation } from '../../../domain/disk.ts';
import type { RbdSnapshot } from '../../../drivers/ceph/snapshots.ts';
import type { RestoreDeps } from '../deps.ts';
import { waitUntilFree } from '../wait-until-free.ts';
import type { BegunParts, WriteBackPlan } from './plan.ts';
import { rewriteImage, type OnRewrite } from './rewrite-image.ts';

type Deps = Pick<RestoreDeps, 'rbd'>;
export type BegunWriteBack = WriteBackPlan & { begun: BegunParts };

export interface WriteBackOptions {
  writeBack: BegunWriteBack;
  /** A volume stays as large as Cinder says it is; a bare image gets its size back. */
  mayShrink: boolean;
  signal: AbortSignal;
  onProgress?: OnRewrite | undefined;
}

export function isBegun(writeBack: WriteBackPlan): writeBack is BegunWriteBack {
  return writeBack.begun !== undefined;
}

/** RBD's id of the snapshot that the undo needs; one that an attempt before took is taken as it is. */
export async function takeSafety(
  deps: Deps,
  { writeBack, signal }: Pick<WriteBackOptions, 'writeBack' | 'signal'>,
): Promise<number> {
  return (await take(deps, writeBack, writeBack.begun.safety, signal)).id;
}

/** The restored image's bytes into the disk. The safety snapshot *must* be recorded by now. */
export async function writePoint(
  deps: Deps,
  { writeBack, signal, onProgress }: Omit<WriteBackOptions, 'mayShrink'>,
): Promise<DifferenceBytes> {
  const { target, source, begun } = writeBack;
  await assertWritten(deps, writeBack);
  return await rewriteImage(deps, {
    target,
    have: { at: target, snapshot: begun.safety },
    want: { at: source, snapshot: undefined },
    sizeBytes: begun.sizeBytes,
    signal,
    onProgress,
  });
}

/** Whether anything may have been written into the disk. Throws CONFLICT_DISK_CHANGED when that cannot come back. */
export async function mayBeWritten(deps: Deps, writeBack: BegunWriteBack): Promise<boolean> {
  const { begun, safetyId } = writeBack;
  if (safetyId === undefined && (await findSnapshot(deps, writeBack, begun.safety)) === undefined)
    return false;
  await assertWritten(deps, writeBack);
  return true;
}

/** What was there before the write-back; nothing when it had not come to its safety snapshot. */
export async function writeSafetyBack(deps: Deps, options: WriteBackOptions): Promise<void> {
  const { writeBack, mayShrink, signal, onProgress } = options;
  const { target, begun } = writeBack;
  if (!(await mayBeWritten(deps, writeBack))) return;
  const safety = await assertWritten(deps, writeBack);
  await take(deps, writeBack, begun.before, signal);
  await rewriteImage(deps, {
    target,
    have: { at: target, snapshot: begun.before },
    want: { at: target, snapshot: safety.name },
    sizeBytes: await sizeFor(deps, writeBack, safety, mayShrink),
    signal,
    onProgress,
  });
}

/** A way back that does not come to its end is turned round: what was there when it began; nothing when it did not. */
export async function turnRound(deps: Deps, options: WriteBackOptions): Promise<void> {
  const { writeBack, mayShrink, signal, onProgress } = options;
  const { target, begun } = writeBack;
  const before = await findSnapshot(deps, writeBack, begun.before);
  if (before === undefined) return;
  const safety = await assertWritten(deps, writeBack);
  await rewriteImage(deps, {
    target,
    have: { at: target, snapshot: safety.name },
    want: { at: target, snapshot: before.name },
    sizeBytes: await sizeFor(deps, writeBack, before, mayShrink),
    signal,
    onProgress,
  });
  await deps.rbd.removeSnapshot(target, before.name);
}

/** The image is the one that was written into, and has its safety snapshot. Throws CONFLICT_DISK_CHANGED. */
export async function assertWritten(deps: Deps, writeBack: BegunWriteBack): Promise<RbdSnapshot> {
  const { target, begun, safetyId } = writeBack;
  const safety = await findSnapshot(deps, writeBack, begun.safety);
  if (safety !== undefined && (safetyId === undefined || safety.id === safetyId)) return safety;
  throw new AppError(
    'CONFLICT_DISK_CHANGED',
    `${formatLocation(target)} has no snapshot ${begun.safety} any more, or another one of that name, so what was there before cannot come back; nothing was touched: restore a point instead`,
  );
}

/** Neither is needed any more; repeatable. Not of an image that came under the name since. */
export async function removeSafety(deps: Deps, writeBack: BegunWriteBack): Promise<void> {
  const { target, begun } = writeBack;
  for (const name of [begun.before, begun.safety])
    if ((await findSnapshot(deps, writeBack, name)) !== undefined)
      await deps.rbd.removeSnapshot(target, name);
}

/** What an earlier way back left that failed wholly. */
export async function removeBefore(deps: Deps, writeBack: BegunWriteBack): Promise<void> {
  const { target, begun } = writeBack;
  if ((await findSnapshot(deps, writeBack, begun.before)) !== undefined)
    await deps.rbd.removeSnapshot(target, begun.before);
}

async function take(
  deps: Deps,
  writeBack: BegunWriteBack,
  name: string,
  signal: AbortSignal,
): Promise<RbdSnapshot> {
  const { target } = writeBack;
  await assertImage(deps, writeBack);
  const there = await findSnapshot(deps, writeBack, name);
  if (there !== undefined) return there;
  await waitUntilFree(deps, target, signal);
  await deps.rbd.createSnapshot(target, name).catch((error: unknown) => {
    // The rbd that a killed worker had started outlived it, and was done just now.
    if (!(error instanceof AppError) || error.code !== 'CEPH_EXISTS') throw error;
  });
  const taken = await findSnapshot(deps, writeBack, name);
  if (taken !== undefined) return taken;
  throw changed(writeBack, undefined);
}

async function findSnapshot(
  { rbd }: Deps,
  { target, begun }: BegunWriteBack,
  wanted: string,
): Promise<RbdSnapshot | undefined> {
  const image = await rbd.findImage(target);
  if (image?.imageId !== begun.imageId) return undefined;
  return (await rbd.listSnapshots(target)).find(({ name }) => name === wanted);
}

async function assertImage({ rbd }: Deps, writeBack: BegunWriteBack): Promise<void> {
  const found = await rbd.findImage(writeBack.target);
  if (found?.imageId !== writeBack.begun.imageId) throw changed(writeBack, found?.imageId);
}

function changed({ target, begun }: BegunWriteBack, found: string | undefined): AppError {
  return new AppError(
    'CONFLICT_DISK_CHANGED',
    `${formatLocation(target)} is not what this restore knows: image ${begun.imageId} was there, now there is ${found ?? 'none'}; nothing was touched`,
  );
}

async function sizeFor(
  { rbd }: Deps,
  { target }: BegunWriteBack,
  { sizeBytes }: RbdSnapshot,
  mayShrink: boolean,
): Promise<number> {
  return mayShrink ? sizeBytes : Math.max(sizeBytes, (await rbd.showImage(target)).sizeBytes);
}
