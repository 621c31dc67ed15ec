/** Which rows are over: SQL conditions, with why each of them must hold. docs/adr/0042-history.md. */

export type HistoryKind = 'restores' | 'jobs' | 'points' | 'formerLinks';

export interface HistoryRule {
  table: string;
  /** An index's columns, which tell a place in it, and their types. */
  order: readonly { column: string; type: string }[];
  /** When a row was over; the first of the order. Rows that are not older than so many days are not looked at. */
  overAt: string;
  /** Only these are in the index. */
  where: string;
  /** Whether nothing needs it any more. Names: `cutoff`, `quiet`, `quietId`, `spared` of history.ts. */
  isOver: string;
}

const id = { column: 'id', type: 'uuid' };

/** Whether the reconciliation could not remove what this disk, restore or job left. */
function isSpared(text: string): string {
  return `exists (select from unnest(:spared::text[]) reason where position(${text} in reason) > 0)`;
}

// Images and snapshots that an ended job left are known as ours, and of which disk, through its row alone (I4): it goes once a
// reconciliation has found nothing left of it. Also a backup that succeeded, once its links are
// forgotten too: its snapshot can have been needed at that reconciliation, and be lost after it.
// `offset 0` keeps PostgreSQL from reading a whole table into a hash for the sake of some rows.
const jobs = `
  not exists (select from emberkeep.restores where restores.job_id = this.id offset 0)
  and not exists (select from emberkeep.restores where restores.undo_job_id = this.id offset 0)
  and not exists (select from emberkeep.points where points.job_id = this.id and points.state <> 'deleted')
  and not exists (select from emberkeep.policy_sources where policy_sources.job_id = this.id offset 0)
  and case this.kind
    when 'backup' then this.plan -> 'disks' is null or this.finished_at < :quiet and not exists (
      select from jsonb_array_elements(this.plan -> 'disks') planned
      where ${isSpared("planned -> 'disk' ->> 'key'")}
        or exists (select from emberkeep.links where links.id = (planned ->> 'linkId')::uuid)
        or exists (select from emberkeep.former_links former where former.id = (planned ->> 'linkId')::uuid offset 0))
    when 'verify' then this.finished_at < :quiet and not ${isSpared('this.id::text')}
    when 'expire' then this.state = 'succeeded' or this.plan -> 'folds' is null
      or not (this.plan -> 'folds' @> '[{"state": "begun"}]' or this.plan -> 'folds' @> '[{"state": "committed"}]')
    when 'reconcile' then this.id is distinct from :quietId::uuid
    else true
  end
  and case
    when this.source_id is null then (this.created_at, this.id) < (
      select newest.created_at, newest.id from emberkeep.jobs newest
      where newest.kind = this.kind order by newest.created_at desc, newest.id desc limit 1)
    else exists (
      select from emberkeep.jobs newer
      where newer.source_id = this.source_id and newer.kind = this.kind
        and (newer.created_at, newer.id) > (this.created_at, this.id))
      or not exists (
        select from emberkeep.policy_sources
        where kind = any(array['instance', 'volume', 'image']) and policy_sources.source_id = this.source_id offset 0)
      and not exists (
        select from emberkeep.point_sources
        where kind = any(array['instance', 'volume', 'image']) and point_sources.source_id = this.source_id offset 0)
  end`;

const notTakenBack = `coalesce(job.error ->> 'code', '') = 'CONFLICT_UNDO_FAILED'`;

// One that can be undone, or is half done, needs every restore of the same disks: whether a later one stands in the way of its
// undo, whether it made up for it, and whose snapshots lie on the images that it keeps.
const restores = `
  this.state <> 'pending'
  and (this.job_id is not null or this.finished_at < :cutoff)
  and not exists (
    select from emberkeep.jobs job
    where job.id = any(array[this.job_id, this.undo_job_id])
      and (coalesce(job.finished_at, 'infinity') >= least(:cutoff::timestamptz, :quiet)
        or this.state <> 'undone' and ${notTakenBack}))
  and (this.undo_until is null or this.undo_released_at < :quiet)
  and not ${isSpared('this.id::text')}
  and not (this.mode in ('replace', 'in-place') and exists (
    select from emberkeep.restores other
    where other.mode in ('replace', 'in-place') and other.id <> this.id and other.state <> 'undone'
      and other.options -> 'disks' \\?| array(select jsonb_array_elements_text(
        case jsonb_typeof(this.options -> 'disks') when 'array' then this.options -> 'disks' else '[]' end))
      and (other.undo_until is not null and other.undo_released_at is null or exists (
        select from emberkeep.jobs job
        where job.id = any(array[other.job_id, other.undo_job_id])
          and (${notTakenBack} or job.id = other.undo_job_id and job.finished_at is null)))))`;

// A link of it that others stand on holds it, and so does a restore of it.
const points = `
  this.state = 'deleted' and this.deleted_at < :cutoff
  and not exists (select from emberkeep.links where links.point_id = this.id)
  and not exists (select from emberkeep.restores where restores.point_id = this.id)`;

// Its id is in a snapshot's name, of its own or of what took its place, and in plans of restores that have not ended.
const formerLinks = `
  this.removed_at < least(:cutoff::timestamptz, :quiet) and not ${isSpared('this.disk_key')}
  and not exists (select from emberkeep.links where links.id = this.successor_id)
  and not exists (select from emberkeep.former_links next where next.id = this.successor_id)`;

export const historyRules: Readonly<Record<HistoryKind, HistoryRule>> = {
  restores: {
    table: 'emberkeep.restores',
    order: [{ column: 'created_at', type: 'timestamptz' }, id],
    overAt: 'created_at',
    where: 'true',
    isOver: restores,
  },
  jobs: {
    table: 'emberkeep.jobs',
    order: [
      { column: `coalesce(finished_at, 'infinity')`, type: 'timestamptz' },
      { column: 'created_at', type: 'timestamptz' },
      id,
    ],
    overAt: `coalesce(finished_at, 'infinity')`,
    where: 'true',
    isOver: `this.finished_at < :cutoff and ${jobs}`,
  },
  points: {
    table: 'emberkeep.points',
    order: [{ column: 'deleted_at', type: 'timestamptz' }, id],
    overAt: 'deleted_at',
    where: `state = 'deleted'`,
    isOver: points,
  },
  formerLinks: {
    table: 'emberkeep.former_links',
    order: [{ column: 'removed_at', type: 'timestamptz' }, id],
    overAt: 'removed_at',
    where: 'true',
    isOver: formerLinks,
  },
};
