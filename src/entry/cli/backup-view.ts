import { humanBytes } from '../../base/bytes.ts';
import { pointIdOf, targetOf } from './job-view.ts';
import { bytesColumn, textColumn, timeColumn, type Column } from './output/columns.ts';
import type { WireJob } from './wire.ts';

interface BackedUpDisk {
  disk_key: string;
  kind: string;
  full_reason: string | null;
  stored_bytes: number;
}

function disksOf({ result }: WireJob): BackedUpDisk[] {
  const disks = result?.['disks'];
  return Array.isArray(disks) ? (disks as BackedUpDisk[]) : [];
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** What became of a backup. */
export const jobResultColumns: readonly Column<WireJob>[] = [
  textColumn('job_id', ({ id }) => id),
  textColumn('target', targetOf),
  textColumn('state', ({ state }) => state),
  textColumn('point_id', (job) => (job.state === 'succeeded' ? pointIdOf(job) : null)),
  timeColumn('taken_at', ({ result }) => textOf(result?.['taken_at'])),
  textColumn('consistency', ({ result }) => textOf(result?.['consistency'])),
  bytesColumn('stored_bytes', (job) =>
    job.result === null ? null : disksOf(job).reduce((sum, disk) => sum + disk.stored_bytes, 0),
  ),
  {
    title: 'disks',
    value: disksOf,
    human: (job) =>
      disksOf(job)
        .map(({ disk_key: key, kind, full_reason: reason, stored_bytes: stored }) => {
          const why = reason === null ? '' : ` (${reason})`;
          return `${key} ${kind}${why} ${humanBytes(stored)}`;
        })
        .join('\n'),
  },
];
