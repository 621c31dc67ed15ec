import type { RestorePlan } from '../plan.ts';
import { holdersOf } from './hold-instances.ts';

/**
 * I9: in place no backup may look at the disk meanwhile, and nobody else may stop or start its instance. Other modes leave
 * the disk as it is, and are kept apart from each other only.
 */
export function locksOf(plan: Pick<RestorePlan, 'mode' | 'disks' | 'holder' | 'coHolders'>): string[] {
  const { mode, disks } = plan;
  const restores = disks.map(({ disk }) => `restore:${disk.key}`);
  if (mode !== 'in-place') return restores;
  return [
    ...restores,
    ...disks.map(({ disk }) => `disk:${disk.key}`),
    ...holdersOf(plan).map(({ instanceId }) => `instance:${instanceId}`),
  ];
}
