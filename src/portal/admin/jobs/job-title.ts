import { targetWords } from '../../tenant/target-words.ts';
import type { Job } from '../read.ts';
import { ta, word } from '../text.ts';

/** What a job is and of what; a reconciliation is of everything. */
export function titleOf(job: Job): string {
  const kind = word('kind', job.kind);
  return job.kind === 'reconcile' ? kind : ta('job.of', { kind, target: targetWords(job) });
}
