import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newId } from '../../base/ids.ts';
import { newJob } from '../../../test/support/catalog-rows.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../../../test/support/catalog-database.ts';
import type { PolicySpec } from '../../domain/policy.ts';
import type { PlannedSource } from './policy-sources.ts';
import type { PolicyStatements } from './policy-statements.ts';

const spec: PolicySpec = {
  schedule: { kind: 'every', everyMinutes: 60 },
  spreadMinutes: 5,
  consistency: 'crash',
  cycle: { kind: 'cycle', days: 3 },
};
const now = new Date('2026-11-22T12:00:00.123Z');

describe('policies in the catalog', () => {
  let database: CatalogDatabase;
  let policies: PolicyStatements;
  before(async () => {
    database = await openCatalogDatabase();
    ({ policies } = database.catalog);
  });
  after(() => database.close());

  async function policy(name: string): Promise<string> {
    const id = newId();
    await policies.insert({ id, name, description: '', published: false, enabled: true, spec });
    return id;
  }

  function source(policyId: string, more: Partial<PlannedSource> = {}): PlannedSource {
    const id = newId();
    return {
      id,
      policyId,
      revision: 1,
      kind: 'instance',
      sourceId: id,
      sourceName: 'web-01',
      projectId: 'p-1',
      target: { kind: 'instance', id, name: 'web-01', projectId: 'p-1' },
      gone: false,
      nextRunAt: now,
      ...more,
    };
  }

  it('a policy is what was written, by name and by id, and a change makes it a new revision', async () => {
    const id = await policy('a');
    const found = await policies.find('a');
    assert.deepEqual(found, await policies.find(id));
    assert.deepEqual([found?.spec, found?.revision], [spec, 1]);
    const changed = await policies.update(id, { published: true });
    assert.deepEqual([changed?.published, changed?.revision, changed?.spec], [true, 2, spec]);
    await assert.rejects(policy('a'), { code: 'CONFLICT_POLICY_NAME' });
    assert.equal(await policies.find('nothing'), undefined);
    assert.equal(await policies.update(newId(), { published: true }), undefined);
  });

  it('the same is assigned once, to whichever policy; a project sees its own', async () => {
    const [one, other] = [await policy('one'), await policy('other')];
    const selector = { kind: 'tag', tag: 'x' } as const;
    const assign = (policyId: string, projectId: string | undefined) =>
      policies.assign({ id: newId(), policyId, selector, projectId, byAdmin: false });
    const own = await assign(one, 'p-1');
    await assign(one, undefined);
    await assign(one, 'p-2');
    for (const project of ['p-1', undefined])
      await assert.rejects(assign(other, project), {
        code: 'CONFLICT_POLICY_ASSIGNED',
        details: { policy: 'one' },
      });
    assert.deepEqual(await policies.assignments({ policyId: one, projectId: 'p-1' }), [own]);
    const visible = await policies.list({ visibleTo: 'p-1' });
    assert.ok(visible.some(({ id }) => id === one) && !visible.some(({ id }) => id === other));
    assert.ok(!(await policies.list({ visibleTo: 'p-9' })).some(({ id }) => id === one));
    await policies.unassign(own.id);
    assert.equal(await policies.assignment(own.id), undefined);
    assert.equal(await policies.assignment('x'), undefined);
    await policies.delete(one);
    assert.deepEqual(await policies.assignments({ policyId: one }), []);
  });

  it('a due source is moved on once, and its run is settled once', async () => {
    const policyId = await policy('runs');
    const planned = source(policyId);
    const later = source(policyId, { nextRunAt: new Date(now.getTime() + 1) });
    await policies.saveSources({ planned: [planned, later], removedIds: [] });
    const [due, ...more] = await policies.due(now, 10);
    assert.ok(due);
    assert.deepEqual([due.sourceId, due.nextRunAt, due.lastState], [planned.sourceId, now, undefined]);
    assert.deepEqual(more, []);
    const job = newJob();
    await database.catalog.jobs.insert(job);
    const change = { nextRunAt: new Date(now.getTime() + 60_000), run: { at: now, jobId: job.id } };
    assert.equal(await policies.moveOn(due, change), true);
    assert.equal(await policies.moveOn(due, change), false);
    assert.deepEqual(await policies.due(now, 10), []);
    assert.deepEqual(await policies.endedRuns(10), []);
    await database.catalog.jobs.finish(job.id, 0, {
      state: 'failed',
      error: { code: 'CEPH_X', message: 'rbd failed', details: {} },
    });
    const [ended] = await policies.endedRuns(10);
    assert.deepEqual(
      [ended?.jobState, ended?.jobError, ended?.source.lastRunAt],
      ['failed', 'rbd failed', now],
    );
    assert.ok(ended);
    await policies.settleRun(ended, 'rbd failed');
    await policies.settleRun(ended, 'again');
    assert.deepEqual(await policies.endedRuns(10), []);
    const [settled] = (await policies.sources({ policyId })).filter(({ id }) => id === planned.id);
    assert.deepEqual(
      [settled?.lastState, settled?.lastError, settled?.jobId],
      ['failed', 'rbd failed', undefined],
    );
  });

  it('a plan for a source that is known keeps its id and what came of its runs', async () => {
    const [first, second] = [await policy('first'), await policy('second')];
    const planned = source(first);
    await policies.saveSources({ planned: [planned], removedIds: [] });
    const again = { ...planned, id: newId(), sourceName: 'renamed', nextRunAt: undefined };
    await policies.saveSources({ planned: [again], removedIds: [] });
    const [same] = await policies.sources({ policyId: first });
    assert.deepEqual([same?.id, same?.sourceName], [planned.id, 'renamed'], 'two workers that found it');
    await policies.saveSources({ planned: [{ ...again, id: planned.id, policyId: second }], removedIds: [] });
    assert.deepEqual(await policies.sources({ policyId: first }), []);
    const [known] = await policies.sources({ policyId: second, projectId: 'p-1' });
    assert.deepEqual([known?.id, known?.sourceName, known?.nextRunAt], [planned.id, 'renamed', undefined]);
    await policies.saveSources({ planned: [], removedIds: [planned.id] });
    assert.deepEqual(await policies.sources({ policyId: second }), []);
  });

  it('assignments are resolved by one at a time, soon after a change, and after a clock that was wrong', async () => {
    const at = (minutes: number): Date => new Date(now.getTime() + minutes * 60_000);
    await policy('changes');
    assert.equal(await policies.beginResolve(now, at(5)), true);
    assert.equal(await policies.beginResolve(at(1), at(6)), false);
    assert.equal(await policies.beginResolve(at(5), at(10)), true);
    assert.equal(await policies.beginResolve(at(-60), at(-55)), true, 'the clock was set back');
    await policy('more');
    assert.equal(await policies.beginResolve(at(-59), at(-54)), true);
  });
});
