import { AppError } from '../../base/errors.ts';
import type { Caller } from '../../domain/access.ts';

/**
 * Nova and Cinder, asked by an administrator, go on after anybody's marker: to a tenant one of another project is as
 * unknown as one that never was (I7).
 *
 * @throws INPUT_MARKER_UNKNOWN.
 */
export async function assertOwnMarker(
  caller: Pick<Caller, 'seesAll'>,
  marker: string | undefined,
  find: (marker: string) => Promise<readonly unknown[]>,
): Promise<void> {
  if (marker === undefined || caller.seesAll || (await find(marker)).length > 0) return;
  throw unknownMarker(marker);
}

export function unknownMarker(marker: string): AppError {
  return new AppError('INPUT_MARKER_UNKNOWN', `There is no entry ${marker} to list after: drop the marker.`);
}
