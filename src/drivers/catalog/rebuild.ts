/** Filling the catalog from a store's manifests: docs/adr/0016-rebuild.md. Rows that are there stay as they are. */
import type { LinkManifest, PointKind, PointManifest } from '../../domain/manifest.ts';
import type { Sql, SqlTransaction } from './connect.ts';
import { mapped } from './errors.ts';
import { insertLink } from './links.ts';
import { atomically } from './page.ts';
import { pointColumns, toJson, type PointRecord } from './rows.ts';

const pointTable = 'emberkeep.points';
const linkTable = 'emberkeep.links';

/** Until everything that a point needs was looked for it counts as damaged: nobody restores it, nothing stands on it. */
const unsettled = 'the catalog is being rebuilt; run `emberkeep catalog rebuild` to its end';

/** Documented where each is written, below. */
export interface RebuildStatements {
  knownIds(table: 'points' | 'links', ids: readonly string[]): Promise<string[]>;
  importPoint(manifest: PointManifest, links: LinkManifest[]): Promise<void>;
  missingParents(storeId: string, afterId: string | undefined, limit: number): Promise<MissingParent[]>;
  importParent(storeId: string, link: LinkManifest, parent: MissingParent): Promise<void>;
  settle(storeId: string): Promise<SettledPoints>;
}

export function bindRebuild(sql: Sql): RebuildStatements {
  return {
    knownIds: (table, ids) => mapped(() => knownIds(sql, table, ids)),
    importPoint: (manifest, links) => mapped(() => importPoint(sql, manifest, links)),
    missingParents: (storeId, after, limit) => mapped(() => missingParents(sql, storeId, after, limit)),
    importParent: (storeId, link, parent) => mapped(() => importParent(sql, storeId, link, parent)),
    settle: (storeId) => mapped(() => settlePoints(sql, storeId)),
  };
}

/** Those of the ids that the catalog has, in whatever state. */
async function knownIds(sql: Sql, table: 'points' | 'links', ids: readonly string[]): Promise<string[]> {
  const rows = (await sql(`emberkeep.${table}`)
    .select('id')
    .whereIn('id', [...ids])) as { id: string }[];
  return rows.map(({ id }) => id);
}

/** A point with those of its links that could be read. Repeating it changes nothing. */
async function importPoint(sql: Sql, manifest: PointManifest, links: LinkManifest[]): Promise<void> {
  await atomically(sql, async (trx) => {
    await insertPoint(trx, manifest, { state: 'damaged', damaged_reason: unsettled });
    for (const link of links) {
      if (await insertLink(trx, link, manifest.storeId)) continue;
      // An earlier rebuild, which could not read the point, had taken it for one of a deleted point.
      await trx(linkTable)
        .where({ id: link.linkId, point_id: link.linkId })
        .update({ point_id: link.pointId });
      await trx(pointTable).where({ id: link.linkId, state: 'deleted' }).delete();
    }
  });
}

async function insertPoint(
  trx: SqlTransaction,
  manifest: PointManifest,
  state: Record<string, string>,
): Promise<void> {
  await trx(pointTable)
    .insert({
      ...pointColumns(manifest),
      ...state,
    })
    .onConflict('id')
    .ignore();
}

/** A link that others stand on and that is not in the catalog, with what the points of those are of. */
export interface MissingParent {
  linkId: string;
  kind: PointKind;
  sourceId: string;
  sourceName: string;
  projectId: string | undefined;
}

/** In ascending order of their ids, after one of them. */
async function missingParents(
  sql: Sql,
  storeId: string,
  afterId: string | undefined,
  limit: number,
): Promise<MissingParent[]> {
  const query = sql(`${linkTable} as links`)
    .distinctOn('links.parent_link_id')
    .select('links.parent_link_id as id', 'points.kind', 'source_id', 'source_name', 'project_id')
    .join(`${pointTable} as points`, 'points.id', 'links.point_id')
    .where('links.store_id', storeId)
    .whereNotNull('links.parent_link_id')
    .whereRaw('not exists (select from emberkeep.links parent where parent.id = links.parent_link_id)')
    .orderBy('links.parent_link_id')
    .limit(limit);
  if (afterId !== undefined) query.where('links.parent_link_id', '>', afterId);
  const rows = (await query) as Pick<
    PointRecord,
    'id' | 'kind' | 'source_id' | 'source_name' | 'project_id'
  >[];
  return rows.map((row) => ({
    linkId: row.id,
    kind: row.kind,
    sourceId: row.source_id,
    sourceName: row.source_name,
    projectId: row.project_id ?? undefined,
  }));
}

