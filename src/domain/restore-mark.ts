import type { ImageLocation } from './disk.ts';

/** Key of the image's and of the volume's metadata that says which restore made it. */
export const restoreMark = 'emberkeep_restore';

export function markOf(restoreId: string, image: Pick<ImageLocation, 'image'>): string {
  return `${restoreId}:${image.image}`;
}
