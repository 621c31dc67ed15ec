import { newId } from '../../src/base/ids.ts';
import type { PointManifest } from '../../src/domain/manifest.ts';
import type { DiffRecord } from '../../src/domain/rbd-diff/records.ts';
import { writeDiff } from '../../src/domain/rbd-diff/write.ts';
import type { LinkHeader } from '../../src/drivers/store/backup-store.ts';

/** A link header of a full, or of an increment when `from` names its from-snapshot. */
export function sampleHeader(changes: Partial<LinkHeader> & { from?: string } = {}): LinkHeader {
  const { from, ...rest } = changes;
  const linkId = rest.linkId ?? newId();
  const isFull = from === undefined;
  return {
    linkId,
    pointId: newId(),
    diskKey: 'image:main/volumes/sample',
    kind: isFull ? 'full' : 'increment',
    chainId: isFull ? linkId : newId(),
    parentLinkId: isFull ? null : newId(),
    depth: isFull ? 0 : 1,
    fullReason: isFull ? 'the first link of this disk' : null,
    createdAt: '2026-11-22T18:00:00.000Z',
    source: {
      clusterId: '5b1c3d5e-0000-4000-8000-000000000001',
      cluster: 'main',
      pool: 'volumes',
      image: 'sample',
      imageId: '10226b8b4567',
      objectSizeBytes: 4194304,
      features: ['layering', 'exclusive-lock'],
    },
    fromSnapshot: isFull ? null : { name: from, id: 3 },
    toSnapshot: { name: 'one', id: 4 },
    ...rest,
  };
}

export function samplePoint(storeId: string, linkId: string): PointManifest {
  return {
    format: 'emberkeep-point',
    version: 1,
    pointId: newId(),
    storeId,
    kind: 'image',
    sourceId: 'volumes/sample',
    sourceName: 'sample',
    projectId: null,
    takenAt: '2026-11-22T18:00:00.000Z',
    spreadMs: 0,
    consistency: 'crash',
    disks: [
      {
        disk: {
          key: 'image:main/volumes/sample',
          kind: 'image',
          location: { cluster: 'main', pool: 'volumes', image: 'sample' },
        },
        linkId,
        sizeBytes: 16777216,
      },
    ],
  };
}

/** A stream with the headers of `header` and this data; deterministic. */
export function sampleStream(header: LinkHeader, data: DiffRecord[], sizeBytes = 64 * 1024 * 1024): Buffer {
  const headers: DiffRecord[] = [
    ...(header.fromSnapshot === null ? [] : [{ type: 'from-snap', name: header.fromSnapshot.name } as const]),
    { type: 'to-snap', name: header.toSnapshot.name },
    { type: 'image-size', sizeBytes },
  ];
  return Buffer.concat([...writeDiff([...headers, ...data])]);
}

/** Bytes that do not compress, the same in every run. */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = seed;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}
