import type { Drift } from '../../../domain/reconciliation.ts';
import type { Facts, ReconcileDeps } from '../deps.ts';
import { snapshotDrift } from './cluster-drift.ts';
import { linkDrift, pointDrift } from './store-drift.ts';

/** One thing that the catalog is compared with. */
export interface Comparison {
  /** For messages: `links in store offsite`. */
  name: string;
  find(deps: ReconcileDeps, facts: Facts): AsyncIterable<Drift>;
}

/** One store that is away keeps the others from nothing. */
export function comparisonsOf({ stores }: Pick<ReconcileDeps, 'stores'>): Comparison[] {
  return [
    ...stores.flatMap(({ name, open }): Comparison[] => [
      {
        name: `links in store ${name}`,
        find: async function* (deps) {
          yield* linkDrift(deps, await open());
        },
      },
      {
        name: `points in store ${name}`,
        find: async function* (deps) {
          yield* pointDrift(deps, await open());
        },
      },
    ]),
    { name: 'snapshots on the disks', find: snapshotDrift },
  ];
}
