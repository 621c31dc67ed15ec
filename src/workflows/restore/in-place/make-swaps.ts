/** What a restore in place will do with each disk, and with the instance that has them. */
import { AppError } from '../../../base/errors.ts';
import { formatLocation, type ImageLocation } from '../../../domain/disk.ts';
import { keptImageName } from '../../../domain/restore.ts';
import type { RestoreDeps } from '../deps.ts';
import type { Findings } from '../findings.ts';
import type { RestoreDiskPlan } from '../plan.ts';
import { examineDisk, some, type DiskNow } from './examine-disk.ts';
import { examineInstance } from './hold-instance.ts';
import type { HolderPlan, SwapPlan, WriteBackPlan } from './plan.ts';

type Deps = Pick<RestoreDeps, 'rbd' | 'cloud' | 'backupsPool'>;

export interface SwapsOptions {
  restoreId: string;
  /** Of the point; undefined for bare images. */
  projectId: string | undefined;
  disks: readonly RestoreDiskPlan[];
  findings: Findings;
}

export interface Swaps extends Holders {
  disks: RestoreDiskPlan[];
}

/** Disks that something stands against are left out, and the findings have what. */
export async function makeSwaps(
  deps: Deps,
  { restoreId, projectId, disks, findings }: SwapsOptions,
): Promise<Swaps> {
  const planned: RestoreDiskPlan[] = [];
  const holding: Holding[] = [];
  for (const [index, plan] of disks.entries()) {
    const { disk, sizeBytes: pointBytes } = plan;
    const refuse = (error: AppError): void => findings.refuse(error, disk.key);
    const now = await findings.attempt(disk.key, () =>
      examineDisk(deps, { disk, projectId, pointBytes, refuse }),
    );
    if (now === undefined) continue;
    if (now.instanceId === undefined)
      await findings.attempt(disk.key, () => refuseWatchers(deps, now.location));
    holding.push({ projectId, ...now });
    planned.push({
      ...plan,
      ...wayOf(now, { restoreId, projectId, plan, index }),
      notes: notesOf(plan, now),
    });
  }
  const holders = await findings.attempt(undefined, () => planHolders(deps, holding));
  return { disks: planned, ...holders };
}

interface WayOptions {
  restoreId: string;
  projectId: string | undefined;
  plan: RestoreDiskPlan;
  index: number;
}

/** Another image under its name, or, when something hangs on its own, the bytes into that. */
function wayOf(
  { location: target, instanceId, dependents }: DiskNow,
  { restoreId, projectId, plan, index }: WayOptions,
): { swap: SwapPlan } | { writeBack: WriteBackPlan } {
  const { cluster, pool } = target;
  const common = {
    ...(projectId === undefined ? {} : { projectId }),
    ...(instanceId === undefined ? {} : { instanceId }),
    target,
  };
  if (dependents.length > 0) return { writeBack: { ...common, source: plan.fresh, written: false } };
  const staged = { cluster, pool, image: plan.fresh.image };
  const kept = { cluster, pool, image: keptImageName(restoreId, index) };
  return { swap: { ...common, staged, kept, swapped: false } };
}

function notesOf({ sizeBytes }: RestoreDiskPlan, now: DiskNow): string[] {
  const { wantedBytes, dependents, otherInstanceIds } = now;
  return [
    ...(wantedBytes === sizeBytes
      ? []
      : [`it was extended since and keeps its size, ${wantedBytes} bytes: zeros follow the point's`]),
    ...(dependents.length === 0 ? [] : [noteOfDependents(dependents)]),
    ...(otherInstanceIds.length === 0
      ? []
      : [`it is attached to ${some(otherInstanceIds)} too: all of its instances are off meanwhile`]),
  ];
}

export function noteOfDependents(dependents: readonly string[]): string {
  return `it is written back into its own image, on which there is ${some(dependents)}`;
}

/** Nobody whom we could stop: then it must be free already, before hours of import. */
async function refuseWatchers({ rbd }: Deps, target: ImageLocation): Promise<void> {
  const watchers = await rbd.listWatchers(target);
  if (watchers.length === 0) return;
  throw new AppError(
    'CONFLICT_IMAGE_IN_USE',
    `${formatLocation(target)} is open at ${watchers.join(', ')}, and no instance has it that could be stopped; close it there and restore again`,
  );
}

/** Where one disk hangs. */
interface Holding extends Pick<DiskNow, 'instanceId' | 'otherInstanceIds'> {
  projectId: string | undefined;
}

export interface Holders {
  holder?: HolderPlan;
  coHolders?: HolderPlan[];
}

/** Disks of one point are on one instance, or on none; those of several instances are on others as well. */
export async function planHolders(
  deps: Pick<RestoreDeps, 'cloud'>,
  disks: readonly Holding[],
): Promise<Holders> {
  const [first, ...others] = disks.flatMap(({ projectId, instanceId }) =>
    projectId === undefined || instanceId === undefined ? [] : [{ projectId, instanceId }],
  );
  if (first === undefined) return {};
  const another = others.find(({ instanceId }) => instanceId !== first.instanceId);
  if (another !== undefined) {
    throw new AppError(
      'BUG_HOLDERS',
      `disks of one point are on ${first.instanceId} and ${another.instanceId}`,
    );
  }
  const holder = await planHolder(deps, first.projectId, first.instanceId);
  const coHolders: HolderPlan[] = [];
  for (const id of new Set(disks.flatMap(({ otherInstanceIds }) => otherInstanceIds)))
    coHolders.push(await planHolder(deps, first.projectId, id));
  return { holder, ...(coHolders.length === 0 ? {} : { coHolders }) };
}

async function planHolder(
  deps: Pick<RestoreDeps, 'cloud'>,
  projectId: string,
  instanceId: string,
): Promise<HolderPlan> {
  const now = await examineInstance(deps, projectId, instanceId);
  return { projectId, instanceId, wasRunning: now.status === 'ACTIVE', wasLocked: now.locked, held: false };
}
