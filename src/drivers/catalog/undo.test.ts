import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newId } from '../../base/ids.ts';
import { diskA, newJob, newPoint } from '../../../test/support/catalog-rows.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../../../test/support/catalog-database.ts';
import type { Catalog } from './catalog.ts';
import type { JobOutcome, RestoreRow } from './types.ts';

describe('the undo of restores', () => {
  let database: CatalogDatabase;
  let catalog: Catalog;
  let pointId: string;
  before(async () => {
    database = await openCatalogDatabase();
    catalog = database.catalog;
    pointId = (await catalog.points.commit(newPoint({ disks: [{ key: diskA }] }))).id;
  });
  after(() => database.close());

  async function restored(mode: 'in-place' | 'image' = 'in-place'): Promise<RestoreRow> {
    const job = await catalog.jobs.insert(newJob({ kind: 'restore' }));
    const row = await catalog.restores.insert({
      id: newId(),
      jobId: job.id,
      pointId,
      mode,
      projectId: undefined,
      options: { disks: [diskA] },
    });
    await catalog.jobs.start(job.id);
    await catalog.jobs.finish(job.id, 1, { state: 'succeeded', result: {} });
    return row;
  }

  async function undoJob(): Promise<string> {
    return (await catalog.jobs.insert(newJob({ kind: 'undo' }))).id;
  }

  const shown = async ({ id }: RestoreRow): Promise<RestoreRow> => {
    const row = await catalog.restores.get(id);
    assert.ok(row);
    return row;
  };

  async function expire({ id }: RestoreRow): Promise<void> {
    await catalog.transaction(async (tx) => {
      await tx
        .sql('emberkeep.restores')
        .where('id', id)
        .update({ undo_until: tx.sql.raw('now()') });
    });
  }

  it('is possible for as long as was said first', async () => {
    const row = await restored();
    assert.equal(row.undoUntil, undefined);
    await catalog.undo.allow(row.id, 7);
    const { undoUntil } = await shown(row);
    assert.ok(undoUntil);
    await catalog.undo.allow(row.id, 1);
    assert.deepEqual((await shown(row)).undoUntil, undoUntil);
    const jobId = await undoJob();
    await catalog.undo.begin(row.id, jobId);
    assert.equal((await shown(row)).undoJobId, jobId);
    await catalog.undo.done(row.id);
    const undone = await shown(row);
    assert.equal(undone.state, 'undone');
    assert.ok(undone.undoneAt !== undefined && undone.undoReleasedAt !== undefined);
    await assert.rejects(catalog.undo.begin(row.id, jobId), { code: 'CONFLICT_UNDO_EXPIRED' });
  });

  it('ends with its time, and what is undone just now is not given up', async () => {
    const [never, over, busy] = [await restored(), await restored(), await restored()];
    for (const row of [over, busy]) await catalog.undo.allow(row.id, 1);
    await catalog.undo.begin(busy.id, await undoJob());
    for (const row of [over, busy]) await expire(row);
    assert.deepEqual(
      (await catalog.undo.expired(10)).map(({ id }) => id),
      [over.id],
    );
    for (const row of [never, over])
      await assert.rejects(catalog.undo.begin(row.id, await undoJob()), { code: 'CONFLICT_UNDO_EXPIRED' });
    await catalog.undo.release(over.id);
    assert.deepEqual(await catalog.undo.expired(10), []);
  });

  it('of the rest of a restore that failed has no end, and happens once', async () => {
    const row = await restored();
    const jobId = await undoJob();
    await catalog.undo.beginRest(row.id, jobId);
    assert.equal((await shown(row)).undoJobId, jobId);
    await catalog.undo.done(row.id);
    await assert.rejects(catalog.undo.beginRest(row.id, jobId), { code: 'CONFLICT_UNDONE' });
  });

  it('knows what came later to the same disks', async () => {
    const first = await restored();
    assert.equal(await catalog.undo.laterThan(first, ['volume:other']), undefined);
    await restored('image');
    assert.equal(await catalog.undo.laterThan(first, [diskA]), undefined);
    const second = await restored();
    assert.equal((await catalog.undo.laterThan(first, [diskA]))?.id, second.id);
    assert.equal(await catalog.undo.laterThan(second, [diskA]), undefined);
    await catalog.undo.done(second.id);
    assert.equal(await catalog.undo.laterThan(first, [diskA]), undefined);
  });

  it('knows what could neither be finished nor taken back, until it is undone or made up for', async () => {
    const disk = 'volume:half';
    const error = { code: 'CONFLICT_UNDO_FAILED', message: 'says the test', details: {} };
    const failed: JobOutcome = { state: 'failed', error };
    const succeeded: JobOutcome = { state: 'succeeded', result: {} };
    const begin = async (mode: 'in-place' | 'image' = 'in-place'): Promise<RestoreRow> => {
      const job = await catalog.jobs.insert(newJob({ kind: 'restore' }));
      await catalog.jobs.start(job.id);
      const row = {
        id: newId(),
        jobId: job.id,
        pointId,
        mode,
        projectId: undefined,
        options: { disks: [disk] },
      };
      return await catalog.restores.insert(row);
    };
    const end = async ({ id, jobId = '' }: RestoreRow, outcome: JobOutcome): Promise<void> => {
      await catalog.jobs.finish(jobId, 1, outcome);
      await catalog.restores.update(id, outcome.state === 'succeeded' ? 'succeeded' : 'failed');
    };
    const half = async (): Promise<string[]> =>
      (await catalog.undo.halfDone([disk, diskA])).map(({ id }) => id);

    await end(await begin('image'), failed);
    const first = await begin();
    assert.deepEqual(await half(), [], 'one that runs has its locks');
    await end(first, failed);
    assert.deepEqual(await half(), [first.id]);
    assert.deepEqual(await catalog.undo.halfDone(['volume:other']), []);
    await catalog.undo.done(first.id);
    assert.deepEqual(await half(), []);

    const second = await begin();
    await end(second, failed);
    const third = await begin();
    await end(third, succeeded);
    assert.deepEqual(await half(), [], 'the disk is a point again');

    // Its undo fails both ways, and is asked for again.
    const undo = await catalog.jobs.insert(newJob({ kind: 'undo' }));
    await catalog.undo.allow(third.id, 7);
    await catalog.undo.begin(third.id, undo.id);
    await catalog.jobs.start(undo.id);
    await catalog.jobs.finish(undo.id, 1, failed);
    assert.deepEqual(await half(), [third.id]);
    const again = await catalog.jobs.insert(newJob({ kind: 'undo', target: { after: undo.id } }));
    await catalog.undo.begin(third.id, again.id);
    assert.deepEqual(await half(), [third.id]);
  });
});
