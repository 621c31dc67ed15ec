import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../base/errors.ts';
import type { ApiClient } from './api-client.ts';
import type { JobReporter } from './job-reporter.ts';
import type { WireError, WireJob, WireJobEvent } from './wire.ts';

const maxLosses = 30;
const pauseMs = 1000;

/**
 * Follows a job to its end, going on after the last event it saw when the connection is lost. Throws what the
 * service says, or OPENSTACK_SERVICE_UNREACHABLE when it stays away; how the job ended is in the returned job.
 */
export async function watchJob(client: ApiClient, job: WireJob, reporter: JobReporter): Promise<WireJob> {
  let lastEventId: string | undefined;
  reporter.begin(job);
  try {
    for (let losses = 0; ; losses += 1) {
      try {
        for await (const { id, event, data } of client.events(`/v1/jobs/${job.id}/events`, lastEventId)) {
          losses = 0;
          lastEventId = id ?? lastEventId;
          const body: unknown = JSON.parse(data);
          if (event === 'end') return body as WireJob;
          if (event === 'error') throw serviceError(body as WireError);
          reporter.event(body as WireJobEvent);
        }
      } catch (error) {
        if (!(error instanceof AppError && error.retryable) || losses >= maxLosses) throw error;
      }
      // A service that stops ends its streams; another one may be there in a moment.
      await sleep(pauseMs);
    }
  } finally {
    reporter.end();
  }
}

function serviceError({ error }: WireError): AppError {
  return new AppError('OPENSTACK_SERVICE_ANSWER', `following the job failed: ${error.message}`, {
    details: { type: error.type, ...error.details },
    retryable: error.code >= 500,
  });
}
