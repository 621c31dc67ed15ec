import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyDiff } from '../../../../test/histories/apply-diff.ts';
import { AppError } from '../../../base/errors.ts';
import type { ImageLocation } from '../../../domain/disk.ts';
import { writeDiff } from '../../../domain/rbd-diff/write.ts';
import type { BegunWriteBack } from './write-back.ts';
import { removeSafety, takeSafety, turnRound, writePoint, writeSafetyBack } from './write-back.ts';

type Deps = Parameters<typeof writePoint>[0];

const block = 4096;
const at = (image: string): ImageLocation => ({ cluster: 'ceph', pool: 'volumes', image });
const planned: BegunWriteBack = {
  target: at('volume-1'),
  source: at('restore-1-0'),
  begun: { imageId: 'id', sizeBytes: 4 * block, safety: 'safety', before: 'before' },
  written: false,
};
const { signal } = new AbortController();

function blocks(...values: number[]): Buffer {
  return Buffer.concat(values.map((value) => Buffer.alloc(block, value)));
}

const was = blocks(1, 2, 0, 4);
const point = blocks(1, 0, 3);
const ran = blocks(1, 9, 3, 0);

class Killed extends Error {}

/** Images with snapshots as Ceph has them; a kill can come before each step, and in the middle of an import. */
class Cluster {
  readonly heads = new Map([
    ['volume-1', was],
    ['restore-1-0', point],
  ]);
  readonly snapshots = new Map<string, Buffer>();
  imageId = 'id';
  watchers: string[] = [];
  /** It dies before this step; of all calls together. */
  dieAt = Number.POSITIVE_INFINITY;
  steps = 0;
  /** The next export fails after its bytes. */
  exportFails = false;
  /** Bytes of the head that turn out otherwise than they were written. */
  spoil = false;

  step(): void {
    this.steps += 1;
    if (this.steps === this.dieAt) throw new Killed();
  }

  get head(): Buffer {
    return this.heads.get('volume-1') ?? Buffer.alloc(0);
  }

  set head(content: Buffer) {
    this.heads.set('volume-1', content);
  }

  get deps(): Deps {
    const rbd = {
      findImage: ({ image }: ImageLocation) =>
        Promise.resolve({ imageId: this.imageId, sizeBytes: this.heads.get(image)?.length ?? 0 }),
      showImage: ({ image }: ImageLocation) =>
        Promise.resolve({ imageId: this.imageId, sizeBytes: this.heads.get(image)?.length ?? 0 }),
      listWatchers: () => Promise.resolve(this.watchers),
      listSnapshots: () =>
        Promise.resolve(
          [...this.snapshots].map(([name, { length }], id) => ({ id, name, sizeBytes: length })),
        ),
      createSnapshot: async (_: ImageLocation, name: string) => {
        await Promise.resolve();
        this.step();
        this.snapshots.set(name, this.head);
        this.step();
      },
      removeSnapshot: async (_: ImageLocation, name: string) => {
        await Promise.resolve();
        this.step();
        this.snapshots.delete(name);
        this.step();
      },
      exportDiff: ({ image }: ImageLocation, { snapshot }: { snapshot: string | undefined }) =>
        Promise.resolve(this.#export(image, snapshot)),
      importDiff: async (_: ImageLocation, stream: AsyncIterable<Buffer>) => {
        this.step();
        const next = await applyDiff(this.head, stream);
        // Half of it is written when it is killed.
        const half = Buffer.concat([next.subarray(0, 2 * block), this.head.subarray(2 * block)]);
        const full = this.head;
        this.head = half.subarray(0, full.length);
        this.step();
        this.head = this.spoil ? Buffer.alloc(next.length, 7) : next;
        this.step();
      },
    };
    return { rbd } as unknown as Deps;
  }

  #export(image: string, snapshot: string | undefined) {
    const content = snapshot === undefined ? this.heads.get(image) : this.snapshots.get(snapshot);
    assert.ok(content !== undefined, `${image}@${snapshot ?? ''} is there`);
    const records = [
      { type: 'image-size' as const, sizeBytes: content.length },
      { type: 'write' as const, offset: 0, data: content },
    ];
    async function* chunks(): AsyncGenerator<Buffer> {
      for (const chunk of writeDiff(records)) yield await Promise.resolve(chunk);
    }
    const exited = this.exportFails ? Promise.reject(new Error('exited 1')) : Promise.resolve();
    exited.catch(() => undefined);
    return { chunks: chunks(), exited, close: () => undefined };
  }
}

/** As the workflows do it; each piece repeated from its start, as a next attempt would, until nothing kills it. */
async function survive(cluster: Cluster, dieAt: number, run: () => Promise<unknown>): Promise<boolean> {
  cluster.dieAt = dieAt;
  cluster.steps = 0;
  try {
    await run();
    return false;
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    cluster.dieAt = Number.POSITIVE_INFINITY;
    await run();
    return true;
  }
}

async function forward({ deps }: Cluster): Promise<BegunWriteBack> {
  const writeBack = { ...planned, safetyId: await takeSafety(deps, { writeBack: planned, signal }) };
  await writePoint(deps, { writeBack, signal });
  return writeBack;
}

