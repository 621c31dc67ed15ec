import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { after, afterEach, before, describe, it } from 'node:test';
import { AppError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { openCatalogServer, type CatalogServer } from '../../../test/support/catalog-database.ts';
import { createQueue, type Queue, type WorkHandler, type WorkOrder } from './queue.ts';
import { migrateQueue, queueState } from './orders.ts';

describe('queue', () => {
  let database: CatalogServer;
  let queues: Queue[] = [];
  before(async () => {
    database = await openCatalogServer();
    await migrateQueue({ url: database.url, heartbeatSeconds: 10 });
  });
  afterEach(async () => {
    await Promise.all(queues.map((queue) => queue.stop({ graceful: false, timeoutMs: 0 })));
    queues = [];
    await database.sql('emberkeep_queue.job').delete();
  });
  after(() => database.close());

  async function open(handler?: WorkHandler, concurrency = 1): Promise<Queue> {
    const queue = createQueue({ url: database.url, superviseSeconds: 1, onError: () => undefined });
    queues.push(queue);
    await queue.start();
    if (handler) await queue.work(handler, { concurrency });
    return queue;
  }

  async function enqueue(queue: Queue, singletonKey?: string): Promise<string> {
    const jobId = newId();
    await database.catalog.transaction(({ sql }) =>
      queue.enqueue(sql, { jobId, kind: 'backup', ...(singletonKey === undefined ? {} : { singletonKey }) }),
    );
    return jobId;
  }

  /** Collects orders and lets a test wait for them. */
  function inbox(): { take(): Promise<WorkOrder>; put(order: WorkOrder): void; size(): number } {
    const orders: WorkOrder[] = [];
    const takers: ((order: WorkOrder) => void)[] = [];
    return {
      put(order) {
        const taker = takers.shift();
        if (taker) taker(order);
        else orders.push(order);
      },
      take() {
        const order = orders.shift();
        if (order) return Promise.resolve(order);
        return new Promise((resolve) => takers.push(resolve));
      },
      size: () => orders.length,
    };
  }

  function aborted(signal: AbortSignal): Promise<unknown> {
    if (signal.aborted) return Promise.resolve(signal.reason);
    return once(signal, 'abort').then(() => signal.reason as unknown);
  }

  it('refuses to start before its tables exist, and says so', async () => {
    await database.sql.raw('create database bare');
    const url = database.url.replace('/emberkeep?', '/bare?');
    assert.equal((await queueState(url)).from, undefined);
    const queue = createQueue({ url, onError: () => undefined });
    await assert.rejects(queue.start(), { code: 'CATALOG_QUEUE_START', message: /not installed/ });
  });

  it('migrates again, also from several processes at once', async () => {
    await Promise.all([1, 2, 3].map(() => migrateQueue({ url: database.url, heartbeatSeconds: 10 })));
  });

  it('tells the version of its tables, and leaves those of a newer one alone', async () => {
    const { from, to } = await queueState(database.url);
    assert.equal(from, to);
    await database.sql('emberkeep_queue.version').update({ version: to - 1 });
    assert.deepEqual(await queueState(database.url), { from: to - 1, to });
    await database.sql('emberkeep_queue.version').update({ version: to + 1 });
    try {
      await assert.rejects(migrateQueue({ url: database.url }), { code: 'CATALOG_SCHEMA_NEWER' });
    } finally {
      await database.sql('emberkeep_queue.version').update({ version: to });
    }
  });

  it('an order exists exactly when its transaction commits', async () => {
    const received = inbox();
    const queue = await open((order) => {
      received.put(order);
      return Promise.resolve();
    });
    const lost = newId();
    await assert.rejects(
      database.catalog.transaction(async ({ sql }) => {
        await queue.enqueue(sql, { jobId: lost, kind: 'backup' });
        throw new Error('changed my mind');
      }),
      /changed my mind/,
    );
    assert.equal(await queue.isPending(lost), false);
    const jobId = await enqueue(queue);
    const order = await received.take();
    assert.equal(order.jobId, jobId);
    assert.equal(order.kind, 'backup');
    assert.equal(order.isLastAttempt, false);
    assert.equal(received.size(), 0);
  });

  it('keeps one order for each job and each singleton key', async () => {
    const queue = await open();
    const first = await enqueue(queue, 'instance-1');
    assert.equal(await queue.isPending(first), true);
    await assert.rejects(enqueue(queue, 'instance-1'), { code: 'CONFLICT_ALREADY_QUEUED' });
    await enqueue(queue, 'instance-2');

    await queue.cancel(first, { ended: true });
    assert.equal(await queue.isPending(first), false);
    await enqueue(queue, 'instance-1');
  });

  it('places several at once, all of them or none', async () => {
    const received = inbox();
    const queue = await open((order) => {
      received.put(order);
      return Promise.resolve();
    }, 2);
    const orders = [newId(), newId(), newId()].map((jobId) => ({ jobId, kind: 'backup' as const }));
    await database.catalog.transaction(({ sql }) => queue.enqueueAll(sql, orders));
    const taken = [await received.take(), await received.take(), await received.take()];
    assert.deepEqual(taken.map(({ jobId }) => jobId).sort(), orders.map(({ jobId }) => jobId).sort());
    const idle = createQueue({ url: database.url, onError: () => undefined });
    queues.push(idle);
    await idle.start();
    await queue.drain({ graceful: true, timeoutMs: 1_000 });
    const waits = await enqueue(idle);
    const other = newId();
    const twice = [other, waits].map((jobId) => ({ jobId, kind: 'backup' as const }));
    await assert.rejects(
      database.catalog.transaction(({ sql }) => idle.enqueueAll(sql, twice)),
      { code: 'CONFLICT_ALREADY_QUEUED' },
    );
    assert.deepEqual([await idle.isPending(other), await idle.isPending(waits)], [false, true]);
  });

  it('hands a waiting order out as soon as a place is free, restores first', async () => {
    const producer = await open();
    const jobIds: string[] = [];
    for (const kind of ['backup', 'backup', 'restore'] as const) {
      const jobId = newId();
      jobIds.push(jobId);
      await database.catalog.transaction(({ sql }) => producer.enqueue(sql, { jobId, kind }));
    }
    const received = inbox();
    await open((order) => {
      received.put(order);
      return Promise.resolve();
    });
    const order = [await received.take(), await received.take(), await received.take()].map(
      ({ jobId }) => jobId,
    );
    assert.deepEqual(order, [jobIds[2], jobIds[0], jobIds[1]]);
  });

  it('runs as many orders at once as it may, and no more', async () => {
    const received = inbox();
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const queue = await open(async (order) => {
      received.put(order);
      await finished;
    }, 2);
    const jobIds = [await enqueue(queue), await enqueue(queue), await enqueue(queue)];
    const both = [await received.take(), await received.take()].map(({ jobId }) => jobId);
    assert.deepEqual(new Set(both), new Set(jobIds.slice(0, 2)));
    assert.equal(received.size(), 0);
    finish();
    assert.equal((await received.take()).jobId, jobIds[2]);
  });

  it('repeats what failed for a while and ends what failed for good', async () => {
    const received = inbox();
    let tries = 0;
    const queue = await open((order) => {
      received.put(order);
      tries += 1;
      if (tries === 1) throw new AppError('CEPH_BUSY', 'try later', { retryable: true });
      if (tries === 2) throw new AppError('INTEGRITY_SEGMENT', 'broken');
      return Promise.resolve();
    });
    const jobId = await enqueue(queue);
    assert.equal((await received.take()).jobId, jobId);
    assert.equal((await received.take()).jobId, jobId);
    // A later order is served, so the failed one was not merely slow to return.
    const next = await enqueue(queue);
    assert.equal((await received.take()).jobId, next);
    assert.equal(await queue.isPending(jobId), false);
    const rows = await database.sql('emberkeep_queue.job').select('state', 'output').orderBy('created_on');
    assert.equal(rows[0].state, 'failed');
    assert.equal(rows[0].output.code, 'INTEGRITY_SEGMENT');
  });

  it('cancels by signal from another process and keeps the order until the handler has cleaned up', async () => {
    const received = inbox();
    let cleanedUp: () => void = () => undefined;
    const cleaning = new Promise<void>((resolve) => (cleanedUp = resolve));
    await open(async (order) => {
      received.put(order);
      await aborted(order.signal);
      await cleaning;
    });
    const elsewhere = await open();
    const jobId = await enqueue(elsewhere);
    const order = await received.take();
    await elsewhere.cancel(jobId, { ended: false });
    const reason = await aborted(order.signal);
    assert.ok(reason instanceof AppError);
    assert.equal(reason.code, 'CANCELLED_BY_REQUEST');
    assert.equal(await elsewhere.isPending(jobId), true);
    cleanedUp();
  });

  it('I9: a shutdown leaves its orders to another worker', async () => {
    const first = inbox();
    const leaving = await open(async (order) => {
      first.put(order);
      const reason = await aborted(order.signal);
      assert.ok(reason instanceof AppError);
      throw reason;
    });
    const jobId = await enqueue(leaving);
    const order = await first.take();
    await leaving.stop({ graceful: true, timeoutMs: 1 });
    assert.equal((order.signal.reason as AppError).code, 'CANCELLED_SHUTDOWN');

    const second = inbox();
    await open((again) => {
      second.put(again);
      return Promise.resolve();
    });
    assert.equal((await second.take()).jobId, jobId);
  });

  it('a graceful stop lets the running order end', async () => {
    const received = inbox();
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const queue = await open(async (order) => {
      received.put(order);
      await finished;
    });
    const jobId = await enqueue(queue);
    const order = await received.take();
    const stopped = queue.stop({ graceful: true, timeoutMs: 60_000 });
    finish();
    await stopped;
    assert.equal(order.signal.aborted, false);
    assert.equal(await (await open()).isPending(jobId), false);
  });

  it('a graceful stop in a hurry leaves the running order to another worker', async () => {
    const received = inbox();
    const queue = await open(async (order) => {
      received.put(order);
      await once(order.signal, 'abort');
      throw order.signal.reason;
    });
    const jobId = await enqueue(queue);
    const order = await received.take();
    const hurry = new AbortController();
    const stopped = queue.stop({ graceful: true, timeoutMs: 3_600_000, hurry: hurry.signal });
    hurry.abort();
    await stopped;
    assert.equal((order.signal.reason as { code?: string }).code, 'CANCELLED_SHUTDOWN');
    assert.equal(await (await open()).isPending(jobId), true);
  });

  it('I9: kill -9 of a worker hands its order to another one', async () => {
    const queue = await open();
    const jobId = await enqueue(queue);
    const worker = spawn(
      process.execPath,
      [`${import.meta.dirname}/../../../test/support/hang-on-order.ts`, database.url],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const [line] = (await once(worker.stdout, 'data')) as [Buffer];
    assert.equal(line.toString().trim(), jobId);
    worker.kill('SIGKILL');
    await once(worker, 'exit');

    const received = inbox();
    await queue.work(
      (order) => {
        received.put(order);
        return Promise.resolve();
      },
      { concurrency: 1 },
    );
    assert.equal((await received.take()).jobId, jobId);
  });

  it('survives a restart of PostgreSQL', async () => {
    const received = inbox();
    const queue = await open((order) => {
      received.put(order);
      return Promise.resolve();
    });
    await database.restart();
    let jobId: string | undefined;
    while (jobId === undefined) {
      jobId = await enqueue(queue).catch((error: unknown) => {
        assert.ok(error instanceof AppError && error.retryable, String(error));
        return undefined;
      });
    }
    assert.equal((await received.take()).jobId, jobId);
  });
});
