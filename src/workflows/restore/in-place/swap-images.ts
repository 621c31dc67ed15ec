/**
 * One image for another under one name (I5, I6). RBD knows only renaming, so for a moment the name is free:
 *
 *     target -> kept, then staged -> target
 *
 * While it is free the instance is off and locked, and a start would fail, not boot something else. Which image stands where is
 * told by RBD's ids, which a renaming does not change: so each call, first or repeated, goes on from what it finds (I9).
 */
import { AppError } from '../../../base/errors.ts';
import { formatLocation, type ImageLocation } from '../../../domain/disk.ts';
import type { RestoreDeps } from '../deps.ts';
import { waitUntilFree } from '../wait-until-free.ts';
import type { SwapPlan } from './plan.ts';

type Deps = Pick<RestoreDeps, 'rbd'>;
export type BegunSwap = SwapPlan & { ids: NonNullable<SwapPlan['ids']> };

export interface SwapOptions {
  swap: BegunSwap;
  /** Written on the image that is put aside. */
  mark: { key: string; value: string };
  signal: AbortSignal;
}

/** The restored image in the disk's place, what was there kept. */
export async function swapImages(deps: Deps, { swap, mark, signal }: SwapOptions): Promise<void> {
  const { rbd } = deps;
  const { target, staged, kept, ids } = swap;
  const at = await whereIs(deps, swap, signal);
  if (at.target === ids.before && at.staged === ids.restored) {
    await rbd.setImageMark(target, mark);
    await move(deps, target, kept, signal);
    await move(deps, staged, target, signal);
  } else if (at.target === undefined && at.kept === ids.before && at.staged === ids.restored) {
    await move(deps, staged, target, signal);
  } else if (at.target !== ids.restored || at.kept !== ids.before) throw changed(swap, at);
  await refuseLateOpening(deps, { swap, mark, signal });
}

/** What was there in its place again, the restored image beside it. Also when nothing was swapped yet. */
export async function swapBack(deps: Deps, { swap, mark, signal }: SwapOptions): Promise<void> {
  const { rbd } = deps;
  const { target, staged, kept, ids } = swap;
  const at = await whereIs(deps, swap, signal);
  if (at.target === ids.restored && at.kept === ids.before) {
    await move(deps, target, staged, signal);
    await move(deps, kept, target, signal);
  } else if (at.target === undefined && at.kept === ids.before) {
    await move(deps, kept, target, signal);
  } else if (at.target !== ids.before) throw changed(swap, at);
  await rbd.clearImageMark(target, mark.key);
}

/** Before anything is changed: the restored image stands in its place, and what was there is kept. */
export async function assertSwapped(deps: Deps, swap: BegunSwap, signal: AbortSignal): Promise<void> {
  const at = await whereIs(deps, swap, signal);
  if (at.target !== swap.ids.restored || at.kept !== swap.ids.before) throw changed(swap, at);
}

/** Whether what was there is in its place. Throws CONFLICT_DISK_CHANGED when it is not and cannot come back. */
export async function isSwappedBack(deps: Deps, swap: BegunSwap, signal: AbortSignal): Promise<boolean> {
  const at = await whereIs(deps, swap, signal);
  if (at.target === swap.ids.before) return true;
  const isFree = at.target === undefined || at.target === swap.ids.restored;
  if (at.kept !== swap.ids.before || !isFree) throw changed(swap, at);
  return false;
}

export function hasBegun(swap: SwapPlan): swap is BegunSwap {
  return swap.ids !== undefined;
}

async function move(deps: Deps, from: ImageLocation, to: ImageLocation, signal: AbortSignal): Promise<void> {
  // I6: again, just before.
  await waitUntilFree(deps, from, signal);
  await deps.rbd.renameImage(from, to);
}

interface Places {
  target: string | undefined;
  staged: string | undefined;
  kept: string | undefined;
}

/** Which image stands where, once no renaming is under way: a program of a dead worker may still be at it, or have died at it. */
async function whereIs(deps: Deps, swap: BegunSwap, signal: AbortSignal): Promise<Places> {
  const { target, staged, kept } = swap;
  const at = await look(deps, swap);
  const twice = [
    { place: kept, id: at.kept },
    { place: staged, id: at.staged },
  ].filter(({ id }) => id !== undefined && id === at.target);
  if (twice.length === 0) return at;
  for (const { place } of twice) {
    await waitUntilFree(deps, target, signal);
    await deps.rbd.settleNames(target, place);
  }
  return await look(deps, swap);
}

async function look({ rbd }: Deps, { target, staged, kept }: SwapPlan): Promise<Places> {
  const idAt = async (at: ImageLocation): Promise<string | undefined> => (await rbd.findImage(at))?.imageId;
  const [atTarget, atStaged, atKept] = await Promise.all([idAt(target), idAt(staged), idAt(kept)]);
  return { target: atTarget, staged: atStaged, kept: atKept };
}

/**
 * Opened between the last look and the renaming: Ceph says nothing, and whoever did it has the image that was put aside.
 * A program that was killed while it renamed is listed for a while too, so this waits as every other look does.
 */
async function refuseLateOpening(deps: Deps, { swap, mark, signal }: SwapOptions): Promise<void> {
  const { target, staged, kept } = swap;
  try {
    await waitUntilFree(deps, kept, signal);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'CONFLICT_IMAGE_IN_USE') throw error;
    // Back while it is open, which Ceph allows too: who has it goes on with its own image, under the right name again.
    await deps.rbd.renameImage(target, staged);
    await deps.rbd.renameImage(kept, target);
    await deps.rbd.clearImageMark(target, mark.key);
    throw new AppError(
      'CONFLICT_IMAGE_IN_USE',
      `${formatLocation(target)} was opened while another image was put in its place, and has its place back; close it and restore again`,
      { cause: error },
    );
  }
}

function changed({ target, staged, kept, ids }: BegunSwap, at: Places): AppError {
  const found = [
    [target, at.target],
    [staged, at.staged],
    [kept, at.kept],
  ] as const;
  const words = found.map(([place, id]) => `${formatLocation(place)}: ${id ?? 'none'}`).join(', ');
  return new AppError(
    'CONFLICT_DISK_CHANGED',
    `${formatLocation(target)} is not what this restore knows: image ${ids.before} was there and ${ids.restored} is the restored one, now there are ${words}; nothing was touched: give the image that the disk shall have its name with rbd mv`,
    { details: { ids, at } },
  );
}