async function back({ deps }: Cluster, mayShrink = false): Promise<void> {
  await writeSafetyBack(deps, { writeBack: planned, mayShrink, signal });
  await removeSafety(deps, planned);
}

describe('a write-back', () => {
  test('I9: makes the point, and its way back what was there, killed between any two steps', async () => {
    for (let dieAt = 1, killed = true; killed; dieAt++) {
      const cluster = new Cluster();
      const there = await survive(cluster, dieAt, () => forward(cluster));
      assert.deepEqual(cluster.head, blocks(1, 0, 3, 0), `killed at ${dieAt}`);
      assert.deepEqual([...cluster.snapshots], [['safety', was]]);
      // The instance has run since.
      cluster.head = ran;
      const again = await survive(cluster, dieAt, () => back(cluster));
      assert.deepEqual(cluster.head, was, `back killed at ${dieAt}`);
      assert.equal(cluster.snapshots.size, 0);
      killed = there || again;
    }
  });

  test('I9: a restore that is given up at any step is taken back whole', async () => {
    for (let dieAt = 1, killed = true; killed; dieAt++) {
      const cluster = new Cluster();
      cluster.dieAt = dieAt;
      killed = await forward(cluster).then(
        () => false,
        () => true,
      );
      cluster.dieAt = Number.POSITIVE_INFINITY;
      await back(cluster);
      assert.deepEqual(cluster.head, was, `given up at ${dieAt}`);
      assert.equal(cluster.snapshots.size, 0);
    }
  });

  test('a way back that is given up at any step is turned round to what was there when it began', async () => {
    for (let dieAt = 1, killed = true; killed; dieAt++) {
      const cluster = new Cluster();
      const writeBack = await forward(cluster);
      cluster.head = ran;
      cluster.steps = 0;
      cluster.dieAt = dieAt;
      killed = await writeSafetyBack(cluster.deps, { writeBack, mayShrink: false, signal }).then(
        () => false,
        () => true,
      );
      cluster.dieAt = Number.POSITIVE_INFINITY;
      const options = { writeBack, mayShrink: false, signal };
      await survive(cluster, (dieAt % 4) + 1, () => turnRound(cluster.deps, options));
      assert.deepEqual(cluster.head, ran, `given up at ${dieAt}`);
      assert.deepEqual([...cluster.snapshots], [['safety', was]]);
    }
  });

  test('it tells how far it is: written, then read back', async () => {
    const cluster = new Cluster();
    const writeBack = {
      ...planned,
      safetyId: await takeSafety(cluster.deps, { writeBack: planned, signal }),
    };
    const told: { bytesDone: number; bytesTotal: number }[] = [];
    await writePoint(cluster.deps, { writeBack, signal, onProgress: (part) => told.push(part) });
    assert.ok(told.every(({ bytesTotal }) => bytesTotal === 8 * block));
    const done = told.map(({ bytesDone }) => bytesDone);
    assert.deepEqual(
      done,
      done.toSorted((a, b) => a - b),
    );
    assert.ok(done.includes(4 * block));
    assert.equal(done.at(-1), 8 * block);
  });

  test('a volume that was extended since keeps its size, a bare image gets its own back', async () => {
    for (const [mayShrink, expected] of [
      [false, blocks(1, 2, 0, 4, 0, 0)],
      [true, was],
    ] as const) {
      const cluster = new Cluster();
      await forward(cluster);
      cluster.head = Buffer.concat([cluster.head, blocks(5, 6)]);
      await back(cluster, mayShrink);
      assert.deepEqual(cluster.head, expected);
    }
  });

  test('I2: an export that does not exit well ends nothing, and what was there comes back', async () => {
    const cluster = new Cluster();
    cluster.exportFails = true;
    await assert.rejects(forward(cluster), /exited 1/);
    assert.deepEqual(cluster.head, was);
    cluster.exportFails = false;
    await back(cluster);
    assert.deepEqual(cluster.head, was);
  });

  test('what is read back must be what was written', async () => {
    const cluster = new Cluster();
    cluster.spoil = true;
    await assert.rejects(
      forward(cluster),
      (error) => error instanceof AppError && error.code === 'INTEGRITY_WRITE_BACK',
    );
  });

  test('I3: another image under the name, or another snapshot, is not touched', async () => {
    const cluster = new Cluster();
    const writeBack = await forward(cluster);
    const options = { mayShrink: false, signal };
    const changed = { code: 'CONFLICT_DISK_CHANGED' };
    await assert.rejects(
      writeSafetyBack(cluster.deps, { writeBack: { ...writeBack, safetyId: 77 }, ...options }),
      changed,
    );
    cluster.imageId = 'another';
    await assert.rejects(writeSafetyBack(cluster.deps, { writeBack, ...options }), changed);
    await assert.rejects(takeSafety(cluster.deps, { writeBack: planned, signal }), changed);
    await removeSafety(cluster.deps, writeBack);
    assert.deepEqual([...cluster.snapshots.keys()], ['safety']);
    assert.deepEqual(cluster.head, blocks(1, 0, 3, 0));
  });
});
