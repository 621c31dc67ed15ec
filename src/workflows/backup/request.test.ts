import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openCatalogDatabase, type CatalogDatabase } from '../../../test/support/catalog-database.ts';
import { callerWith } from '../../../test/support/fake-cloud.ts';
import type { NewOrder } from '../../drivers/queue/queue.ts';
import { requestBackup, type BackupRequestDeps } from './request.ts';

describe('a backup of a whole pool', () => {
  let database: CatalogDatabase;
  before(async () => {
    database = await openCatalogDatabase();
  });
  after(() => database.close());

  const caller = callerWith({ roles: ['admin'], isAdmin: true });
  const targets = Array.from({ length: 450 }, (_, index) => {
    const image = `image-${index}`;
    const location = { cluster: 'ceph', pool: 'volumes', image };
    return { kind: 'image' as const, name: `volumes/${image}`, location };
  });

  function depsWith(enqueueAll: (orders: readonly NewOrder[]) => Promise<void>): BackupRequestDeps {
    return {
      catalog: database.catalog,
      queue: {
        enqueue: () => Promise.reject(new Error('not one by one')),
        enqueueAll: (_tx, orders) => enqueueAll(orders),
      },
      cycle: { maxIncrements: 30, maxDays: 7 },
      stores: { names: ['default'] },
      resolveTargets: () => Promise.resolve(targets),
    };
  }

  const request = { target: { kind: 'pool', cluster: 'ceph', pool: 'volumes' }, full: false } as const;

  it('is a job for each image, some in one transaction, each with its event, audit entry and order', async () => {
    const { catalog } = database;
    const placed: string[][] = [];
    const jobs = await requestBackup(
      depsWith((orders) => Promise.resolve(void placed.push(orders.map(({ jobId }) => jobId)))),
      caller,
      request,
    );
    assert.deepEqual(
      jobs.map(({ target }) => (target['target'] as { name: string }).name),
      targets.map(({ name }) => name),
    );
    assert.deepEqual(
      placed.flat(),
      jobs.map(({ id }) => id),
    );
    assert.deepEqual(
      placed.map(({ length }) => length),
      [200, 200, 50],
    );
    const entries = await catalog.audit.list({ action: 'backup.create', limit: 1000 });
    assert.deepEqual(new Set(entries.map(({ target }) => target['jobId'])), new Set(placed.flat()));
    const events = await catalog.events.since(jobs[449]?.id ?? '');
    assert.deepEqual(
      events.map(({ data }) => data),
      [{ state: 'queued' }],
    );
  });

  it('leaves no job without its order when one transaction fails', async () => {
    const before = (await database.catalog.jobs.list({ limit: 10_000 })).length;
    let calls = 0;
    const fails = depsWith(() =>
      (calls += 1) === 2 ? Promise.reject(new Error('no answer')) : Promise.resolve(),
    );
    await assert.rejects(requestBackup(fails, caller, request));
    assert.equal((await database.catalog.jobs.list({ limit: 10_000 })).length, before + 200);
  });
});
