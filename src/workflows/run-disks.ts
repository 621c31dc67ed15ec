import { AppError } from '../base/errors.ts';

export interface PoolPlace {
  cluster: string;
  pool: string;
}

/** The width of transfers, all jobs together. */
export interface Transfers {
  /**
   * Runs the task as soon as there is room for one more: in the worker, at the store, and in the pool that is named.
   * Rejects with the reason of a signal that is aborted while it waits.
   */
  add<T>(task: () => Promise<T>, at?: PoolPlace, signal?: AbortSignal): Promise<T>;
}

/**
 * One task a disk, side by side, as wide as `transfers` allow. The first failure aborts the others' signal; when all
 * have ended it is thrown. Results are in the order of the items.
 */
export async function runDisks<T, R>(
  transfers: Transfers,
  items: readonly T[],
  signal: AbortSignal,
  task: (item: T, index: number, signal: AbortSignal) => Promise<R>,
  poolOf: (item: T) => PoolPlace | undefined = () => undefined,
): Promise<R[]> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  let first: { error: unknown } | undefined;
  const results = await Promise.allSettled(
    items.map((item, index) =>
      transfers.add(
        async () => {
          try {
            either.throwIfAborted();
            return await task(item, index, either);
          } catch (error) {
            first ??= { error };
            failed.abort(new AppError('CANCELLED_SIBLING', 'another disk of the same job failed'));
            throw error;
          }
        },
        poolOf(item),
        either,
      ),
    ),
  );
  signal.throwIfAborted();
  if (first !== undefined) throw first.error;
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
