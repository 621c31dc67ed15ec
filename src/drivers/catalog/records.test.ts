import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newId } from '../../base/ids.ts';
import { diskA, newJob, newPoint } from '../../../test/support/catalog-rows.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../../../test/support/catalog-database.ts';
import type { Catalog } from './catalog.ts';

describe('restores, audit and stores', () => {
  let database: CatalogDatabase;
  let catalog: Catalog;
  before(async () => {
    database = await openCatalogDatabase();
    catalog = database.catalog;
  });
  after(() => database.close());

  it('keeps restores beside their jobs', async () => {
    const point = await catalog.points.commit(newPoint({ disks: [{ key: diskA }] }));
    const job = await catalog.jobs.insert(newJob({ kind: 'restore', projectId: 'p-r' }));
    const row = await catalog.restores.insert({
      id: newId(),
      jobId: job.id,
      pointId: point.id,
      mode: 'replace',
      projectId: 'p-r',
      options: { disks: ['a'] },
    });
    assert.equal(row.state, 'queued');
    assert.deepEqual(await catalog.restores.ofJob(job.id), row);
    await catalog.restores.update(row.id, 'running');
    const done = await catalog.restores.update(row.id, 'succeeded', { volumeId: 'v' });
    assert.ok(done.finishedAt);
    assert.deepEqual(done.result, { volumeId: 'v' });
    const again = await catalog.restores.update(row.id, 'succeeded');
    assert.deepEqual(again, done, 'the first end and its result stay');
    assert.deepEqual(await catalog.restores.list({ projectId: 'p-r' }), [done]);
    assert.deepEqual(await catalog.restores.list({ pointId: 'nonsense' }), []);
    assert.deepEqual(await catalog.restores.list({ sourceId: point.sourceId }), [done]);
    assert.deepEqual(await catalog.restores.list({ sourceId: 'another' }), []);
    await assert.rejects(catalog.restores.update(newId(), 'failed'), { code: 'NOTFOUND_RESTORE' });
  });

  it('the audit trail can be added to and read, never changed', async () => {
    await catalog.audit.append({
      actor: { userId: 'u-1' },
      action: 'restore.create',
      target: { pointId: 'x' },
      result: 'allowed',
      requestId: 'req-1',
    });
    const [entry] = await catalog.audit.list({ action: 'restore.create' });
    assert.equal(entry?.requestId, 'req-1');
    for (const statement of [
      'update emberkeep.audit set result = null',
      'delete from emberkeep.audit',
      'truncate emberkeep.audit',
    ]) {
      await assert.rejects(async () => database.sql.raw(statement), /append-only/);
    }
    assert.equal((await catalog.audit.list()).length, 1);
  });

  it('the audit trail is listed by time, page by page, and a marker that the filter hides is unknown (I7)', async () => {
    const { sql } = database;
    const at = (time: string): string => `2026-11-${time}Z`;
    // Written late, by a transaction that began early; two of one instant.
    const rows = ['22T10:00', '22T12:00', '22T11:00', '22T11:00', '20T08:00'].map((time, index) => ({
      at: at(time),
      actor: '{"userId": "u-page"}',
      action: `page.${index}`,
      target: '{}',
      result: 'allowed',
      project_id: 'p-page',
    }));
    await sql('emberkeep.audit').insert(rows);
    const filter = { projectId: 'p-page', userId: 'u-page' };
    const seen: string[] = [];
    for (let afterId: number | undefined; ;) {
      const page = await catalog.audit.list({ ...filter, limit: 2, afterId });
      if (page.length === 0) break;
      seen.push(...page.map(({ action }) => action));
      afterId = page.at(-1)?.id;
    }
    assert.deepEqual(seen, ['page.1', 'page.3', 'page.2', 'page.0', 'page.4']);
    const earlier = await catalog.audit.list({ ...filter, before: new Date(at('22T11:00')) });
    assert.deepEqual(
      earlier.map(({ action }) => action),
      ['page.0', 'page.4'],
    );
    const [foreign] = await catalog.audit.list({ action: 'restore.create' });
    for (const afterId of [foreign?.id ?? 0, 999_999_999])
      await assert.rejects(catalog.audit.list({ ...filter, afterId }), { code: 'INPUT_MARKER_UNKNOWN' });
  });

  it('a store keeps its id and may move', async () => {
    await catalog.stores.upsert({ id: 'second', url: 'file:///a' });
    await catalog.stores.upsert({ id: 'second', url: 's3://b', description: 'moved' });
    assert.equal((await catalog.stores.get('second'))?.url, 's3://b');
    assert.deepEqual(
      (await catalog.stores.list()).map(({ id }) => id),
      ['main', 'second'],
    );
  });
});
