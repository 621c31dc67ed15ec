import { humanBytes } from '../../base/bytes.ts';
import { oneLine } from './human.ts';
import { targetOf } from './job-view.ts';
import { bytesColumn, textColumn, timeColumn, type Column } from './output/columns.ts';
import type { WireJob } from './wire.ts';

export interface WireExpiration {
  kind: string;
  source_id: string;
  source_name: string;
  project_id: string | null;
  store: string | null;
  points: WireExpirationPoint[];
  frees_at_least_bytes: number;
  frees_at_most_bytes: number;
  needs_at_most_bytes: number;
  notes: string[];
  job: WireJob | null;
}

export interface WireExpirationPoint {
  id: string;
  taken_at: string;
  state: string;
  goes: boolean;
  reasons: string[];
}

/** A point with the source that it is of. */
export interface PlannedPoint extends WireExpirationPoint {
  source: string;
  store: string | null;
}

/** What a dry run says of each point. */
export const plannedPointColumns: readonly Column<PlannedPoint>[] = [
  textColumn('ID', ({ id }) => id),
  textColumn('Source', ({ source }) => source),
  timeColumn('Taken At', ({ taken_at: time }) => time),
  textColumn('State', ({ state }) => state),
  textColumn('Verdict', ({ goes }) => (goes ? 'goes' : 'stays')),
  { title: 'Why', value: ({ reasons }) => reasons, human: ({ reasons }) => reasons.join(', ') },
  textColumn('Store', ({ store }) => store),
];

export function plannedPoints(expirations: readonly WireExpiration[]): PlannedPoint[] {
  return expirations.flatMap(({ source_name: source, store, points }) =>
    points.map((point) => ({ ...point, source, store })),
  );
}

/** `instance web-01: 3 of 8 points go, which frees 1 MiB to 4 MiB`; a fold's gain is known only to the fold. */
export function summaryOf(expiration: WireExpiration): string {
  const { kind, source_name: name, points, notes } = expiration;
  const { frees_at_least_bytes: least, frees_at_most_bytes: most, needs_at_most_bytes: needs } = expiration;
  const going = points.filter(({ goes }) => goes).length;
  const freed = least === most ? humanBytes(least) : `${humanBytes(least)} to ${humanBytes(most)}`;
  const space = needs > 0 ? `; needs up to ${humanBytes(needs)} more while it folds` : '';
  const head = `${kind} ${oneLine(name)}: ${going} of ${points.length} points go, which frees ${freed}${space}`;
  return [head, ...notes.map((note) => `  ${oneLine(note)}`)].join('\n');
}

function resultNumber({ result }: WireJob, key: string): number | null {
  const value = result?.[key];
  return typeof value === 'number' ? value : null;
}

/** What became of an expiry. */
export const expiryResultColumns: readonly Column<WireJob>[] = [
  textColumn('Job', ({ id }) => id),
  textColumn('Target', targetOf),
  textColumn('State', ({ state }) => state),
  {
    title: 'Deleted Points',
    value: ({ result }) => (Array.isArray(result?.['point_ids']) ? result['point_ids'].length : null),
  },
  { title: 'Dropped Links', value: (job) => resultNumber(job, 'dropped_links') },
  { title: 'Folded Links', value: (job) => resultNumber(job, 'folded_links') },
  bytesColumn('Freed', (job) => resultNumber(job, 'freed_bytes')),
];
