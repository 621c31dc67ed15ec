import type { RestorePlan } from '../plan.ts';

/**
 * I9: in place no backup may look at the disk meanwhile, and nobody else may stop or start its instance. Other modes leave
 * the disk as it is, and are kept apart from each other only.
 */
export function locksOf({ mode, disks, holder }: Pick<RestorePlan, 'mode' | 'disks' | 'holder'>): string[] {
  const restores = disks.map(({ disk }) => `restore:${disk.key}`);
  if (mode !== 'in-place') return restores;
  return [
    ...restores,
    ...disks.map(({ disk }) => `disk:${disk.key}`),
    ...(holder === undefined ? [] : [`instance:${holder.instanceId}`]),
  ];
}
