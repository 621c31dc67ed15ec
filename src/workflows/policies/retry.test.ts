import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { admin, PolicyLab } from '../../../test/support/policy-lab.ts';
import type { PolicySource } from '../../domain/policy-assignment.ts';
import type { ScheduleWindow } from '../../domain/schedule.ts';

describe("a policy's backup that failed", () => {
  let lab: PolicyLab;
  before(async () => {
    lab = await PolicyLab.open();
  });
  after(() => lab.close());
  beforeEach(() => lab.reset());

  /** Its first run is at 18:00. */
  async function begin(everyMinutes = 360, window?: ScheduleWindow): Promise<void> {
    await lab.policy('daily', {
      spec: { schedule: { kind: 'every', everyMinutes }, window, retention: undefined },
    });
    lab.addInstance('web-01', { metadata: { 'emberkeep:policy': 'daily' } });
    await lab.tick();
    assert.equal((await lab.tick('2026-11-22T18:00:00Z')).started, 1);
  }

  async function source(): Promise<PolicySource | undefined> {
    const { items } = await lab.operations.listSources(admin, 'daily', { limit: 10, marker: undefined });
    return items[0];
  }

  it('is tried again after growing pauses, as often as told, and then waits for its next run', async () => {
    await begin();
    await lab.endBackups('failed', 'CEPH_BUSY');
    assert.equal((await lab.tick('2026-11-22T18:01:00Z')).started, 0);
    assert.deepEqual(await lab.nextRuns(), { 'web-01': '2026-11-22T18:06' });
    const told = await source();
    assert.deepEqual([told?.lastState, told?.jobId], ['failed', undefined]);
    assert.match(told?.lastError ?? '', /rbd failed \(tried again at 2026-11-22T18:06:00\.000Z\)/);
    assert.equal((await lab.tick('2026-11-22T18:05:59Z')).started, 0);
    assert.equal((await lab.tick('2026-11-22T18:06:00Z')).started, 1);
    assert.deepEqual(await lab.nextRuns(), { 'web-01': '2026-11-23T00:00' });
    await lab.endBackups('failed', 'STORE_UNREACHABLE');
    await lab.tick('2026-11-22T18:10:00Z');
    assert.equal((await lab.tick('2026-11-22T18:40:00Z')).started, 1);
    await lab.endBackups('failed', 'CEPH_BUSY');
    await lab.tick('2026-11-22T18:41:00Z');
    assert.deepEqual(await lab.nextRuns(), { 'web-01': '2026-11-23T00:00' }, 'no pause is left');
    assert.doesNotMatch((await source())?.lastError ?? '', /tried again/);
    await lab.tick('2026-11-23T00:00:00Z');
    const at = '2026-11-22T18:00:00.000Z';
    assert.deepEqual(
      (await lab.jobs()).map(({ target }) => target['run']),
      [undefined, { at, attempt: 2 }, { at, attempt: 3 }, undefined],
    );
    assert.deepEqual(lab.errors, []);
  });

  it('is not tried again where that cannot help, I8: least of all damage', async () => {
    for (const code of [
      'INPUT_NO_DISKS',
      'INTEGRITY_LINK_MISSING',
      'NOTFOUND_INSTANCE',
      'CONFLICT_HALF_DONE',
      'BUG_X',
    ]) {
      await lab.reset();
      await begin();
      await lab.endBackups('failed', code);
      await lab.tick('2026-11-22T18:01:00Z');
      assert.deepEqual(await lab.nextRuns(), { 'web-01': '2026-11-23T00:00' }, code);
    }
  });

  it('is not tried again when the next run has come by then, or the window has closed', async () => {
    await begin(5);
    await lab.endBackups('failed', 'CEPH_BUSY');
    await lab.tick('2026-11-22T18:01:00Z');
    assert.deepEqual(await lab.nextRuns(), { 'web-01': '2026-11-22T18:05' });
    await lab.reset();
    await begin(360, { start: '17:00', end: '18:06', timeZone: 'UTC' });
    await lab.endBackups('failed', 'CEPH_BUSY');
    await lab.tick('2026-11-22T18:01:00Z');
    assert.deepEqual(await lab.nextRuns(), { 'web-01': '2026-11-23T17:00' }, 'it closes at that minute');
  });

  it('waits for the next window as a run of its own, when nobody came to try it again', async () => {
    await begin(360, { start: '17:00', end: '18:30', timeZone: 'UTC' });
    await lab.endBackups('failed', 'CEPH_BUSY');
    await lab.tick('2026-11-22T18:01:00Z');
    assert.deepEqual(await lab.nextRuns(), { 'web-01': '2026-11-22T18:06' });
    assert.equal((await lab.tick('2026-11-22T19:00:00Z')).postponed, 1);
    assert.equal((await lab.tick('2026-11-23T17:00:00Z')).started, 1);
    assert.equal((await lab.jobs()).at(-1)?.target['run'], undefined);
  });
});
