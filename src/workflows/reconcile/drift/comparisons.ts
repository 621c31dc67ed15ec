import type { Drift } from '../../../domain/reconciliation.ts';
import type { Facts, ReconcileDeps } from '../deps.ts';
import { snapshotDrift } from './cluster-drift.ts';
import { linkDrift, pointDrift } from './store-drift.ts';

/** One thing that the catalog is compared with. */
export interface Comparison {
  /** For messages: `links in the store`. */
  name: string;
  find(deps: ReconcileDeps, facts: Facts): AsyncIterable<Drift>;
}

export const comparisons: readonly Comparison[] = [
  { name: 'links in the store', find: linkDrift },
  { name: 'points in the store', find: pointDrift },
  { name: 'snapshots on the disks', find: snapshotDrift },
];
