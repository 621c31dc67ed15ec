/**
 * A restore: the chain of every disk into a fresh image (I5), then by mode nothing more, a new volume, or a new volume
 * in the place of the old one. It can be killed between any two steps and goes on from the recorded plan (I9); when it
 * fails, what it made is removed and the instance has its old volumes back.
 */
import { AppError, describeError, toAppError } from '../../base/errors.ts';
import { formatLocation } from '../../domain/disk.ts';
import { isDestructive, type RestoredDisk, type RestoredInstance } from '../../domain/restore.ts';
import type { JobContext } from '../job-context.ts';
import { runDisks } from '../run-disks.ts';
import { adoptVolume } from './adopt-volume.ts';
import { restoreMark, type RestoreDeps } from './deps.ts';
import { makeInstance } from './instance/make-instance.ts';
import { importDisk } from './import-disk.ts';
import { finishInPlace } from './in-place/finish.ts';
import { locksOf } from './in-place/locks.ts';
import { createJournal, type Journal } from './journal.ts';
import { makePlan, type RestoreOptions } from './make-plan.ts';
import type { InstancePlan } from './instance/plan.ts';
import type { RestoreDiskPlan, RestorePlan } from './plan.ts';
import { progressOfRestore, progressOfWayBack, type Progress } from './progress.ts';
import { replaceVolume } from './replace-volume.ts';
import { removeAbandoned, withOtherImage } from './other-image.ts';
import { undoRestore } from './undo.ts';
import { isInUse } from './wait-until-free.ts';

type Context = JobContext<RestorePlan>;

export interface RestoreResult {
  restoreId: string;
  pointId: string;
  disks: RestoredDisk[];
  /** Of mode `instance`. */
  instance?: RestoredInstance;
}

export async function runRestore(
  deps: RestoreDeps,
  options: RestoreOptions,
  context: Context,
): Promise<RestoreResult> {
  const journal = createJournal(context, context.plan ?? (await makePlan(deps, options)));
  await journal.record('planned');
  await context.lock(locksOf(journal.plan));
  const progress = progressOfRestore(context, journal.plan.disks);
  try {
    refuseToGoOn(journal.plan);
    await importDisks(deps, journal, context, progress);
    if (journal.plan.mode === 'in-place') await finishInPlace(deps, journal, context, progress);
    else for (const index of journal.plan.disks.keys()) await finishDisk(deps, journal, index, context);
    await finishInstance(deps, journal, context);
    for (const disk of journal.plan.disks) await removeAbandoned(deps, journal.plan, disk, context);
    if (journal.plan.mode === 'replace') await deps.catalog.allowUndo(journal.plan.restoreId);
  } catch (error) {
    if (!context.willResume()) await undo(deps, journal, context, error);
    throw error;
  }
  return toResult(journal.plan);
}

/** An attempt before this one had failed, and was killed while it took back what was done. */
function refuseToGoOn({ failed }: RestorePlan): void {
  if (failed !== undefined) throw new AppError(failed.code, failed.message);
}

async function importDisks(
  deps: RestoreDeps,
  journal: Journal<RestorePlan>,
  context: Context,
  progress: Progress,
): Promise<void> {
  const { disks, restoreId, pointId, plain = false } = journal.plan;
  const importOne = async (plan: RestoreDiskPlan, index: number, signal: AbortSignal): Promise<void> => {
    if (plan.imported) return;
    const onProgress = (bytesDone: number): void =>
      progress.tell('import', index, { bytesDone, bytesTotal: plan.sizeBytes });
    const onWait = (message: string): Promise<void> => context.note(`${plan.disk.key}: ${message}`);
    const options = { restoreId, pointId, plain, signal, onProgress, onWait };
    let importedBytes: number;
    try {
      importedBytes = await importDisk(deps, { ...options, plan });
    } catch (error) {
      if (!isInUse(error)) throw error;
      await journal.update(
        index,
        withOtherImage(plan, restoreId, disks.length),
        `another image for ${plan.disk.key}`,
      );
      importedBytes = await importDisk(deps, { ...options, plan: journal.disk(index) });
    }
    const counted = importedBytes === 0 ? {} : { importedBytes };
    await journal.update(index, { imported: true, ...counted }, `imported ${plan.disk.key}`);
  };
  await runDisks(deps.transfers, disks, context.signal, importOne, ({ fresh }) => fresh);
}

