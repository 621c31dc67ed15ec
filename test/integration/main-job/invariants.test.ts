/** I1 to I4 of docs/design: each test fails when its rule is broken. */
import assert from 'node:assert/strict';
import { readdir, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../src/base/errors.ts';
import { openBackupStore } from '../../../src/drivers/store/backup-store.ts';
import { FilesystemStore } from '../../../src/drivers/store/filesystem-store.ts';
import { collect } from '../../support/collect.ts';
import {
  changeImage,
  imageSha256,
  listSnapshots,
  rbd,
  removeImage,
  type ImageSnapshot,
} from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { intercept } from '../../support/scratch-faults.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';

const mib = 1024 * 1024;

let scratch: ScratchCloud;
let service: FaultyService;

before(async () => {
  scratch = await ScratchCloud.open('inv');
  service = await startFaultyService();
});
afterEach(() => {
  service.clear();
});
after(async () => {
  await service.stop();
  await scratch.close();
});

let seed = 0;

async function writeSome(spec: string, length = mib): Promise<void> {
  seed += 1;
  await changeImage(spec, [{ kind: 'write', offset: 12_345, length, seed }]);
}

/** An image with a point, and one change since then. */
async function protectedImage(): Promise<string> {
  const spec = await scratch.image('volumes', 16 * mib);
  await writeSome(spec, 3 * mib);
  await service.backup({ image: spec });
  await writeSome(spec);
  return spec;
}

interface Remains {
  snapshots: ImageSnapshot[];
  links: string[];
  points: string[];
  listed: string[];
}

async function remains(spec: string): Promise<Remains> {
  return {
    snapshots: (await listSnapshots(spec)).map(({ id, name }) => ({ id, name })),
    links: await service.storedLinks(),
    points: await service.storedPoints(),
    listed: (await service.pointsOf(spec)).map(({ id }) => id),
  };
}

/** The next backup goes on where the last good one ended, and what it stored is what the image holds. */
async function assertGoesOn(spec: string, kind: 'full' | 'increment', reason?: RegExp): Promise<void> {
  const { result } = await service.backup({ image: spec });
  const [disk] = result.disks;
  assert.equal(disk?.kind, kind, disk?.full_reason ?? '');
  if (reason !== undefined) assert.match(disk.full_reason ?? '', reason);
  const [snapshot, ...others] = await listSnapshots(spec);
  assert.ok(snapshot);
  assert.ok(snapshot.name.includes(disk.link_id));
  assert.deepEqual(others, [], 'exactly one snapshot of ours (I4)');
  const restored = await service.restore({ point: { id: result.point_id }, mode: 'image' });
  const image = restored.result.disks[0]?.image ?? '';
  scratch.adoptImage(image);
  assert.equal(await imageSha256(image), await imageSha256(`${spec}@${snapshot.name}`));
}

test('I1, I4: a backup that fails at any write leaves no link, no point and no snapshot, and the one before stays', async () => {
  const spec = await protectedImage();
  const before = await remains(spec);
  const [snapshot, ...others] = before.snapshots;
  assert.ok(snapshot);
  assert.deepEqual(others, []);
  const failure = new AppError('STORE_FULL', 'no space left, says the test');
  for (const key of [/\/segments\//, /\/index/, /links\/.*\/manifest\.json$/]) {
    const files = await FilesystemStore.open(service.config.storeDirectory);
    const failing = intercept(files, {
      put: (at, body, options) => (key.test(at) ? Promise.reject(failure) : files.put(at, body, options)),
    });
    const store = await openBackupStore(failing, { create: false });
    service.hooks.store.writeLink = (request) => store.writeLink(request);
    assert.equal((await service.failedBackup({ image: spec })).error?.type, 'STORE_FULL');
    assert.deepEqual(await remains(spec), before, String(key));
  }
  service.clear();
  service.hooks.store.writePoint = () => Promise.reject(failure);
  assert.equal((await service.failedBackup({ image: spec })).error?.type, 'STORE_FULL');
  assert.deepEqual(await remains(spec), before, 'point');
  service.clear();
  service.hooks.points.commit = () => Promise.reject(new AppError('CATALOG_REFUSED', 'says the test'));
  assert.equal((await service.failedBackup({ image: spec })).error?.type, 'CATALOG_REFUSED');
  assert.deepEqual(await remains(spec), before, 'catalog');
  service.clear();
  await assertGoesOn(spec, 'increment');
});

test('I1: each name comes after what it names, and the older snapshot goes last', async () => {
  const spec = await protectedImage();
  const [older] = await listSnapshots(spec);
  const { stores, catalog, rbd: realRbd } = service.real;
  const realStore = await stores.open();
  const order: string[] = [];
  const files = await FilesystemStore.open(service.config.storeDirectory);
  const watched = intercept(files, {
    put: async (at, body, options) => {
      const bytes = await files.put(at, body, options);
      order.push(at.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '*').replace(/\d{8}\.zst$/, 'N'));
      return bytes;
    },
  });
  const store = await openBackupStore(watched, { create: false, segmentBytes: mib });
  service.hooks.store.writeLink = (request) => store.writeLink(request);
  service.hooks.store.writePoint = async (manifest) => {
    await realStore.writePoint(manifest);
    order.push('point');
  };
  service.hooks.points.commit = async (point) => {
    const committed = await catalog.points.commit(point);
    order.push('catalog');
    return committed;
  };
  service.hooks.rbd.removeSnapshot = async (at, name) => {
    order.push(name === older?.name ? 'older snapshot' : 'another snapshot');
    await realRbd.removeSnapshot(at, name);
  };
  await service.backup({ image: spec });
  assert.deepEqual(
    [...new Set(order)],
    [
      'links/*/segments/N',
      'links/*/index.zst',
      'links/*/manifest.json',
      'point',
      'catalog',
      'older snapshot',
    ],
  );
});

/** One fault of an exporter each: what it does to the stream, and how the program ends. */
const badExports: Record<string, { bytes: (all: Buffer) => Buffer; exit?: Error }> = {
  'cut in the middle, exit 0': { bytes: (all) => all.subarray(0, all.length >> 1) },
  'without the end record, exit 0': { bytes: (all) => all.subarray(0, -1) },
  'nothing at all, exit 0': { bytes: () => Buffer.alloc(0) },
  'bytes after the end': { bytes: (all) => Buffer.concat([all, Buffer.from('w')]) },
  'a whole stream after the end': { bytes: (all) => Buffer.concat([all, all]) },
  'complete, but exit 1': {
    bytes: (all) => all,
    exit: new AppError('CEPH_COMMAND_FAILED', 'rbd export-diff: exit code 1'),
  },
};

test('I2: a stream that is not whole, or whose exporter failed, stores nothing', async () => {
  const spec = await protectedImage();
  const before = await remains(spec);
  for (const [what, { bytes, exit }] of Object.entries(badExports)) {
    service.hooks.rbd.exportDiff = async (at, options) => {
      const { chunks, exited, close } = await service.real.rbd.exportDiff(at, options);
      const bad = async function* (): AsyncGenerator<Buffer> {
        yield bytes(await collect(chunks));
      };
      return {
        chunks: bad(),
        close,
        exited: exited.then(() => (exit === undefined ? undefined : Promise.reject(exit))),
      };
    };
    const { state, error } = await service.failedBackup({ image: spec });
    assert.equal(state, 'failed', what);
    assert.match(error?.type ?? '', exit === undefined ? /^INTEGRITY_DIFF_/ : /^CEPH_COMMAND_FAILED$/, what);
    assert.deepEqual(await remains(spec), before, what);
  }
  service.clear();
  await assertGoesOn(spec, 'increment');
});

test('I2: an exporter that is killed stores nothing', async () => {
  const spec = await protectedImage();
  const before = await remains(spec);
  service.hooks.rbd.exportDiff = async (at, options) => {
    const { chunks, exited, close } = await service.real.rbd.exportDiff(at, options);
    const killed = (async () => {
      process.kill(await exporterOf(spec), 'SIGKILL');
    })();
    const late = async function* (): AsyncGenerator<Buffer> {
      await killed;
      yield* chunks;
    };
    return { chunks: late(), exited, close };
  };
  const { error } = await service.failedBackup({ image: spec });
  assert.match(`${error?.type} ${error?.message}`, /^CEPH_COMMAND_FAILED .*SIGKILL/);
  assert.deepEqual(await remains(spec), before);
  service.clear();
  await assertGoesOn(spec, 'increment');
});

test('I2: a store that begins late misses nothing, one that never begins leaves no exporter behind', async () => {
  const spec = await protectedImage();
  service.hooks.store.writeLink = async (request) => {
    await sleep(1_500);
    return await (await service.real.stores.open()).writeLink(request);
  };
  await assertGoesOn(spec, 'increment');
  await writeSome(spec, 3 * mib);
  service.hooks.store.writeLink = async () => {
    await exporterOf(spec);
    throw new AppError('STORE_UNREACHABLE', 'says the test');
  };
  assert.equal((await service.failedBackup({ image: spec })).error?.type, 'STORE_UNREACHABLE');
  await assert.rejects(exporterOf(spec), /nobody exports/);
});

async function exporterOf(spec: string): Promise<number> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const argv = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (argv.includes('export-diff') && argv.includes(spec)) return Number(pid);
  }
  throw new Error(`nobody exports ${spec}`);
}

