import { humanBytes } from '../../base/bytes.ts';
import type { OfflineDisk, OfflinePoint } from '../../workflows/offline/points.ts';
import type { OfflineRestored } from '../../workflows/offline/restore.ts';
import type { VerifiedPoint } from '../../workflows/offline/verify.ts';
import { bytesColumn, textColumn, timeColumn, type Column } from './output/columns.ts';

export const offlinePointColumns: readonly Column<OfflinePoint>[] = [
  textColumn('ID', ({ id }) => id),
  textColumn('Kind', ({ manifest }) => manifest?.kind),
  textColumn('Source', ({ manifest }) => manifest?.sourceName),
  timeColumn('Taken At', ({ manifest }) => manifest?.takenAt),
  textColumn('State', ({ state }) => state),
  { title: 'Disks', value: ({ manifest, disks }) => (manifest === undefined ? null : disks.length) },
  bytesColumn('Size', ({ sizeBytes }) => sizeBytes),
  bytesColumn('Stored', ({ storedBytes }) => storedBytes),
  {
    title: 'Encrypted',
    value: ({ masterKeyIds }) => masterKeyIds.length > 0,
    human: ({ masterKeyIds }) => (masterKeyIds.length > 0 ? 'yes' : 'no'),
  },
];

export const offlinePointFields: readonly Column<OfflinePoint>[] = [
  textColumn('id', ({ id }) => id),
  textColumn('kind', ({ manifest }) => manifest?.kind),
  textColumn('source_id', ({ manifest }) => manifest?.sourceId),
  textColumn('source_name', ({ manifest }) => manifest?.sourceName),
  textColumn('project_id', ({ manifest }) => manifest?.projectId),
  timeColumn('taken_at', ({ manifest }) => manifest?.takenAt),
  textColumn('state', ({ state }) => state),
  {
    title: 'faults',
    value: ({ faults }) => faults,
    human: ({ faults }) => faults.join('\n'),
  },
  bytesColumn('size_bytes', ({ sizeBytes }) => sizeBytes),
  bytesColumn('stored_bytes', ({ storedBytes }) => storedBytes),
  {
    title: 'master_keys',
    value: ({ masterKeyIds }) => masterKeyIds,
    human: ({ masterKeyIds }) => masterKeyIds.join('\n'),
  },
  {
    title: 'disks',
    value: ({ disks }) => disks.map(diskRecord),
    human: ({ disks }) => disks.map(diskText).join('\n'),
  },
  {
    title: 'links',
    value: ({ disks }) =>
      disks.map(({ number, links }) => ({ disk: number, links: links.map(({ linkId }) => linkId) })),
    human: ({ disks }) =>
      disks
        .flatMap(({ number, links }) =>
          links.map(
            ({ linkId, kind, storedBytes }) => `${number} ${linkId} ${kind} ${humanBytes(storedBytes)}`,
          ),
        )
        .join('\n'),
  },
  {
    title: 'description',
    value: ({ manifest }) => manifest?.instance ?? null,
    human: ({ manifest }) => (manifest?.instance === undefined ? '' : 'an instance; all of it with -f yaml'),
  },
];

export const verifiedColumns: readonly Column<VerifiedPoint>[] = [
  textColumn('ID', ({ id }) => id),
  textColumn('Source', ({ sourceName }) => sourceName),
  timeColumn('Taken At', ({ takenAt }) => takenAt),
  textColumn('State', ({ state }) => state),
  {
    title: 'Reasons',
    value: ({ reasons }) => reasons,
    human: ({ reasons }) => reasons.join('\n'),
  },
];

export const offlineRestoreFields: readonly Column<OfflineRestored>[] = [
  textColumn('target', ({ target }) => target),
  bytesColumn('size_bytes', ({ sizeBytes }) => sizeBytes),
  { title: 'links', value: ({ links }) => links },
];

function diskRecord({ number, key, name, device, image, sizeBytes, fault }: OfflineDisk): object {
  return {
    disk: number,
    key,
    name: name ?? null,
    device: device ?? null,
    image,
    size_bytes: sizeBytes,
    fault: fault ?? null,
  };
}

function diskText({ number, name, device, image, sizeBytes, fault }: OfflineDisk): string {
  const words = [String(number), device, name, image, humanBytes(sizeBytes), fault];
  return words.filter((word) => word !== undefined && word !== '').join(' ');
}
