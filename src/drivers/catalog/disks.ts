/** Disks that have something in a store, some at a time: what a page costs follows from the links of the disks on it. */
import type { PointKind } from '../../domain/manifest.ts';
import type { Sql } from './connect.ts';
import { mapped } from './errors.ts';
import { limitOf } from './page.ts';
import type { PointState } from './types.ts';

export interface DiskFilter {
  /** Only what points of this project brought, also of a disk that was another project's before. */
  projectId?: string | undefined;
  /** Id or name of an instance, a volume or an image. */
  source?: string | undefined;
  limit?: number | undefined;
  /** Key of the disk after which to go on. */
  after?: string | undefined;
}

/** What a disk's points are of. */
export interface DiskSource {
  kind: PointKind;
  id: string;
  /** At its newest point. */
  name: string;
  projectId: string | undefined;
}

export interface DiskChain {
  /** Id of its full. */
  id: string;
  links: number;
  storedBytes: number;
  /** When its full and its newest link were made. */
  beganAt: Date;
  newestAt: Date;
  /** Whether a link of it is damaged. */
  damaged: boolean;
}

export interface DiskRow {
  key: string;
  cluster: string;
  pool: string;
  image: string;
  /** At its newest link. */
  sizeBytes: number;
  /** Its newest point that is not deleted. */
  lastPoint: { id: string; takenAt: Date; state: PointState } | undefined;
  sources: DiskSource[];
  /** Newest first. */
  chains: DiskChain[];
}

export interface DiskStatements {
  /** By key. */
  list(filter?: DiskFilter): Promise<DiskRow[]>;
}

export function bindDisks(sql: Sql): DiskStatements {
  return { list: (filter) => mapped(() => listDisks(sql, filter)) };
}

async function listDisks(sql: Sql, filter: DiskFilter = {}): Promise<DiskRow[]> {
  const keys = await keysOf(sql, filter);
  if (keys.length === 0) return [];
  const wanted = await wantedOf(sql, keys, filter.projectId);
  const [newest, points, chains, sources] = await Promise.all([
    newestLinks(sql, wanted),
    lastPoints(sql, wanted),
    chainsOf(sql, wanted),
    sourcesOf(sql, wanted),
  ]);
  return newest.map(({ disk_key: key, cluster, pool, image, size_bytes: sizeBytes }) => {
    const point = points.find(({ disk_key }) => disk_key === key);
    return {
      key,
      cluster,
      pool,
      image,
      sizeBytes,
      lastPoint: point && { id: point.id, takenAt: point.taken_at, state: point.state },
      sources: sources.filter(({ disk_key }) => disk_key === key).map(toSource),
      chains: chains.filter(({ disk_key }) => disk_key === key).map(toChain),
    };
  });
}

/** A disk all of whose links are gone is not shown; its row stays, for when it is backed up again. */
async function keysOf(sql: Sql, { projectId, source, limit, after }: DiskFilter): Promise<string[]> {
  const query = sql('emberkeep.disks as known')
    .distinct('disk_key')
    // With a limit each is looked up by itself: PostgreSQL would else look at disks beyond the page, and gather workers.
    .whereRaw(
      `coalesce((select true from emberkeep.links join emberkeep.points on points.id = links.point_id
        where links.disk_key = known.disk_key and coalesce(points.project_id, '') = known.project_id limit 1), false)`,
    )
    .orderBy('disk_key')
    .limit(limitOf(limit));
  if (projectId !== undefined) query.where('project_id', projectId);
  if (after !== undefined) query.where('disk_key', '>', after);
  if (source !== undefined) {
    query.whereRaw(
      `source_id in (select ?::text union all
        select source_id from emberkeep.point_sources where source_name = ?)`,
      [source, source],
    );
  }
  return ((await query) as { disk_key: string }[]).map(({ disk_key }) => disk_key);
}

interface Wanted {
  keys: readonly string[];
  /** null: of every project. */
  projectId: string | null;
  /** Disks of the page that are or were another project's too: of these each link is looked at with its point. */
  shared: readonly string[];
}