test('I3: a from-snapshot made again under its name starts a full', async () => {
  const spec = await protectedImage();
  const [snapshot] = await listSnapshots(spec);
  assert.ok(snapshot);
  await rbd('snap', 'rm', '--no-progress', `${spec}@${snapshot.name}`);
  await rbd('snap', 'create', '--no-progress', `${spec}@${snapshot.name}`);
  await assertGoesOn(spec, 'full', /snapshot backup\..* has another id/);
});

test('I3: a from-snapshot that is gone starts a full', async () => {
  const spec = await protectedImage();
  await rbd('snap', 'purge', '--no-progress', spec);
  await assertGoesOn(spec, 'full', /snapshot backup\..* of the last point is gone/);
});

test('I3: an image made again under its name, snapshot and all, starts a full', async () => {
  const spec = await protectedImage();
  const [snapshot] = await listSnapshots(spec);
  await removeImage(spec);
  await rbd('create', `--size=${16 * mib}B`, spec);
  await rbd('snap', 'create', '--no-progress', `${spec}@${snapshot?.name ?? ''}`);
  await writeSome(spec);
  await assertGoesOn(spec, 'full', /the image has another id/);
});

/** Between the decision and the export somebody makes a snapshot again under its name. */
function makeAgainBeforeExport(spec: string, which: 'snapshot' | 'fromSnapshot'): void {
  service.hooks.rbd.exportDiff = async (at, options) => {
    const name = `${spec}@${options[which] ?? ''}`;
    await rbd('snap', 'rm', '--no-progress', name);
    await rbd('snap', 'create', '--no-progress', name);
    return await service.real.rbd.exportDiff(at, options);
  };
}

