import type { JobRow } from '../drivers/catalog/types.ts';
import type { ExpireOptions } from '../workflows/expire/make-plan.ts';
import type { ExpireJobTarget } from '../workflows/expire/request.ts';

/** What an expiry's row holds, as its workflow takes it. */
export function toExpireOptions(
  { target, projectId, requestedBy, requestId }: JobRow,
  storeId: string,
): ExpireOptions {
  const { kind, id, strategy, rules, pointIds, allowNewest } = target as unknown as ExpireJobTarget;
  return {
    source: { kind, sourceId: id, projectId, storeId },
    strategy,
    rules,
    pointIds,
    allowNewest,
    actor: { ...requestedBy },
    requestId,
  };
}
