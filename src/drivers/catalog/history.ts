/** Removes rows of what is over, some at a time: docs/adr/0042-history.md. Every instant is by the database's clock. */
import type { Sql, SqlTransaction } from './connect.ts';
import { mapped } from './errors.ts';
import { historyRules, type HistoryKind, type HistoryRule } from './history-rules.ts';
import { atomically } from './page.ts';

export type { HistoryKind } from './history-rules.ts';

/** Since when nothing of what ended before can be left in clusters, but what is named here. */
export interface QuietTime {
  /** undefined: that is not known of anything. As PostgreSQL writes it, microseconds included. */
  before: string | undefined;
  /** The reconciliation that says so. */
  jobId: string | undefined;
  /** Why it had to leave what it left; each text names a disk, a restore or a job. */
  spared: readonly string[];
}

export interface HistoryLimits {
  /** How long rows stay after they are over, days. */
  days: number;
  quiet: QuietTime;
}

export interface LookedAt {
  /** Rows that can go, with the store of what is in one. */
  over: { id: string; storeId: string | undefined }[];
  /** All that were looked at. */
  looked: number;
  /** Place of the last; undefined when there was none. */
  last: readonly string[] | undefined;
}

/** Documented where each is written, below. */
export interface HistoryStatements {
  quietTime(): Promise<QuietTime>;
  look(kind: HistoryKind, limits: HistoryLimits, limit: number): Promise<LookedAt>;
  remove(kind: HistoryKind, limits: HistoryLimits, ids: readonly string[]): Promise<number>;
  pass(kind: HistoryKind, after: readonly string[] | undefined, isEnd: boolean): Promise<void>;
}

export function bindHistory(sql: Sql): HistoryStatements {
  return {
    quietTime: () => mapped(() => quietTime(sql)),
    look: (kind, limits, limit) => mapped(() => look(sql, kind, limits, limit)),
    remove: (kind, limits, ids) => mapped(() => remove(sql, kind, limits, ids)),
    pass: (kind, after, isEnd) => mapped(() => pass(sql, kind, after, isEnd)),
  };
}

/**
 * From the newest reconciliation of the last week that could look everywhere. It does not look for what a job names that
 * had not ended then, so that the time ends where the oldest of those began. Reads the jobs that ended since.
 */
async function quietTime(sql: Sql): Promise<QuietTime> {
  const { rows } = await sql.raw<{ rows: { id: string; before: string; spared: string[] }[] }>(
    `select whole.id, least(whole.created_at, (
       select min(live.created_at) from emberkeep.jobs live
       where coalesce(live.finished_at, 'infinity') >= whole.created_at
     ))::text as before, array(
       select finding ->> 'reason' from jsonb_array_elements(whole.result -> 'findings') finding
       where finding ->> 'outcome' <> 'done'
     ) as spared
     from emberkeep.jobs whole
     where whole.kind = 'reconcile' and whole.state = 'succeeded' and whole.created_at > now() - interval '7 days'
       and whole.target ->> 'dryRun' is distinct from 'true' and jsonb_array_length(whole.result -> 'problems') = 0
       and jsonb_array_length(whole.result -> 'findings') = (whole.result -> 'found')::int
     order by whole.created_at desc, whole.id desc limit 1`,
  );
  return { before: rows[0]?.before, jobId: rows[0]?.id, spared: rows[0]?.spared ?? [] };
}

/** The next rows of a pass that have been over for so long; only looks. */
async function look(sql: Sql, kind: HistoryKind, limits: HistoryLimits, limit: number): Promise<LookedAt> {
  const rule = historyRules[kind];
  const { order, table, overAt, where } = rule;
  const pass = await sql('emberkeep.history_passes')
    .where({ kind })
    .first<{ after: string[] | null } | undefined>('after');
  const after = pass?.after ?? undefined;
  const columns = order.map(({ column }) => column).join(', ');
  const place = order.map(({ type }, at) => `(:after::text[])[${at + 1}]::${type}`).join(', ');
  const { rows } = await sql.raw<{
    rows: { id: string; store_id: string | null; over: boolean; place: string[] }[];
  }>(
    `select this.id, ${kind === 'points' ? 'this.store_id' : 'null as store_id'},
       array[${order.map(({ column }) => `(${column})::text`).join(', ')}] as place, (${rule.isOver}) as over
     from ${table} this
     where ${where} and ${overAt} < :cutoff ${after === undefined ? '' : `and (${columns}) > (${place})`}
     order by ${columns} limit :limit`,
    { ...(await timesOf(sql, limits)), ...(after === undefined ? {} : { after }), limit } as never,
  );
  return {
    over: rows.filter(({ over }) => over).map(({ id, store_id }) => ({ id, storeId: store_id ?? undefined })),
    looked: rows.length,
    last: rows.at(-1)?.place,
  };
}

