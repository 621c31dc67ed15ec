import type { Protection } from '../../domain/protection.ts';
import type { Order, SortKey } from './ordered-page.ts';

/** What instances and volumes can be ordered by that Nova and Cinder know nothing of. */
export const protectionSorts = ['protection', 'last_point_at', 'next_run_at', 'policy'] as const;
export type ProtectionSort = (typeof protectionSorts)[number];

interface ProtectedSource {
  lastPoint: { takenAt: Date } | undefined;
  protection?: Protection | undefined;
}

/** The worst first. */
const ranks = { unprotected: 0, stale: 1, protected: 2 };

const keys: Record<ProtectionSort, (source: ProtectedSource) => SortKey> = {
  protection: ({ protection }) => protection && ranks[protection.state],
  last_point_at: ({ lastPoint }) => lastPoint?.takenAt.getTime(),
  next_run_at: ({ protection }) => protection?.nextRunAt?.getTime(),
  policy: ({ protection }) => protection?.policy,
};

/** undefined when the source itself can be asked for this order. */
export function protectionOrder<T extends ProtectedSource>(
  sort: { by: string; direction: 'asc' | 'desc' } | undefined,
): Order<T> | undefined {
  const by = protectionSorts.find((one) => one === sort?.by);
  return sort === undefined || by === undefined ? undefined : { keyOf: keys[by], direction: sort.direction };
}
