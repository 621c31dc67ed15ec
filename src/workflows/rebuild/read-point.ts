import { AppError } from '../../base/errors.ts';
import type { LinkManifest, PointManifest } from '../../domain/manifest.ts';
import type { RebuildDeps } from './deps.ts';
import type { Report } from './report.ts';

export interface StoredPoint {
  manifest: PointManifest;
  /** Those of its links that can be read. */
  links: LinkManifest[];
}

/** A point as the store has it; undefined when its manifest cannot be read, which is told. */
export async function readStoredPoint(
  { store }: Pick<RebuildDeps, 'store'>,
  report: Report,
  pointId: string,
): Promise<StoredPoint | undefined> {
  const manifest = await readable(report, `point ${pointId} is left out`, () => store.readPoint(pointId));
  if (manifest === undefined) return undefined;
  if (manifest.storeId !== store.storeId) {
    await report.tell(`point ${pointId} is left out: it belongs to store ${manifest.storeId}`);
    return undefined;
  }
  const links: LinkManifest[] = [];
  for (const { linkId, disk } of manifest.disks) {
    const link = await readLink({ store }, report, linkId);
    if (link === undefined) continue;
    if (link.diskKey === disk.key && link.pointId === pointId) links.push(link);
    else await report.tell(`link ${linkId} is not the one of ${disk.key} that point ${pointId} names`);
  }
  return { manifest, links };
}

/** undefined when it is missing or cannot be read, which is told. */
export async function readLink(
  { store }: Pick<RebuildDeps, 'store'>,
  report: Report,
  linkId: string,
): Promise<LinkManifest | undefined> {
  const found = await readable(report, `link ${linkId} is left out`, async () => ({
    link: await store.readLinkManifest(linkId),
  }));
  if (found !== undefined && found.link === undefined)
    await report.tell(`link ${linkId} is missing in the store`);
  return found?.link;
}

/** What is broken is told and passed over; a store that cannot be reached ends the rebuild. */
async function readable<T>(
  report: Report,
  what: string,
  read: () => Promise<T | undefined>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const isBroken =
      error instanceof AppError &&
      (error.code.startsWith('INTEGRITY_') || error.code === 'STORE_NEWER_FORMAT');
    if (!isBroken) throw error;
    await report.tell(`${what}: ${error.message}`);
    return undefined;
  }
}
