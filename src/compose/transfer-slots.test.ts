import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Lock } from '../drivers/catalog/locks.ts';
import type { Transfers } from '../workflows/run-disks.ts';
import { TransferSlots, type SharedSlots, type TransferLimits } from './transfer-slots.ts';

const pools = ['volumes', 'vms', 'ssd', undefined] as const;
/** Locks of a database of this test's own. */
function memoryLocks(): SharedSlots {
  const held = new Set<string>();
  const acquire = (name: string): Promise<Lock | undefined> => {
    if (held.has(name)) return Promise.resolve(undefined);
    held.add(name);
    const release = (): Promise<void> => Promise.resolve(void held.delete(name));
    return Promise.resolve({ name, signal: new AbortController().signal, release });
  };
  return { locks: { acquire } };
}

interface Limits extends TransferLimits {
  disksPerStore: number | undefined;
}

/** Of one worker and one store. */
function slotsOf({ disksPerStore, ...limits }: Limits, shared: SharedSlots, storeId = 'main'): Transfers {
  return new TransferSlots(limits, shared).of({ storeId, disks: disksPerStore });
}

const width = fc.integer({ min: 1, max: 6 });

describe('the slots of transfers', () => {
  test('no limit is ever exceeded, and everything gets its turn', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          disks: width,
          disksPerPool: fc.option(width, { nil: undefined }),
          disksPerStore: fc.option(width, { nil: undefined }),
        }),
        fc.array(fc.tuple(fc.constantFrom(...pools), fc.nat(4)), { maxLength: 30 }),
        async (limits, tasks) => {
          const slots = slotsOf(limits, memoryLocks());
          const running = new Map<string | undefined, number>();
          let all = 0;
          let done = 0;
          await Promise.all(
            tasks.map(async ([pool, turns]) => {
              const result = await slots.add(async () => {
                all += 1;
                running.set(pool, (running.get(pool) ?? 0) + 1);
                check(limits, all, pool === undefined ? 0 : (running.get(pool) ?? 0));
                for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
                all -= 1;
                running.set(pool, (running.get(pool) ?? 0) - 1);
                return ++done;
              }, place(pool));
              assert.ok(result > 0);
            }),
          );
          assert.equal(done, tasks.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('disks that wait for a busy pool do not hold up those of another', async () => {
    const slots = slotsOf({ disks: 2, disksPerPool: 1, disksPerStore: undefined }, memoryLocks());
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const busy = [1, 2, 3].map(() => slots.add(() => held, place('volumes')));
    await slots.add(() => Promise.resolve(), place('vms'));
    release();
    await Promise.all(busy);
  });

  test('a failure is the caller’s and frees the slot', async () => {
    const slots = slotsOf({ disks: 1, disksPerPool: 1, disksPerStore: 1 }, memoryLocks());
    const failure = new Error('no');
    await assert.rejects(
      slots.add(() => Promise.reject(failure), place('vms')),
      failure,
    );
    assert.equal(await slots.add(() => Promise.resolve('next'), place('vms')), 'next');
  });

  test('pools and stores are limited over all workers together', async () => {
    const shared = memoryLocks();
    const limits = { disks: 4, disksPerPool: 2, disksPerStore: 3 };
    const workers = [slotsOf(limits, shared), slotsOf(limits, shared)];
    const running = new Map<string, number>();
    let all = 0;
    await Promise.all(
      workers.flatMap((slots) =>
        ['volumes', 'volumes', 'volumes', 'vms', 'vms'].map((pool) =>
          slots.add(async () => {
            running.set(pool, (running.get(pool) ?? 0) + 1);
            check({ ...limits, disks: 8 }, ++all, running.get(pool) ?? 0);
            await new Promise((resolve) => setImmediate(resolve));
            running.set(pool, (running.get(pool) ?? 0) - 1);
            all -= 1;
          }, place(pool)),
        ),
      ),
    );
  });

  test('each store has a limit of its own', async () => {
    const slots = new TransferSlots({ disks: 4, disksPerPool: undefined }, memoryLocks());
    const slow = slots.of({ storeId: 'slow', disks: 1 });
    const fast = slots.of({ storeId: 'fast', disks: undefined });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const order: string[] = [];
    const waiting = [slow.add(() => held), slow.add(() => Promise.resolve(order.push('slow')))];
    await fast.add(() => Promise.resolve(order.push('fast')));
    release();
    await Promise.all(waiting);
    assert.deepEqual(order, ['fast', 'slow']);
  });

  test('who waits for a slot of another worker can be called off, and the slot goes to the next', async () => {
    const shared = memoryLocks();
    const limits = { disks: 2, disksPerPool: 1, disksPerStore: undefined };
    const other = await shared.locks.acquire('slot:pool:ceph:volumes:0');
    const slots = slotsOf(limits, shared);
    const stop = new AbortController();
    const waiting = slots.add(() => Promise.resolve('ran'), place('volumes'), stop.signal);
    const reason = new Error('stopped');
    stop.abort(reason);
    await assert.rejects(waiting, reason);
    await other?.release();
    assert.equal(await slots.add(() => Promise.resolve('next'), place('volumes')), 'next');
  });

  test('a database that does not answer makes it wait, not fail', async () => {
    const shared = memoryLocks();
    let isAway = true;
    const acquire = (name: string) =>
      isAway ? Promise.reject(new Error('away')) : shared.locks.acquire(name);
    const limits = { disks: 1, disksPerPool: 1, disksPerStore: undefined };
    const slots = slotsOf(limits, { ...shared, locks: { acquire } });
    const first = slots.add(() => Promise.resolve('ran'), place('vms'));
    await new Promise((resolve) => setImmediate(resolve));
    isAway = false;
    assert.equal(await first, 'ran');
  });
});

function check({ disks, disksPerPool = 99, disksPerStore = 99 }: Limits, all: number, inPool: number): void {
  assert.ok(all <= disks && all <= disksPerStore, `${all} at once`);
  assert.ok(inPool <= disksPerPool, `${inPool} of one pool`);
}

function place(pool: string | undefined): { cluster: string; pool: string } | undefined {
  return pool === undefined ? undefined : { cluster: 'ceph', pool };
}
