/** The volumes that were replaced on the instance again, the new ones deleted when nobody else has them. */
import { AppError, describeError } from '../../../base/errors.ts';
import type { JobContext } from '../../job-context.ts';
import { markOf, originMark, originOf, restoreMark } from '../deps.ts';
import type { Journal } from '../journal.ts';
import type { ReplacementPlan, RestoreDiskPlan, VolumePlan } from '../plan.ts';
import { replaceVolume, undoReplacement } from '../replace-volume.ts';
import type { UndoDeps } from './deps.ts';
import type { UndoPlan } from './plan.ts';

interface Exchange {
  plan: RestoreDiskPlan;
  volume: VolumePlan;
  replacement: ReplacementPlan;
  newVolumeId: string;
}

export async function undo(
  deps: UndoDeps,
  journal: Journal<UndoPlan>,
  context: JobContext<UndoPlan>,
): Promise<void> {
  const exchanges = journal.plan.disks.map(exchangeOf);
  if (!journal.plan.back) {
    if (!journal.plan.begun) {
      for (const exchange of exchanges) await examine(deps, exchange);
      await journal.change({ begun: true }, 'putting the old volumes back');
    }
    for (const { volume, replacement, newVolumeId } of exchanges.toReversed()) {
      context.signal.throwIfAborted();
      await undoReplacement(deps, volume.projectId, replacement, newVolumeId);
    }
    await journal.change({ back: true }, 'the old volumes are back in their places');
  }
  const remarks: string[] = [];
  for (const exchange of exchanges) {
    const kept = await removeVolume(deps, journal.plan.restoreId, exchange, context);
    if (kept === undefined) continue;
    const text = `volume ${exchange.newVolumeId} is kept: ${kept}`;
    remarks.push(text);
    await context.note(text);
  }
  await journal.change({ remarks }, 'the restored volumes are dealt with');
}

/** As the restore had left it. */
export async function redo(deps: UndoDeps, { plan }: Journal<UndoPlan>): Promise<void> {
  if (!plan.begun) return;
  const { signal } = new AbortController();
  for (const { volume, replacement, newVolumeId } of plan.disks.map(exchangeOf)) {
    await replaceVolume(deps, {
      projectId: volume.projectId,
      newVolumeId,
      replacement: { ...replacement, attached: false },
      signal,
      record: () => Promise.resolve(),
    });
  }
}

function exchangeOf(plan: RestoreDiskPlan): Exchange {
  const { volume, replacement } = plan;
  if (volume?.newVolumeId !== undefined && replacement !== undefined)
    return { plan, volume, replacement, newVolumeId: volume.newVolumeId };
  throw new AppError('BUG_REPLACEMENT', `the plan of the restore has no exchange of ${plan.disk.key}`);
}

/** Everything that would refuse it does so before anything is touched. */
async function examine({ cloud }: UndoDeps, exchange: Exchange): Promise<void> {
  const { plan, volume, replacement, newVolumeId } = exchange;
  const { projectId } = volume;
  const { instanceId, oldVolumeId } = replacement;
  if ((await cloud.instanceStatus(projectId, instanceId)) === undefined) {
    throw new AppError(
      'CONFLICT_INSTANCE_GONE',
      `instance ${instanceId} is gone, so no volume can be put back on it; volume ${oldVolumeId} is what it had`,
    );
  }
  const old = await cloud.volumeNow(projectId, oldVolumeId);
  if (old === undefined && replacement.oldWasAttached) {
    throw new AppError(
      'CONFLICT_DISK_GONE',
      `volume ${oldVolumeId}, which was replaced, is gone; volume ${newVolumeId} stays where it is`,
    );
  }
  const other = old?.attachedTo.find((id) => id !== instanceId);
  if (other !== undefined && replacement.oldWasAttached) {
    throw new AppError(
      'CONFLICT_DISK_BUSY',
      `volume ${oldVolumeId}, which was replaced, is attached to instance ${other} now; detach it there first`,
    );
  }
  if ((await cloud.findAttachment(projectId, instanceId, newVolumeId)) !== undefined) return;
  const { volume: recorded } = plan.disk;
  const inPlace =
    recorded === undefined
      ? undefined
      : await cloud.findAttachmentByMark(projectId, instanceId, {
          key: originMark,
          value: originOf(recorded),
          device: replacement.device,
        });
  if (inPlace === undefined) return;
  throw new AppError(
    'CONFLICT_LATER_RESTORE',
    `volume ${inPlace.volumeId} of a later restore is in the place of ${newVolumeId} now; undo that restore first`,
  );
}

/** undefined when it is gone; else why it is kept. */
async function removeVolume(
  { cloud }: UndoDeps,
  restoreId: string,
  { plan, volume, newVolumeId }: Exchange,
  context: JobContext<UndoPlan>,
): Promise<string | undefined> {
  const { projectId } = volume;
  const now = await cloud.volumeNow(projectId, newVolumeId);
  if (now === undefined) return undefined;
  if (now.metadata[restoreMark] !== markOf(restoreId, plan.fresh)) return 'its metadata is not ours any more';
  if (now.status !== 'available' || now.attachedTo.length > 0) return `it is ${now.status}`;
  const [snapshot] = now.snapshots;
  if (snapshot !== undefined) return `it has snapshot ${snapshot}`;
  try {
    await cloud.deleteVolume(projectId, newVolumeId);
    return undefined;
  } catch (error) {
    if (context.willResume()) throw error;
    return describeError(error);
  }
}
