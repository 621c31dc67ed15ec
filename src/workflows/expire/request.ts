import { AppError } from '../../base/errors.ts';
import { authorize, notFound, visibleProject, type Caller } from '../../domain/access.ts';
import type { Expiration, ExpirationPoint, ExpirationRequest } from '../../domain/expiration.ts';
import type { Job } from '../../domain/job.ts';
import type { PointKind } from '../../domain/manifest.ts';
import { hasRules, type RetentionRules } from '../../domain/retention.ts';
import { findStore } from '../../domain/store-names.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { SourceRow } from '../../drivers/catalog/expiry.ts';
import type { PointRow } from '../../drivers/catalog/types.ts';
import { submitJob, type SubmitDeps } from '../submit-job.ts';
import { choosePoints, type ExpireRule } from '../../domain/choose-points.ts';
import type { ExpireStatements, Now } from './deps.ts';
import { planLinks } from '../../domain/plan-links.ts';
import { readSource } from './read-source.ts';

export interface ExpireRequestDeps extends SubmitDeps {
  catalog: Pick<Catalog, 'transaction'> & ExpireStatements & { stores: Pick<Catalog['stores'], 'list'> };
  now: Now;
  /** What the configuration says; used when a request brings no rules of its own. */
  retention: RetentionRules;
}

/** What an expire job's row holds as its target. */
export interface ExpireJobTarget extends ExpireRule {
  kind: PointKind;
  id: string;
  name: string;
  /** Absent in jobs that were asked for when there was only one. */
  storeId?: string;
}

/** One entry, and without `dryRun` one job, for each source and store. */
export async function requestExpiration(
  deps: ExpireRequestDeps,
  caller: Caller,
  request: ExpirationRequest,
): Promise<Expiration[]> {
  const asked = typeof request.of === 'object' && 'points' in request.of ? request.of.points : null;
  const rules = asked === null ? rulesOf(deps, request) : null;
  const stores = await deps.catalog.stores.list();
  const storeId = request.store === undefined ? undefined : findStore(stores, request.store).id;
  const sources = await selectSources(deps, caller, request, asked, storeId);
  const rule = { strategy: request.strategy, rules, pointIds: asked, allowNewest: request.allowNewest };
  const previews: Preview[] = [];
  for (const source of sources) {
    const store = stores.find(({ id }) => id === source.storeId)?.name ?? null;
    previews.push(await preview(deps, source, store, rule));
  }
  // Nothing is begun when one of them may not be.
  if (!request.dryRun) for (const each of previews) refuseNewest(each, rule);
  const expirations: Expiration[] = [];
  for (const each of previews) {
    const job = request.dryRun || !each.hasWork ? null : await submit(deps, caller, each, rule);
    expirations.push({ ...each.expiration, job });
  }
  return expirations;
}

function rulesOf({ retention }: ExpireRequestDeps, { rules }: ExpirationRequest): RetentionRules {
  const chosen = hasRules(rules) ? rules : retention;
  if (hasRules(chosen)) return chosen;
  throw new AppError(
    'INPUT_NO_RETENTION',
    'nothing says which points to keep, so none is deleted; give --keep-last, --keep-daily or the like, or set `retention` in the configuration',
  );
}

async function selectSources(
  { catalog }: ExpireRequestDeps,
  caller: Caller,
  { of }: ExpirationRequest,
  asked: readonly string[] | null,
  storeId: string | undefined,
): Promise<SourceRow[]> {
  if (of === 'all') {
    authorize(caller, 'administer', null, 'the points of all sources');
    return await catalog.expiry.sources({ storeId });
  }
  return asked === null && 'source' in of
    ? await namedSource(catalog, caller, of.source, storeId)
    : await sourcesOfPoints(catalog, caller, asked ?? [], storeId);
}

async function namedSource(
  { expiry }: Pick<ExpireStatements, 'expiry'>,
  caller: Caller,
  source: string,
  storeId: string | undefined,
): Promise<SourceRow[]> {
  const projectId = visibleProject(caller);
  const found = await expiry.sources({ source, projectId, storeId });
  const byId = found.filter(({ sourceId }) => sourceId === source);
  const rows = byId.length > 0 ? byId : found;
  const ids = new Set(rows.map(({ kind, sourceId }) => `${kind} ${sourceId}`));
  if (ids.size > 1) {
    throw new AppError(
      'INPUT_AMBIGUOUS',
      `there are points of ${ids.size} sources named "${source}"; use one of their ids: ${[...ids].join(', ')}`,
    );
  }
  if (rows.length === 0) throw notFound(`a point of "${source}"`);
  for (const row of rows) authorize(caller, 'delete', row.projectId ?? null, `the points of "${source}"`);
  return rows;
}

