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
