/** How long restores took that went well: what an estimate is made of. */
import type { RestoreMode } from '../../domain/restore.ts';
import type { Sql } from './connect.ts';

export interface RestoreTimingFilter {
  mode: RestoreMode;
  /** Of this project only; undefined for all. */
  projectId: string | undefined;
}

/** One restore that succeeded at its first attempt. */
export interface RestoreTiming {
  /** From the attempt's start to its end, waiting for locks included. */
  durationMs: number;
  /** Bytes that it wrote into its images. */
  importedBytes: number;
  /** From when its instance was to be stopped until it was given back; undefined when none was. */
  stoppedMs: number | undefined;
}

/** Newest first, 20 at most. */
export async function recentRestoreTimings(
  sql: Sql,
  { mode, projectId }: RestoreTimingFilter,
): Promise<RestoreTiming[]> {
  const query = sql('emberkeep.restores as r')
    .join('emberkeep.jobs as j', 'j.id', 'r.job_id')
    .where({ 'r.mode': mode, 'j.state': 'succeeded', 'j.attempt': 1 })
    .orderBy('j.finished_at', 'desc')
    .limit(20)
    .select(
      sql.raw('extract(epoch from j.finished_at - j.started_at)::float8 * 1000 as duration_ms'),
      sql.raw(
        "(select sum((d ->> 'importedBytes')::float8) from jsonb_array_elements(j.plan -> 'disks') d) as imported_bytes",
      ),
      sql.raw(
        `(select extract(epoch from max(e.at) filter (where e.data ->> 'step' = 'instance released')
                                  - min(e.at) filter (where e.data ->> 'step' like 'stopping instance %'))::float8 * 1000
            from emberkeep.job_events e where e.job_id = j.id and e.kind = 'step') as stopped_ms`,
      ),
    );
  if (projectId !== undefined) query.where('r.project_id', projectId);
  const rows = (await query) as {
    duration_ms: number;
    imported_bytes: number | null;
    stopped_ms: number | null;
  }[];
  return rows.flatMap(({ duration_ms: durationMs, imported_bytes: importedBytes, stopped_ms: stoppedMs }) =>
    // Those of an earlier release did not count what they wrote.
    importedBytes === null ? [] : [{ durationMs, importedBytes, stoppedMs: stoppedMs ?? undefined }],
  );
}
