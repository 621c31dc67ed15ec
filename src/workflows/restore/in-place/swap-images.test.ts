import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatLocation, type ImageLocation } from '../../../domain/disk.ts';
import { swapBack, swapImages, type BegunSwap } from './swap-images.ts';

type SwapRbd = Parameters<typeof swapImages>[0]['rbd'];

const at = (image: string): ImageLocation => ({ cluster: 'ceph', pool: 'volumes', image });
const swap: BegunSwap = {
  target: at('volume-1'),
  staged: at('restore-1-0'),
  kept: at('emberkeep-undo-1-0'),
  ids: { before: 'old', restored: 'new' },
  swapped: false,
};
const mark = { key: 'emberkeep_undo', value: 'mark' };
const { signal } = new AbortController();

class Killed extends Error {}

/** The names of a pool as Ceph has them: what opens an image, and what the directory lists, are two things. */
class Pool {
  /** `rbd_id.NAME` objects. */
  readonly opens = new Map<string, string>();
  readonly listed = new Set<string>();
  readonly marks = new Map<string, string>();
  /** Every step that a kill can come before, of all calls together; it dies before this one. */
  dieAt = Number.POSITIVE_INFINITY;
  steps = 0;
  watchers: (name: string) => string[] = () => [];

  constructor(names: Record<string, string>) {
    for (const [name, id] of Object.entries(names)) {
      this.opens.set(name, id);
      this.listed.add(name);
    }
  }

  /** Names that a user sees, with what they open. */
  get names(): Record<string, string | undefined> {
    return Object.fromEntries([...this.listed].sort().map((name) => [name, this.opens.get(name)]));
  }

  step(): void {
    this.steps += 1;
    if (this.steps === this.dieAt) throw new Killed();
  }

  rename(from: string, to: string): void {
    const id = this.opens.get(from);
    assert.ok(id !== undefined, `${from} is there`);
    assert.ok(!this.opens.has(to), `${to} is free`);
    this.step();
    this.opens.set(to, id);
    this.step();
    this.listed.delete(from);
    this.listed.add(to);
    this.step();
    this.opens.delete(from);
    this.step();
  }

  get rbd(): SwapRbd {
    const never = (): never => assert.fail('not part of a swap');
    const rbd: Partial<SwapRbd> = {
      findImage: ({ image }) => {
        const imageId = this.opens.get(image);
        return Promise.resolve(
          imageId === undefined ? undefined : { imageId, sizeBytes: 1, objectSizeBytes: 1, features: [] },
        );
      },
      listWatchers: ({ image }) => Promise.resolve(this.watchers(image)),
      // eslint-disable-next-line @typescript-eslint/require-await -- what it throws must be a rejection
      renameImage: async (from, to) => this.rename(from.image, to.image),
      // eslint-disable-next-line @typescript-eslint/require-await -- the same
      settleNames: async (one, other) => {
        assert.equal(this.opens.get(one.image), this.opens.get(other.image));
        for (const { image } of [one, other]) if (!this.listed.has(image)) this.opens.delete(image);
        this.step();
      },
      // eslint-disable-next-line @typescript-eslint/require-await -- the same
      setImageMark: async ({ image }, { value }) => {
        this.step();
        this.marks.set(this.opens.get(image) ?? '', value);
      },
      // eslint-disable-next-line @typescript-eslint/require-await -- the same
      clearImageMark: async ({ image }) => {
        this.step();
        this.marks.delete(this.opens.get(image) ?? '');
      },
    };
    return new Proxy(rbd, {
      get: (target, key): unknown => Reflect.get(target, key) ?? never,
    }) as SwapRbd;
  }
}

const before = { 'volume-1': 'old', 'restore-1-0': 'new' };
const after = { 'volume-1': 'new', 'emberkeep-undo-1-0': 'old' };

async function unlessKilled(run: () => Promise<void>): Promise<boolean> {
  try {
    await run();
    return false;
  } catch (error) {
    if (error instanceof Killed) return true;
    throw error;
  }
}

