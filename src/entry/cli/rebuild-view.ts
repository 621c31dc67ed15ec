import { textColumn, type Column } from './output/columns.ts';
import type { WireJob } from './wire.ts';

function countField(title: string): Column<WireJob> {
  return { title, value: ({ result }) => result?.[title] ?? null };
}

/** What a rebuild of the catalog did. */
export const rebuildFields: readonly Column<WireJob>[] = [
  textColumn('job_id', ({ id }) => id),
  textColumn('state', ({ state }) => state),
  countField('store_id'),
  countField('dry_run'),
  countField('known_points'),
  countField('added_points'),
  countField('damaged_points'),
  countField('unused_links'),
  countField('problems'),
];
