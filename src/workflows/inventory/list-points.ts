import { authorize, isAllowed, notFound, type Caller } from '../../domain/access.ts';
import { isUuid } from '../../base/ids.ts';
import type { Verification } from '../../domain/verification.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { LinkRow, PointRow } from '../../drivers/catalog/types.ts';
import type { Page, PointDetail, PointFilter, PointSummary } from '../operations.ts';
import { findStore } from '../../domain/store-names.ts';
import { ownProject } from './find-by-name.ts';
import { storeNames } from './list-stores.ts';

type Statements = Pick<Catalog, 'points' | 'links' | 'stores'>;

export async function listPoints(
  catalog: Statements,
  caller: Caller,
  filter: PointFilter,
): Promise<Page<PointSummary>> {
  const projectId = filter.projectId ?? (caller.seesAll ? undefined : ownProject(caller));
  if (filter.projectId !== undefined)
    authorize(caller, 'read', filter.projectId, `project "${filter.projectId}"`);
  const { kind, source, sourcePrefix, state, since, before, limit, marker, sort } = filter;
  const storeId =
    filter.store === undefined ? undefined : findStore(await catalog.stores.list(), filter.store).id;
  const rows = await catalog.points.list({
    kind,
    storeId,
    ...sourceFilter(source),
    namePrefix: sourcePrefix,
    states: state && [state],
    since,
    before,
    projectId,
    limit: limit + 1,
    marker,
    sort,
  });
  const page = rows.slice(0, limit);
  return {
    items: await toPointSummaries(catalog, page),
    nextMarker: rows.length > limit ? page.at(-1)?.id : undefined,
  };
}

/** A UUID is an instance's or a volume's id, `cluster/pool/image` a bare image's; anything else is a name. */
function sourceFilter(source: string | undefined): { sourceId?: string; sourceName?: string } {
  if (source === undefined) return {};
  const isId = isUuid(source) || source.split('/').length === 3;
  return isId ? { sourceId: source } : { sourceName: source };
}

export async function showPoint(catalog: Statements, caller: Caller, pointId: string): Promise<PointDetail> {
  const row = await findPoint(catalog, caller, pointId);
  const links = await catalog.links.ofPoints([row.id]);
  const nameOf = await storeNames(catalog);
  return {
    ...toSummary(row, links, nameOf),
    manifest: row.manifest,
    links: links.map((link) => ({
      linkId: link.id,
      diskKey: link.diskKey,
      kind: link.kind,
      chainId: link.chainId,
      parentLinkId: link.parentLinkId ?? null,
      depth: link.depth,
      image: `${link.pool}/${link.image}`,
      snapshot: link.toSnapshot.name,
      sizeBytes: link.sizeBytes,
      storedBytes: link.storedBytes,
      dataBytes: link.dataBytes,
      store: nameOf(link.storeId),
    })),
  };
}

/** I7: a point of another project answers as one that does not exist. */
export async function findPoint(
  { points }: Pick<Catalog, 'points'>,
  caller: Caller,
  pointId: string,
): Promise<PointRow> {
  const row = isUuid(pointId) ? await points.get(pointId) : undefined;
  if (row === undefined || row.state === 'deleted' || !isAllowed(caller, 'read', row.projectId ?? null)) {
    throw notFound(`point "${pointId}"`);
  }
  return row;
}

export async function toPointSummaries(
  { links, stores }: Pick<Catalog, 'links' | 'stores'>,
  rows: PointRow[],
): Promise<PointSummary[]> {
  const all = await links.ofPoints(rows.map(({ id }) => id));
  const nameOf = await storeNames({ stores });
  return rows.map((row) =>
    toSummary(
      row,
      all.filter(({ pointId }) => pointId === row.id),
      nameOf,
    ),
  );
}

function toSummary(row: PointRow, links: LinkRow[], nameOf: (storeId: string) => string): PointSummary {
  const fulls = links.filter(({ kind }) => kind === 'full').length;
  return {
    id: row.id,
    kind: row.kind,
    sourceId: row.sourceId,
    sourceName: row.sourceName,
    projectId: row.projectId ?? null,
    takenAt: row.takenAt,
    state: row.state,
    type: fulls === links.length ? 'full' : fulls === 0 ? 'increment' : 'mixed',
    consistency: row.consistency,
    disks: links.length,
    sizeBytes: row.sizeBytes,
    storedBytes: row.storedBytes,
    store: nameOf(row.storeId),
    lastVerified: verificationOf(row),
    lastProvenAt: row.provenAt,
  };
}

function verificationOf({ verifiedAt, verifiedLevel, verifiedOutcome }: PointRow): Verification | undefined {
  if (verifiedAt === undefined || verifiedLevel === undefined || verifiedOutcome === undefined)
    return undefined;
  return { at: verifiedAt, level: verifiedLevel, outcome: verifiedOutcome };
}
