import { AppError } from '../../../base/errors.ts';
import type { InstanceDescription } from '../../../domain/instance.ts';
import type { PointDisk, PointManifest } from '../../../domain/manifest.ts';

/** Throws INPUT_NOT_INSTANCE for a point of a lone volume or image. */
export function describedInstance(point: PointManifest): InstanceDescription {
  if (point.instance !== undefined) return point.instance;
  throw notInstance(point);
}

export function notInstance({ kind, pointId }: Pick<PointManifest, 'kind' | 'pointId'>): AppError {
  return new AppError(
    'INPUT_NOT_INSTANCE',
    `point ${pointId} is of ${kind === 'image' ? 'an' : 'a'} ${kind}, which no instance can be made of; restore it with another mode`,
  );
}

/** INPUT_NO_ROOT when nothing among the disks is there to boot from. */
export function missingRoot(disks: readonly PointDisk[]): AppError | undefined {
  if (disks.some(({ disk }) => disk.attachment?.isRoot === true)) return undefined;
  return new AppError(
    'INPUT_NO_ROOT',
    `a new instance needs the root disk, which is not among ${disks.map(({ disk }) => disk.key).join(', ')}; name it with --disk too, or restore with mode volume`,
  );
}