async function finishDisk(
  deps: RestoreDeps,
  journal: Journal<RestorePlan>,
  index: number,
  context: Context,
): Promise<void> {
  const plan = journal.disk(index);
  const { disk, volume, fresh } = plan;
  const { signal } = context;
  signal.throwIfAborted();
  if (volume === undefined) {
    for (const { name } of await deps.rbd.listSnapshots(fresh)) await deps.rbd.removeSnapshot(fresh, name);
    return;
  }
  const { restoreId } = journal.plan;
  const newVolumeId = await adoptVolume(deps, {
    restoreId,
    plan,
    volume,
    signal,
    record: (next) =>
      journal.update(
        index,
        { volume: next },
        `${next.newVolumeId === undefined ? 'image placed' : 'volume made'} for ${disk.key}`,
      ),
  });
  await context.note(`${disk.key}: volume ${newVolumeId} (${volume.name})`);
  const { replacement } = plan;
  if (replacement === undefined) return;
  await replaceVolume(deps, {
    projectId: volume.projectId,
    newVolumeId,
    replacement,
    signal,
    record: (next) =>
      journal.update(
        index,
        { replacement: next },
        `${next.attached ? 'volumes exchanged' : 'exchanging the volumes'} for ${disk.key}`,
      ),
  });
  await context.note(
    `${disk.key}: ${newVolumeId} is attached in its place, ${replacement.oldVolumeId} is kept`,
  );
}

async function finishInstance(
  deps: RestoreDeps,
  journal: Journal<RestorePlan>,
  context: Context,
): Promise<void> {
  const { plan } = journal;
  const { instance } = plan;
  if (instance === undefined) return;
  const record = (next: InstancePlan, step: string): Promise<void> =>
    journal.change({ instance: next }, step);
  const newInstanceId = await makeInstance(deps, { plan, instance, signal: context.signal, record });
  for (const note of instance.notes) await context.note(note);
  await context.note(`instance ${newInstanceId} (${instance.name}) is ACTIVE`);
}

async function undo(
  deps: RestoreDeps,
  journal: Journal<RestorePlan>,
  context: Context,
  error: unknown,
): Promise<void> {
  try {
    const { code, message } = toAppError(error);
    await journal.change({ failed: { code, message } }, 'taking back what was done');
    await undoRestore(deps, journal, progressOfWayBack(context, journal.plan.disks));
  } catch (undoError) {
    const { restoreId, mode } = journal.plan;
    const again = isDestructive(mode)
      ? `; \`emberkeep restore undo ${restoreId}\` tries it again, once the reason is mended`
      : '';
    throw new AppError(
      'CONFLICT_UNDO_FAILED',
      `${describeError(error)}; undoing it failed as well: ${describeError(undoError)}${again}`,
      {
        cause: error,
        details: { restoreId, mark: restoreMark },
      },
    );
  }
  await context.note('what the failed restore had made was removed');
}

function toResult(plan: RestorePlan): RestoreResult {
  const { restoreId, pointId, instance } = plan;
  const disks = plan.disks.map(toRestoredDisk);
  if (instance?.newInstanceId === undefined) return { restoreId, pointId, disks };
  const { newInstanceId: instanceId, name, flavorName: flavor, notes } = instance;
  return { restoreId, pointId, disks, instance: { instanceId, name, flavor, notes } };
}

function toRestoredDisk({
  disk,
  sizeBytes,
  fresh,
  volume,
  replacement,
  swap,
  writeBack,
  notes,
}: RestoreDiskPlan): RestoredDisk {
  if (writeBack?.begun !== undefined) {
    const image = formatLocation(writeBack.target);
    return { diskKey: disk.key, sizeBytes, image, keptSnapshot: `${image}@${writeBack.begun.safety}`, notes };
  }
  if (swap !== undefined) {
    const [image, keptImage] = [formatLocation(swap.target), formatLocation(swap.kept)];
    return { diskKey: disk.key, sizeBytes, image, keptImage, notes };
  }
  const newVolumeId = volume?.newVolumeId;
  return {
    diskKey: disk.key,
    sizeBytes,
    image:
      volume === undefined || newVolumeId === undefined
        ? formatLocation(fresh)
        : formatLocation({ ...volume.location, image: `volume-${newVolumeId}` }),
    ...(newVolumeId === undefined || volume === undefined
      ? {}
      : { newVolumeId, newVolumeType: volume.volumeType }),
    ...(replacement === undefined ? {} : { replacedVolumeId: replacement.oldVolumeId }),
    ...(replacement?.device === undefined ? {} : { device: replacement.device }),
    notes,
  };
}
