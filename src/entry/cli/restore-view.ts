import { humanBytes } from '../../base/bytes.ts';
import { oneLine } from './human.ts';
import { textColumn, timeColumn, type Column } from './output/columns.ts';
import type { WireAskedRestore, WireRestoredDisk } from './wire.ts';

export const restoreColumns: readonly Column<WireAskedRestore>[] = [
  textColumn('ID', ({ id }) => id),
  textColumn('Mode', ({ mode }) => mode),
  textColumn('Point', ({ point_id: id }) => id),
  textColumn('State', ({ state }) => state),
  textColumn('Requested By', ({ requested_by: by }) => by?.user_name),
  timeColumn('Created At', ({ created_at: time }) => time),
  timeColumn('Undo Until', ({ undo_until: time }) => time),
];

/** What a restore made. */
export const restoreFields: readonly Column<WireAskedRestore>[] = [
  textColumn('id', ({ id }) => id),
  textColumn('job_id', ({ job_id: id }) => id),
  textColumn('point_id', ({ point_id: id }) => id),
  textColumn('mode', ({ mode }) => mode),
  textColumn('state', ({ state }) => state),
  textColumn('requested_by', ({ requested_by: by }) => by?.user_name),
  timeColumn('pending_until', ({ approval }) => approval?.pending_until),
  textColumn('decided_by', ({ approval }) => approval?.decided_by?.user_name),
  textColumn('reason', ({ approval }) => approval?.reason),
  timeColumn('finished_at', ({ finished_at: time }) => time),
  textColumn('instance_id', ({ instance }) => instance?.id ?? null),
  {
    title: 'instance',
    value: ({ instance }) => instance,
    human: ({ instance }) =>
      instance === null
        ? ''
        : [
            `${oneLine(instance.name)} (${oneLine(instance.flavor)})`,
            ...instance.notes.map((note) => `  note: ${oneLine(note)}`),
          ].join('\n'),
  },
  timeColumn('undo_until', ({ undo_until: time }) => time),
  timeColumn('undone_at', ({ undone_at: time }) => time),
  {
    title: 'progress',
    value: ({ progress }) => progress,
    human: ({ progress }) => describeProgress(progress),
  },
  {
    title: 'new_volume_ids',
    value: volumeIds,
    human: (restore) => volumeIds(restore).join('\n'),
  },
  {
    title: 'disks',
    value: ({ disks }) => disks,
    human: (restore) => restore.disks.map((disk) => describeDisk(disk, restore)).join('\n'),
  },
];

/** `41 % (1.2 GiB of 2.9 GiB)` */
function describeProgress(progress: WireAskedRestore['progress']): string {
  if (progress === null) return '';
  const { bytes_done: done, bytes_total: total } = progress;
  if (total === null || total === 0) return humanBytes(done);
  return `${Math.floor((Math.min(done, total) / total) * 100)} % (${humanBytes(done)} of ${humanBytes(total)})`;
}

/** An undo deletes them. */
function volumeIds({ state, disks }: WireAskedRestore): string[] {
  if (state === 'undone') return [];
  return disks.map(({ new_volume_id: id }) => id).filter((id) => id !== null);
}

function describeDisk(disk: WireRestoredDisk, { mode, state }: WireAskedRestore): string {
  if (state === 'undone') {
    const place = disk.replaced_volume_id === null ? `(${disk.image})` : `with ${disk.replaced_volume_id}`;
    return `${disk.disk_key} as it was before the restore ${place}`;
  }
  const facts = [
    `${disk.disk_key} -> ${disk.new_volume_id === null ? disk.image : `volume ${disk.new_volume_id}`}`,
    disk.device === null ? undefined : `at ${disk.device}`,
  ];
  if (mode === 'in-place') {
    const kept = disk.kept_image ?? disk.kept_snapshot;
    return [
      `${disk.disk_key} in place (${disk.image})`,
      kept === null ? '  what was there is not kept any more' : `  what was there is kept as ${kept}`,
      ...disk.notes.map((note) => `  note: ${note}`),
    ].join('\n');
  }
  return [
    facts.filter((fact) => fact !== undefined).join(' '),
    ...(disk.replaced_volume_id === null ? [] : [`  instead of ${disk.replaced_volume_id}, which is kept`]),
    ...disk.notes.map((note) => `  note: ${note}`),
  ].join('\n');
}
