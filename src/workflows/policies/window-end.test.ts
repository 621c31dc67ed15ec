import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { admin, PolicyLab } from '../../../test/support/policy-lab.ts';
import { runJob } from '../../entry/worker/run-job.ts';
import type { WorkerDeps } from '../../entry/worker/deps.ts';
import { cutBeforeStart } from './window-end.ts';
import type { PolicySource } from '../../domain/policy-assignment.ts';
import type { ScheduleWindow } from '../../domain/schedule.ts';

describe("the end of a policy's window", () => {
  let lab: PolicyLab;
  before(async () => {
    lab = await PolicyLab.open();
  });
  after(() => lab.close());
  beforeEach(() => lab.reset());

  /** Two instances whose backups were asked for at 11:00, the window's beginning; the first of both runs. */
  async function begin(atEnd?: ScheduleWindow['atEnd']): Promise<{ running: string; waiting: string }> {
    const window = { start: '11:00', end: '14:00', timeZone: 'UTC', atEnd };
    await lab.policy('daily', {
      spec: { schedule: { kind: 'every', everyMinutes: 10_080 }, window, retention: undefined },
    });
    for (const name of ['runs', 'waits'])
      lab.addInstance(name, { metadata: { 'emberkeep:policy': 'daily' } });
    await lab.tick();
    // Weekly, Thursdays at midnight: the run waits for the window of that day.
    assert.deepEqual(await lab.nextRuns(), { runs: '2026-11-26T11:00', waits: '2026-11-26T11:00' });
    assert.equal((await lab.tick('2026-11-26T11:00:00Z')).started, 2);
    const [running, waiting] = await Promise.all(['runs', 'waits'].map((name) => jobOf(name)));
    await lab.database.catalog.jobs.start(running ?? '');
    return { running: running ?? '', waiting: waiting ?? '' };
  }

  async function jobOf(name: string): Promise<string | undefined> {
    const jobs = await lab.jobs();
    return jobs.findLast(({ target }) => (target['target'] as { name: string }).name === name)?.id;
  }

  async function sourceOf(name: string): Promise<PolicySource | undefined> {
    const { items } = await lab.operations.listSources(admin, 'daily', { limit: 10, marker: undefined });
    return items.find(({ sourceName }) => sourceName === name);
  }

  it('lets what runs finish; what has not begun is caught up once when it opens again', async () => {
    const { running, waiting } = await begin();
    const { jobs } = lab.database.catalog;
    assert.equal((await lab.tick('2026-11-26T13:59:59Z')).cut, 0, 'the window is open');
    assert.equal((await lab.tick('2026-11-26T14:00:10Z')).cut, 1);
    const ended = await jobs.get(waiting);
    assert.equal(ended?.state, 'cancelled');
    assert.match(String(ended.result?.['reason']), /closed before the backup began/);
    const ran = await jobs.get(running);
    assert.deepEqual([ran?.state, ran?.cancelRequested], ['running', false]);
    const source = await sourceOf('waits');
    assert.deepEqual([source?.jobId, source?.lastState], [undefined, 'cancelled']);
    assert.match(source?.lastError ?? '', /begins when it opens again/);
    assert.deepEqual(
      await lab.nextRuns(),
      { runs: '2026-12-03T11:00', waits: '2026-11-27T11:00' },
      'tomorrow, not next week',
    );
    assert.deepEqual(await lab.tick('2026-11-26T14:00:40Z'), {
      started: 0,
      skipped: 0,
      postponed: 0,
      settled: 0,
      cut: 0,
    });
    for (const at of ['11:00:05', '11:00:35', '11:10:00']) await lab.tick(`2026-11-27T${at}Z`);
    assert.equal((await lab.jobs()).length, 3, 'once');
    assert.deepEqual(await lab.nextRuns(), { runs: '2026-12-03T11:00', waits: '2026-12-03T11:00' });
    const [entry] = await lab.database.catalog.audit.list({ action: 'job.cancel' });
    assert.equal(entry?.target['jobId'], waiting);
    assert.equal(entry.actor['userName'], 'policy daily');
    assert.deepEqual(lab.errors, []);
  });

  it('cancels what runs where the policy says so, and remembers why', async () => {
    const { running } = await begin('cancel');
    const { jobs } = lab.database.catalog;
    assert.equal((await lab.tick('2026-11-26T14:00:10Z')).cut, 2);
    const told = await jobs.get(running);
    assert.deepEqual([told?.state, told?.cancelRequested], ['running', true], 'its worker cleans up');
    assert.equal((await lab.tick('2026-11-26T14:00:40Z')).cut, 0, 'told once');
    await jobs.finish(running, told?.attempt ?? 0, { state: 'cancelled' });
    assert.equal((await lab.tick('2026-11-26T14:01:10Z')).settled, 1);
    const source = await sourceOf('runs');
    assert.equal(source?.lastState, 'cancelled');
    assert.match(source.lastError ?? '', /closed while the backup ran/);
    assert.deepEqual(await lab.nextRuns(), { runs: '2026-11-27T11:00', waits: '2026-11-27T11:00' });
    assert.equal((await lab.tick('2026-11-27T11:00:05Z')).started, 2);
    await lab.endBackups();
    await lab.tick('2026-11-27T11:01:05Z');
    assert.equal((await sourceOf('runs'))?.lastError, undefined, 'what succeeded needs no reason');
  });

  it('leaves alone what a worker began at that moment, and jobs that no policy asked for', async () => {
    const { waiting } = await begin();
    const { catalog } = lab.database;
    const [run] = await catalog.policies.cutRuns(
      { closed: [(await catalog.policies.find('daily'))?.id ?? ''], cancelling: [] },
      10,
    );
    assert.equal(run?.jobId, waiting);
    // Between the look and the end of it.
    const lookThenBegin = async (): Promise<number> => {
      const { policies } = catalog;
      catalog.policies = {
        ...policies,
        cutRuns: async (windows, limit) => {
          const runs = await policies.cutRuns(windows, limit);
          await catalog.jobs.start(waiting);
          return runs;
        },
      };
      try {
        return (await lab.tick('2026-11-26T14:00:10Z')).cut;
      } finally {
        catalog.policies = policies;
      }
    };
    assert.equal(await lookThenBegin(), 0);
    assert.equal((await catalog.jobs.get(waiting))?.state, 'running');
    assert.deepEqual(await lab.nextRuns(), { runs: '2026-12-03T11:00', waits: '2026-12-03T11:00' });
    assert.deepEqual(lab.errors, []);
  });

  it('a worker that comes before the tick ends what has not begun, and lets what has begun go on', async () => {
    const { running, waiting } = await begin();
    const { catalog } = lab.database;
    const start = async (jobId: string): Promise<void> => {
      const clock = { now: () => lab.now };
      const onError = (message: string): void => void lab.errors.push(message);
      const runners = new Proxy({} as WorkerDeps['runners'], {
        get: () => () => Promise.resolve({ ran: true }),
      });
      await runJob(
        {
          catalog,
          locks: {
            acquire: () =>
              Promise.resolve({
                name: 'job',
                signal: new AbortController().signal,
                release: () => Promise.resolve(),
              }),
          },
          queue: {} as WorkerDeps['queue'],
          runners,
          endInstead: (id) => cutBeforeStart({ catalog, clock, onError }, id),
          clock,
          sleep: () => Promise.resolve(),
          onError,
        },
        { jobId, signal: new AbortController().signal },
      );
    };
    lab.now = new Date('2026-11-26T14:00:01Z');
    await start(waiting);
    const ended = await catalog.jobs.get(waiting);
    assert.deepEqual([ended?.state, ended?.attempt], ['cancelled', 0]);
    assert.match(String(ended?.result?.['reason']), /closed before the backup began/);
    await start(running);
    assert.equal((await catalog.jobs.get(running))?.state, 'succeeded', 'resumed after the end');
    assert.deepEqual(await lab.nextRuns(), { runs: '2026-12-03T11:00', waits: '2026-11-27T11:00' });
    assert.equal((await lab.tick()).cut, 0);
    lab.now = new Date('2026-11-27T11:00:01Z');
    await lab.tick();
    const again = (await jobOf('waits')) ?? '';
    await start(again);
    assert.equal((await catalog.jobs.get(again))?.state, 'succeeded', 'the window is open');
    assert.deepEqual(lab.errors, []);
  });

  it('what is disabled is ended with its window too, and gets no next run', async () => {
    const { waiting } = await begin();
    await lab.operations.change(admin, 'daily', { enabled: false, spec: {} });
    await lab.tick('2026-11-26T12:00:00Z');
    assert.equal((await lab.tick('2026-11-26T14:00:10Z')).cut, 1);
    assert.equal((await lab.database.catalog.jobs.get(waiting))?.state, 'cancelled');
    assert.deepEqual(await lab.nextRuns(), { runs: undefined, waits: undefined });
  });
});
