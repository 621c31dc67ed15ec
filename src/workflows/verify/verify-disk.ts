/** One disk of a point at one level; what is damaged is told, what cannot be verified is thrown. */
import type { LinkManifest } from '../../domain/manifest.ts';
import { damageOf, type Damage } from './damage.ts';
import type { VerifyDeps } from './deps.ts';
import type { DiskOptions } from './disk-options.ts';
import { proveDisk } from './prove-disk.ts';

export async function verifyDisk(deps: VerifyDeps, options: DiskOptions): Promise<Damage | undefined> {
  const { pointDisk, level, signal } = options;
  try {
    const chain = await deps.catalog.chainOf(pointDisk.linkId);
    for (const link of chain) {
      signal.throwIfAborted();
      const damage = await verifyLink(deps, options, link);
      if (damage !== undefined) return damage;
    }
    if (level === 'deep') await proveDisk(deps, options, chain);
    return undefined;
  } catch (error) {
    return damageOf(error, pointDisk.linkId);
  }
}

async function verifyLink(
  { store, catalog }: VerifyDeps,
  { jobId, level, signal, onRead }: DiskOptions,
  { linkId, segments }: LinkManifest,
): Promise<Damage | undefined> {
  if (await catalog.isLinkVerified(linkId, jobId)) {
    if (level === 'full') onRead(segments.plainBytes);
    return undefined;
  }
  const manifest = await store.checkLink(linkId, { signal });
  if (level === 'full') {
    let told = 0;
    const onProgress = ({ plainBytes }: { plainBytes: number }): void => {
      onRead(plainBytes - told);
      told = plainBytes;
    };
    const { damages, damageCount } = await store.inspectLink(manifest, { signal, onProgress });
    const [first] = damages;
    if (first !== undefined) {
      const more = damageCount > 1 ? ` (${damageCount} damages in all)` : '';
      return { linkId, reason: `${first.reason}${more}` };
    }
  }
  await catalog.recordLink(linkId, jobId);
  return undefined;
}
