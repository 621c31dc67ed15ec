import { targetName } from '../../tenant/job-target.ts';
import type { Job } from '../read.ts';
import { ta, word } from '../text.ts';

/** What a job is and of what; a job of everything has nothing to name but the service's own words for that. */
export function titleOf(job: Job): string {
  const kind = word('kind', job.kind);
  const isOfAll = job.kind === 'reconcile' || job.target['all'] === true;
  return isOfAll ? kind : ta('job.of', { kind, target: targetName(job) });
}
