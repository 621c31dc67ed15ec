import { AppError } from '../../../base/errors.ts';
import type { InstanceDescription } from '../../../domain/instance.ts';
import type { PointDisk, PointManifest } from '../../../domain/manifest.ts';

/** Throws INPUT_NOT_INSTANCE for a point of a lone volume or image. */
export function describedInstance({ instance, kind, pointId }: PointManifest): InstanceDescription {
  if (instance !== undefined) return instance;
  throw new AppError(
    'INPUT_NOT_INSTANCE',
    `point ${pointId} is of ${kind === 'image' ? 'an' : 'a'} ${kind}, which no instance can be made of; restore it with another mode`,
  );
}

/** Throws INPUT_NO_ROOT when nothing among the disks is there to boot from. */
export function assertBootable(disks: readonly PointDisk[]): void {
  if (disks.some(({ disk }) => disk.attachment?.isRoot === true)) return;
  throw new AppError(
    'INPUT_NO_ROOT',
    `a new instance needs the root disk, which is not among ${disks.map(({ disk }) => disk.key).join(', ')}; name it with --disk too, or restore with mode volume`,
  );
}
