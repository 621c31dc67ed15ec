/** The chain of one disk into a fresh image (I5); can be killed and called again at any instant (I9). */
import { AppError } from '../../base/errors.ts';
import { formatLocation } from '../../domain/disk.ts';
import { checkChain, importChain } from '../import-chain.ts';
import { markOf, restoreMark, type RestoreDeps } from './deps.ts';
import type { RestoreDiskPlan } from './plan.ts';
import { imageInUse } from './wait-until-free.ts';

type Deps = Pick<RestoreDeps, 'rbd' | 'store' | 'catalog'>;

export interface ImportOptions {
  restoreId: string;
  pointId: string;
  plan: RestoreDiskPlan;
  plain: boolean;
  signal: AbortSignal;
  /** Bytes of the image's address space that are done. */
  onProgress: (positionBytes: number) => void;
  /** Told in words when there is no room for the image. */
  onWait: (message: string) => Promise<void>;
}

/**
 * Gives the bytes that were imported, 0 when an earlier attempt had done it all.
 *
 * Throws CONFLICT_IMAGE_IN_USE when an earlier attempt's image is still open: its rbd may live, and of one that was
 * killed Ceph knows it only after half a minute, or not at all (docs/operate/troubleshooting.md).
 */
export async function importDisk(deps: Deps, options: ImportOptions): Promise<number> {
  const { plan, pointId, plain, signal, onProgress, onWait } = options;
  const chain = await deps.catalog.chainOf(await linkOf(deps, pointId, plan));
  await checkChain(deps, chain, signal);
  await prepareImage(deps, options);
  let bytes = 0;
  const rbd: typeof deps.rbd = {
    ...deps.rbd,
    importDiff: (at, stream, settings) =>
      deps.rbd.importDiff(
        at,
        counted(stream, (count) => (bytes += count)),
        settings,
      ),
  };
  await importChain({ ...deps, rbd }, { chain, target: plan.fresh, plain, signal, onProgress, onWait });
  return bytes;
}

async function* counted(
  chunks: AsyncIterable<Buffer>,
  count: (bytes: number) => void,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
  }
}

/** Asked again, now that the disk is locked: meanwhile its links may have been folded into others. */
async function linkOf({ catalog }: Deps, pointId: string, { disk }: RestoreDiskPlan): Promise<string> {
  const { disks } = await catalog.point(pointId);
  const linkId = disks.find(({ disk: { key } }) => key === disk.key)?.linkId;
  if (linkId !== undefined) return linkId;
  throw new AppError('INTEGRITY_CHAIN', `point ${pointId} has no link for ${disk.key}`);
}

async function prepareImage({ rbd }: Deps, { restoreId, plan }: ImportOptions): Promise<void> {
  const mark = { key: restoreMark, value: markOf(restoreId, plan.fresh) };
  const existing = await rbd.findImage(plan.fresh);
  if (existing === undefined) {
    const { sizeBytes, objectSizeBytes } = plan;
    await rbd.createImage(plan.fresh, { sizeBytes, objectSizeBytes, mark });
    return;
  }
  const found = await rbd.readImageMark(plan.fresh, restoreMark);
  // An attempt that died between creating and marking it left none; the name alone holds the restore's id.
  if (found !== undefined && found !== mark.value) {
    throw new AppError(
      'CONFLICT_IMAGE_EXISTS',
      `${formatLocation(plan.fresh)} belongs to another restore (${found}); remove it or restore under another name`,
    );
  }
  // An import that outlived its worker must not write into what this one writes.
  const watchers = await rbd.listWatchers(plan.fresh);
  if (watchers.length > 0) throw imageInUse(plan.fresh, watchers);
}
