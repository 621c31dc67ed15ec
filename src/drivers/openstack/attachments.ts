import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { Cinder } from './cinder.ts';
import type { Volume } from './cinder-volume.ts';
import type { VolumeAttachment } from './nova-attachments.ts';
import type { AttachRequest, Nova } from './nova.ts';
import { waitFor, type WaitOptions, type WaitTools } from './wait.ts';

/**
 * Volumes on and off instances, to the end. Nova answers before it is done and lists an attachment from the moment it
 * is asked for, so the end is known only from both services together. Both calls may be repeated after a crash (I9), and
 * also while Nova is still at what an earlier attempt asked for. A signal ends the waiting only, never a request that
 * was sent: what is undone afterwards must be able to see what Nova began.
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
    // Cinder first: what it shows as settled, Nova cannot still be about to change.
    const volume = await cinder.getVolume(volumeId, { signal });
    const rows = await nova.listVolumeAttachments(serverId, { signal });
    return {
      row: rows.find((attachment) => attachment.volumeId === volumeId),
      held: volume.attachments.some((attachment) => attachment.serverId === serverId),
      volume,
    };
  };
  /** What Nova is still attaching it refuses to detach. */
  const attachmentEnds = (serverId: string, volumeId: string, wait: WaitOptions): Promise<Sight> =>
    waitFor(tools, `volume ${volumeId} to be attached or given up`, wait, async () => {
      const now = await look(serverId, volumeId, wait);
      const isUnderWay = now.row !== undefined && ['reserved', 'attaching'].includes(now.volume.status);
      return isUnderWay ? undefined : now;
    });
  const detachmentEnds = (
    serverId: string,
    volumeId: string,
    asked: boolean,
    wait: WaitOptions,
  ): Promise<'done' | 'refused'> => {
    const watch = createDetachWatch(tools.clock, asked);
    return waitFor(tools, `volume ${volumeId} to be detached from instance ${serverId}`, wait, async () => {
      const verdict = watch(await look(serverId, volumeId, wait));
      if (verdict === 'stale') throw detachHalfDone(serverId, volumeId);
      return verdict === 'busy' ? undefined : verdict;
    });
  };
  return {
    async attach(serverId, request, wait) {
      const { volumeId } = request;
      let before = await look(serverId, volumeId, wait);
      // A dead or cancelled attempt may have asked for a detachment that Nova is still at.
      if (before.volume.status === 'detaching' || isStale(before)) {
        if (before.row !== undefined) await detachmentEnds(serverId, volumeId, false, wait);
        before = await look(serverId, volumeId, wait);
      }
      if (before.row === undefined) await nova.attachVolume(serverId, request);
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
      const before = await attachmentEnds(serverId, volumeId, wait);
      const asks = before.row !== undefined && before.volume.status !== 'detaching' && !isStale(before);
      if (asks) await nova.detachVolume(serverId, volumeId);
      if ((await detachmentEnds(serverId, volumeId, asks, wait)) === 'refused')
        throw detachRefused(serverId, volumeId);
    },
  };
}

/** How long Nova may list what Cinder has freed: it deletes its own row right after. */
const staleAfterMs = 30_000;

/** Tells a detachment that is under way from one that was refused and from one that Nova left half done. */
function createDetachWatch(
  clock: Clock,
  asked: boolean,
): (sight: Sight) => 'done' | 'busy' | 'refused' | 'stale' {
  // Nova's API has Cinder say `detaching` before it answers.
  let sawDetaching = asked;
  let freedAtMs: number | undefined;
  return (sight) => {
    const { status } = sight.volume;
    if (sight.row === undefined && !sight.held && status !== 'detaching') return 'done';
    if (status === 'detaching') sawDetaching = true;
    // Nova has Cinder say in-use again when the guest does not let go.
    else if (sawDetaching && sight.row !== undefined && sight.held && status === 'in-use') return 'refused';
    if (!isStale(sight)) return 'busy';
    const nowMs = clock.now().getTime();
    freedAtMs ??= nowMs;
    return nowMs - freedAtMs < staleAfterMs ? 'busy' : 'stale';
  };
}

/** Nova lists a volume that Cinder holds for nobody: nova-compute failed between the two. */
function isStale({ row, held, volume }: Sight): boolean {
  return row !== undefined && !held && volume.status === 'available';
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

function detachRefused(serverId: string, volumeId: string): AppError {
  return new AppError(
    'OPENSTACK_DETACH_FAILED',
    `Instance ${serverId} did not let go of volume ${volumeId}: unmount it in the guest or stop the instance, then try again.`,
    { details: { instanceId: serverId, volumeId } },
  );
}

function detachHalfDone(serverId: string, volumeId: string): AppError {
  return new AppError(
    'OPENSTACK_DETACH_FAILED',
    `Nova still lists volume ${volumeId} on instance ${serverId} although Cinder has freed it: see the log of nova-compute on the instance's host; after a repair of Nova's block device mapping, try again.`,
    { details: { instanceId: serverId, volumeId } },
  );
}
