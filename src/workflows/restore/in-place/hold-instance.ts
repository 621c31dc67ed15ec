/** The instance off and locked while its disks are swapped, and back as it was afterwards. */
import { AppError } from '../../../base/errors.ts';
import type { RestoreDeps } from '../deps.ts';
import type { InstanceNow } from './deps.ts';
import type { HolderPlan } from './plan.ts';

type Deps = Pick<RestoreDeps, 'cloud'>;

export interface HoldOptions {
  /** Whom Nova names to those who meet the lock. */
  reason: string;
  /** Writes the plan down. */
  record: (holder: HolderPlan) => Promise<void>;
}

/** What can be stopped and started again without anybody noticing more than that. */
export async function examineInstance(
  { cloud }: Deps,
  projectId: string,
  instanceId: string,
): Promise<InstanceNow> {
  const now = await cloud.instanceState(projectId, instanceId);
  if (now === undefined) {
    throw new AppError(
      'CONFLICT_INSTANCE_GONE',
      `instance ${instanceId} is gone, so its disks cannot be restored in place; restore with mode volume`,
    );
  }
  if ((now.status === 'ACTIVE' || now.status === 'SHUTOFF') && now.taskState === undefined) return now;
  throw new AppError(
    'CONFLICT_INSTANCE_STATE',
    `instance ${instanceId} is ${now.status}${now.taskState === undefined ? '' : ` (${now.taskState})`}; only one that is ACTIVE or SHUTOFF can be restored in place: start or stop it first`,
  );
}

/** Recorded before it is done, so that whoever comes after a crash gives the instance back as it was (I9). */
export async function holdInstance(
  deps: Deps,
  holder: HolderPlan,
  { reason, record }: HoldOptions,
): Promise<HolderPlan> {
  const { projectId, instanceId } = holder;
  let plan = holder;
  if (!plan.held) {
    const now = await examineInstance(deps, projectId, instanceId);
    const wasRunning = now.status === 'ACTIVE' || plan.left?.wasRunning === true;
    const wasLocked = now.locked && plan.left?.wasLocked !== false;
    plan = { ...plan, wasRunning, wasLocked, held: true };
    await record(plan);
  }
  if (!plan.wasLocked) await deps.cloud.lockInstance(projectId, instanceId, reason);
  // Now that nobody else can: it may have been started since it was looked at.
  const now = await deps.cloud.instanceState(projectId, instanceId);
  if (now?.status === 'ACTIVE' && !plan.wasRunning) {
    plan = { ...plan, wasRunning: true };
    await record(plan);
  }
  if (now?.status !== 'SHUTOFF' || now.taskState !== undefined)
    await deps.cloud.stopInstance(projectId, instanceId);
  return plan;
}

/** Only when all of its disks are in their places. It is unlocked even when it cannot be started. Repeatable. */
export async function releaseInstance({ cloud }: Deps, holder: HolderPlan): Promise<void> {
  const { projectId, instanceId, wasRunning, wasLocked, held } = holder;
  if (!held) return;
  try {
    if (wasRunning) await cloud.startInstance(projectId, instanceId);
  } finally {
    if (!wasLocked) await cloud.unlockInstance(projectId, instanceId);
  }
}
