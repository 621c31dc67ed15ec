import { isUuid } from '../../base/ids.ts';
import type { JobEventKind } from '../../domain/job.ts';
import type { Sql } from './connect.ts';
import { limitOf } from './page.ts';
import { toJobEventRow, toJson, type Columns } from './rows.ts';
import type { JobEventRow, JsonObject } from './types.ts';

const table = 'emberkeep.job_events';

/** Adds to what watchers of the job see; a trigger wakes them (channel `emberkeep_job`) when it is committed. */
export async function appendJobEvent(
  sql: Sql,
  jobId: string,
  kind: JobEventKind,
  data: JsonObject,
): Promise<JobEventRow> {
  const [row] = (await sql(table)
    .insert({ job_id: jobId, kind, data: toJson(data) })
    .returning('*')) as [Columns<JobEventRow>];
  return toJobEventRow(row);
}

/** The same of several jobs. */
export async function appendJobEvents(
  sql: Sql,
  events: readonly { jobId: string; kind: JobEventKind; data: JsonObject }[],
): Promise<void> {
  await sql(table).insert(
    events.map(({ jobId, kind, data }) => ({ job_id: jobId, kind, data: toJson(data) })),
  );
}

/** Events of a job with an id above `afterId` (0 for all), oldest first, 1000 at most. */
export async function jobEventsSince(sql: Sql, jobId: string, afterId = 0): Promise<JobEventRow[]> {
  if (!isUuid(jobId)) return [];
  const rows = (await sql(table)
    .where('job_id', jobId)
    .where('id', '>', afterId)
    .orderBy('id')
    .limit(limitOf(1000))) as Columns<JobEventRow>[];
  return rows.map(toJobEventRow);
}
