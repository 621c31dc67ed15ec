import { humanBytes } from '../../base/bytes.ts';
import { humanTime } from './human.ts';
import { bytesColumn, textColumn, timeColumn, type Column } from './output/columns.ts';
import type { WirePoint, WirePointDetail } from './wire.ts';

export const pointColumns: readonly Column<WirePoint>[] = [
  textColumn('ID', ({ id }) => id),
  textColumn('Kind', ({ kind }) => kind),
  textColumn('Source', ({ source_name: name }) => name),
  timeColumn('Taken At', ({ taken_at: time }) => time),
  textColumn('Type', ({ type }) => type),
  textColumn('State', ({ state }) => state),
  { title: 'Disks', value: ({ disks }) => disks },
  bytesColumn('Size', ({ size_bytes: bytes }) => bytes),
  bytesColumn('Stored', ({ stored_bytes: bytes }) => bytes),
  { title: 'Verified', value: ({ last_verified: verified }) => verified, human: verifiedText },
  textColumn('Store', ({ store }) => store),
];

export const pointFields: readonly Column<WirePointDetail>[] = [
  textColumn('id', ({ id }) => id),
  textColumn('kind', ({ kind }) => kind),
  textColumn('source_id', ({ source_id: id }) => id),
  textColumn('source_name', ({ source_name: name }) => name),
  textColumn('project_id', ({ project_id: id }) => id),
  timeColumn('taken_at', ({ taken_at: time }) => time),
  textColumn('type', ({ type }) => type),
  textColumn('state', ({ state }) => state),
  textColumn('consistency', ({ consistency }) => consistency),
  { title: 'spread_ms', value: ({ spread_ms: spread }) => spread },
  { title: 'paused_ms', value: ({ paused_ms: paused }) => paused },
  textColumn('store', ({ store }) => store),
  textColumn('store_id', ({ store_id: id }) => id),
  bytesColumn('size_bytes', ({ size_bytes: bytes }) => bytes),
  bytesColumn('stored_bytes', ({ stored_bytes: bytes }) => bytes),
  { title: 'last_verified', value: ({ last_verified: verified }) => verified, human: verifiedText },
  timeColumn('last_proven', ({ last_proven: time }) => time),
  {
    title: 'disks',
    value: ({ disks }) => disks,
    human: ({ disks }) =>
      disks
        .map((disk) =>
          [
            disk.attachment?.device,
            disk.volume?.name,
            `${disk.pool}/${disk.image}`,
            disk.size_bytes === null ? undefined : humanBytes(disk.size_bytes),
          ]
            .filter((word) => word !== undefined && word !== '')
            .join(' '),
        )
        .join('\n'),
  },
  {
    title: 'links',
    value: ({ links }) => links,
    human: ({ links }) =>
      links
        .map((link) => `${link.disk_key} ${link.kind} depth ${link.depth} ${humanBytes(link.stored_bytes)}`)
        .join('\n'),
  },
];

/** `full 2026-11-22T10:00:00Z`; only what is not intact says so. */
function verifiedText({ last_verified: verified }: Pick<WirePoint, 'last_verified'>): string {
  if (verified === null) return 'never';
  const { at, level, outcome } = verified;
  return `${level} ${humanTime(at)}${outcome === 'intact' ? '' : ` ${outcome}`}`;
}
