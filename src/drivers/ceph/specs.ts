import { AppError } from '../../base/errors.ts';
import type { ImageLocation } from '../../domain/disk.ts';

/** RBD's own limit on what a name may hold: `/` and `@` separate the parts of a spec (rbd(8), "image and snap specs"). */
const namePattern = /^[^/@\s]+$/;

function checkName(what: string, name: string): string {
  if (!namePattern.test(name) || name.startsWith('-')) {
    throw new AppError(
      'INPUT_RBD_NAME',
      `"${name}" is not a valid ${what} name: no spaces, no "/" and no "@" in it, and no "-" first`,
    );
  }
  return name;
}

export function poolSpec(pool: string): string {
  return checkName('pool', pool);
}

export function imageSpec({ pool, image }: Pick<ImageLocation, 'pool' | 'image'>): string {
  return `${checkName('pool', pool)}/${checkName('image', image)}`;
}

export function snapshotSpec(location: Pick<ImageLocation, 'pool' | 'image'>, snapshot: string): string {
  return `${imageSpec(location)}@${checkName('snapshot', snapshot)}`;
}
