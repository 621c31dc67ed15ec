import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { TransferSlots, type TransferLimits } from './transfer-slots.ts';

const pools = ['volumes', 'vms', 'ssd', undefined] as const;
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
          const slots = new TransferSlots(limits);
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
    const slots = new TransferSlots({ disks: 2, disksPerPool: 1, disksPerStore: undefined });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const busy = [1, 2, 3].map(() => slots.add(() => held, place('volumes')));
    await slots.add(() => Promise.resolve(), place('vms'));
    release();
    await Promise.all(busy);
  });

  test('a failure is the caller’s and frees the slot', async () => {
    const slots = new TransferSlots({ disks: 1, disksPerPool: 1, disksPerStore: 1 });
    const failure = new Error('no');
    await assert.rejects(
      slots.add(() => Promise.reject(failure), place('vms')),
      failure,
    );
    assert.equal(await slots.add(() => Promise.resolve('next'), place('vms')), 'next');
  });
});

function check(
  { disks, disksPerPool = 99, disksPerStore = 99 }: TransferLimits,
  all: number,
  inPool: number,
): void {
  assert.ok(all <= disks && all <= disksPerStore, `${all} at once`);
  assert.ok(inPool <= disksPerPool, `${inPool} of one pool`);
}

function place(pool: string | undefined): { cluster: string; pool: string } | undefined {
  return pool === undefined ? undefined : { cluster: 'ceph', pool };
}