/** I7: a point of another project answers as one that does not exist. */
async function sourcesOfPoints(
  { points }: Pick<ExpireStatements, 'points'>,
  caller: Caller,
  ids: readonly string[],
  wantedStoreId: string | undefined,
): Promise<SourceRow[]> {
  const sources = new Map<string, SourceRow>();
  for (const id of ids) {
    const row = await points.get(id);
    const what = `point "${id}"`;
    if (row === undefined || row.state === 'deleted') throw notFound(what);
    if (wantedStoreId !== undefined && row.storeId !== wantedStoreId) throw notFound(`${what} in that store`);
    authorize(caller, 'delete', row.projectId ?? null, what);
    const { kind, sourceId, sourceName, projectId, storeId } = row;
    const source = { kind, sourceId, sourceName, projectId, storeId };
    sources.set(`${kind} ${sourceId} ${projectId ?? ''} ${storeId}`, source);
  }
  return [...sources.values()];
}

interface Preview {
  expiration: Expiration;
  source: SourceRow;
  goingIds: string[];
  hasWork: boolean;
}

async function preview(
  { catalog, now }: Pick<ExpireRequestDeps, 'catalog' | 'now'>,
  source: SourceRow,
  store: string | null,
  rule: ExpireRule,
): Promise<Preview> {
  const { points, links } = await readSource(catalog, source);
  const choices = choosePoints(points, links, rule, await now());
  const goingIds = choices.filter(({ reasons }) => reasons.length === 0).map(({ point }) => point.id);
  const disks = planLinks(links, new Set(goingIds), { fold: rule.strategy === 'fold' });
  const sum = (of: (disk: (typeof disks)[number]) => number): number =>
    disks.reduce((total, disk) => total + of(disk), 0);
  return {
    source,
    goingIds,
    hasWork: goingIds.length > 0 || disks.some(({ drops, folds }) => drops.length + folds.length > 0),
    expiration: {
      kind: source.kind,
      sourceId: source.sourceId,
      sourceName: source.sourceName,
      projectId: source.projectId ?? null,
      storeId: source.storeId,
      store,
      points: choices.map(({ point, reasons }) => toExpirationPoint(point, reasons)),
      freesAtLeastBytes: sum(({ freesAtLeastBytes }) => freesAtLeastBytes),
      freesAtMostBytes: sum(({ freesAtMostBytes }) => freesAtMostBytes),
      needsAtMostBytes: Math.max(0, ...disks.map(({ needsAtMostBytes }) => needsAtMostBytes)),
      notes: disks.flatMap(({ diskKey, stays }) =>
        stays.map(({ linkId, reason }) => `${diskKey}: link ${linkId} stays in the store: ${reason}`),
      ),
      job: null,
    },
  };
}

function toExpirationPoint({ id, takenAt, state }: PointRow, reasons: string[]): ExpirationPoint {
  return { id, takenAt, state, goes: reasons.length === 0, reasons };
}

function refuseNewest({ expiration, goingIds }: Preview, { rules, pointIds, allowNewest }: ExpireRule): void {
  if (rules !== null || allowNewest) return;
  const refused = expiration.points.find(
    ({ id }) => pointIds?.includes(id) === true && !goingIds.includes(id),
  );
  if (refused === undefined) return;
  throw new AppError(
    'CONFLICT_NEWEST_POINT',
    `point ${refused.id} is the newest of ${expiration.kind} "${expiration.sourceName}": without it the next backup is a full; say --yes (allow_newest) to delete it all the same`,
    { details: { pointId: refused.id } },
  );
}

/** The ids are written down: what comes later, or is found to go later, was not shown to whoever asked. */
async function submit(
  deps: ExpireRequestDeps,
  caller: Caller,
  { source, goingIds }: Preview,
  rule: ExpireRule,
): Promise<Job> {
  const { kind, sourceId, sourceName, projectId, storeId } = source;
  const target: ExpireJobTarget = {
    kind,
    id: sourceId,
    name: sourceName,
    storeId,
    ...rule,
    pointIds: goingIds,
  };
  return await submitJob(deps, caller, {
    kind: 'expire',
    projectId: projectId ?? null,
    target: { ...target },
  });
}
