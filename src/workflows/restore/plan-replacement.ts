/** What hangs in the place of a data volume now, and what will hang there instead. */
import { AppError } from '../../base/errors.ts';
import { originMark, originOf, type RestoreDeps } from './deps.ts';
import type { ReplacementPlan, RestoreDiskPlan } from './plan.ts';

/** Throws CONFLICT_INSTANCE_GONE and INPUT_ROOT_DISK. */
export async function planReplacement(
  { cloud }: Pick<RestoreDeps, 'cloud'>,
  projectId: string,
  plan: RestoreDiskPlan,
): Promise<RestoreDiskPlan> {
  const { volume, attachment } = plan.disk;
  if (volume === undefined || attachment === undefined)
    throw new AppError('BUG_REPLACEMENT', 'replace needs an attached volume');
  const { instanceId } = attachment;
  const status = await cloud.instanceStatus(projectId, instanceId);
  if (status === undefined) {
    throw new AppError(
      'CONFLICT_INSTANCE_GONE',
      `instance ${instanceId} is gone, so no volume of it can be replaced; restore with mode volume`,
    );
  }
  const current =
    (await cloud.findAttachment(projectId, instanceId, volume.id)) ??
    (await cloud.findAttachmentByMark(projectId, instanceId, {
      key: originMark,
      value: originOf(volume),
      device: attachment.device,
    }));
  if (current?.isRoot === true)
    throw new AppError(
      'INPUT_ROOT_DISK',
      `volume ${current.volumeId} is the instance's root disk now, which Nova never detaches; restore with mode volume`,
    );
  const like = current ?? attachment;
  const replacement: ReplacementPlan = {
    instanceId,
    oldVolumeId: current?.volumeId ?? volume.id,
    ...(like.device === undefined ? {} : { device: like.device }),
    ...(like.tag === undefined ? {} : { tag: like.tag }),
    deleteOnTermination: like.deleteOnTermination,
    oldWasAttached: current !== undefined,
    detached: false,
    attached: false,
  };
  const notes =
    current === undefined ? [`volume ${volume.id} was not attached any more; nothing was detached`] : [];
  return { ...plan, replacement, notes: [...plan.notes, ...notes] };
}
