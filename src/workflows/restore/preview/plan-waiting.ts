import { AppError } from '../../../base/errors.ts';
import { isUuid } from '../../../base/ids.ts';
import { isAllowed, notFound, type Caller } from '../../../domain/access.ts';
import type { PlannedRestore } from '../../../domain/planned-restore.ts';
import type { Catalog } from '../../../drivers/catalog/catalog.ts';
import type { RestoreJobTarget } from '../request.ts';
import type { PreviewDeps } from './deps.ts';
import { planFor } from './plan-restore.ts';

/**
 * What a restore that waits for an approval would do if it were approved now: of exactly what was asked for, and for who
 * asked. Nothing is written.
 *
 * @throws NOTFOUND_RESOURCE (I7), CONFLICT_NOT_PENDING, CONFLICT_POINT_GONE.
 */
export async function planWaitingRestore(
  deps: PreviewDeps & { restores: Pick<Catalog['restores'], 'get'> },
  caller: Caller,
  restoreId: string,
): Promise<PlannedRestore> {
  const restore = isUuid(restoreId) ? await deps.restores.get(restoreId) : undefined;
  if (restore === undefined || !isAllowed(caller, 'read', restore.projectId ?? null))
    throw notFound(`restore "${restoreId}"`);
  if (restore.state !== 'pending') {
    throw new AppError(
      'CONFLICT_NOT_PENDING',
      `restore ${restoreId} does not wait for an approval, so there is no plan to show; look at the restore itself`,
    );
  }
  const point = await deps.catalog.points.get(restore.pointId);
  if (point?.state !== 'complete') {
    throw new AppError(
      'CONFLICT_POINT_GONE',
      `point ${restore.pointId} is ${point?.state ?? 'gone'} since the restore was asked for; reject it, and ask for another point`,
    );
  }
  return await planFor(deps, caller, point, restore.options as unknown as RestoreJobTarget);
}
