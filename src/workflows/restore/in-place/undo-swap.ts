/** A restore in place that failed or was cancelled: what was there in its place again, the instance off meanwhile. */
import { undoMark, type RestoreDeps } from '../deps.ts';
import type { RestorePlan } from '../plan.ts';
import type { SwapPlan } from './plan.ts';
import { hasBegun, swapBack } from './swap-images.ts';

type Deps = Pick<RestoreDeps, 'rbd' | 'cloud'>;

/** Never aborted: what is undone is undone to its end. */
const { signal } = new AbortController();

/** Only when an image has to change places; an attempt that was killed may have let the instance go already. */
export async function holdAgain({ cloud }: Deps, { holder, disks }: RestorePlan): Promise<void> {
  if (holder?.held !== true || !disks.some(({ swap }) => swap !== undefined && hasBegun(swap))) return;
  const { projectId, instanceId, wasLocked } = holder;
  if (!wasLocked) await cloud.lockInstance(projectId, instanceId, 'a restore of its disks is undone');
  await cloud.stopInstance(projectId, instanceId);
}

export async function undoSwap(deps: Deps, swap: SwapPlan): Promise<void> {
  if (hasBegun(swap)) await swapBack(deps, { swap, mark: { key: undoMark, value: '' }, signal });
}
