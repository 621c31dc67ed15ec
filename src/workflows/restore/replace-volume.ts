/** The old data volume off the instance, the new one in its place; what fails is put back. */
import { AppError, describeError } from '../../base/errors.ts';
import type { AttachRequest, RestoreDeps } from './deps.ts';
import type { ReplacementPlan } from './plan.ts';

type Deps = Pick<RestoreDeps, 'cloud'>;

export interface ReplaceOptions {
  projectId: string;
  newVolumeId: string;
  replacement: ReplacementPlan;
  signal: AbortSignal;
  record: (replacement: ReplacementPlan) => Promise<void>;
}

export async function replaceVolume({ cloud }: Deps, options: ReplaceOptions): Promise<void> {
  const { projectId, newVolumeId, signal, record } = options;
  let { replacement } = options;
  if (replacement.attached) return;
  const { instanceId, oldVolumeId } = replacement;
  // Recorded first: should we die in between, the undo and the next attempt look at what the instance really has.
  replacement = { ...replacement, detached: replacement.oldWasAttached };
  await record(replacement);
  if ((await cloud.findAttachment(projectId, instanceId, oldVolumeId)) !== undefined) {
    await cloud.detachVolume(projectId, instanceId, oldVolumeId, signal);
  }
  // Also when it is listed: Nova lists it from the moment it is asked, and may yet give up.
  await cloud.attachVolume(projectId, attachRequest(replacement, newVolumeId), signal);
  await record({ ...replacement, attached: true });
}

/** The instance as it was: the new volume off, the old one back on. Repeatable. */
export async function undoReplacement(
  { cloud }: Deps,
  projectId: string,
  replacement: ReplacementPlan,
  newVolumeId: string,
): Promise<void> {
  const { instanceId, oldVolumeId } = replacement;
  if (!replacement.detached && !replacement.attached) return;
  if ((await cloud.findAttachment(projectId, instanceId, newVolumeId)) !== undefined) {
    await cloud.detachVolume(projectId, instanceId, newVolumeId);
  }
  if (!replacement.oldWasAttached) return;
  try {
    // Also when it is listed: Nova lists it until the detachment that we asked for is done.
    await cloud.attachVolume(projectId, attachRequest(replacement, oldVolumeId));
  } catch (error) {
    throw new AppError(
      'CONFLICT_UNDO_FAILED',
      `volume ${oldVolumeId} could not be attached to instance ${instanceId} again (${describeError(error)}); attach it by hand: openstack server add volume ${instanceId} ${oldVolumeId}`,
      { cause: error },
    );
  }
}

function attachRequest(replacement: ReplacementPlan, volumeId: string): AttachRequest {
  const { instanceId, device, tag, deleteOnTermination } = replacement;
  return {
    instanceId,
    volumeId,
    deleteOnTermination,
    ...(device === undefined ? {} : { device }),
    ...(tag === undefined ? {} : { tag }),
  };
}
