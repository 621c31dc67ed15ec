import type PQueue from 'p-queue';
import { AppError } from '../base/errors.ts';

/**
 * One task a disk, side by side, as wide as the queue allows. The first failure aborts the others' signal; when all
 * have ended it is thrown. Results are in the order of the items.
 */
export async function runDisks<T, R>(
  queue: PQueue,
  items: readonly T[],
  signal: AbortSignal,
  task: (item: T, index: number, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  let first: { error: unknown } | undefined;
  const results = await Promise.allSettled(
    items.map((item, index) =>
      queue.add(async () => {
        try {
          either.throwIfAborted();
          return await task(item, index, either);
        } catch (error) {
          first ??= { error };
          failed.abort(new AppError('CANCELLED_SIBLING', 'another disk of the same job failed'));
          throw error;
        }
      }),
    ),
  );
  signal.throwIfAborted();
  if (first !== undefined) throw first.error;
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
