/** What each disk's data costs, from the manifests and indexes in the store. */
import type { LinkManifest } from '../../../domain/manifest.ts';
import type { PlannedDisk } from '../../../domain/planned-restore.ts';
import type { RestorePlan } from '../plan.ts';
import type { PreviewDeps } from './deps.ts';

/** One for each disk of the plan, in its order. Throws INTEGRITY_* for what a restore could not read either. */
export async function measureDisks(
  { catalog, storeOf }: Pick<PreviewDeps, 'catalog' | 'storeOf'>,
  { disks, plain = false }: RestorePlan,
  storeId: string,
): Promise<PlannedDisk[]> {
  const measured: PlannedDisk[] = [];
  const store = plain ? undefined : await storeOf(storeId);
  for (const { disk, linkIds, sizeBytes } of disks) {
    const chain = await catalog.plans.chainOf(linkIds.at(-1) ?? '');
    const { storedBytes, dataBytes } = store === undefined ? allOf(chain) : await store.measureChain(chain);
    measured.push({
      diskKey: disk.key,
      device: disk.attachment?.device,
      sizeBytes,
      readBytes: storedBytes,
      writtenBytes: dataBytes,
    });
  }
  return measured;
}

/** Link by link, everything is read and written. */
function allOf(chain: readonly LinkManifest[]): { storedBytes: number; dataBytes: number } {
  return {
    storedBytes: chain.reduce((sum, { segments }) => sum + segments.storedBytes, 0),
    dataBytes: chain.reduce((sum, { content }) => sum + content.dataBytes, 0),
  };
}
