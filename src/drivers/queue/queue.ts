import { setTimeout as sleep } from 'node:timers/promises';
import { fromKnex, PgBoss, type Job, type JobResult, type KnexTransactionLike } from 'pg-boss';
import { AppError, describeError } from '../../base/errors.ts';
import type { JobKind } from '../../domain/job.ts';
import { bossOptions, orderQueue, retryLimit } from './orders.ts';
import { Interruptions, noAnswer } from './interruptions.ts';

export interface WorkOrder {
  jobId: string;
  kind: JobKind;
  /**
   * Aborted with an AppError as its reason: CANCELLED_BY_REQUEST (clean up, end the job), CANCELLED_SHUTDOWN (stop at
   * once; another worker resumes) or CONFLICT_ORDER_LOST (another worker has it already: stop, write nothing).
   */
  signal: AbortSignal;
  /** No retry follows when this attempt fails, so the handler must end the job itself. */
  isLastAttempt: boolean;
}

/**
 * Does the work of one order. It must be safe to repeat (I9). Resolving ends the order; throwing a retryable AppError
 * hands it out again later (with growing delays up to 5 min), throwing anything else ends it as failed.
 */
export type WorkHandler = (order: WorkOrder) => Promise<void>;

export interface QueueSettings {
  /** Database URL. Secret. */
  url: string;
  /** What goes wrong outside any call (lost connections, failed maintenance); the queue heals itself. */
  onError: (error: Error) => void;
  /** Worker unheard of for so long: its orders go to others. At least 10; 20 when undefined. */
  heartbeatSeconds?: number;
  /** How often orders of lost workers are looked for; 5 when undefined. */
  superviseSeconds?: number;
}

export interface NewOrder {
  jobId: string;
  kind: JobKind;
  /** At most one order with this key waits or runs at any time, cluster-wide; the job's id when undefined. */
  singletonKey?: string;
}

/** Work orders for workers on any number of hosts. What a job is and how it went is in the catalog, not here. */
export interface Queue {
  /** Connects. @throws CATALOG_QUEUE_START, e.g. when `migrateQueue` has not run. */
  start(): Promise<void>;
  /**
   * Places an order; workers see it when the transaction commits, within milliseconds.
   *
   * @throws CONFLICT_ALREADY_QUEUED when the singleton key is taken: let it roll the transaction back.
   */
  enqueue(tx: KnexTransactionLike, order: NewOrder): Promise<void>;
  /** The same for some hundreds of new jobs at once, by their ids. */
  enqueueAll(tx: KnexTransactionLike, orders: readonly Omit<NewOrder, 'singletonKey'>[]): Promise<void>;
  /** Whether an order for the job waits or runs: an unfinished job without one was orphaned. */
  isPending(jobId: string): Promise<boolean>;
  /** Starts handing out orders to this process, so many at a time. Restores go before backups. */
  work(handler: WorkHandler, options: { concurrency: number }): Promise<void>;
  /**
   * Tells the worker that runs the job, wherever it is, by its order's signal. The order stays, so that a worker
   * killed in the middle of cleaning up has a successor.
   *
   * @param options.ended the job was cancelled before anybody took it: its waiting order is removed instead.
   */
  cancel(jobId: string, options: { ended: boolean }): Promise<void>;
  /**
   * Takes no more orders; waits for the running ones up to `timeoutMs` when graceful, and no longer than until `hurry` is
   * aborted, then aborts them (reason CANCELLED_SHUTDOWN) and leaves them to other workers. Orders can still be placed.
   */
  drain(options: DrainOptions): Promise<void>;
  /** Drains, unless that was done, and disconnects. */
  stop(options: DrainOptions): Promise<void>;
}

export interface DrainOptions {
  graceful: boolean;
  timeoutMs: number;
  hurry?: AbortSignal | undefined;
}

interface OrderData {
  jobId: string;
  kind: JobKind;
}

/** What aborted handlers get to unwind in, milliseconds, before the queue closes under them. */
const unwindMs = 5_000;

