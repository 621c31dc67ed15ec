import type { ReconcileDeps } from './deps.ts';

/**
 * Whether any job that waits or runs has this id or name in what it was asked for or has planned. By text, so that it
 * holds for jobs of every kind, those that come later included; an id that is only mentioned keeps a stray for a while.
 */
export async function isNamedByLiveJob(
  { catalog }: Pick<ReconcileDeps, 'catalog'>,
  text: string,
): Promise<boolean> {
  const live = await catalog.jobs.unfinished();
  // A reconciliation's own plan tells what it has removed.
  const others = live.filter(({ kind }) => kind !== 'reconcile');
  return others.some(({ target, plan }) => `${JSON.stringify(target)}${JSON.stringify(plan)}`.includes(text));
}
