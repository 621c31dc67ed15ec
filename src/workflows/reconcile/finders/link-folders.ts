import { inBatches } from '../../../base/batches.ts';
import type { Finder, ReconcileDeps, ReconcileStore, Stray } from '../deps.ts';
import { isNamedByLiveJob } from '../live-jobs.ts';

/**
 * Folders of links in each store that have no manifest, hence are no links (I1), and that no row and no job names. What a
 * failed backup or fold left is mostly removed by itself; this is what is left when that failed too.
 */
export function linkFoldersOf({ stores }: Pick<ReconcileDeps, 'stores'>): Finder[] {
  return stores.map(({ name, open }) => ({
    name: `unfinished links in store ${name}`,
    find: async function* (deps) {
      yield* find(deps, await open());
    },
  }));
}

/** Long enough for any gap between two objects of a link that is being written. */
const leastAgeMs = 24 * 3_600_000;
const batchSize = 500;

async function* find(deps: ReconcileDeps, store: ReconcileStore): AsyncGenerator<Stray, void, undefined> {
  const { clock } = deps;
  for await (const linkId of unknownFolders(deps, store)) {
    if (await store.hasLink(linkId)) continue;
    const { sizeBytes, changedAt } = await store.linkUsage(linkId);
    if (changedAt === undefined || clock.now().getTime() - changedAt.getTime() < leastAgeMs) continue;
    yield {
      kind: 'link-folder',
      what: `links/${linkId}`,
      where: store.description,
      since: changedAt,
      sizeBytes,
      action: 'remove the folder',
      reason: 'it has no manifest, and nothing was written to it for a day',
      locks: [`link:${linkId}`],
      isStill: async () => !(await store.hasLink(linkId)) && (await isUnknown(deps, linkId)),
      remove: () => store.removeLink(linkId),
    };
  }
}

/** Of a whole store only those that the catalog does not know cost a question each. */
async function* unknownFolders(
  deps: ReconcileDeps,
  store: ReconcileStore,
): AsyncGenerator<string, void, undefined> {
  for await (const linkIds of inBatches(store.listLinkFolders(), batchSize)) {
    const known = new Set(await deps.catalog.rebuild.knownIds('links', linkIds));
    for (const linkId of linkIds) if (!known.has(linkId) && (await isUnknown(deps, linkId))) yield linkId;
  }
}

async function isUnknown({ catalog }: ReconcileDeps, linkId: string): Promise<boolean> {
  if ((await catalog.rebuild.knownIds('links', [linkId])).length > 0) return false;
  return !(await isNamedByLiveJob({ catalog }, linkId));
}
