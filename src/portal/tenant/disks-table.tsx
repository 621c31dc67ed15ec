import type { VNode } from 'preact';
import type { Disk } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { formatBytes } from '../ui/format.ts';
import { Empty } from '../ui/states.tsx';
import { Table, type Column } from '../ui/table.tsx';

/** The disks of an instance, or of a point. */
export function DisksTable({ disks }: { disks: readonly Disk[] }): VNode {
  if (disks.length === 0) return <Empty title={t('disks.none')} />;
  return (
    <Table caption={t('instance.tab.disks')} columns={columns()} rows={disks} rowKey={({ key }) => key} />
  );
}

function columns(): Column<Disk>[] {
  return [
    {
      id: 'name',
      title: t('column.disk'),
      rowHeader: true,
      sortKey: diskName,
      cell: (disk) => (
        <span>
          {diskName(disk)}
          <span class="hint disk-key">{disk.key}</span>
        </span>
      ),
    },
    {
      id: 'device',
      title: t('column.device'),
      sortKey: ({ attachment }) => attachment?.device ?? undefined,
      cell: ({ attachment }) => attachment?.device ?? '-',
    },
    {
      id: 'kind',
      title: t('column.kind'),
      cell: ({ kind, attachment }) =>
        attachment?.is_root === true ? `${t(`diskKind.${kind}`)}, ${t('disk.root')}` : t(`diskKind.${kind}`),
    },
    { id: 'type', title: t('column.volumeType'), cell: ({ volume }) => volume?.volume_type ?? '-' },
    {
      id: 'size',
      title: t('column.size'),
      numeric: true,
      sortKey: ({ size_bytes: size }) => size ?? undefined,
      cell: ({ size_bytes: size }) => (size === null ? '-' : formatBytes(size)),
    },
    {
      id: 'traits',
      title: t('column.traits'),
      cell: ({ volume }) =>
        [
          volume?.encrypted === true && t('disk.encrypted'),
          volume?.multiattach === true && t('disk.multiattach'),
        ]
          .filter((text) => text !== false)
          .join(', ') || '-',
    },
  ];
}

/** The name that a person would use. */
export function diskName({ volume, key }: Pick<Disk, 'volume' | 'key'>): string {
  const name = volume?.name ?? '';
  return name === '' ? key : name;
}
