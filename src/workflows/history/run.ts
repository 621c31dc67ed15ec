/**
 * Removes what the catalog remembers of what is long over: docs/adr/0042-history.md. One look costs what came to be over since the
 * last, and a bounded part of what had to stay. It can be killed at any instant, and run by several at once.
 */
import type { HistoryKind, HistoryLimits, LookedAt, QuietTime } from '../../drivers/catalog/history.ts';
import type { HistoryDays, HistoryDeps } from './deps.ts';

export type HistoryReport = Record<HistoryKind, number>;

/** Rows of each kind that one look reads. A job has some tens of events, which go with it. */
const batch = 500;
/** Each point that goes is a question to its store. */
const pointBatch = 100;
/** An earlier answer only keeps more. */
const quietForMs = 3_600_000;

export interface History {
  look(signal?: AbortSignal): Promise<HistoryReport>;
}

export function createHistory(deps: HistoryDeps): History {
  let known: { quiet: QuietTime; untilMs: number } | undefined;

  async function quiet(): Promise<QuietTime> {
    const nowMs = deps.clock.now().getTime();
    if (known === undefined || known.untilMs <= nowMs || known.untilMs > nowMs + quietForMs) {
      // Folds what stores' sums were changed by, which else only those do who look at them.
      await deps.catalog.watch.stores();
      known = { quiet: await deps.catalog.history.quietTime(), untilMs: nowMs + quietForMs };
    }
    return known.quiet;
  }

  return {
    look: async (signal) => {
      // In this order: a restore keeps its jobs and its point.
      const report: HistoryReport = { restores: 0, jobs: 0, points: 0, formerLinks: 0 };
      for (const kind of Object.keys(report) as HistoryKind[]) {
        signal?.throwIfAborted();
        const days = daysOf(kind, deps.days);
        if (days > 0) report[kind] = await lookAt(deps, kind, { days, quiet: await quiet() });
      }
      if (Object.values(report).some((rows) => rows > 0)) deps.onRemoved(report);
      return report;
    },
  };
}

/** Names of snapshots are known through jobs and through former links alike. */
function daysOf(kind: HistoryKind, days: HistoryDays): number {
  return kind === 'formerLinks' ? days.jobs : days[kind];
}

async function lookAt(deps: HistoryDeps, kind: HistoryKind, limits: HistoryLimits): Promise<number> {
  const { history } = deps.catalog;
  const limit = kind === 'points' ? pointBatch : batch;
  const { over, looked, last } = await history.look(kind, limits, limit);
  const ids = kind === 'points' ? await goneFromStores(deps, over) : over.map(({ id }) => id);
  const removed = await history.remove(kind, limits, ids);
  await history.pass(kind, last, looked < limit);
  return removed;
}

/**
 * A point whose manifest could not be removed from its store is known as deleted through its row alone: without it a rebuild
 * would bring it back. What a store does not answer for stays too, until the next pass.
 */
async function goneFromStores({ hasPoint, onError }: HistoryDeps, over: LookedAt['over']): Promise<string[]> {
  const gone: string[] = [];
  const silent = new Set<string>();
  for (const { id, storeId } of over) {
    if (storeId === undefined || silent.has(storeId)) continue;
    try {
      if (!(await hasPoint(storeId, id))) gone.push(id);
    } catch (error) {
      silent.add(storeId);
      onError('rows of deleted points stay: their store does not answer', error, { storeId });
    }
  }
  return gone;
}
