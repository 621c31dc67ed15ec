/** What a disk is now, and in which way it can go back to a point; refuses before anything is touched. */
import { AppError } from '../../../base/errors.ts';
import { isSameKey } from '../../../domain/encryption-key.ts';
import { formatLocation, type Disk, type ImageLocation } from '../../../domain/disk.ts';
import { linkIdOfSnapshot } from '../../../domain/snapshot-name.ts';
import type { RestoreDeps } from '../deps.ts';
import type { VolumeNow } from './deps.ts';

type Deps = Pick<RestoreDeps, 'rbd' | 'cloud' | 'backupsPool'>;

export interface DiskNow {
  location: ImageLocation;
  imageId: string;
  features: string[];
  /** Size that it must have afterwards, bytes. */
  wantedBytes: number;
  /** Instance that it hangs on. */
  instanceId: string | undefined;
  /** Other instances that it hangs on as well (multiattach). */
  otherInstanceIds: string[];
  /** What another image in its place would tear off, in words: then it is written back. */
  dependents: string[];
}

export interface ExamineOptions {
  /** As it was at the point. */
  disk: Disk;
  /** Whose the disk is; undefined for bare images. */
  projectId: string | undefined;
  /** Of the disk at the point. */
  pointBytes: number;
  /** Where each refusal goes, so that all are told at once; thrown when there is none. */
  refuse?: (error: AppError) => void;
}

function raise(error: AppError): never {
  throw error;
}

const gibBytes = 1024 ** 3;

export async function examineDisk(deps: Deps, options: ExamineOptions): Promise<DiskNow> {
  const { disk, refuse = raise } = options;
  const volume = disk.volume === undefined ? undefined : await examineVolume(deps, options);
  const location = volume?.location ?? disk.location;
  const image = await deps.rbd.findImage(location);
  if (image === undefined) {
    throw new AppError(
      'CONFLICT_DISK_GONE',
      `${disk.key}: its image ${formatLocation(location)} is not there; restore it with another mode`,
    );
  }
  if (location.cluster !== deps.backupsPool.cluster) {
    refuse(
      new AppError(
        'CONFLICT_DISK_BUSY',
        `${disk.key} is on cluster ${location.cluster}, and images do not move there from ${deps.backupsPool.cluster}, where restores are made; restore it with another mode`,
      ),
    );
  }
  if (image.features.includes('journaling')) {
    refuse(
      new AppError(
        'CONFLICT_DISK_BUSY',
        `${disk.key} is journaled, as mirrored images are, and another image in its place would end that; restore it with another mode`,
      ),
    );
  }
  const instanceId = instanceOf(disk, volume);
  return {
    location,
    imageId: image.imageId,
    features: image.features,
    wantedBytes: wantedBytes(options, image.sizeBytes, volume),
    instanceId,
    otherInstanceIds: volume?.attachedTo.filter((id) => id !== instanceId) ?? [],
    dependents: await findDependents(deps, location, volume?.snapshots ?? []),
  };
}

function instanceOf({ attachment }: Disk, volume: VolumeNow | undefined): string | undefined {
  if (volume === undefined) return attachment?.instanceId;
  return volume.attachedTo.find((id) => id === attachment?.instanceId) ?? volume.attachedTo[0];
}

async function examineVolume(
  { cloud }: Deps,
  { disk, projectId, refuse = raise }: ExamineOptions,
): Promise<VolumeNow | undefined> {
  const { volume: recorded, attachment } = disk;
  if (recorded === undefined || projectId === undefined)
    throw new AppError('BUG_IN_PLACE', `${disk.key} is no volume of a project`);
  const volume = await cloud.volumeNow(projectId, recorded.id);
  if (volume === undefined) {
    throw new AppError(
      'CONFLICT_DISK_GONE',
      `volume ${recorded.id} is gone, so nothing can be put in its place; restore it with mode volume`,
    );
  }
  const busy = whyBusy(volume, attachment?.instanceId);
  if (busy !== undefined) refuse(new AppError('CONFLICT_DISK_BUSY', `volume ${recorded.id} ${busy}`));
  if (recorded.encrypted && !isSameKey(recorded.encryptionKeyId, volume.encryptionKeyId)) {
    refuse(
      new AppError(
        'CONFLICT_DISK_KEY',
        `volume ${recorded.id} has another encryption key than at the point, so its instance could not read what is restored; restore it with mode image`,
      ),
    );
  }
  return volume;
}

function whyBusy(volume: VolumeNow, instanceId: string | undefined): string | undefined {
  const { status, attachedTo, multiattach } = volume;
  const elsewhere = attachedTo.find((id) => id !== instanceId);
  // Of several that have it, the point's own must be one: then all of them are stopped.
  const isShared = multiattach && instanceId !== undefined && attachedTo.includes(instanceId);
  if (elsewhere !== undefined && !isShared) {
    return instanceId === undefined
      ? `is attached to instance ${elsewhere}; detach it, or restore a point of that instance`
      : `is attached to another instance now (${elsewhere}); detach it, or restore it with mode volume`;
  }
  const expected = attachedTo.length === 0 ? 'available' : 'in-use';
  return status === expected
    ? undefined
    : `is ${status} where Cinder should say ${expected}; try again when it is`;
}

/** They go along with an image that is put aside, and Cinder and Ceph would not find them. */
async function findDependents(
  { rbd }: Deps,
  location: ImageLocation,
  cinderSnapshots: readonly string[],
): Promise<string[]> {
  const snapshots = await rbd.listSnapshots(location);
  // Of our form are only such as Cinder itself removes with the volume (I12).
  const foreign = snapshots.filter(({ name }) => linkIdOfSnapshot(name) === undefined);
  const children = snapshots.length === 0 ? [] : await rbd.listChildren(location);
  return [
    ...cinderSnapshots.map((name) => `snapshot ${name} of Cinder's`),
    ...(cinderSnapshots.length > 0 ? [] : foreign.map(({ name }) => `snapshot ${name}`)),
    ...children.map((child) => `clone ${child}`),
  ];
}

/** For the undo of a swap, which puts the image back that was there. Throws CONFLICT_DISK_DEPENDENTS. */
export function refuseDependents({ key }: Disk, { dependents }: Pick<DiskNow, 'dependents'>): void {
  if (dependents.length === 0) return;
  throw new AppError(
    'CONFLICT_DISK_DEPENDENTS',
    `${key}: ${some(dependents)} would be torn off its image, which was put there since; delete them, then undo again`,
    { details: { dependents: dependents.slice(0, 20) } },
  );
}

export function some(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length <= 3 ? shown : `${shown} and ${names.length - 3} more`;
}

/**
 * A volume that was extended since stays as large as Cinder says; behind the point's end there are zeros. One that is
 * smaller than it was would have to lose bytes of the point, or be larger than Cinder says.
 */
function wantedBytes(
  { disk, pointBytes, refuse = raise }: ExamineOptions,
  imageBytes: number,
  volume: VolumeNow | undefined,
): number {
  if (disk.kind === 'image') return pointBytes;
  const nowBytes = Math.max(imageBytes, (volume?.sizeGib ?? 0) * gibBytes);
  if (pointBytes <= nowBytes) return nowBytes;
  const neededGib = Math.ceil(pointBytes / gibBytes);
  refuse(
    new AppError(
      'CONFLICT_DISK_SIZE',
      `${disk.key} has ${nowBytes} bytes now, and had ${pointBytes} at the point; extend it to ${neededGib} GiB first, or restore it with mode volume`,
    ),
  );
  return nowBytes;
}