function check(pool: Pool, expected: Record<string, string>, where: string): void {
  assert.deepEqual(pool.names, expected, where);
  assert.equal(pool.opens.size, pool.listed.size, `${where}: every name is listed`);
  assert.deepEqual([...pool.marks], expected === after ? [['old', 'mark']] : [], where);
}

/** At each instant the name of the disk opens what was there, what was restored, or nothing, and neither is lost. */
function checkNothingLost(pool: Pool, where: string): void {
  const ids = new Set(pool.opens.values());
  assert.deepEqual([...ids].sort(), ['new', 'old'], where);
}

describe('a swap', () => {
  test('killed anywhere is finished by the next attempt, whatever that one is killed at', async () => {
    const whole = new Pool(before);
    await swapImages({ rbd: whole.rbd }, { swap, mark, signal });
    check(whole, after, 'not killed');
    for (let first = 1; first <= whole.steps; first++) {
      for (let second = 1; second <= whole.steps; second++) {
        const pool = new Pool(before);
        const where = `killed before steps ${first}, ${second}`;
        pool.dieAt = first;
        assert.equal(await unlessKilled(() => swapImages({ rbd: pool.rbd }, { swap, mark, signal })), true);
        checkNothingLost(pool, where);
        pool.dieAt = pool.steps + second;
        await unlessKilled(() => swapImages({ rbd: pool.rbd }, { swap, mark, signal }));
        checkNothingLost(pool, where);
        pool.dieAt = Number.POSITIVE_INFINITY;
        await swapImages({ rbd: pool.rbd }, { swap, mark, signal });
        check(pool, after, where);
      }
    }
  });

  test('killed anywhere is taken back by an undo, whatever that one is killed at', async () => {
    for (let first = 1; first <= 12; first++) {
      for (let second = 1; second <= 12; second++) {
        const pool = new Pool(before);
        const where = `killed before step ${first}, its undo before ${second}`;
        pool.dieAt = first;
        await unlessKilled(() => swapImages({ rbd: pool.rbd }, { swap, mark, signal }));
        pool.dieAt = pool.steps + second;
        await unlessKilled(() => swapBack({ rbd: pool.rbd }, { swap, mark, signal }));
        checkNothingLost(pool, where);
        pool.dieAt = Number.POSITIVE_INFINITY;
        await swapBack({ rbd: pool.rbd }, { swap, mark, signal });
        check(pool, before, where);
      }
    }
  });

  test('touches nothing when another image is there', async () => {
    for (const names of [
      { 'volume-1': 'third', 'restore-1-0': 'new', 'emberkeep-undo-1-0': 'old' },
      { 'volume-1': 'old' },
      { 'restore-1-0': 'new' },
    ]) {
      const pool = new Pool(names);
      await assert.rejects(swapImages({ rbd: pool.rbd }, { swap, mark, signal }), {
        code: 'CONFLICT_DISK_CHANGED',
        message: new RegExp(`${formatLocation(swap.target)} is not what this restore knows`),
      });
      assert.deepEqual(pool.names, names);
    }
  });

  test('does not begin while the image is open', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const pool = new Pool(before);
    pool.watchers = (name) => (pool.opens.get(name) === 'old' ? ['10.0.0.1:0/1'] : []);
    const swapping = swapImages({ rbd: pool.rbd }, { swap, mark, signal });
    await Promise.all([passTime(t), assert.rejects(swapping, { code: 'CONFLICT_IMAGE_IN_USE' })]);
    assert.deepEqual(pool.names, before);
  });

  test('is turned back when the image was opened between the last look and the renaming', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const pool = new Pool(before);
    pool.watchers = (name) => (name === swap.kept.image ? ['10.0.0.1:0/1'] : []);
    const swapping = swapImages({ rbd: pool.rbd }, { swap, mark, signal });
    await Promise.all([passTime(t), assert.rejects(swapping, { code: 'CONFLICT_IMAGE_IN_USE' })]);
    check(pool, before, 'opened late');
  });
});

async function passTime(t: { mock: { timers: { tick: (ms: number) => void } } }): Promise<void> {
  for (let round = 0; round < 400; round++) {
    await new Promise((resolve) => setImmediate(resolve));
    t.mock.timers.tick(5_000);
  }
}
