import { AppError, describeError } from '../../base/errors.ts';
import type { JobContext } from '../job-context.ts';
import { runDisks } from '../run-disks.ts';
import type { BackupDeps } from './deps.ts';
import type { BackupPlan, SampleFinding } from './plan.ts';
import { sampleDisk } from './sample-disk.ts';

/**
 * Compares samples of every disk with the store, once the point is committed: what is found then is written down as
 * any damage is (I8). A sample that cannot be taken (a volume that is being deleted) is told and fails nothing.
 */
export async function sampleDisks(
  deps: BackupDeps,
  plan: BackupPlan,
  context: JobContext<BackupPlan>,
): Promise<BackupPlan> {
  if (plan.sampled !== undefined) return plan;
  const sampled: SampleFinding = { objects: 0 };
  try {
    const counts = await runDisks(
      deps.transfers,
      plan.disks,
      context.signal,
      ({ linkId }, _index, signal) => sampleDisk(deps, linkId, signal),
      ({ disk }) => disk.location,
    );
    sampled.objects = counts.reduce((sum, count) => sum + count, 0);
  } catch (error) {
    if (context.willResume()) throw error;
    const fault = await damage(deps, error);
    if (fault === undefined)
      await context.note(`samples of the source could not be compared: ${describeError(error)}`);
    else sampled.fault = fault;
  }
  const next = { ...plan, sampled };
  await context.record('compared with the source', next);
  return next;
}

/** The link that an integrity failure names, and with it exactly the points that need it. */
async function damage(
  { catalog }: BackupDeps,
  error: unknown,
): Promise<NonNullable<SampleFinding['fault']> | undefined> {
  if (!(error instanceof AppError) || !error.code.startsWith('INTEGRITY_')) return undefined;
  const { code, message } = error;
  const linkId = error.details['linkId'];
  if (typeof linkId !== 'string') return undefined;
  await catalog.markLinkDamaged(linkId, message);
  return { code, message, linkId };
}
