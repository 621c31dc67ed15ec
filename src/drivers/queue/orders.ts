import { setTimeout as sleep } from 'node:timers/promises';
import { PgBoss, type ConstructorOptions } from 'pg-boss';
import { AppError, describeError } from '../../base/errors.ts';

/** PostgreSQL schema of the queue's own tables. */
export const queueSchema = 'emberkeep_queue';
/** Name of the one queue in it. */
export const orderQueue = 'orders';

/** Over an hour of retries with growing delays: enough for an outage, not for ever. */
export const retryLimit = 20;

const defaultHeartbeatSeconds = 20;

export interface BossSettings {
  url: string;
  superviseSeconds?: number;
}

export function bossOptions({ url, superviseSeconds = 5 }: BossSettings): ConstructorOptions {
  return {
    connectionString: url,
    application_name: 'emberkeep-queue',
    schema: queueSchema,
    max: 4,
    migrate: false,
    createSchema: false,
    schedule: false,
    // A worker that finds no order waits for a NOTIFY, which the transaction that places one sends at commit.
    useListenNotify: true,
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
  };
}

/**
 * Brings the queue's tables up to this version; safe to repeat, and from several processes at once (pg-boss holds an
 * advisory lock meanwhile).
 *
 * @throws CATALOG_QUEUE_MIGRATE.
 */
export async function migrateQueue({
  url,
  heartbeatSeconds = defaultHeartbeatSeconds,
}: {
  url: string;
  heartbeatSeconds?: number;
}): Promise<void> {
  const boss = new PgBoss({ ...bossOptions({ url }), migrate: true, createSchema: true, supervise: false });
  // Without a listener an error event would end the process; the calls below report what matters.
  boss.on('error', () => undefined);
  try {
    await boss.start();
    await indexesBuilt(boss);
    const settings = {
      retryLimit,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 300,
      heartbeatSeconds,
      // pg-boss's limit. Longer work is handed out again and resumes where its plan says.
      expireInSeconds: 24 * 3600 - 1,
      notify: true,
    };
    await boss.createQueue(orderQueue, { ...settings, policy: 'exclusive' });
    await boss.updateQueue(orderQueue, settings);
  } catch (error) {
    throw new AppError(
      'CATALOG_QUEUE_MIGRATE',
      `The tables of the work queue could not be created: ${describeError(error)}`,
      { cause: error, retryable: true },
    );
  } finally {
    await boss.stop({ graceful: false });
  }
}

/** An upgrade of pg-boss can build indexes in the background; nobody else does, since workers never migrate. */
async function indexesBuilt(boss: PgBoss): Promise<void> {
  for (;;) {
    const statuses = await boss.getBamStatus();
    if (!statuses.some(({ status }) => status === 'pending' || status === 'in_progress')) return;
    await sleep(500);
  }
}
