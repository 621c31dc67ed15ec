/**
 * After an increment: a few objects that it does not touch are read from the source and compared with the store. They
 * were not exported this time, so nothing else would notice that an export left something out, be it for a bug of Ceph's
 * in finding differences or for a from-snapshot that was another one than the chain stands on.
 */
import { AppError } from '../../base/errors.ts';
import { isZero } from '../../domain/compare-streams.ts';
import { formatLocation } from '../../domain/disk.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import { readDiff } from '../../domain/rbd-diff/read.ts';
import {
  anyObjects,
  createRandom,
  sampleObjects,
  type Extent,
  type SampleOptions,
} from '../../domain/sample-objects.ts';
import type { ObjectReader } from '../../drivers/ceph/objects.ts';
import type { BackupDeps } from './deps.ts';

type Deps = Pick<BackupDeps, 'rbd' | 'store' | 'catalog' | 'sampleRanges'>;

/** Candidates for each object that is compared: those that guests write to meanwhile are passed over. */
const spares = 3;

/** How many objects were compared. Throws INTEGRITY_SAMPLE at the first that differs, naming the link. */
export async function sampleDisk(deps: Deps, linkId: string, signal: AbortSignal): Promise<number> {
  const { rbd, sampleRanges } = deps;
  const chain = await deps.catalog.chainOf(linkId);
  const link = chain.at(-1);
  if (link === undefined || link.kind === 'full' || sampleRanges === 0) return 0;
  const reader = await rbd.openObjects(link.source, { signal });
  if (reader === undefined) return 0;
  let compared = 0;
  for (let rest = await chooseObjects(deps, chain); rest.length > 0 && compared < sampleRanges;) {
    const round = rest.slice(0, sampleRanges - compared);
    rest = rest.slice(round.length);
    compared += await compareObjects(deps, chain, { reader, objects: round, signal });
  }
  return compared;
}

/** How many of them could be compared. */
async function compareObjects(
  deps: Deps,
  chain: LinkManifest[],
  { reader, objects, signal }: { reader: ObjectReader; objects: readonly number[]; signal: AbortSignal },
): Promise<number> {
  const { objectSizeBytes } = lastOf(chain).source;
  const ascending = objects.toSorted((a, b) => a - b);
  const ranges = ascending.map((object) => ({ offset: object * objectSizeBytes, length: objectSizeBytes }));
  let compared = 0;
  let at = 0;
  // One after the other: each reads segments of every link that has a part of the object (I11).
  for await (const stored of deps.store.readChain(chain, ranges, { signal })) {
    signal.throwIfAborted();
    const objectNumber = ascending[at++] ?? 0;
    if (await compareObject(deps.rbd, lastOf(chain), { reader, objectNumber, stored, signal })) compared += 1;
  }
  return compared;
}

/**
 * Half of them where the link before wrote, since what is written often is likeliest to have been missed; the others
 * where the full has data; one anywhere.
 */
async function chooseObjects({ store, sampleRanges }: Deps, chain: LinkManifest[]): Promise<number[]> {
  const [full, before, link] = [chain[0], chain.at(-2), chain.at(-1)];
  if (full === undefined || before === undefined || link === undefined) return [];
  const { objectSizeBytes, sizeBytes } = link.source;
  const options: SampleOptions = {
    objectSizeBytes,
    count: sampleRanges * spares,
    random: createRandom(link.linkId),
  };
  const untouched = async (candidates: AsyncIterable<Extent>): Promise<number[]> =>
    await sampleObjects(candidates, extentsOf(store, link), options);
  const groups = [
    await untouched(extentsOf(store, before)),
    before === full ? [] : await untouched(extentsOf(store, full)),
    await untouched(fromList(anyObjects(sizeBytes, options))),
  ];
  const objects = Math.ceil(sizeBytes / objectSizeBytes);
  const [recent = [], old = [], any = []] = groups;
  const wanted = [...any.slice(0, 1), ...interleave(recent, old), ...any.slice(1)];
  // A link before may know objects beyond the end of an image that shrank.
  return [...new Set(wanted)].filter((object) => object < objects).slice(0, sampleRanges * spares);
}

