import type { PointState } from './choose-points.ts';
import { estimateFolds, planFolds, type FoldEstimate, type FoldPlan } from './fold-plan.ts';

export interface PlannedLink {
  id: string;
  diskKey: string;
  pointId: string;
  pointState: PointState;
  /** undefined for a full. */
  parentLinkId: string | undefined;
  depth: number;
  state: 'complete' | 'damaged';
  storedBytes: number;
}

export interface DiskFoldPlan extends FoldPlan, FoldEstimate {
  diskKey: string;
}

/** What becomes of the links of each disk once these points are deleted; disks with nothing to do are left out. */
export function planLinks(
  links: readonly PlannedLink[],
  going: ReadonlySet<string>,
  options: { fold: boolean },
): DiskFoldPlan[] {
  return [...Map.groupBy(links, ({ diskKey }) => diskKey)].flatMap(([diskKey, ofDisk]) => {
    const chain = ofDisk.map(({ id, pointId, pointState, parentLinkId, depth, state, storedBytes }) => ({
      linkId: id,
      parentLinkId: parentLinkId ?? null,
      depth,
      needed: pointState !== 'deleted' && !going.has(pointId),
      damaged: state === 'damaged',
      storedBytes,
    }));
    const plan = planFolds(chain, options);
    const isIdle = plan.drops.length + plan.folds.length + plan.stays.length === 0;
    return isIdle ? [] : [{ diskKey, ...plan, ...estimateFolds(plan, chain) }];
  });
}
