import { newId } from '../../src/base/ids.ts';
import { volumeDiskKey, type DiskKey } from '../../src/domain/disk.ts';
import type { Requester } from '../../src/domain/job.ts';
import type { LinkManifest, PointManifest } from '../../src/domain/manifest.ts';
import type { NewJob, NewPoint } from '../../src/drivers/catalog/types.ts';

export const requester: Requester = {
  userId: 'u-1',
  userName: 'alice',
  projectId: 'p-1',
  projectName: 'demo',
  roles: ['member'],
};

export function newJob(overrides: Partial<NewJob> = {}): NewJob {
  return {
    id: newId(),
    kind: 'backup',
    projectId: 'p-1',
    target: { instance: 'web-01' },
    requestedBy: requester,
    requestId: 'req-1',
    ...overrides,
  };
}

export interface PointShape {
  storeId?: string;
  sourceId?: string;
  projectId?: string | null;
  takenAt?: string;
  /** For each disk, the link that it stands on; undefined for a full. */
  disks: { key: DiskKey; parent?: LinkManifest | undefined }[];
}

/** A point of an instance and its links, as a backup would commit it. */
export function newPoint(shape: PointShape): NewPoint {
  const pointId = newId();
  const takenAt = shape.takenAt ?? '2026-11-22T10:00:00.000Z';
  const links = shape.disks.map(({ key, parent }) => newLink(pointId, key, takenAt, parent));
  const manifest: PointManifest = {
    format: 'emberkeep-point',
    version: 1,
    pointId,
    storeId: shape.storeId ?? 'main',
    kind: 'instance',
    sourceId: shape.sourceId ?? 'instance-1',
    sourceName: 'web-01',
    projectId: shape.projectId === undefined ? 'p-1' : shape.projectId,
    takenAt,
    spreadMs: 12,
    consistency: 'crash',
    disks: links.map((link) => ({
      disk: {
        key: link.diskKey as DiskKey,
        kind: 'volume',
        location: { cluster: 'ceph', pool: 'volumes', image: link.source.image },
      },
      linkId: link.linkId,
      sizeBytes: link.source.sizeBytes,
    })),
  };
  return { manifest, links };
}

function newLink(
  pointId: string,
  diskKey: string,
  createdAt: string,
  parent: LinkManifest | undefined,
): LinkManifest {
  const linkId = newId();
  return {
    format: 'emberkeep-link',
    version: 1,
    linkId,
    pointId,
    diskKey,
    kind: parent ? 'increment' : 'full',
    chainId: parent?.chainId ?? linkId,
    parentLinkId: parent?.linkId ?? null,
    fullReason: parent ? null : 'first',
    depth: parent ? parent.depth + 1 : 0,
    createdAt,
    source: {
      clusterId: 'b0a1c2d3-0000-4000-8000-000000000001',
      cluster: 'ceph',
      pool: 'volumes',
      image: diskKey.replace(':', '-'),
      imageId: '10ab',
      sizeBytes: 6 * 2 ** 40,
      objectSizeBytes: 2 ** 22,
      features: ['layering'],
    },
    fromSnapshot: parent?.toSnapshot ?? null,
    toSnapshot: { name: `ek.${linkId}`, id: (parent?.toSnapshot.id ?? 3) + 1 },
    codec: { compression: 'zstd', encryption: 'none' },
    segments: {
      count: 2,
      maxPlainBytes: 64 * 2 ** 20,
      plainBytes: 5_000_000_000,
      storedBytes: 1_000_000_000,
    },
    index: { key: `links/${linkId}/index`, storedBytes: 100, sha256: '0'.repeat(64), extents: 7 },
    content: { dataBytes: 4_000_000_000, zeroBytes: 1_000_000_000 },
  };
}

export const diskA = volumeDiskKey('aaaaaaaa-0000-4000-8000-000000000000');
export const diskB = volumeDiskKey('bbbbbbbb-0000-4000-8000-000000000000');
