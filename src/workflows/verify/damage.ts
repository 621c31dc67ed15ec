import { AppError } from '../../base/errors.ts';
import type { VerifyDeps } from './deps.ts';

export interface Damage {
  linkId: string;
  reason: string;
}

/**
 * An integrity failure (I8) as the damage of the link that it names, or else of the last one of its chain. A link that
 * went out of the catalog meanwhile looks like one until it is asked whether it is still needed.
 */
export function damageOf(error: unknown, lastLinkId: string): Damage {
  if (!(error instanceof AppError)) throw error;
  if (!error.code.startsWith('INTEGRITY_') && error.code !== 'NOTFOUND_LINK') throw error;
  if (error.code === 'NOTFOUND_LINK') return { linkId: 'gone', reason: error.message };
  const { linkId } = error.details;
  return { linkId: typeof linkId === 'string' ? linkId : lastLinkId, reason: error.message };
}

/**
 * Whether the damage is one, or the link was folded or deleted while it was read: then the catalog, which is written
 * before anything is removed, no longer has it in the point's chain.
 */
export async function isStillNeeded(
  { catalog }: Pick<VerifyDeps, 'catalog'>,
  pointId: string,
  pointLinkId: string,
  { linkId }: Damage,
): Promise<boolean> {
  const point = await catalog.findPoint(pointId);
  if (point === undefined || point.state === 'deleted') return false;
  try {
    return (await catalog.chainOf(pointLinkId)).some((link) => link.linkId === linkId);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'INTEGRITY_CHAIN_BROKEN') throw error;
    return true;
  }
}
