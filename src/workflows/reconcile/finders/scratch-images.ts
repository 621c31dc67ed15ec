import { formatLocation, type ImageLocation } from '../../../domain/disk.ts';
import { isFinishedJob } from '../../../domain/job.ts';
import { jobIdOfScratch, verifyMark } from '../../../domain/verification.ts';
import type { JobRow } from '../../../drivers/catalog/types.ts';
import { locationOf, type Facts, type Finder, type ReconcileDeps, type Stray } from '../deps.ts';
import { isSame } from '../ended-restore.ts';
import { removeStrayImage } from '../remove-image.ts';

/** Images that deep verifications of ours restored into. */
export const scratchImages: Finder = { name: 'scratch images of verifications', find };

async function* find(deps: ReconcileDeps, facts: Facts): AsyncGenerator<Stray, void, undefined> {
  for (const { image, sizeBytes } of await facts.imagesOf(deps.backupsPool)) {
    const jobId = jobIdOfScratch(image);
    if (jobId === undefined) continue;
    const at = locationOf(deps.backupsPool, image);
    const whose = async (): Promise<JobRow | undefined> => {
      const job = await deps.catalog.jobs.get(jobId);
      if (job?.kind !== 'verify' || !isFinishedJob(job.state)) return undefined;
      return (await isMarked(deps, job, at)) ? job : undefined;
    };
    const job = await whose();
    if (job === undefined) continue;
    yield {
      kind: 'scratch-image',
      what: formatLocation(at),
      where: `cluster ${at.cluster}`,
      since: job.finishedAt,
      sizeBytes,
      action: 'remove the image',
      reason: `verification ${jobId} ${job.state}`,
      locks: [`job:${jobId}`],
      isStill: async () => (await whose()) !== undefined,
      remove: () => removeStrayImage(deps, at),
    };
  }
}

async function isMarked({ rbd }: ReconcileDeps, job: JobRow, at: ImageLocation): Promise<boolean> {
  const mark = await rbd.readImageMark(at, verifyMark);
  if (mark !== undefined) return mark === job.id;
  const { scratch = [] } = job.plan as { scratch?: ImageLocation[] };
  return scratch.some((planned) => isSame(planned, at));
}
