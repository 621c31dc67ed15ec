import { AppError } from '../../base/errors.ts';
import { formatLocation, type ImageLocation } from '../../domain/disk.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import { readDiff } from '../../domain/rbd-diff/read.ts';
import { checkChain, importChain } from '../import-chain.ts';
import type { OfflineRestoreDeps } from './deps.ts';
import { readChain } from './links.ts';
import { findPointDisk } from './points.ts';

const offlineMark = 'emberkeep.offline-restore';

export interface OfflineRestoreRequest {
  pointId: string;
  disk: string | undefined;
  target: { image: ImageLocation } | { file: string };
  /** Link by link instead of one flattened stream; images only. */
  plain: boolean;
  signal: AbortSignal;
  /** Bytes of the image's address space that are done. */
  onProgress: (positionBytes: number, sizeBytes: number) => void;
}

export interface OfflineRestored {
  /** pool/image or the file. */
  target: string;
  sizeBytes: number;
  links: number;
}

/** There is no catalog to mark damage in; the error itself tells it. */
const noCatalog = { markLinkDamaged: (): Promise<void> => Promise.resolve() };

/** One disk of a point into a fresh image or file; on failure what was made is removed (I5). */
export async function restoreOffline(
  deps: OfflineRestoreDeps,
  request: OfflineRestoreRequest,
): Promise<OfflineRestored> {
  const { disk } = await findPointDisk(deps, request.pointId, request.disk);
  const chain = await readChain(deps.store, disk.linkId);
  await checkChain({ store: deps.store, catalog: noCatalog }, chain, request.signal);
  const last = chain.at(-1);
  if (last === undefined) throw new AppError('INTEGRITY_CHAIN', 'the chain of this disk is empty');
  const { target } = request;
  if ('file' in target) await writeFile(deps, request, chain, target.file, last.source.sizeBytes);
  else await writeImage(deps, request, chain, target.image, last);
  return {
    target: 'file' in target ? target.file : formatLocation(target.image),
    sizeBytes: last.source.sizeBytes,
    links: chain.length,
  };
}

async function writeImage(
  deps: OfflineRestoreDeps,
  { pointId, plain, signal, onProgress }: OfflineRestoreRequest,
  chain: readonly LinkManifest[],
  target: ImageLocation,
  { source }: LinkManifest,
): Promise<void> {
  const { rbd, store } = deps;
  if ((await rbd.findImage(target)) !== undefined) {
    throw new AppError(
      'CONFLICT_IMAGE_EXISTS',
      `${formatLocation(target)} exists; a restore makes a fresh image, so give another name`,
    );
  }
  const { sizeBytes, objectSizeBytes } = source;
  await rbd.createImage(target, { sizeBytes, objectSizeBytes, mark: { key: offlineMark, value: pointId } });
  try {
    await importChain(
      { rbd, store, catalog: noCatalog },
      { chain, target, plain, signal, onProgress: (position) => onProgress(position, sizeBytes) },
    );
    // They were import-diff's; whoever takes the image over must not find them in the way.
    for (const { name } of await rbd.listSnapshots(target)) await rbd.removeSnapshot(target, name);
    await rbd.removeImageMark(target, offlineMark);
  } catch (error) {
    await removeBroken(rbd, target);
    throw error;
  }
}

/** As far as possible; the error that is thrown on matters more. */
async function removeBroken(rbd: OfflineRestoreDeps['rbd'], target: ImageLocation): Promise<void> {
  try {
    for (const { name } of await rbd.listSnapshots(target)) await rbd.removeSnapshot(target, name);
    await rbd.removeImage(target);
  } catch {
    return;
  }
}

async function writeFile(
  { store, createRawFile }: OfflineRestoreDeps,
  { signal, onProgress }: OfflineRestoreRequest,
  chain: readonly LinkManifest[],
  path: string,
  sizeBytes: number,
): Promise<void> {
  const file = await createRawFile(path);
  try {
    let position = 0;
    // The flattened stream has no zero records to write: what it leaves out is a hole of the fresh file.
    const stream = store.openChainStream(chain, { signal, onPosition: (at) => onProgress(at, sizeBytes) });
    for await (const events of readDiff(stream)) {
      for (const event of events) {
        if (event.type === 'write') position = event.offset;
        if (event.type !== 'data') continue;
        await file.write(event.bytes, position);
        position += event.bytes.length;
      }
    }
    await file.finish(sizeBytes);
  } catch (error) {
    await file.abandon();
    throw error;
  }
}
