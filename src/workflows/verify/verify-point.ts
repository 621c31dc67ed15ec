import type { PointRow } from '../../drivers/catalog/types.ts';
import type { VerificationLevel } from '../../domain/verification.ts';
import { runDisks } from '../run-disks.ts';
import { isStillNeeded, type Damage } from './damage.ts';
import type { VerifyDeps } from './deps.ts';
import { verifyDisk } from './verify-disk.ts';

export interface PointOptions {
  jobId: string;
  point: PointRow;
  level: VerificationLevel;
  signal: AbortSignal;
  onRead: (bytes: number) => void;
}

export type PointFinding =
  { outcome: 'intact' } | { outcome: 'damaged'; reason: string } | { outcome: 'gone' };

/**
 * Verifies every disk of a point. Damage is written down before it is told (I8): the link is marked, and with it
 * exactly the points that need it.
 */
export async function verifyPoint(deps: VerifyDeps, options: PointOptions): Promise<PointFinding> {
  const known = await deps.catalog.findPoint(options.point.id);
  if (known === undefined || known.state === 'deleted') return { outcome: 'gone' };
  if (known.state === 'damaged')
    return { outcome: 'damaged', reason: known.damagedReason ?? 'it was found damaged before' };
  const { disks } = known.manifest;
  const damages = await runDisks(
    deps.transfers,
    disks,
    options.signal,
    (pointDisk, index, signal) => verifyDisk(deps, { ...options, pointDisk, index, signal }),
    // Only a proof touches a pool: the one that it restores into.
    () => (options.level === 'deep' ? deps.backupsPool : undefined),
  );
  let first: Damage | undefined;
  for (const [index, damage] of damages.entries()) {
    const pointLinkId = disks[index]?.linkId ?? '';
    if (damage === undefined) continue;
    if (!(await isStillNeeded(deps, known.id, pointLinkId, damage))) {
      // Folded or deleted while it was read: what is there now is looked at.
      return await verifyPoint(deps, options);
    }
    await deps.catalog.markLinkDamaged(damage.linkId, damage.reason);
    first ??= damage;
  }
  return first === undefined ? { outcome: 'intact' } : { outcome: 'damaged', reason: first.reason };
}