function interleave(first: number[], second: number[]): number[] {
  const longest = Math.max(first.length, second.length);
  return Array.from({ length: longest }, (_, at) => [
    ...first.slice(at, at + 1),
    ...second.slice(at, at + 1),
  ]).flat();
}

async function* extentsOf(store: Deps['store'], link: LinkManifest): AsyncGenerator<Extent, void, undefined> {
  for await (const entries of store.openLinkIndex(link)) {
    for (const entry of entries) if (entry.type === 'data' || entry.type === 'zero') yield entry;
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- an async source with nothing to wait for
async function* fromList(extents: Extent[]): AsyncGenerator<Extent, void, undefined> {
  yield* extents;
}

interface ObjectToCompare {
  reader: ObjectReader;
  objectNumber: number;
  /** What the store has for it. */
  stored: Buffer;
  signal: AbortSignal;
}

/**
 * False when the object tells nothing: a guest has written to it since the snapshot, or it did not exist then, which
 * only the snapshot knows.
 */
async function compareObject(
  rbd: Deps['rbd'],
  link: LinkManifest,
  { reader, objectNumber, stored, signal }: ObjectToCompare,
): Promise<boolean> {
  const { source, toSnapshot, diskKey, linkId } = link;
  const offset = objectNumber * source.objectSizeBytes;
  const bytes = await reader.read(objectNumber);
  if (bytes === undefined) return false;
  if (isSame(stored, bytes.subarray(0, stored.length))) return true;
  if (await reader.isWrittenSince(objectNumber, toSnapshot.id)) return false;
  const certain = await readFromExport(rbd, link, { offset, length: stored.length }, signal);
  if (stored.equals(certain)) return false;
  const at = offset + stored.findIndex((byte, index) => byte !== certain[index]);
  throw new AppError(
    'INTEGRITY_SAMPLE',
    `${diskKey}: byte ${at} of ${formatLocation(source)}@${toSnapshot.name} is not what the store has, though this backup and ` +
      'its chain should: a difference was missed by this export or by one before it (a from-snapshot that was not the ' +
      "chain's, or a bug of the cluster's object map or fast-diff: `rbd object-map check` on the image tells). The point " +
      'is marked damaged and the next backup is a full; verify the points before it with `emberkeep verify --deep`',
    { details: { linkId, offset: at } },
  );
}

/** What the object lacks at its end is zeros. */
function isSame(stored: Buffer, bytes: Buffer): boolean {
  return stored.subarray(0, bytes.length).equals(bytes) && isZero(stored.subarray(bytes.length));
}

/** The exporter's own word for a range: it begins at the image's start, so only a suspicion is worth it. */
async function readFromExport(
  rbd: Deps['rbd'],
  { source, toSnapshot }: LinkManifest,
  { offset, length }: Extent,
  signal: AbortSignal,
): Promise<Buffer> {
  const range = Buffer.alloc(length);
  const exported = await rbd.exportDiff(source, {
    snapshot: toSnapshot.name,
    fromSnapshot: undefined,
    signal,
  });
  try {
    let position = 0;
    for await (const events of readDiff(exported.chunks)) {
      for (const event of events) {
        if (event.type === 'write') position = event.offset;
        if (event.type !== 'data') continue;
        const from = Math.max(0, offset - position);
        if (from < event.bytes.length && position < offset + length)
          event.bytes.copy(range, position + from - offset, from);
        position += event.bytes.length;
      }
      if (position >= offset + length) return range;
    }
    await exported.exited;
    return range;
  } finally {
    exported.close();
  }
}

function lastOf(chain: LinkManifest[]): LinkManifest {
  const last = chain.at(-1);
  if (last === undefined) throw new AppError('BUG_MISSING', 'an empty chain is compared');
  return last;
}