async function wantedOf(sql: Sql, keys: readonly string[], projectId: string | undefined): Promise<Wanted> {
  const shared =
    projectId === undefined
      ? []
      : ((await sql('emberkeep.disks')
          .distinct('disk_key')
          .whereIn('disk_key', [...keys])
          .whereNot('project_id', projectId)
          .pluck('disk_key')) as string[]);
  return { keys, projectId: projectId ?? null, shared };
}

const isVisible = `
  (links.disk_key <> all(:shared::text[]) or exists (
    select from emberkeep.points where points.id = links.point_id and points.project_id = :projectId))`;

interface NewestRecord {
  disk_key: string;
  cluster: string;
  pool: string;
  image: string;
  size_bytes: number;
}

async function newestLinks(sql: Sql, wanted: Wanted): Promise<NewestRecord[]> {
  const { rows } = await sql.raw<{ rows: NewestRecord[] }>(
    `select wanted.disk_key, newest.*
     from unnest(:keys::text[]) as wanted (disk_key) cross join lateral (
       select cluster, pool, image, size_bytes from emberkeep.links
       where links.disk_key = wanted.disk_key and ${isVisible}
       order by created_at desc, depth desc limit 1
     ) as newest
     order by wanted.disk_key`,
    { ...wanted },
  );
  return rows;
}

interface PointRecord {
  disk_key: string;
  id: string;
  taken_at: Date;
  state: PointState;
}

async function lastPoints(sql: Sql, wanted: Wanted): Promise<PointRecord[]> {
  const { rows } = await sql.raw<{ rows: PointRecord[] }>(
    `select wanted.disk_key, newest.*
     from unnest(:keys::text[]) as wanted (disk_key) cross join lateral (
       select points.id, points.taken_at, points.state
       from emberkeep.links join emberkeep.points on points.id = links.point_id
       where links.disk_key = wanted.disk_key and points.state <> 'deleted'
         and (:projectId::text is null or points.project_id = :projectId)
       order by links.created_at desc limit 1
     ) as newest`,
    { ...wanted },
  );
  return rows;
}

interface ChainRecord {
  disk_key: string;
  chain_id: string;
  links: number;
  stored_bytes: number;
  began_at: Date;
  newest_at: Date;
  damaged: boolean;
}

async function chainsOf(sql: Sql, wanted: Wanted): Promise<ChainRecord[]> {
  const { rows } = await sql.raw<{ rows: ChainRecord[] }>(
    `select links.disk_key, links.chain_id, count(*) as links, sum(links.stored_bytes)::bigint as stored_bytes,
       min(links.created_at) as began_at, max(links.created_at) as newest_at,
       bool_or(links.state = 'damaged') as damaged
     from emberkeep.links where links.disk_key = any(:keys) and ${isVisible}
     group by links.disk_key, links.chain_id order by newest_at desc, links.chain_id`,
    { ...wanted },
  );
  return rows;
}

function toChain(row: ChainRecord): DiskChain {
  return {
    id: row.chain_id,
    links: row.links,
    storedBytes: row.stored_bytes,
    beganAt: row.began_at,
    newestAt: row.newest_at,
    damaged: row.damaged,
  };
}

interface SourceRecord {
  disk_key: string;
  kind: PointKind;
  source_id: string;
  source_name: string;
  project_id: string;
}

async function sourcesOf(sql: Sql, wanted: Wanted): Promise<SourceRecord[]> {
  const { rows } = await sql.raw<{ rows: SourceRecord[] }>(
    `select disk_key, kind, source_id, source_name, project_id
     from emberkeep.disks join emberkeep.point_sources using (kind, source_id, project_id)
     where disk_key = any(:keys) and (:projectId::text is null or project_id = :projectId)
     order by seen_at desc, kind, source_id`,
    { ...wanted },
  );
  return rows;
}

function toSource({ kind, source_id: id, source_name: name, project_id }: SourceRecord): DiskSource {
  return { kind, id, name, projectId: project_id === '' ? undefined : project_id };
}
