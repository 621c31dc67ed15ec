import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { PgBoss, type ConstructorOptions } from 'pg-boss';
import bossPackage from 'pg-boss/package.json' with { type: 'json' };
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

/** Numbers that pg-boss gives the versions of its tables. */
export interface QueueState {
  /** Undefined for a database without them. */
  from: number | undefined;
  /** What this program's pg-boss needs (its package.json, which it reads itself). */
  to: number;
}

/** Only looks. @throws CATALOG_QUEUE_MIGRATE, CATALOG_SCHEMA_NEWER when a newer Emberkeep used this database. */
export async function queueState(url: string): Promise<QueueState> {
  const to = bossPackage.pgboss.schema;
  const from = await installedVersion(url).catch((error: unknown) => {
    throw notMigrated(error);
  });
  if (from === undefined || from <= to) return { from, to };
  throw new AppError(
    'CATALOG_SCHEMA_NEWER',
    `The tables of the work queue are of version ${from}, and this Emberkeep's are of ${to}: upgrade this one.`,
    { details: { from, to } },
  );
}

async function installedVersion(url: string): Promise<number | undefined> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'emberkeep-queue',
    connectionTimeoutMillis: 10_000,
  });
  // A connection that breaks is told by the query that waits for it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const table = `${queueSchema}.version`;
    const there = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
      table,
    ]);
    if (there.rows[0]?.there !== true) return undefined;
    const { rows } = await client.query<{ version: number }>(`select version from ${table}`);
    return rows[0]?.version;
  } finally {
    await client.end();
  }
}

/**
 * Brings the queue's tables up to this version; safe to repeat, and from several processes at once (pg-boss holds an
 * advisory lock meanwhile).
 *
 * @returns what was there before.
 * @throws CATALOG_QUEUE_MIGRATE, CATALOG_SCHEMA_NEWER.
 */
export async function migrateQueue({
  url,
  heartbeatSeconds = defaultHeartbeatSeconds,
}: {
  url: string;
  heartbeatSeconds?: number;
}): Promise<QueueState> {
  const state = await queueState(url);
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
    return state;
  } catch (error) {
    throw notMigrated(error);
  } finally {
    await boss.stop({ graceful: false });
  }
}

function notMigrated(error: unknown): AppError {
  return new AppError(
    'CATALOG_QUEUE_MIGRATE',
    `The tables of the work queue could not be made or read: ${describeError(error)}`,
    { cause: error, retryable: true },
  );
}

/** An upgrade of pg-boss can build indexes in the background; nobody else does, since workers never migrate. */
async function indexesBuilt(boss: PgBoss): Promise<void> {
  for (;;) {
    const statuses = await boss.getBamStatus();
    if (!statuses.some(({ status }) => status === 'pending' || status === 'in_progress')) return;
    await sleep(500);
  }
}
