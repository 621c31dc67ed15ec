/**
 * The strongest proof that a disk can be restored: it is restored, into a scratch image, by the very import that a
 * restore uses; what the cluster then holds is read back and compared with the store and, while the source still has
 * the snapshot that the point was taken of, with that.
 */
import { AppError } from '../../base/errors.ts';
import { compareStreams } from '../../domain/compare-streams.ts';
import { formatLocation, type ImageLocation } from '../../domain/disk.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import { scratchImageName } from '../../domain/verification.ts';
import { importChain } from '../import-chain.ts';
import type { VerifyDeps } from './deps.ts';
import type { DiskOptions } from './disk-options.ts';
import { createScratch, removeScratch } from './scratch.ts';

export async function proveDisk(
  deps: VerifyDeps,
  { jobId, index, signal, onRead }: DiskOptions,
  chain: LinkManifest[],
): Promise<void> {
  const last = lastOf(chain);
  const scratch: ImageLocation = { ...deps.backupsPool, image: scratchImageName(jobId, index) };
  let told = 0;
  const onProgress = (positionBytes: number): void => {
    onRead(positionBytes - told);
    told = positionBytes;
  };
  // The damage is marked once it is known that the link is still needed: verify-point.ts.
  const catalog = { markLinkDamaged: () => Promise.resolve() };
  try {
    await createScratch(deps, jobId, scratch, last.source);
    await importChain({ ...deps, catalog }, { chain, target: scratch, plain: false, signal, onProgress });
    await compareWithStore(deps, scratch, chain, signal);
    await compareWithSource(deps, scratch, last, signal);
  } finally {
    await removeScratch(deps, jobId, scratch);
  }
}

async function compareWithStore(
  { rbd, store }: VerifyDeps,
  scratch: ImageLocation,
  chain: LinkManifest[],
  signal: AbortSignal,
): Promise<void> {
  const last = lastOf(chain);
  const stored = store.openChainStream(chain, { signal });
  const difference = await compareWith(rbd, { at: scratch, snapshot: last.toSnapshot.name }, stored, signal);
  if (difference === undefined) return;
  throw new AppError(
    'INTEGRITY_READ_BACK',
    `${last.diskKey}: what was read back from ${formatLocation(scratch)} after its import differs from the store ${difference}; ` +
      'the store, the import or the cluster is wrong: verify with --full, and look at the health of the cluster',
    { details: { linkId: last.linkId } },
  );
}

/** I3: the same image and the same snapshot by Ceph's ids; with another one there is nothing to compare. */
async function compareWithSource(
  { rbd }: VerifyDeps,
  scratch: ImageLocation,
  { diskKey, linkId, source, toSnapshot }: LinkManifest,
  signal: AbortSignal,
): Promise<void> {
  const hasSnapshot = async (): Promise<boolean> => {
    if ((await rbd.clusterId(source.cluster)) !== source.clusterId) return false;
    if ((await rbd.findImage(source))?.imageId !== source.imageId) return false;
    return (await rbd.listSnapshots(source)).some(
      ({ id, name }) => id === toSnapshot.id && name === toSnapshot.name,
    );
  };
  if (!(await hasSnapshot())) return;
  const fromSource = await rbd.exportDiff(source, {
    snapshot: toSnapshot.name,
    fromSnapshot: undefined,
    signal,
  });
  let difference: string | undefined;
  try {
    difference = await compareWith(
      rbd,
      { at: scratch, snapshot: toSnapshot.name },
      fromSource.chunks,
      signal,
    );
    if (difference === undefined) await fromSource.exited;
  } catch (error) {
    // The next backup of the disk removes the snapshot, also while it is read.
    signal.throwIfAborted();
    if (!(await hasSnapshot())) return;
    throw error;
  } finally {
    fromSource.close();
  }
  if (difference === undefined || !(await hasSnapshot())) return;
  throw new AppError(
    'INTEGRITY_SOURCE_DIFFERS',
    `${diskKey}: the restored point differs from snapshot ${toSnapshot.name} of ${formatLocation(source)} ${difference}; ` +
      'the point is not what the disk was, and the next backup starts a new chain',
    { details: { linkId } },
  );
}

/** Where a snapshot differs from a stream, in words. The exporter's exit counts only when all of it was read (I2). */
async function compareWith(
  rbd: VerifyDeps['rbd'],
  { at, snapshot }: { at: ImageLocation; snapshot: string },
  expected: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const exported = await rbd.exportDiff(at, { snapshot, fromSnapshot: undefined, signal });
  try {
    const difference = await compareStreams(expected, exported.chunks);
    if (difference === undefined) {
      await exported.exited;
      return undefined;
    }
    return difference.what === 'size' ? 'in its size' : `at byte ${difference.offset}`;
  } finally {
    exported.close();
  }
}

function lastOf(chain: readonly LinkManifest[]): LinkManifest {
  const last = chain.at(-1);
  if (last === undefined) throw new AppError('INTEGRITY_CHAIN', 'the chain of this disk is empty');
  return last;
}