test('I3: a snapshot made again during the export fails the backup', async () => {
  const spec = await protectedImage();
  const before = await remains(spec);
  makeAgainBeforeExport(spec, 'snapshot');
  assert.equal((await service.failedBackup({ image: spec })).error?.type, 'CONFLICT_SNAPSHOT_CHANGED');
  assert.deepEqual(await remains(spec), before);
  // A from-snapshot that is younger than the other is refused by rbd itself.
  makeAgainBeforeExport(spec, 'fromSnapshot');
  assert.match((await service.failedBackup({ image: spec })).error?.type ?? '', /^(CEPH|CONFLICT)_/);
  const now = await remains(spec);
  assert.deepEqual([now.links, now.points, now.listed], [before.links, before.points, before.listed]);
  service.clear();
  await assertGoesOn(spec, 'full', /has another id/);
});

const damages: Record<string, (segment: string) => Promise<void>> = {
  removed: (segment) => rm(segment),
  'cut short': (segment) => truncate(segment, 10),
};

for (const [what, damage] of Object.entries(damages)) {
  test(`I3, I8: a segment of the chain that was ${what} marks its point damaged and starts a full`, async () => {
    const spec = await protectedImage();
    const [point] = await service.pointsOf(spec);
    const [snapshot] = await listSnapshots(spec);
    const linkId = /backup\.([0-9a-f-]{36})/.exec(snapshot?.name ?? '')?.[1] ?? '';
    const segments = join(service.config.storeDirectory, 'links', linkId, 'segments');
    const [segment = ''] = await readdir(segments);
    await damage(join(segments, segment));
    await assertGoesOn(spec, 'full', new RegExp(linkId));
    const points = await service.pointsOf(spec);
    assert.deepEqual(
      points.map(({ id, state }) => [id === point?.id, state]),
      [
        [false, 'complete'],
        [true, 'damaged'],
      ],
    );
  });
}

test('I4: snapshots that are not ours stay, whatever their names', async () => {
  const spec = await protectedImage();
  const likeOurs = 'backup.6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f.snap.1763830000';
  const foreign = ['by-hand', likeOurs, `${likeOurs}.12`];
  for (const name of foreign) await rbd('snap', 'create', '--no-progress', `${spec}@${name}`);
  await service.backup({ image: spec });
  const names = (await listSnapshots(spec)).map(({ name }) => name);
  assert.deepEqual(names.filter((name) => foreign.includes(name)).length, 3);
  assert.equal(names.length, 4);
});
