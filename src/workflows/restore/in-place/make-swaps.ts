/** What a restore in place will do with each disk, and with the instance that has them. */
import { AppError } from '../../../base/errors.ts';
import { formatLocation } from '../../../domain/disk.ts';
import { keptImageName } from '../../../domain/restore.ts';
import type { RestoreDeps } from '../deps.ts';
import type { Findings } from '../findings.ts';
import type { RestoreDiskPlan } from '../plan.ts';
import { examineDisk } from './examine-disk.ts';
import { examineInstance } from './hold-instance.ts';
import type { HolderPlan, SwapPlan } from './plan.ts';

type Deps = Pick<RestoreDeps, 'rbd' | 'cloud' | 'backupsPool'>;

export interface SwapsOptions {
  restoreId: string;
  /** Of the point; undefined for bare images. */
  projectId: string | undefined;
  disks: readonly RestoreDiskPlan[];
  findings: Findings;
}

export interface Swaps {
  disks: RestoreDiskPlan[];
  holder?: HolderPlan;
}

/** Disks that something stands against are left out, and the findings have what. */
export async function makeSwaps(
  deps: Deps,
  { restoreId, projectId, disks, findings }: SwapsOptions,
): Promise<Swaps> {
  const planned: RestoreDiskPlan[] = [];
  for (const [index, plan] of disks.entries()) {
    const { disk, sizeBytes: pointBytes } = plan;
    const refuse = (error: AppError): void => findings.refuse(error, disk.key);
    const now = await findings.attempt(disk.key, () =>
      examineDisk(deps, { disk, projectId, pointBytes, refuse }),
    );
    if (now === undefined) continue;
    const { cluster, pool } = now.location;
    const swap: SwapPlan = {
      ...(projectId === undefined ? {} : { projectId }),
      ...(now.instanceId === undefined ? {} : { instanceId: now.instanceId }),
      target: now.location,
      staged: { cluster, pool, image: plan.fresh.image },
      kept: { cluster, pool, image: keptImageName(restoreId, index) },
      swapped: false,
    };
    if (now.instanceId === undefined) await findings.attempt(disk.key, () => refuseWatchers(deps, swap));
    const notes =
      now.wantedBytes === plan.sizeBytes
        ? []
        : [`it was extended since and keeps its size, ${now.wantedBytes} bytes: zeros follow the point's`];
    planned.push({ ...plan, swap, notes });
  }
  const holder = await findings.attempt(undefined, () =>
    planHolder(
      deps,
      planned.map(({ swap }) => swap ?? {}),
    ),
  );
  return { disks: planned, ...(holder === undefined ? {} : { holder }) };
}

/** Nobody whom we could stop: then it must be free already, before hours of import. */
async function refuseWatchers({ rbd }: Deps, { target }: SwapPlan): Promise<void> {
  const watchers = await rbd.listWatchers(target);
  if (watchers.length === 0) return;
  throw new AppError(
    'CONFLICT_IMAGE_IN_USE',
    `${formatLocation(target)} is open at ${watchers.join(', ')}, and no instance has it that could be stopped; close it there and restore again`,
  );
}

/** Disks of one point are on one instance, or on none. */
export async function planHolder(
  deps: Pick<RestoreDeps, 'cloud'>,
  disks: readonly { projectId?: string | undefined; instanceId?: string | undefined }[],
): Promise<HolderPlan | undefined> {
  const [first, ...others] = disks.flatMap(({ projectId, instanceId }) =>
    projectId === undefined || instanceId === undefined ? [] : [{ projectId, instanceId }],
  );
  if (first === undefined) return undefined;
  const another = others.find(({ instanceId }) => instanceId !== first.instanceId);
  if (another !== undefined) {
    throw new AppError(
      'BUG_HOLDERS',
      `disks of one point are on ${first.instanceId} and ${another.instanceId}`,
    );
  }
  const now = await examineInstance(deps, first.projectId, first.instanceId);
  return { ...first, wasRunning: now.status === 'ACTIVE', wasLocked: now.locked, held: false };
}
