import type { Lock } from '../../drivers/catalog/locks.ts';
import type { ReconcileDeps } from './deps.ts';

/** Does it with all of the locks, which are not waited for; undefined when somebody holds one of them (I9). */
export async function withLocks<T>(
  { locks }: Pick<ReconcileDeps, 'locks'>,
  names: readonly string[],
  task: (lost: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const held: Lock[] = [];
  try {
    for (const name of [...new Set(names)].sort()) {
      const lock = await locks.acquire(name);
      if (lock === undefined) return undefined;
      held.push(lock);
    }
    return await task(AbortSignal.any(held.map(({ signal }) => signal)));
  } finally {
    for (const lock of held.toReversed()) await lock.release();
  }
}
