import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { diskA, diskB, newPoint, requester } from '../../../test/support/catalog-rows.ts';
import { failed, HistoryLab, succeeded, undoFailed } from '../../../test/support/history-lab.ts';
import { newId } from '../../base/ids.ts';
import { snapshotName } from '../../domain/snapshot-name.ts';
import type { NewPoint } from '../../drivers/catalog/types.ts';

const target = (id: string): Record<string, unknown> => ({ target: { kind: 'instance', id } });
const nothing = { restores: 0, jobs: 0, points: 0, formerLinks: 0 };

describe('the history of what is over', () => {
  let lab: HistoryLab;
  before(async () => {
    lab = await HistoryLab.open();
  });
  after(() => lab.close());
  beforeEach(async () => {
    for (const table of ['restores', 'links', 'former_links', 'points', 'jobs', 'point_sources', 'disks'])
      await lab.database.sql(`emberkeep.${table}`).delete();
    lab.stored.clear();
    lab.isStoreAway = false;
  });
  afterEach(() => assert.deepEqual(lab.errors.splice(0), []));

  async function committed(shape: Partial<Parameters<typeof newPoint>[0]> = {}): Promise<NewPoint> {
    const point = newPoint({ disks: [{ key: diskA }], ...shape });
    for (const link of point.links) link.toSnapshot.name = snapshotName(link.linkId, new Date(0));
    await lab.database.catalog.points.commit(point);
    return point;
  }

  async function deletePoint({ manifest, links }: NewPoint, alsoLinks = true): Promise<void> {
    const { expiry } = lab.database.catalog;
    await expiry.deletePoints([manifest.pointId], { actor: { ...requester } });
    if (alsoLinks) await expiry.dropLinks(links.map(({ linkId }) => linkId));
  }

  async function count(table: string): Promise<number> {
    return (await lab.database.sql(`emberkeep.${table}`).select(1)).length;
  }

  it('jobs go with their events when they ended long ago, and not before', async () => {
    const [old, waits] = [await lab.job({}, succeeded()), await lab.job()];
    const runs = await lab.job();
    await lab.database.catalog.jobs.start(runs.id);
    await lab.age(89);
    assert.deepEqual(await lab.look(), nothing);
    await lab.age(2);
    const newer = await lab.job({}, succeeded());
    assert.deepEqual(await lab.look({ jobs: 0, points: 0, restores: 0 }), nothing, '0: for ever');
    assert.deepEqual(await lab.look(), { ...nothing, jobs: 1 });
    assert.equal(await lab.hasJob(old), false);
    for (const job of [waits, runs, newer])
      assert.ok(await lab.hasJob(job), 'has not ended, or not long ago');
    assert.equal(await count('job_events'), 1 + 2 + 3);
    assert.deepEqual(lab.removed.at(-1), { ...nothing, jobs: 1 });
    assert.deepEqual(await lab.look(), nothing, 'again');
  });

  it('the newest job of each kind of a source stays as long as the source is known', async () => {
    const point = await committed({ sourceId: 'kept' });
    const first = await lab.job({ target: target('kept') }, succeeded());
    const newest = await lab.job({ target: target('kept') }, succeeded());
    const other = await lab.job({ kind: 'expire', target: { id: 'kept' } }, succeeded());
    const unknown = await lab.job({ target: target('gone') }, succeeded());
    await lab.age(100);
    assert.equal((await lab.look()).jobs, 2);
    assert.deepEqual(await Promise.all([first, newest, other, unknown].map((job) => lab.hasJob(job))), [
      false,
      true,
      true,
      false,
    ]);
    await deletePoint(point);
    await lab.age(100);
    assert.equal((await lab.look()).points, 1);
    assert.equal((await lab.look()).jobs, 2, 'nothing is left of the source');
  });

  it('the job of a point stays until the point is deleted, and one that a policy waits for', async () => {
    const { catalog, sql } = lab.database;
    const maker = await lab.job({}, succeeded());
    const point = newPoint({ disks: [{ key: diskA }] });
    await catalog.points.commit({ ...point, jobId: maker.id });
    const awaited = await lab.job({ target: target('b') }, succeeded());
    const policyId = newId();
    await sql('emberkeep.policies').insert({
      id: policyId,
      name: 'p',
      published: true,
      enabled: true,
      spec: '{}',
    });
    await sql('emberkeep.policy_sources').insert({
      id: newId(),
      policy_id: policyId,
      revision: 1,
      kind: 'instance',
      source_id: 'c',
      source_name: 'c',
      target: '{}',
      job_id: awaited.id,
    });
    await lab.age(100);
    await lab.job({}, succeeded());
    await lab.job({ target: target('b') }, succeeded());
    assert.equal((await lab.look()).jobs, 0);
    await deletePoint(point);
    await sql('emberkeep.policy_sources').update({ job_id: null });
    assert.equal((await lab.look()).jobs, 2);
    assert.equal((await catalog.points.get(point.manifest.pointId))?.jobId, undefined);
    await sql('emberkeep.policies').delete();
  });

  it('I4: a failed backup stays until a reconciliation has found nothing left of it', async () => {
    const { links } = lab.database.catalog;
    const linkId = newId();
    const plan = { disks: [{ linkId, disk: { key: diskA } }] };
    const broken = await lab.job({ plan }, failed());
    const harmless = await lab.job({}, failed());
    const name = snapshotName(linkId, new Date());
    await lab.age(100);
    await lab.job({}, succeeded());
    for (const result of [
      { problems: ['a pool could not be listed'] },
      // More than are listed.
      { found: 1001 },
      { dryRun: true },
    ])
      await lab.reconciled(result);
    assert.equal((await lab.look()).jobs, 1);
    assert.deepEqual([await lab.hasJob(broken), await lab.hasJob(harmless)], [true, false]);
    const left = { outcome: 'left', reason: `no increment of ${diskA} will stand on it` };
    await lab.reconciled({ found: 1, left: 1, findings: [left] });
    assert.equal((await lab.look()).jobs, 0, 'what could not be removed');
    assert.ok(await links.ownsSnapshot(name));
    await lab.reconciled({ found: 1, done: 1, findings: [{ ...left, outcome: 'done' }] });
    assert.equal((await lab.look()).jobs, 1);
    assert.equal(await links.ownsSnapshot(name), false);
  });

  it('what a job named that ran at the reconciliation was not looked for by it', async () => {
    const long = await lab.job({ kind: 'restore' });
    const plan = { disks: [{ linkId: newId(), disk: { key: diskA } }] };
    const broken = await lab.job({ plan }, failed());
    await lab.age(100);
    await lab.job({}, succeeded());
    await lab.reconciled();
    await lab.database.catalog.jobs.start(long.id);
    await lab.database.catalog.jobs.finish(long.id, 1, succeeded());
    assert.equal((await lab.look()).jobs, 0);
    await lab.reconciled();
    assert.equal((await lab.look()).jobs, 1);
    assert.equal(await lab.hasJob(broken), false);
  });

  it('a fold that was begun stays until somebody puts it back', async () => {
    const plan = (state: string): Record<string, unknown> => ({ folds: [{ diskKey: diskA, state }] });
    const begun = await lab.job({ kind: 'expire', plan: plan('begun') }, failed());
    const done = await lab.job({ kind: 'expire', plan: plan('done') }, failed());
    await lab.age(100);
    await lab.job({ kind: 'expire' }, succeeded());
    await lab.look();
    assert.deepEqual([await lab.hasJob(begun), await lab.hasJob(done)], [true, false]);
  });

  it('rows of deleted points go when nothing stands on them, and with the last the source', async () => {
    const full = await committed();
    const increment = await committed({ disks: [{ key: diskA, parent: full.links[0] }] });
    const elsewhere = await committed({ sourceId: 'other', disks: [{ key: diskB }] });
    await deletePoint(full, false);
    await lab.age(100);
    assert.equal((await lab.look()).points, 0, 'an increment stands on its link');
    await deletePoint(increment);
    await lab.database.catalog.expiry.dropLinks(full.links.map(({ linkId }) => linkId));
    assert.equal((await lab.look()).points, 1);
    assert.deepEqual([await count('point_sources'), await count('disks')], [2, 2]);
    await lab.age(100);
    assert.equal((await lab.look()).points, 1);
    assert.deepEqual([await count('point_sources'), await count('disks')], [1, 1]);
    assert.ok(await lab.database.catalog.points.get(elsewhere.manifest.pointId));
  });

  it('a point whose manifest is in the store still, or whose store is away, stays known as deleted', async () => {
    const point = await committed();
    await deletePoint(point);
    await lab.age(100);
    lab.stored.add(point.manifest.pointId);
    assert.equal((await lab.look()).points, 0);
    lab.stored.clear();
    lab.isStoreAway = true;
    assert.equal((await lab.look()).points, 0);
    assert.equal(lab.errors.splice(0).length, 1);
    lab.isStoreAway = false;
    assert.equal((await lab.look()).points, 1);
  });

  it('a restore stays until its undo was given up, and with it its jobs and its point', async () => {
    const { undo } = lab.database.catalog;
    const point = await committed();
    const restore = await lab.restore(point.manifest.pointId, diskA);
    await undo.allow(restore.id, 7);
    await deletePoint(point);
    await lab.age(400);
    await lab.reconciled();
    assert.deepEqual(await lab.look(), { ...nothing, formerLinks: 1 }, 'its images are there');
    await undo.release(restore.id);
    assert.deepEqual(await lab.look(), nothing, 'what it left is to be looked for first');
    await lab.reconciled();
    assert.deepEqual(await lab.look(), { ...nothing, restores: 1, points: 1 });
    assert.equal((await lab.look()).jobs, 1);
  });

  it('restores of the same disks stay while one of them can be undone or is half done', async () => {
    const { catalog, sql } = lab.database;
    const point = await committed();
    const { pointId } = point.manifest;
    const half = await lab.restore(pointId, diskA, failed(undoFailed));
    const made = await lab.restore(pointId, diskA);
    await sql('emberkeep.restores').where('id', made.id).update({ state: 'succeeded' });
    const open = await lab.restore(pointId, diskB);
    await catalog.undo.allow(open.id, 3650);
    const later = await lab.restore(pointId, diskB);
    await lab.age(400);
    await lab.reconciled();
    assert.equal((await lab.look()).restores, 0);
    assert.deepEqual(await catalog.undo.halfDone([diskA]), [], 'the later one made up for it');
    const begun = await catalog.restores.get(open.id);
    assert.ok(begun);
    assert.equal((await catalog.undo.laterThan(begun, [diskB]))?.id, later.id);
    await catalog.undo.done(half.id);
    await catalog.undo.done(open.id);
    await lab.reconciled();
    assert.equal((await lab.look()).restores, 4);
  });

  it('a pass goes on where the look before ended, past what had to stay, and begins again a day later', async () => {
    const { catalog, sql } = lab.database;
    for (const id of ['a', 'a', 'b', 'b', 'c'])
      await lab.job({ target: target(id), plan: { disks: [] } }, failed());
    await lab.age(100);
    for (const id of ['a', 'b', 'c']) await lab.job({ target: target(id) }, succeeded());
    const limits = { days: 90, quiet: { before: undefined, jobId: undefined, spared: [] } };
    const places: unknown[] = [];
    for (const looked of [2, 2, 1, 0]) {
      const look = await catalog.history.look('jobs', limits, 2);
      assert.deepEqual([look.looked, look.over], [looked, []], 'no reconciliation has been');
      places.push(look.last);
      await catalog.history.pass('jobs', look.last, look.looked < 2);
    }
    assert.equal(new Set(places.map((place) => JSON.stringify(place))).size, 4);
    await sql('emberkeep.history_passes').update({ begun_at: sql.raw(`now() - interval '25 hours'`) });
    await catalog.history.pass('jobs', undefined, true);
    assert.equal((await catalog.history.look('jobs', limits, 10)).looked, 5);
  });

  it('restores that nobody approved go by their end', async () => {
    const { catalog } = lab.database;
    const { pointId } = (await committed()).manifest;
    const ask = () =>
      catalog.approvals.ask({
        id: newId(),
        pointId,
        mode: 'image',
        projectId: undefined,
        options: {},
        requestedBy: requester,
        hours: 1,
      });
    const [waits, declined] = [await ask(), await ask()];
    await catalog.approvals.decline(declined.id, 'rejected', { by: requester, reason: undefined });
    await lab.age(400);
    assert.equal((await lab.look()).restores, 1);
    assert.ok(await catalog.restores.get(waits.id));
  });

  it('a folded link stays known as long as what took its place', async () => {
    const { catalog } = lab.database;
    const full = await committed();
    const [first] = full.links;
    const increment = await committed({ disks: [{ key: diskA, parent: first }] });
    const [second] = increment.links;
    assert.ok(first && second);
    await deletePoint(full, false);
    const { kind, parentLinkId, fromSnapshot, fullReason, depth } = first;
    const link = { ...second, linkId: newId(), kind, parentLinkId, fromSnapshot, fullReason, depth };
    await catalog.expiry.foldLinks({ linkIds: [first.linkId, second.linkId], link });
    await lab.age(100);
    assert.equal((await lab.look()).formerLinks, 0, 'no reconciliation yet');
    await lab.reconciled();
    assert.equal((await lab.look()).formerLinks, 1);
    assert.equal((await catalog.links.chainOf(second.linkId))[0]?.id, link.linkId);
    await deletePoint({ ...increment, links: [link] });
    assert.ok(await catalog.links.ownsSnapshot(second.toSnapshot.name));
    assert.equal((await lab.look()).formerLinks, 0);
    await lab.age(100);
    await lab.reconciled();
    assert.equal((await lab.look()).formerLinks, 1);
    assert.ok(await catalog.links.ownsSnapshot(second.toSnapshot.name));
    assert.equal((await lab.look()).formerLinks, 1);
  });
});
