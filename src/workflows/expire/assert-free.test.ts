import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newId } from '../../base/ids.ts';
import type { JobKind } from '../../domain/job.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../../../test/support/catalog-database.ts';
import { diskA, diskB, newJob, newPoint } from '../../../test/support/catalog-rows.ts';
import { assertFree } from './assert-free.ts';

describe('I9: a deletion keeps away from what has begun', () => {
  let database: CatalogDatabase;
  let pointId: string;
  before(async () => {
    database = await openCatalogDatabase();
    const point = newPoint({ disks: [{ key: diskA }] });
    await database.catalog.points.commit(point);
    pointId = point.manifest.pointId;
  });
  after(() => database.close());

  /** What is thrown, if anything, while there is such a job; the job is ended then. */
  async function tryWith(
    job: { kind: JobKind; target?: object; plan?: object; begun: boolean },
    diskKey = diskA,
    going: string[] = [],
  ): Promise<string | undefined> {
    const { catalog } = database;
    const { id } = await catalog.jobs.insert(
      newJob({ kind: job.kind, target: { ...job.target }, plan: { ...job.plan } }),
    );
    if (job.begun) await catalog.jobs.start(id);
    try {
      await assertFree({ catalog }, [diskKey], going);
      return undefined;
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      await catalog.jobs.requestCancel(id);
      if (job.begun) await catalog.jobs.finish(id, 1, { state: 'cancelled' });
    }
  }

  const inTheWay = 'CONFLICT_JOB_UNDER_WAY';

  it('a backup with a snapshot of the disk', async () => {
    const disks = [{ disk: { key: diskA }, linkId: newId() }];
    const taken = disks.map((disk) => ({ ...disk, snapshot: { startedMs: 1 } }));
    assert.equal(await tryWith({ kind: 'backup', plan: { disks: taken }, begun: true }), inTheWay);
    assert.equal(await tryWith({ kind: 'backup', plan: { disks: taken }, begun: true }, diskB), undefined);
    assert.equal(await tryWith({ kind: 'backup', plan: { disks }, begun: true }), undefined);
  });

  it('a restore that has begun with the disk, and one that waits for a point that is to go', async () => {
    const restore = { kind: 'restore', target: { pointId } } as const;
    assert.equal(await tryWith({ ...restore, begun: true }), inTheWay);
    assert.equal(await tryWith({ ...restore, begun: true }, diskB), undefined);
    assert.equal(await tryWith({ ...restore, begun: false }), undefined);
    assert.equal(await tryWith({ ...restore, begun: false }, diskA, [pointId]), inTheWay);
  });

  it('nothing else', async () => {
    for (const kind of ['expire', 'verify'] as const)
      assert.equal(await tryWith({ kind, target: { pointId }, begun: true }), undefined);
  });
});
