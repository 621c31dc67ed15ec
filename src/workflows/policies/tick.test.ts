import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { newPoint } from '../../../test/support/catalog-rows.ts';
import { admin, member, PolicyLab, stranger } from '../../../test/support/policy-lab.ts';
import { projectOf } from '../../../test/support/fake-cloud.ts';
import { volumeDiskKey } from '../../domain/disk.ts';
import { newId } from '../../base/ids.ts';
import type { TickReport } from './tick.ts';

const nothing: TickReport = { started: 0, skipped: 0, postponed: 0, settled: 0, cut: 0 };

describe('the scheduler', () => {
  let lab: PolicyLab;
  before(async () => {
    lab = await PolicyLab.open();
  });
  after(() => lab.close());
  beforeEach(() => lab.reset());

  const daily = { 'emberkeep:policy': 'daily' };

  async function tags(): Promise<string[]> {
    return (await lab.jobs()).map(({ target }) => (target['target'] as { name: string }).name);
  }

  it('backs up what chose the policy when it is due, asked for by the policy', async () => {
    await lab.policy('daily', { spec: { consistency: 'paused', bandwidthMib: 50 } });
    const instance = lab.addInstance('web-01', { metadata: daily });
    lab.addInstance('web-02');
    await lab.tick('2026-11-22T12:00:10Z');
    assert.deepEqual(await lab.nextRuns(), { 'web-01': '2026-11-22T18:00' });
    assert.equal((await lab.tick('2026-11-22T17:59:59Z')).started, 0);
    assert.equal((await lab.tick('2026-11-22T18:00:20Z')).started, 1);
    const [job] = await lab.jobs();
    assert.deepEqual(job?.target, {
      target: { kind: 'instance', id: instance.id, name: 'web-01', projectId: instance.projectId },
      forceFull: false,
      cycle: { maxIncrements: 1_000_000, maxDays: 36_500 },
      consistency: 'paused',
      bandwidthMib: 50,
      policy: 'daily',
    });
    assert.equal(job.requestedBy.userName, 'policy daily');
    assert.equal(job.projectId, instance.projectId);
    assert.deepEqual(await lab.nextRuns(), { 'web-01': '2026-11-23T00:00' });
    assert.equal((await lab.tick('2026-11-22T18:00:50Z')).started, 0);
    assert.deepEqual(lab.errors, []);
  });

  it('chooses by instance, then the own choice, then metadata and tags, then project; pools beside', async () => {
    for (const name of ['daily', 'own', 'tagged', 'project']) await lab.policy(name);
    await lab.policy('hidden', { published: false });
    const one = lab.addInstance('one', { metadata: { 'emberkeep:policy': 'own' }, tags: ['t'] });
    lab.addInstance('two', { tags: ['t', 'emberkeep:policy=own'] });
    lab.addInstance('three', { tags: ['t'], metadata: { 'emberkeep:policy': 'hidden' } });
    lab.addInstance('four');
    lab.addInstance('foreign', { projectId: projectOf('other'), tags: ['t'] });
    lab.images = ['plain-image'];
    const to = (policy: string, request: Parameters<typeof lab.operations.assign>[2]['to'], by = admin) =>
      lab.operations.assign(by, policy, { to: request, projectId: undefined });
    await to('daily', { kind: 'instance', nameOrId: one.id });
    await to('tagged', { kind: 'tag', tag: 't' }, member);
    await to('project', { kind: 'project', projectId: undefined }, member);
    await to('daily', { kind: 'pool', cluster: 'ceph', pool: 'volumes' });
    await lab.tick();
    assert.deepEqual(Object.keys(await lab.nextRuns()).sort(), ['one', 'volumes/plain-image']);
    assert.equal(await lab.reaches('daily', 'own', 'tagged', 'project'), 'instance pool choice tag project');
    assert.deepEqual(Object.keys(await lab.nextRuns(admin, 'own')), ['two']);
    assert.deepEqual(Object.keys(await lab.nextRuns(admin, 'tagged')), ['three'], 'own project only');
    assert.deepEqual(Object.keys(await lab.nextRuns(admin, 'project')), ['four']);
    assert.deepEqual(await lab.nextRuns(stranger, 'tagged'), {}, 'I7');
    assert.deepEqual(await lab.nextRuns(admin, 'hidden'), {});
  });

  it('catches up once, however many runs were missed, and not before the window opens', async () => {
    await lab.policy('daily', {
      spec: {
        schedule: { kind: 'every', everyMinutes: 10 },
        window: { start: '11:00', end: '14:00', timeZone: 'UTC' },
      },
    });
    lab.addInstance('web-01', { metadata: daily });
    await lab.tick();
    assert.deepEqual(await lab.nextRuns(), { 'web-01': '2026-11-22T12:10' });
    assert.deepEqual(await lab.tick('2026-12-03T02:00:00Z'), { ...nothing, postponed: 1 });
    assert.deepEqual(await lab.nextRuns(), { 'web-01': '2026-12-03T11:00' });
    for (const at of ['11:00:05', '11:00:35', '11:01:05']) await lab.tick(`2026-12-03T${at}Z`);
    assert.equal((await lab.jobs()).length, 1);
    assert.deepEqual(await lab.nextRuns(), { 'web-01': '2026-12-03T11:10' });
  });

  it('a clock that jumps makes no storm, and what a wrong clock planned is planned again', async () => {
    await lab.policy('daily', { spec: { retention: undefined } });
    for (let index = 0; index < 5; index += 1) lab.addInstance(`web-${index}`, { metadata: daily });
    await lab.tick();
    // A year ahead: one backup each. And back: none.
    assert.equal((await lab.tick('2027-11-22T12:00:00Z')).started, 5);
    await lab.endBackups();
    assert.equal((await lab.tick('2026-11-22T12:01:00Z')).started, 0);
    assert.deepEqual(new Set(Object.values(await lab.nextRuns())), new Set(['2026-11-22T18:00']));
    assert.equal((await lab.tick('2026-11-22T18:00:00Z')).started, 5);
    await lab.endBackups();
    // An hour back, over a run that was: it is not repeated.
    assert.equal((await lab.tick('2026-11-22T17:00:00Z')).started, 0);
    await lab.tick('2026-11-22T17:10:00Z');
    assert.deepEqual(new Set(Object.values(await lab.nextRuns())), new Set(['2026-11-23T00:00']));
    for (let back = 0; back < 5; back += 1) {
      await lab.tick('2026-11-22T18:01:00Z');
      await lab.tick('2026-11-22T17:30:00Z');
    }
    assert.equal((await lab.jobs()).length, 10);
  });

  it('leaves a run out while the backup before it has not ended', async () => {
    await lab.policy('daily');
    lab.addInstance('web-01', { metadata: daily });
    await lab.tick();
    await lab.tick('2026-11-22T18:00:00Z');
    assert.equal((await lab.tick('2026-11-23T00:00:00Z')).skipped, 1);
    assert.equal((await lab.jobs()).length, 1);
    const { items } = await lab.operations.listSources(member, 'daily', { limit: 10, marker: undefined });
    assert.match(items[0]?.lastError ?? '', /left out/);
    await lab.endBackups('failed');
    assert.deepEqual(await lab.tick('2026-11-23T06:00:00Z'), { ...nothing, started: 1, settled: 1 });
  });

  it('expires by the rule after a backup that succeeded, and not after one that failed', async () => {
    await lab.policy('daily');
    const { id, projectId } = lab.addInstance('web-01', { metadata: daily });
    const key = volumeDiskKey(newId());
    for (const day of [10, 11, 12, 13, 14]) {
      const takenAt = `2026-11-${day}T10:00:00.000Z`;
      await lab.database.catalog.points.commit(
        newPoint({ sourceId: id, projectId, takenAt, disks: [{ key }] }),
      );
    }
    await lab.tick();
    await lab.tick('2026-11-22T18:00:00Z');
    await lab.endBackups('failed');
    await lab.tick('2026-11-22T18:01:00Z');
    assert.equal((await lab.jobs('expire')).length, 0);
    await lab.tick('2026-11-23T00:00:00Z');
    await lab.endBackups();
    assert.equal((await lab.tick('2026-11-23T00:01:00Z')).settled, 1);
    const [expiry, ...more] = await lab.jobs('expire');
    assert.equal((expiry?.target['pointIds'] as string[]).length, 2);
    assert.equal(expiry?.requestedBy.userName, 'policy daily');
    assert.deepEqual(more, []);
    assert.equal((await lab.tick('2026-11-23T00:02:00Z')).settled, 0);
  });

  it('an instance that was deleted keeps its points by the rule; one that only a listing left out stays', async () => {
    await lab.policy('daily', {
      spec: { retention: { kind: 'rules', rules: { keepWithinDays: 5 }, strategy: 'fold' } },
    });
    const { id, projectId } = lab.addInstance('web-01', { metadata: daily });
    const hidden = lab.addInstance('web-02', { metadata: daily });
    const key = volumeDiskKey(newId());
    for (const day of [20, 21]) {
      const takenAt = `2026-11-${day}T10:00:00.000Z`;
      await lab.database.catalog.points.commit(
        newPoint({ sourceId: id, projectId, takenAt, disks: [{ key }] }),
      );
    }
    await lab.tick();
    lab.instances.shift();
    lab.hidden.add(hidden.id);
    await lab.tick('2026-11-22T12:06:00Z');
    assert.deepEqual(await lab.nextRuns(), { 'web-01': '2026-11-23T12:06', 'web-02': '2026-11-22T18:00' });
    for (const day of [23, 24, 25, 26]) await lab.tick(`2026-11-${day}T12:30:00Z`);
    const expiries = await lab.jobs('expire');
    assert.ok(expiries.length >= 1, 'the older of the two went');
    assert.ok(expiries.every(({ target }) => (target['pointIds'] as string[]).length === 1));
    assert.ok(!(await tags()).includes('web-01'));
  });

  it('forgets what is unassigned, plans anew what changed, and starts nothing that is disabled', async () => {
    await lab.policy('daily');
    const instance = lab.addInstance('web-01', { metadata: { ...daily } });
    await lab.tick();
    await lab.operations.change(admin, 'daily', { spec: { schedule: { kind: 'every', everyMinutes: 60 } } });
    await lab.tick();
    assert.deepEqual(await lab.nextRuns(), { 'web-01': '2026-11-22T13:00' });
    await lab.operations.change(admin, 'daily', { enabled: false, spec: {} });
    assert.equal((await lab.tick('2026-11-22T13:00:00Z')).started, 0);
    await lab.tick('2026-11-22T14:00:00Z');
    assert.deepEqual(await lab.nextRuns(), { 'web-01': undefined });
    await lab.operations.change(admin, 'daily', { enabled: true, spec: {} });
    await lab.tick('2026-11-22T14:10:00Z');
    assert.deepEqual(await lab.nextRuns(), { 'web-01': '2026-11-22T15:00' });
    instance.metadata = {};
    await lab.tick('2026-11-22T14:20:00Z');
    assert.deepEqual(await lab.nextRuns(), {});
    assert.equal((await lab.jobs()).length, 0);
  });

  it('a pool that cannot be looked at loses nothing; images that went are gone', async () => {
    await lab.policy('daily', { spec: { consistency: 'paused' } });
    lab.images = ['a', 'b'];
    const to = { kind: 'pool', cluster: 'ceph', pool: 'volumes' } as const;
    await lab.operations.assign(admin, 'daily', { to, projectId: undefined });
    await lab.tick();
    lab.images = undefined;
    await lab.tick('2026-11-22T12:10:00Z');
    assert.match(lab.errors.join(), /cannot be looked at/);
    assert.equal(Object.keys(await lab.nextRuns()).length, 2);
    lab.images = ['b'];
    await lab.tick('2026-11-22T12:20:00Z');
    const { items } = await lab.operations.listSources(admin, 'daily', { limit: 10, marker: undefined });
    assert.deepEqual(items.map(({ sourceName, gone }) => [sourceName, gone]).sort(), [
      ['volumes/a', true],
      ['volumes/b', false],
    ]);
    await lab.tick('2026-11-22T18:00:00Z');
    assert.deepEqual(
      (await lab.jobs()).map(({ target }) => target['consistency']),
      ['crash'],
      'an image cannot stand still',
    );
  });

  it('a fault of one source spoils no other, and its run stays due', async () => {
    await lab.policy('daily');
    lab.addInstance('web-01', { metadata: daily });
    lab.addInstance('web-02', { metadata: daily });
    await lab.tick();
    lab.queueFault = new Error('the queue is full');
    assert.equal((await lab.tick('2026-11-22T18:00:00Z')).started, 1);
    assert.equal(lab.errors.length, 1);
    assert.equal((await lab.tick('2026-11-22T18:00:30Z')).started, 1);
    assert.deepEqual((await tags()).sort(), ['web-01', 'web-02']);
  });

  it('an instance in two stores has a run for each, and each policy expires in its own', async () => {
    const { catalog } = lab.database;
    await catalog.stores.upsert({ id: 'far', url: 's3://far', name: 'offsite' });
    const keepOne = { kind: 'rules' as const, rules: { keepLast: 1 }, strategy: 'fold' as const };
    await lab.policy('daily', { spec: { retention: keepOne } });
    await lab.policy('offsite', { spec: { store: 'offsite', retention: keepOne } });
    const { id, projectId } = lab.addInstance('web-01');
    const both = { to: { kind: 'project' as const, projectId }, projectId: undefined };
    for (const name of ['daily', 'offsite']) await lab.operations.assign(admin, name, both);
    const key = volumeDiskKey(newId());
    for (const storeId of ['main', 'far', 'far'])
      for (const day of [20, 21]) {
        const takenAt = `2026-11-${day}T10:00:00.000Z`;
        await catalog.points.commit(
          newPoint({ sourceId: id, projectId, storeId, takenAt, disks: [{ key }] }),
        );
      }
    await lab.tick();
    assert.deepEqual(await lab.nextRuns(admin, 'daily'), { 'web-01': '2026-11-22T18:00' });
    assert.deepEqual(await lab.nextRuns(admin, 'offsite'), { 'web-01': '2026-11-22T18:00' });
    assert.equal((await lab.tick('2026-11-22T18:00:00Z')).started, 2);
    const stores = (await lab.jobs()).map(({ target }) => target['store']);
    assert.deepEqual(new Set(stores), new Set([undefined, 'offsite']));
    await lab.endBackups();
    assert.equal((await lab.tick('2026-11-22T18:01:00Z')).settled, 2);
    const expiries = (await lab.jobs('expire')).map(({ target }) => [
      target['storeId'],
      (target['pointIds'] as string[]).length,
    ]);
    assert.deepEqual(expiries.toSorted(), [
      ['far', 3],
      ['main', 1],
    ]);

    // In one store the closest of both is left, and what it knows of the source.
    await lab.operations.change(admin, 'daily', { spec: { store: 'offsite' } });
    await lab.tick('2026-11-22T18:02:00Z');
    assert.deepEqual(await lab.nextRuns(admin, 'daily'), { 'web-01': '2026-11-23T00:00' });
    assert.deepEqual(await lab.nextRuns(admin, 'offsite'), {});
    await assert.rejects(lab.operations.change(admin, 'daily', { spec: { store: 'tape' } }), {
      code: 'INPUT_STORE',
      message: /it has default, offsite/,
    });
    assert.deepEqual(lab.errors, []);
  });

  it('two workers at the same moment ask for each backup once (I9)', async () => {
    await lab.policy('daily');
    for (let index = 0; index < 20; index += 1) lab.addInstance(`web-${index}`, { metadata: daily });
    await lab.tick();
    const reports = await Promise.all(
      ['2026-11-22T18:00:00Z', '2026-11-22T18:00:00Z', '2026-11-22T18:00:00Z'].map((at) => lab.tick(at)),
    );
    assert.equal(
      reports.reduce((sum, { started }) => sum + started, 0),
      20,
    );
    assert.equal((await lab.jobs()).length, 20);
  });

  it('what a tick reads is what is due, not what there is', async () => {
    const { sql } = lab.database;
    const plan = await sql.transaction(async (trx) => {
      // In a table as small as a test's everything would be read.
      await trx.raw('set local enable_seqscan = off');
      const due = await trx.raw<{ rows: Record<string, string>[] }>(
        'explain select * from emberkeep.policy_sources where next_run_at <= now() order by next_run_at, id limit 500',
      );
      return due.rows.map((row) => row['QUERY PLAN']).join('\n');
    });
    assert.match(plan, /policy_sources_due/);
  });

  it('moves a source on by its id, however many are due at the same instant', async () => {
    const { catalog, sql } = lab.database;
    const asked: { sql: string; bindings: readonly unknown[] }[] = [];
    const hear = (query: (typeof asked)[number]): void => void asked.push(query);
    sql.on('query', hear);
    await catalog.policies.moveOn({ id: newId(), nextRunAt: lab.now }, { nextRunAt: undefined });
    sql.removeListener('query', hear);
    const { rows } = await sql.transaction(async (trx) => {
      await trx.raw('set local enable_seqscan = off');
      return await trx.raw<{ rows: Record<string, string>[] }>(
        `explain ${asked[0]?.sql.replaceAll(/\$\d+/g, '?') ?? ''}`,
        [...(asked[0]?.bindings ?? [])] as never,
      );
    });
    assert.match(rows.map((row) => row['QUERY PLAN']).join('\n'), /using policy_sources_pkey/);
  });
});
