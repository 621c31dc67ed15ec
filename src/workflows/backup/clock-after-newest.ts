/** Points and links are ordered by their times: a clock that was set back must not put the newest before the older ones. */
import { clockFrom, type Clock } from '../../base/clock.ts';
import { humanDuration } from '../../base/duration.ts';
import type { JobContext } from '../job-context.ts';
import type { BackupDeps } from './deps.ts';
import type { BackupPlan } from './plan.ts';

/** Less than this is between the clocks of any two hosts. */
const worthTellingMs = 60_000;

/**
 * The clock for the times of one backup: the host's, but not before the newest point of the source and the newest link of
 * each disk. Else retention would take the new point for an old one, and the next increment would look for a snapshot that is
 * released. To be asked for with the disks locked.
 */
export async function clockAfterNewest(
  { clock, catalog }: Pick<BackupDeps, 'clock' | 'catalog'>,
  plan: BackupPlan,
  context: Pick<JobContext<BackupPlan>, 'note'>,
): Promise<Clock> {
  const [point, links] = await Promise.all([
    catalog.newestTakenAt(plan),
    Promise.all(plan.disks.map(({ disk }) => catalog.latestLink(disk.key))),
  ]);
  const newestMs = Math.max(
    point?.getTime() ?? 0,
    ...links.map((link) => (link === undefined ? 0 : Date.parse(link.createdAt))),
  );
  const aheadMs = newestMs - clock.now().getTime();
  if (aheadMs < 0) return clock;
  const after = new Date(newestMs + 1);
  if (aheadMs > worthTellingMs)
    await context.note(
      `the newest point is ${humanDuration(aheadMs)} ahead of this host's clock, so this one is dated ${after.toISOString()}: is the clock right?`,
    );
  return clockFrom(clock, after);
}
