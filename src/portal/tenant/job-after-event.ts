import type { Job, JobEvent } from '../api/types.ts';

/**
 * What an event says of the job, before the job itself is read again. The first events of a job that is looked at later
 * are old news: they never take it back from what it is now.
 */
export function withEvent(job: Job, { kind, data }: JobEvent): Job {
  if (job.state !== 'queued' && job.state !== 'running') return job;
  if (kind === 'step' && typeof data['step'] === 'string') return { ...job, step: data['step'] };
  if (kind === 'state' && data['state'] === 'running') return { ...job, state: 'running' };
  return job;
}
