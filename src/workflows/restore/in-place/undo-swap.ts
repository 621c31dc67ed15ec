/** A restore in place that failed or was cancelled: what was there in its place again, the instance off meanwhile. */
import { undoMark, type RestoreDeps } from '../deps.ts';
import type { RestorePlan } from '../plan.ts';
import type { Disk } from '../../../domain/disk.ts';
import { holdAllAgain } from './hold-instances.ts';
import type { SwapPlan, WriteBackPlan } from './plan.ts';
import { hasBegun, swapBack } from './swap-images.ts';
import { isBegun, removeSafety, writeSafetyBack } from './write-back.ts';

type Deps = Pick<RestoreDeps, 'rbd' | 'cloud'>;

/** Never aborted: what is undone is undone to its end. */
const { signal } = new AbortController();

/** Only when a disk was begun; an attempt that was killed may have let the instances go already. */
export async function holdAgain(deps: Deps, plan: RestorePlan): Promise<void> {
  const isBegunAny = plan.disks.some(({ swap, writeBack }) => isBegunEither(swap, writeBack));
  if (isBegunAny) await holdAllAgain(deps, plan, 'a restore of its disks is undone');
}

function isBegunEither(swap: SwapPlan | undefined, writeBack: WriteBackPlan | undefined): boolean {
  return swap?.ids !== undefined || writeBack?.begun !== undefined;
}

export async function undoSwap(deps: Deps, swap: SwapPlan): Promise<void> {
  if (hasBegun(swap)) await swapBack(deps, { swap, mark: { key: undoMark, value: '' }, signal });
}

export async function undoWriteBack(deps: Deps, disk: Disk, writeBack: WriteBackPlan): Promise<void> {
  if (!isBegun(writeBack)) return;
  await writeSafetyBack(deps, { writeBack, mayShrink: disk.kind === 'image', signal });
  await removeSafety(deps, writeBack);
}
