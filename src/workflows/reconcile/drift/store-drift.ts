import { differences, type Difference } from '../../../base/differences.ts';
import type { Drift } from '../../../domain/reconciliation.ts';
import type { ReconcileDeps, ReconcileStore } from '../deps.ts';
import { isNamedByLiveJob } from '../live-jobs.ts';

const pageLength = 500;

/** Links that only the store or only the catalog has. A folder without a manifest is no link (I1). */
export async function* linkDrift(
  deps: ReconcileDeps,
  store: ReconcileStore,
): AsyncGenerator<Drift, void, undefined> {
  for await (const { id } of differences(idsOf(deps, store, 'links'), store.listLinkFolders())) {
    const only = await onlyNow(deps, store, 'links', id);
    if (only === 'left')
      yield {
        kind: 'link-missing',
        what: `links/${id}`,
        where: store.description,
        advice:
          'the points that need it cannot be restored: `emberkeep verify --all` names them, the next backup is a full',
      };
    if (only === 'right')
      yield {
        kind: 'link-unknown',
        what: `links/${id}`,
        where: store.description,
        advice:
          'no point needs it, or the catalog has lost its point: `emberkeep catalog rebuild --dry-run` tells which',
      };
  }
}

/** Points that only the store or only the catalog has. */
export async function* pointDrift(
  deps: ReconcileDeps,
  store: ReconcileStore,
): AsyncGenerator<Drift, void, undefined> {
  for await (const { id } of differences(idsOf(deps, store, 'points'), store.listPointIds())) {
    const only = await onlyNow(deps, store, 'points', id);
    if (only === 'left')
      yield {
        kind: 'point-missing',
        what: `points/${id}.json`,
        where: store.description,
        advice: 'a lost catalog could not be rebuilt with it: back its source up again',
      };
    if (only === 'right')
      yield {
        kind: 'point-unknown',
        what: `points/${id}.json`,
        where: store.description,
        advice: 'the catalog has lost it: `emberkeep catalog rebuild` brings it back',
      };
  }
}

async function* idsOf(
  { catalog }: ReconcileDeps,
  { storeId }: ReconcileStore,
  table: 'points' | 'links',
): AsyncGenerator<string, void, undefined> {
  for (let after: string | undefined; ;) {
    const ids = await catalog.reconcile.idsInStore(table, storeId, { after, limit: pageLength });
    yield* ids;
    after = ids.at(-1);
    if (ids.length < pageLength) return;
  }
}

/**
 * Which side alone has it, asked once more, since backups and deletions went on while the lists were read; undefined when
 * both have it, none has it, a job works on it, or the catalog knows it as damaged or deleted.
 */
async function onlyNow(
  deps: ReconcileDeps,
  store: ReconcileStore,
  table: 'points' | 'links',
  id: string,
): Promise<Difference['only'] | undefined> {
  if (await isNamedByLiveJob(deps, id)) return undefined;
  const isStored = table === 'links' ? await store.hasLink(id) : await store.hasPoint(id);
  if (isStored) return (await deps.catalog.rebuild.knownIds(table, [id])).length === 0 ? 'right' : undefined;
  return (await deps.catalog.reconcile.isInStore(table, store.storeId, id)) ? 'left' : undefined;
}
