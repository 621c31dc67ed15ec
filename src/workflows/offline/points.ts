import { AppError } from '../../base/errors.ts';
import type { PointDisk, PointManifest } from '../../domain/manifest.ts';
import type { OfflineDeps } from './deps.ts';
import { LinkLookup } from './links.ts';
import type { LinkFacts } from './links.ts';

export interface OfflineDisk {
  /** What `--disk` takes; from 1 in the order of the point's manifest. */
  number: number;
  key: string;
  name: string | undefined;
  device: string | undefined;
  /** pool/image that it was. */
  image: string;
  sizeBytes: number;
  /** From the link that ends at the point back to the full, as far as they can be read. */
  links: LinkFacts[];
  fault: string | undefined;
}

export interface OfflinePoint {
  id: string;
  /** As far as manifests tell; `verify` reads the rest. */
  state: 'complete' | 'incomplete' | 'damaged';
  faults: string[];
  /** Undefined when the point's own manifest cannot be read. */
  manifest: PointManifest | undefined;
  disks: OfflineDisk[];
  sizeBytes: number;
  /** Of the links that end at this point, as stored. */
  storedBytes: number;
  masterKeyIds: string[];
}

/** Every point of the store, the latest first; what is wrong is told, not thrown. */
export async function listOfflinePoints(
  { store }: OfflineDeps,
  source: string | undefined,
): Promise<OfflinePoint[]> {
  const lookup = new LinkLookup(store);
  const points: OfflinePoint[] = [];
  for await (const id of store.listPointIds()) {
    const point = await describe(store, lookup, id);
    if (point !== undefined && (source === undefined || isOf(point, source))) points.push(point);
  }
  return points.sort((a, b) => (b.manifest?.takenAt ?? '').localeCompare(a.manifest?.takenAt ?? ''));
}

export async function showOfflinePoint({ store }: OfflineDeps, id: string): Promise<OfflinePoint> {
  const point = await describe(store, new LinkLookup(store), id);
  if (point !== undefined) return point;
  throw noPoint(store, id);
}

/** Throws NOTFOUND_POINT, INTEGRITY_MANIFEST_* and INPUT_DISK. */
export async function findPointDisk(
  { store }: OfflineDeps,
  pointId: string,
  wanted: string | undefined,
): Promise<{ point: PointManifest; disk: PointDisk }> {
  const point = await store.readPoint(pointId);
  if (point === undefined) throw noPoint(store, pointId);
  return { point, disk: chooseDisk(point, wanted) };
}

/** By its number, or by what else a person may call it; none is needed when there is only one. */
export function chooseDisk({ disks }: Pick<PointManifest, 'disks'>, wanted: string | undefined): PointDisk {
  const matches = disks.filter((_disk, index) => wanted === undefined || wanted === String(index + 1));
  const named = matches.length > 0 ? matches : disks.filter((disk) => namesOf(disk).includes(wanted ?? ''));
  const [only] = named;
  if (only !== undefined && named.length === 1) return only;
  const list = disks.map(({ disk }, index) => `${index + 1} (${disk.attachment?.device ?? disk.key})`);
  const problem =
    wanted === undefined
      ? 'say which disk with --disk'
      : `${named.length === 0 ? 'there is no disk' : 'there are several disks'} ${JSON.stringify(wanted)}`;
  throw new AppError('INPUT_DISK', `${problem}; the point has ${list.join(', ')}`);
}

function namesOf({ disk }: PointDisk): (string | undefined)[] {
  const { key, location, volume, attachment } = disk;
  return [key, `${location.pool}/${location.image}`, volume?.id, volume?.name, attachment?.device].filter(
    (name) => name !== '',
  );
}

function isOf({ manifest }: OfflinePoint, source: string): boolean {
  // A point that cannot be read may be the one that is looked for.
  return manifest === undefined || manifest.sourceName === source || manifest.sourceId === source;
}

async function describe(
  store: OfflineDeps['store'],
  lookup: LinkLookup,
  id: string,
): Promise<OfflinePoint | undefined> {
  let manifest: PointManifest | undefined;
  try {
    manifest = await store.readPoint(id);
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('INTEGRITY_')) throw error;
    return {
      id,
      state: 'damaged',
      faults: [error.message],
      manifest: undefined,
      disks: [],
      sizeBytes: 0,
      storedBytes: 0,
      masterKeyIds: [],
    };
  }
  return manifest === undefined ? undefined : await withDisks(lookup, manifest);
}

async function withDisks(lookup: LinkLookup, manifest: PointManifest): Promise<OfflinePoint> {
  const disks: OfflineDisk[] = [];
  const states = new Set<OfflinePoint['state']>();
  for (const [index, { disk, linkId, sizeBytes }] of manifest.disks.entries()) {
    const { links, fault } = await lookup.chain(linkId);
    if (fault !== undefined) states.add(fault.state);
    disks.push({
      number: index + 1,
      key: disk.key,
      name: disk.volume?.name,
      device: disk.attachment?.device,
      image: `${disk.location.pool}/${disk.location.image}`,
      sizeBytes,
      links,
      fault: fault?.reason,
    });
  }
  return {
    id: manifest.pointId,
    state: states.has('damaged') ? 'damaged' : states.has('incomplete') ? 'incomplete' : 'complete',
    faults: [...new Set(disks.flatMap(({ fault }) => fault ?? []))],
    manifest,
    disks,
    sizeBytes: disks.reduce((sum, disk) => sum + disk.sizeBytes, 0),
    storedBytes: disks.reduce((sum, { links }) => sum + (links[0]?.storedBytes ?? 0), 0),
    masterKeyIds: [
      ...new Set(disks.flatMap(({ links }) => links.flatMap(({ masterKeyIds }) => masterKeyIds))),
    ],
  };
}

function noPoint({ description }: OfflineDeps['store'], id: string): AppError {
  return new AppError(
    'NOTFOUND_POINT',
    `there is no point ${id} in ${description}; see \`emberkeep offline list\``,
  );
}
