import type { Clock } from '../../base/clock.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { HistoryKind } from '../../drivers/catalog/history.ts';

/** How long rows stay after what they tell of is over, days; 0: for ever. */
export interface HistoryDays {
  jobs: number;
  points: number;
  restores: number;
}

export interface HistoryDeps {
  clock: Clock;
  catalog: { history: Catalog['history']; watch: Pick<Catalog['watch'], 'stores'> };
  /** Whether a store still holds the manifest of a point; rejects while it is away. */
  hasPoint: (storeId: string, pointId: string) => Promise<boolean>;
  days: HistoryDays;
  /** Told when any rows went. */
  onRemoved: (rows: Readonly<Record<HistoryKind, number>>) => void;
  onError: (message: string, error: unknown, facts: Record<string, unknown>) => void;
}