/**
 * A link that others need and whose own point is gone: it comes under a point of its own that is deleted, as an expiry
 * leaves it, so that the next one drops or folds it. The link's id serves as the point's.
 */
async function importParent(
  sql: Sql,
  storeId: string,
  link: LinkManifest,
  { kind, sourceId, sourceName, projectId }: MissingParent,
): Promise<void> {
  const { cluster, pool, image, sizeBytes } = link.source;
  const manifest: PointManifest = {
    format: 'emberkeep-point',
    version: 1,
    pointId: link.linkId,
    storeId,
    kind,
    sourceId,
    sourceName,
    projectId: projectId ?? null,
    takenAt: link.createdAt,
    spreadMs: 0,
    consistency: 'crash',
    disks: [
      {
        disk: {
          key: link.diskKey as PointManifest['disks'][number]['disk']['key'],
          kind: diskKindOf(link.diskKey),
          location: { cluster, pool, image },
        },
        linkId: link.linkId,
        sizeBytes,
      },
    ],
  };
  await atomically(sql, async (trx) => {
    await insertPoint(trx, manifest, { state: 'deleted', deleted_at: link.createdAt });
    await insertLink(trx, { ...link, pointId: link.linkId }, storeId);
    await trx(linkTable)
      .where('id', link.linkId)
      .update({ manifest: toJson(link) });
  });
}

function diskKindOf(diskKey: string): 'volume' | 'nova-disk' | 'image' {
  if (diskKey.startsWith('volume:')) return 'volume';
  return diskKey.startsWith('nova:') ? 'nova-disk' : 'image';
}

export interface SettledPoints {
  complete: number;
  damaged: number;
  /** Some of the damaged ones. */
  damagedPoints: { pointId: string; sourceName: string; reason: string }[];
}

const shownPoints = 1000;

/** Decides of every imported point whether all that it needs is there and whole (I8). Repeating it changes nothing. */
async function settlePoints(sql: Sql, storeId: string): Promise<SettledPoints> {
  return atomically(sql, async (trx) => {
    await trx.raw('set local statement_timeout = 0');
    // Nobody may mark a link damaged between the look at it and the decision.
    await trx.raw('lock table emberkeep.links in share row exclusive mode');
    const values = { unsettled, storeId, shownPoints };
    const lacking = await trx.raw<{ rows: DamagedRecord[] }>(lackLinks, values);
    const standing = await trx.raw<{ rows: DamagedRecord[] }>(standOnBadLinks, values);
    const complete = await trx(pointTable)
      .where({ store_id: storeId, damaged_reason: unsettled })
      .update({ state: 'complete', damaged_reason: null });
    return {
      complete,
      damaged: (lacking.rows[0]?.total ?? 0) + (standing.rows[0]?.total ?? 0),
      damagedPoints: [...lacking.rows, ...standing.rows].map(({ id, source_name, damaged_reason }) => ({
        pointId: id,
        sourceName: source_name,
        reason: damaged_reason,
      })),
    };
  });
}

interface DamagedRecord {
  id: string;
  source_name: string;
  damaged_reason: string;
  /** Of all, not only of the ones that are returned. */
  total: number;
}

const lackLinks = `
with changed as (
update emberkeep.points set damaged_reason = lacking.reason
from (
  select points.id, min('link ' || (disk ->> 'linkId') || ' of ' || (disk -> 'disk' ->> 'key')
    || ' is missing in the store or cannot be read') as reason
  from emberkeep.points, jsonb_array_elements(manifest -> 'disks') disk
  where store_id = :storeId and damaged_reason = :unsettled and not exists (
    select from emberkeep.links where links.point_id = points.id and links.id = (disk ->> 'linkId')::uuid)
  group by points.id
) lacking
where points.id = lacking.id
returning points.id, points.source_name, points.damaged_reason
)
select *, count(*) over ()::int as total from changed order by id limit :shownPoints
`;

const standOnBadLinks = `
with recursive bad as (
  select links.id, links.point_id,
    case when links.state = 'damaged' then links.damaged_reason
      else 'link ' || links.parent_link_id || ', which it stands on, is missing in the store or cannot be read'
    end as reason
  from emberkeep.links
  where links.store_id = :storeId and (links.state = 'damaged' or links.parent_link_id is not null and not exists (
    select from emberkeep.links parent where parent.id = links.parent_link_id))
  union
  select child.id, child.point_id, bad.reason
  from emberkeep.links child join bad on child.parent_link_id = bad.id
), changed as (
update emberkeep.points set damaged_reason = bad.reason
from bad
where points.id = bad.point_id and points.damaged_reason = :unsettled
returning points.id, points.source_name, points.damaged_reason
)
select *, count(*) over ()::int as total from changed order by id limit :shownPoints
`;
