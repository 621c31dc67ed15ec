import type { PgBoss } from 'pg-boss';
import { AppError } from '../../base/errors.ts';
import { orderQueue, queueSchema } from './orders.ts';

const channel = 'emberkeep_interrupt';

export interface Interruption {
  signal: AbortSignal;
  close(): void;
}

/**
 * Reaches the handlers that run in this process: requests to cancel come from any process by NOTIFY, a lost order
 * comes from pg-boss, a shutdown from ourselves. A request that is missed while the connection is down is not lost:
 * the worker also learns of it at its next write to the job.
 */
export class Interruptions {
  readonly #boss: PgBoss;
  readonly #onError: (error: Error) => void;
  readonly #open = new Map<string, AbortController>();
  #listening: { close(): Promise<void> } | undefined;

  constructor(boss: PgBoss, onError: (error: Error) => void) {
    this.#boss = boss;
    this.#onError = onError;
  }

  async listen(): Promise<void> {
    this.#listening = await this.#boss.getDb().listen?.(
      channel,
      (jobId) =>
        this.#open.get(jobId)?.abort(new AppError('CANCELLED_BY_REQUEST', `Job ${jobId} was cancelled.`)),
      () => undefined,
    );
  }

  /** A signal for one order that begins now. */
  open(jobId: string, claim: AbortSignal): Interruption {
    const controller = new AbortController();
    const onLost = () =>
      controller.abort(
        new AppError('CONFLICT_ORDER_LOST', `The order for job ${jobId} was given to another worker.`, {
          cause: claim.reason,
          retryable: true,
        }),
      );
    this.#open.set(jobId, controller);
    if (claim.aborted) onLost();
    else claim.addEventListener('abort', onLost, { once: true });
    return {
      signal: controller.signal,
      close: () => {
        // pg-boss aborts the claim's signal after an ordinary end too.
        claim.removeEventListener('abort', onLost);
        if (this.#open.get(jobId) === controller) this.#open.delete(jobId);
      },
    };
  }

  async send(jobId: string): Promise<void> {
    await this.#execute(`select pg_notify('${channel}', $1)`, [jobId]);
  }

  /** Only an order that nobody ever took: one in `retry` belongs to a job that has something to clean up. */
  async removeWaiting(jobId: string): Promise<void> {
    await this.#execute(
      `delete from ${queueSchema}.job where name = $1 and state = 'created' and data ->> 'jobId' = $2`,
      [orderQueue, jobId],
    );
  }

  shutDown(): void {
    for (const controller of this.#open.values()) {
      controller.abort(
        new AppError('CANCELLED_SHUTDOWN', 'This worker is shutting down; another one resumes.', {
          retryable: true,
        }),
      );
    }
  }

  async close(): Promise<void> {
    await this.#listening?.close().catch((error: unknown) => this.#onError(error as Error));
  }

  async #execute(text: string, values: unknown[]): Promise<void> {
    try {
      await this.#boss.getDb().executeSql(text, values);
    } catch (error) {
      throw noAnswer(error);
    }
  }
}

/** A statement of the queue that failed outside any transaction of ours. */
export function noAnswer(cause: unknown): AppError {
  return new AppError('CATALOG_QUEUE', 'The work queue does not answer: check that PostgreSQL runs.', {
    cause,
    retryable: true,
  });
}
