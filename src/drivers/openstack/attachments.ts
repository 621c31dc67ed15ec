import { AppError } from '../../base/errors.ts';
import type { Cinder } from './cinder.ts';
import type { Volume } from './cinder-volume.ts';
import type { VolumeAttachment } from './nova-attachments.ts';
import type { AttachRequest, Nova } from './nova.ts';
import { waitFor, type WaitOptions, type WaitTools } from './wait.ts';

/**
 * Volumes on and off instances, to the end. Nova answers before it is done and lists an attachment from the moment it
 * is asked for, so the end is known only from both services together. Both calls may be repeated after a crash (I9).
 */
export interface Attachments {
  /** Returns when Cinder says in-use; throws OPENSTACK_ATTACH_FAILED when Nova gave up. */
  attach(serverId: string, request: AttachRequest, wait: WaitOptions): Promise<VolumeAttachment>;
  /** Returns when Nova no longer lists it and Cinder freed it; throws OPENSTACK_DETACH_FAILED when the guest refused. */
  detach(serverId: string, volumeId: string, wait: WaitOptions): Promise<void>;
}

interface Neighbours {
  nova: Pick<Nova, 'attachVolume' | 'detachVolume' | 'listVolumeAttachments'>;
  cinder: Pick<Cinder, 'getVolume'>;
}

export function createAttachments({ nova, cinder }: Neighbours, tools: WaitTools): Attachments {
  const look = async (serverId: string, volumeId: string, { signal }: WaitOptions): Promise<Sight> => {
    const rows = await nova.listVolumeAttachments(serverId, { signal });
    const volume = await cinder.getVolume(volumeId, { signal });
    return {
      row: rows.find((attachment) => attachment.volumeId === volumeId),
      held: volume.attachments.some((attachment) => attachment.serverId === serverId),
      volume,
    };
  };
  return {
    async attach(serverId, request, wait) {
      const { volumeId } = request;
      const before = await look(serverId, volumeId, wait);
      if (before.row === undefined) await nova.attachVolume(serverId, request, { signal: wait.signal });
      return await waitFor(
        tools,
        `volume ${volumeId} to be attached to instance ${serverId}`,
        wait,
        async () => {
          const now = await look(serverId, volumeId, wait);
          if (now.row !== undefined && now.held && now.volume.status === 'in-use') return now.row;
          if (now.row === undefined && !now.held) throw attachFailed(serverId, now.volume);
          return undefined;
        },
      );
    },
    async detach(serverId, volumeId, wait) {
      const before = await look(serverId, volumeId, wait);
      if (before.row !== undefined) await nova.detachVolume(serverId, volumeId, { signal: wait.signal });
      // Nova's API has Cinder say `detaching` before it answers.
      let sawDetaching = before.row !== undefined;
      await waitFor(tools, `volume ${volumeId} to be detached from instance ${serverId}`, wait, async () => {
        const now = await look(serverId, volumeId, wait);
        if (now.row === undefined && !now.held && now.volume.status !== 'detaching') return true;
        if (now.volume.status === 'detaching') sawDetaching = true;
        // Nova has Cinder say in-use again when the guest does not let go; any other status is a detachment that
        // ends between our two questions.
        else if (sawDetaching && now.row !== undefined && now.volume.status === 'in-use') {
          throw detachFailed(serverId, volumeId);
        }
        return undefined;
      });
    },
  };
}

interface Sight {
  row: VolumeAttachment | undefined;
  /** Cinder has an attachment for this server; a multiattach volume may have others too. */
  held: boolean;
  volume: Volume;
}

function attachFailed(serverId: string, { description, status }: Volume): AppError {
  return new AppError(
    'OPENSTACK_ATTACH_FAILED',
    `Nova could not attach volume ${description.id} (now ${status}) to instance ${serverId}: see the log of nova-compute on the instance's host, then try again.`,
    { details: { instanceId: serverId, volumeId: description.id, volumeStatus: status } },
  );
}

function detachFailed(serverId: string, volumeId: string): AppError {
  return new AppError(
    'OPENSTACK_DETACH_FAILED',
    `Instance ${serverId} did not let go of volume ${volumeId}: unmount it in the guest or stop the instance, then try again.`,
    { details: { instanceId: serverId, volumeId } },
  );
}
