/**
 * Brings a lost catalog back from the manifests of the store alone. Every step can be repeated, so a rebuild that was
 * killed is simply begun again (I9); until its last step no point that it brought back can be restored. Memory does
 * not depend on the size of the store (I11).
 */
import { inBatches } from '../../base/batches.ts';
import type { JobContext } from '../job-context.ts';
import type { RebuildDeps } from './deps.ts';
import { readLink, readStoredPoint, type StoredPoint } from './read-point.ts';
import { createReport, type Report } from './report.ts';

type Context = JobContext<RebuildPlan>;

/** Nothing needs to be remembered: what is done shows in the catalog. */
export interface RebuildPlan {
  begun: true;
}

export interface RebuildOptions {
  /** Only says what would be done. */
  dryRun: boolean;
}

export interface RebuildRequest extends RebuildOptions {
  /** The store that the caller means: its name, an absolute path or `s3://BUCKET/PREFIX`; undefined: the only one. */
  store?: string | undefined;
}

export interface RebuildResult {
  storeId: string;
  dryRun: boolean;
  /** Points that the catalog had. */
  knownPoints: number;
  /** Points that were, or would be, brought back, those among them that are damaged included. */
  addedPoints: number;
  damagedPoints: number;
  /** Links of the store that no point needs. */
  unusedLinks: number;
  problems: number;
  firstProblems: readonly string[];
}

const batchSize = 100;

export async function runRebuild(
  deps: RebuildDeps,
  options: RebuildOptions,
  context: Context,
): Promise<RebuildResult> {
  const { storeId, description } = deps.store;
  const { dryRun } = options;
  await context.record('begun', { begun: true });
  await context.lock([`rebuild:${storeId}`]);
  await context.note(`reading ${description}${dryRun ? ', changing nothing' : ''}`);
  const report = createReport(context);
  const found = await passPoints(deps, options, context, report);
  if (!dryRun) {
    await bringParents(deps, context, report);
    const settled = await deps.catalog.settle();
    for (const { pointId, sourceName, reason } of settled.damagedPoints)
      await report.tell(`point ${pointId} of ${sourceName} is damaged: ${reason}`);
    found.added = settled.complete + settled.damaged;
    found.damaged = settled.damaged;
  }
  // Without the rows of a real run nothing is known of what the points need.
  const unusedLinks = dryRun ? 0 : await tellUnused(deps, context, report);
  return {
    storeId,
    dryRun,
    knownPoints: found.known,
    addedPoints: found.added,
    damagedPoints: found.damaged,
    unusedLinks,
    problems: report.count,
    firstProblems: report.first,
  };
}

interface Found {
  known: number;
  added: number;
  damaged: number;
}

async function passPoints(
  deps: RebuildDeps,
  { dryRun }: RebuildOptions,
  context: Context,
  report: Report,
): Promise<Found> {
  const found: Found = { known: 0, added: 0, damaged: 0 };
  for await (const ids of inBatches(deps.store.listPointIds(), batchSize)) {
    const skipped = new Set([
      ...(await deps.catalog.knownPoints(ids)),
      ...(await deps.catalog.pointsUnderWay()),
    ]);
    for (const pointId of ids) {
      context.signal.throwIfAborted();
      if (skipped.has(pointId)) {
        found.known += 1;
        continue;
      }
      const point = await readStoredPoint(deps, report, pointId);
      if (point === undefined) continue;
      found.added += 1;
      if (!dryRun) await deps.catalog.importPoint(point.manifest, point.links);
      else if (!(await looksWhole(deps, report, point))) found.damaged += 1;
    }
    await context.record(`${found.known + found.added} points read`, { begun: true });
  }
  return found;
}

/** As far as a point's own links tell; whether their parents stand on what is there only a real run finds out. */
async function looksWhole(
  deps: RebuildDeps,
  report: Report,
  { manifest, links }: StoredPoint,
): Promise<boolean> {
  let isWhole = links.length === manifest.disks.length;
  for (const { parentLinkId } of links) {
    if (parentLinkId === null || (await deps.catalog.knownLinks([parentLinkId])).length > 0) continue;
    if ((await readLink(deps, report, parentLinkId)) === undefined) isWhole = false;
  }
  return isWhole;
}

/** Links whose own point is gone and that others stand on: an expiry had deleted the point, or it cannot be read. */
async function bringParents(deps: RebuildDeps, context: Context, report: Report): Promise<void> {
  const unreadable = new Set<string>();
  for (let brought = -1; brought !== 0;) {
    brought = 0;
    let after: string | undefined;
    for (;;) {
      const parents = await deps.catalog.missingParents(after, batchSize);
      for (const parent of parents) {
        context.signal.throwIfAborted();
        if (unreadable.has(parent.linkId)) continue;
        const link = await readLink(deps, report, parent.linkId);
        if (link === undefined) {
          unreadable.add(parent.linkId);
          continue;
        }
        await deps.catalog.importParent(link, parent);
        brought += 1;
      }
      after = parents.at(-1)?.linkId;
      if (after === undefined) break;
    }
    await context.record('links of deleted points read', { begun: true });
  }
}

async function tellUnused(deps: RebuildDeps, context: Context, report: Report): Promise<number> {
  let unused = 0;
  for await (const links of inBatches(deps.store.listLinks(), batchSize)) {
    context.signal.throwIfAborted();
    const known = new Set(await deps.catalog.knownLinks(links.map(({ linkId }) => linkId)));
    for (const { linkId, complete } of links) {
      if (known.has(linkId)) continue;
      unused += 1;
      const what = complete ? 'belongs to no point that is there' : 'has no manifest';
      await report.tell(`link ${linkId} ${what}: a deletion or a backup that runs or did not end left it`);
    }
  }
  return unused;
}
