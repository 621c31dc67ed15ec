import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newId } from '../../base/ids.ts';
import type { JobKind } from '../../domain/job.ts';
import { diskA, diskB, newJob, newPoint } from '../../../test/support/catalog-rows.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../../../test/support/catalog-database.ts';
import type { JobRow, JsonObject } from './types.ts';

describe('jobs', () => {
  let database: CatalogDatabase;
  before(async () => {
    database = await openCatalogDatabase();
  });
  after(() => database.close());

  async function startedJob(): Promise<{ id: string; attempt: number }> {
    const { id } = await database.catalog.jobs.insert(newJob());
    const started = await database.catalog.jobs.start(id);
    assert.ok(started);
    return started;
  }

  it('comes back as it was written', async () => {
    const job = newJob({ target: { list: [1, { a: [] }], name: 'bad\0name\ud800' } });
    const row = await database.catalog.jobs.insert(job);
    assert.deepEqual(await database.catalog.jobs.get(job.id), row);
    assert.deepEqual(row.target, { list: [1, { a: [] }], name: 'bad\uFFFDname\uFFFD' });
    assert.equal(row.state, 'queued');
    assert.equal(row.attempt, 0);
    assert.equal(row.cancelRequested, false);
    assert.deepEqual(row.progress, { bytesDone: 0 });
    assert.deepEqual(row.requestedBy, job.requestedBy);
    assert.ok(row.createdAt instanceof Date);
    assert.equal(row.startedAt, undefined);
    assert.equal('started_at' in row, false);
  });

  it('an id that is none is unknown, not an error', async () => {
    assert.equal(await database.catalog.jobs.get('nonsense'), undefined);
    assert.equal(await database.catalog.jobs.get(newId()), undefined);
    assert.equal(await database.catalog.jobs.requestCancel('nonsense'), undefined);
  });

  it('records plan, progress and end of the attempt that holds the job', async () => {
    const { id, attempt } = await startedJob();
    const { jobs } = database.catalog;
    assert.deepEqual(await jobs.recordPlan(id, attempt, { snapshots: ['s'] }, 'snapshot'), {
      cancelRequested: false,
    });
    await jobs.recordProgress(id, attempt, { bytesDone: 5_000_000_000, bytesTotal: 6_000_000_000 });
    const done = await jobs.finish(id, attempt, { state: 'succeeded', result: { pointId: 'x' } });
    assert.deepEqual(done.plan, { snapshots: ['s'] });
    assert.equal(done.step, 'snapshot');
    assert.deepEqual(done.progress, { bytesDone: 5_000_000_000, bytesTotal: 6_000_000_000 });
    assert.deepEqual(done.result, { pointId: 'x' });
    assert.ok(done.finishedAt);
    const events = await database.catalog.events.since(id);
    assert.deepEqual(
      events.map(({ kind, data }) => [kind, data['state'] ?? data['step']]),
      [
        ['state', 'queued'],
        ['state', 'running'],
        ['step', 'snapshot'],
        ['state', 'succeeded'],
      ],
    );
    const [, second] = events;
    assert.ok(second);
    assert.equal((await database.catalog.events.since(id, second.id)).length, 2);
  });

  it('I9: a worker that lost its job cannot write to it any more', async () => {
    const first = await startedJob();
    const second = await database.catalog.jobs.start(first.id);
    assert.equal(second?.attempt, first.attempt + 1);
    const { jobs } = database.catalog;
    const stale = { code: 'CONFLICT_STALE_ATTEMPT' };
    await assert.rejects(jobs.recordPlan(first.id, first.attempt, { spoiled: true }, 'late'), stale);
    await assert.rejects(jobs.recordProgress(first.id, first.attempt, { bytesDone: 1 }), stale);
    await assert.rejects(jobs.finish(first.id, first.attempt, { state: 'succeeded', result: {} }), stale);
    const row = await jobs.get(first.id);
    assert.ok(row);
    assert.deepEqual(row.plan, {});
    assert.equal(row.state, 'running');
    assert.equal((await database.catalog.events.since(first.id)).filter((e) => e.kind === 'step').length, 0);
  });

  it('ends once: the same end again is the same, another one is refused', async () => {
    const { id, attempt } = await startedJob();
    const { jobs } = database.catalog;
    const error = { code: 'CEPH_DOWN', message: 'no mon', details: { host: 'a' } };
    const once = await jobs.finish(id, attempt, { state: 'failed', error });
    assert.deepEqual(await jobs.finish(id, attempt, { state: 'failed', error }), once);
    assert.deepEqual(once.error, error);
    await assert.rejects(jobs.finish(id, attempt, { state: 'cancelled' }), {
      code: 'CONFLICT_STALE_ATTEMPT',
    });
    await assert.rejects(jobs.recordProgress(id, attempt, { bytesDone: 1 }), {
      code: 'CONFLICT_STALE_ATTEMPT',
    });
    assert.equal(await jobs.start(id), undefined, 'an order that is delivered again finds nothing to do');
  });

  it('cancels a waiting job at once and tells a running one at its next write', async () => {
    const { jobs } = database.catalog;
    const waiting = await jobs.insert(newJob());
    assert.equal((await jobs.requestCancel(waiting.id))?.state, 'cancelled');
    assert.equal(await jobs.start(waiting.id), undefined);

    const running = await startedJob();
    assert.equal((await jobs.requestCancel(running.id))?.state, 'running');
    assert.deepEqual(await jobs.recordProgress(running.id, running.attempt, { bytesDone: 1 }), {
      cancelRequested: true,
    });
    await jobs.finish(running.id, running.attempt, { state: 'cancelled' });
    assert.equal((await jobs.requestCancel(running.id))?.state, 'cancelled');
  });

  it('lists newest first, page by page, and hides what the filter hides (I7)', async () => {
    const { jobs } = database.catalog;
    const mine: string[] = [];
    for (let i = 0; i < 5; i++) mine.unshift((await jobs.insert(newJob({ projectId: 'p-list' }))).id);
    const foreign = await jobs.insert(newJob({ projectId: 'p-other' }));

    const all = await jobs.list({ projectId: 'p-list' });
    assert.deepEqual(
      all.map(({ id }) => id),
      mine,
    );
    const page = await jobs.list({ projectId: 'p-list', limit: 2, marker: mine[1] });
    assert.deepEqual(
      page.map(({ id }) => id),
      mine.slice(2, 4),
    );
    for (const marker of [foreign.id, newId(), 'nonsense']) {
      await assert.rejects(jobs.list({ projectId: 'p-list', marker }), { code: 'INPUT_MARKER_UNKNOWN' });
    }
    assert.equal((await jobs.list({ projectId: 'p-list', kind: 'restore' })).length, 0);
    assert.equal((await jobs.list({ projectId: 'p-list', states: ['queued'] })).length, 5);
  });

  it('in every order that the list has, pages put together are the whole list', async () => {
    const { jobs } = database.catalog;
    const projectId = 'p-sorted';
    for (const kind of ['restore', 'backup', 'verify', 'backup', 'restore'] as const) {
      const job = await jobs.insert(newJob({ projectId, kind }));
      if (kind === 'verify') continue;
      const started = await jobs.start(job.id);
      if (kind === 'backup') await jobs.finish(job.id, started?.attempt ?? 0, { state: 'cancelled' });
    }
    const shown: Record<string, (job: JobRow) => string> = {
      kind: ({ kind }) => kind,
      state: ({ state }) => state,
      finished_at: ({ finishedAt }) => finishedAt?.toISOString() ?? 'later',
    };
    for (const [by, keyOf] of Object.entries(shown)) {
      for (const direction of ['asc', 'desc'] as const) {
        const sort = { by, direction };
        const seen: JobRow[] = [];
        for (
          let marker: string | undefined, isFirst = true;
          isFirst || marker !== undefined;
          isFirst = false
        ) {
          const page = await jobs.list({ projectId, sort, limit: 2, marker });
          seen.push(...page);
          marker = page.length < 2 ? undefined : page.at(-1)?.id;
        }
        assert.equal(new Set(seen.map(({ id }) => id)).size, 5, `${by} ${direction}`);
        const keys = seen.map(keyOf);
        const ordered = keys.toSorted();
        assert.deepEqual(keys, direction === 'asc' ? ordered : ordered.reverse(), `${by} ${direction}`);
      }
    }
    const unknown = { by: 'id; drop table emberkeep.jobs', direction: 'asc' } as const;
    await assert.rejects(jobs.list({ projectId, sort: unknown }), { code: 'INPUT_SORT' });
  });

  it('finds the jobs of a source: those that name it, and those of its points', async () => {
    const { jobs, points } = database.catalog;
    const mine = await points.commit(newPoint({ sourceId: 'source-a', disks: [{ key: diskA }] }));
    const other = await points.commit(newPoint({ sourceId: 'source-b', disks: [{ key: diskB }] }));
    const projectId = 'p-source';
    const add = async (kind: JobKind, target: JsonObject) =>
      (await jobs.insert(newJob({ projectId, kind, target }))).id;
    const named = { kind: 'instance', id: 'source-a', name: 'web-01', projectId };
    const ofA = [
      await add('backup', { target: named, forceFull: false }),
      await add('expire', { kind: 'instance', id: 'source-a', pointIds: [mine.id] }),
      await add('verify', { sourceKind: 'instance', sourceId: 'source-a', level: 'quick' }),
      await add('verify', { pointId: mine.id, level: 'quick' }),
      await add('restore', { pointId: mine.id, mode: 'image' }),
      await add('undo', { restoreId: newId(), pointId: mine.id }),
    ];
    await add('backup', { target: { ...named, id: 'source-b' } });
    await add('restore', { pointId: other.id });
    await add('restore', { pointId: 'no uuid' });
    await add('reconcile', { name: 'what jobs left behind', dryRun: true });
    // Another project's job stays hidden, whatever it works on (I7).
    await jobs.insert(newJob({ projectId: 'p-other', target: { target: named } }));
    const found = async (sourceId: string) => (await jobs.list({ projectId, sourceId })).map(({ id }) => id);
    assert.deepEqual(await found('source-a'), ofA.toReversed());
    assert.deepEqual(await found('no uuid'), []);
    const image = await add('backup', {
      target: { kind: 'image', location: { cluster: 'ceph', pool: 'vms', image: 'plain' } },
    });
    assert.deepEqual(await found('ceph/vms/plain'), [image]);
  });

  it('finds the jobs of one request, as the backup of a pool makes them', async () => {
    const { jobs } = database.catalog;
    const requestId = `req-${newId()}`;
    const ids: string[] = [];
    for (let i = 0; i < 3; i++)
      ids.unshift((await jobs.insert(newJob({ projectId: undefined, requestId }))).id);
    await jobs.insert(newJob({ projectId: undefined }));
    assert.deepEqual(
      (await jobs.list({ requestId })).map(({ id }) => id),
      ids,
    );
    assert.deepEqual(await jobs.list({ requestId, projectId: 'p-1' }), [], 'I7');
  });

  it('knows what is unfinished', async () => {
    const running = await startedJob();
    const ended = await startedJob();
    await database.catalog.jobs.finish(ended.id, ended.attempt, { state: 'cancelled' });
    const ids = (await database.catalog.jobs.unfinished()).map(({ id }) => id);
    assert.ok(ids.includes(running.id));
    assert.ok(!ids.includes(ended.id));
  });

  it('a transaction that fails leaves nothing, and its own error passes through', async () => {
    const job = newJob();
    const mishap = new TypeError('mine');
    await assert.rejects(
      database.catalog.transaction(async (tx) => {
        await tx.jobs.insert(job);
        throw mishap;
      }),
      mishap,
    );
    assert.equal(await database.catalog.jobs.get(job.id), undefined);
    assert.deepEqual(await database.catalog.events.since(job.id), []);
  });

  it('an id that is taken is a conflict', async () => {
    const job = await database.catalog.jobs.insert(newJob());
    await assert.rejects(database.catalog.jobs.insert(newJob({ id: job.id })), {
      code: 'CONFLICT_DUPLICATE',
    });
  });
});