type Values = Record<string, string | readonly string[] | null>;

async function timesOf(sql: Sql, { days, quiet }: HistoryLimits): Promise<Values> {
  const { rows } = await sql.raw<{ rows: [{ cutoff: string }] }>(
    'select (now() - make_interval(days => ?))::text as cutoff',
    [days],
  );
  const { before, jobId, spared } = quiet;
  return { cutoff: rows[0].cutoff, quiet: before ?? '-infinity', quietId: jobId ?? null, spared };
}

/** Those of the rows that nothing needs, asked once more; repeating it changes nothing. @returns how many went. */
async function remove(
  sql: Sql,
  kind: HistoryKind,
  limits: HistoryLimits,
  ids: readonly string[],
): Promise<number> {
  if (ids.length === 0) return 0;
  const rule = historyRules[kind];
  const values = { ids: [...ids], ...(await timesOf(sql, limits)) };
  return await atomically(sql, (trx) =>
    kind === 'points' ? removePoints(trx, rule, values) : removeRows(trx, rule, values),
  );
}

async function removeRows(
  trx: SqlTransaction,
  { table, isOver }: HistoryRule,
  values: Values,
): Promise<number> {
  const { rows } = await trx.raw<{ rows: unknown[] }>(
    `delete from ${table} this where this.id = any(:ids) and ${isOver} returning this.id`,
    values as never,
  );
  return rows.length;
}

/** With the last row of a source, what the catalog knows of the source and of its disks. */
async function removePoints(trx: SqlTransaction, rule: HistoryRule, values: Values): Promise<number> {
  // In one order, and before anything is read: a point that is on its way is seen, or comes after (0018-history).
  await trx.raw(
    `select pg_advisory_xact_lock(hashtextextended('emberkeep:source:' || source.name, 0))
     from (select distinct kind || ':' || source_id as name from emberkeep.points where id = any(:ids) order by 1) source`,
    values as never,
  );
  const { rows: sources } = await trx.raw<{ rows: { kind: string; source_id: string }[] }>(
    'select distinct kind, source_id from emberkeep.points where id = any(:ids)',
    values as never,
  );
  const removed = await removeRows(trx, rule, values);
  const of = {
    kinds: sources.map(({ kind }) => kind),
    sourceIds: sources.map(({ source_id }) => source_id),
  };
  for (const [table, hasMore] of [
    ['point_sources', 'points.store_id = known.store_id'],
    ['disks', 'true'],
  ] as const)
    await trx.raw(
      `delete from emberkeep.${table} known using unnest(:kinds::text[], :sourceIds::text[]) as gone (kind, source_id)
       where known.kind = gone.kind and known.source_id = gone.source_id and not exists (
         select from emberkeep.points
         where points.source_id = known.source_id and points.kind = known.kind
           and coalesce(points.project_id, '') = known.project_id and ${hasMore})`,
      of,
    );
  return removed;
}

/** Where the next look goes on. After its end a pass begins again only a day after it began. */
async function pass(
  sql: Sql,
  kind: HistoryKind,
  after: readonly string[] | undefined,
  isEnd: boolean,
): Promise<void> {
  const known = sql('emberkeep.history_passes').where({ kind });
  if (after !== undefined) await known.clone().update({ after: [...after] });
  if (!isEnd) return;
  await known
    .clone()
    .whereRaw(`begun_at < now() - interval '1 day'`)
    .update({ after: null, begun_at: sql.fn.now() });
}
