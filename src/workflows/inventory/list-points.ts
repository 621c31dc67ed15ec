import { authorize, isAllowed, notFound, type Caller } from '../../domain/access.ts';
import { isUuid } from '../../base/ids.ts';
import type { Verification } from '../../domain/verification.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { LinkRow, PointRow } from '../../drivers/catalog/types.ts';
import type { Page, PointDetail, PointFilter, PointSummary } from '../operations.ts';
import { ownProject } from './find-by-name.ts';

type Statements = Pick<Catalog, 'points' | 'links'>;

export async function listPoints(
  catalog: Statements,
  caller: Caller,
  filter: PointFilter,
): Promise<Page<PointSummary>> {
  const projectId = filter.projectId ?? (caller.seesAll ? undefined : ownProject(caller));
  if (filter.projectId !== undefined)
    authorize(caller, 'read', filter.projectId, `project "${filter.projectId}"`);
  const { kind, source, since, before, limit, marker } = filter;
  const rows = await catalog.points.list({
    kind,
    ...sourceFilter(source),
    since,
    before,
    projectId,
    limit: limit + 1,
    marker,
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
  return {
    ...toSummary(row, links),
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
  { links }: Pick<Catalog, 'links'>,
  rows: PointRow[],
): Promise<PointSummary[]> {
  const all = await links.ofPoints(rows.map(({ id }) => id));
  return rows.map((row) =>
    toSummary(
      row,
      all.filter(({ pointId }) => pointId === row.id),
    ),
  );
}

function toSummary(row: PointRow, links: LinkRow[]): PointSummary {
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
    sizeBytes: links.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    storedBytes: links.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    lastVerified: verificationOf(row),
    lastProvenAt: row.provenAt,
  };
}

function verificationOf({ verifiedAt, verifiedLevel, verifiedOutcome }: PointRow): Verification | undefined {
  if (verifiedAt === undefined || verifiedLevel === undefined || verifiedOutcome === undefined)
    return undefined;
  return { at: verifiedAt, level: verifiedLevel, outcome: verifiedOutcome };
}