export function createQueue(settings: QueueSettings): Queue {
  const boss = new PgBoss(bossOptions(settings));
  boss.on('error', settings.onError);
  const interruptions = new Interruptions(boss, settings.onError);
  const running = new Set<Promise<unknown>>();
  let drained: Promise<void> | undefined;

  async function drain({ graceful, timeoutMs, hurry }: DrainOptions): Promise<void> {
    await boss.offWork(orderQueue, { wait: false });
    if (graceful) await settled(running, timeoutMs, hurry);
    interruptions.shutDown();
    await settled(running, unwindMs);
  }

  return {
    async start() {
      try {
        await boss.start();
        await interruptions.listen();
      } catch (error) {
        await boss.stop({ graceful: false });
        throw new AppError('CATALOG_QUEUE_START', `The work queue cannot start: ${describeError(error)}`, {
          cause: error,
          retryable: true,
        });
      }
    },

    async enqueue(tx, { jobId, kind, singletonKey }) {
      const id = await boss.send(orderQueue, { jobId, kind } satisfies OrderData, {
        singletonKey: singletonKey ?? jobId,
        priority: kind === 'restore' ? 10 : 0,
        db: fromKnex(tx),
      });
      if (id !== null) return;
      throw new AppError(
        'CONFLICT_ALREADY_QUEUED',
        `Work on ${singletonKey ?? jobId} is already queued or running.`,
        {
          details: { jobId, singletonKey },
        },
      );
    },

    enqueueAll: (tx, orders) => placeAll(boss, tx, orders),

    async isPending(jobId) {
      const orders = await boss.findJobs(orderQueue, { data: { jobId } }).catch((error: unknown) => {
        throw noAnswer(error);
      });
      return orders.some(({ state }) => state === 'created' || state === 'retry' || state === 'active');
    },

    async work(handler, { concurrency }) {
      // One worker for each place, so that each can be woken by its id.
      for (let place = 0; place < concurrency; place++) {
        const workerId: string = await boss.work(
          orderQueue,
          {
            perJobResults: true,
            pollingIntervalSeconds: 1,
            notifyPollingIntervalSeconds: 2,
            heartbeatRefreshSeconds: 3,
          },
          async (orders: Job<OrderData>[]) => {
            // Looks for the next order as soon as this one is done, not at the next poll.
            boss.notifyWorker(workerId);
            const handling = Promise.all(orders.map((order) => runOrder(handler, order, interruptions)));
            running.add(handling);
            return handling.finally(() => running.delete(handling));
          },
        );
      }
    },

    async cancel(jobId, { ended }) {
      if (ended) await interruptions.removeWaiting(jobId);
      else await interruptions.send(jobId);
    },

    drain: (how) => (drained ??= drain(how)),

    async stop(how) {
      await (drained ??= drain(how));
      await interruptions.close();
      await boss.stop({ graceful: true, timeout: 1_000 });
    },
  };
}

async function placeAll(
  boss: PgBoss,
  tx: KnexTransactionLike,
  orders: readonly Omit<NewOrder, 'singletonKey'>[],
): Promise<void> {
  const sent = await boss.insert(
    orderQueue,
    orders.map(({ jobId, kind }) => ({
      data: { jobId, kind } satisfies OrderData,
      singletonKey: jobId,
      priority: kind === 'restore' ? 10 : 0,
    })),
    { db: fromKnex(tx), returnId: true },
  );
  if (sent?.length === orders.length) return;
  throw new AppError('CONFLICT_ALREADY_QUEUED', 'Work on one of these jobs is already queued or running.');
}

async function runOrder(
  handler: WorkHandler,
  { id, data, retryCount, signal }: Job<OrderData>,
  interruptions: Interruptions,
): Promise<JobResult> {
  const interruption = interruptions.open(data.jobId, signal);
  try {
    await handler({
      jobId: data.jobId,
      kind: data.kind,
      signal: interruption.signal,
      isLastAttempt: retryCount >= retryLimit,
    });
    return { id, status: 'completed' };
  } catch (error) {
    const status = shouldRetry(error, interruption.signal) ? 'failed' : 'deadletter';
    return { id, status, output: summary(error) };
  } finally {
    interruption.close();
  }
}

/** After a shutdown always: the work was fine, only this process ended. */
function shouldRetry(error: unknown, signal: AbortSignal): boolean {
  const reason: unknown = signal.aborted ? signal.reason : undefined;
  if (reason instanceof AppError && reason.code === 'CANCELLED_SHUTDOWN') return true;
  return error instanceof AppError && error.retryable;
}

function summary(error: unknown): { code: string; message: string } {
  return { code: error instanceof AppError ? error.code : 'BUG_UNEXPECTED', message: describeError(error) };
}

async function settled(
  promises: Set<Promise<unknown>>,
  timeoutMs: number,
  hurry?: AbortSignal,
): Promise<void> {
  const timer = new AbortController();
  const signal = hurry === undefined ? timer.signal : AbortSignal.any([timer.signal, hurry]);
  await Promise.race([
    Promise.allSettled(promises),
    sleep(timeoutMs, undefined, { signal }).catch(() => undefined),
  ]);
  timer.abort();
}
