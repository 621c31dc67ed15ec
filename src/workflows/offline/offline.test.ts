import assert from 'node:assert/strict';
import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { sampleHeader, samplePoint, sampleStream, noise } from '../../../test/contract/store-samples.ts';
import { withStore, write } from '../../../test/contract/store-scene.ts';
import type { Scene } from '../../../test/contract/store-scene.ts';
import { newId } from '../../base/ids.ts';
import { encodeManifest } from '../../domain/manifest-codec.ts';
import type { PointManifest } from '../../domain/manifest.ts';
import type { DiffRecord } from '../../domain/rbd-diff/records.ts';
import { createRawFile } from '../../drivers/files/raw-file.ts';
import type { LinkHeader } from '../../drivers/store/backup-store.ts';
import { openOfflineStream } from './cat.ts';
import type { OfflineRestoreDeps } from './deps.ts';
import { chooseDisk, listOfflinePoints, showOfflinePoint } from './points.ts';
import { restoreOffline } from './restore.ts';
import { verifyOffline } from './verify.ts';

const mib = 1024 * 1024;
const signal = new AbortController().signal;
const ignore = (): void => undefined;

interface OfflineScene extends Scene {
  headers: LinkHeader[];
  points: PointManifest[];
}

/** Two chains: a full with two increments, one point for each; and a full alone with the fourth point. */
async function withPoints(body: (scene: OfflineScene) => Promise<void>): Promise<void> {
  await withStore(async (scene) => {
    const headers: LinkHeader[] = [];
    const points: PointManifest[] = [];
    const contents: DiffRecord[][] = [
      [{ type: 'write', offset: 0, data: noise(3 * 4096) }],
      [{ type: 'zero', offset: 4096, length: 4096 }],
      [{ type: 'write', offset: mib, data: noise(100, 7) }],
      [{ type: 'write', offset: 8192, data: noise(500, 9) }],
    ];
    for (const [index, records] of contents.entries()) {
      const parent = index === 1 || index === 2 ? headers[index - 1] : undefined;
      const header = sampleHeader({
        toSnapshot: { name: `s${index}`, id: index + 1 },
        ...(parent === undefined
          ? {}
          : {
              from: parent.toSnapshot.name,
              parentLinkId: parent.linkId,
              chainId: parent.chainId,
              depth: parent.depth + 1,
            }),
      });
      await write(scene.store, header, sampleStream(header, records, 2 * mib));
      const sample = samplePoint(scene.store.storeId, header.linkId);
      const point: PointManifest = {
        ...sample,
        takenAt: `2026-11-22T1${index}:00:00.000Z`,
        sourceName: index === 3 ? 'other' : 'web-01',
        disks: sample.disks.map((disk) => ({ ...disk, sizeBytes: 2 * mib })),
      };
      await scene.store.writePoint(point);
      headers.push(header);
      points.push(point);
    }
    await body({ ...scene, headers, points });
  });
}

function restoreDeps({ store }: Scene): OfflineRestoreDeps {
  return { store, createRawFile, rbd: {} as OfflineRestoreDeps['rbd'] };
}

function idsOf(points: readonly { id: string }[]): string[] {
  return points.map(({ id }) => id);
}

describe('the points of a store', () => {
  test('are listed with the latest first, all or of one source', async () => {
    await withPoints(async ({ store, points, headers }) => {
      const all = await listOfflinePoints({ store }, undefined);
      assert.deepEqual(idsOf(all), points.map(({ pointId }) => pointId).toReversed());
      assert.ok(all.every(({ state, masterKeyIds }) => state === 'complete' && masterKeyIds.length === 0));
      assert.deepEqual(idsOf(await listOfflinePoints({ store }, 'other')), [points[3]?.pointId]);
      assert.deepEqual(await listOfflinePoints({ store }, 'nothing'), []);
      assert.deepEqual(
        all[1]?.disks[0]?.links.map(({ linkId, kind }) => [linkId, kind]),
        [
          [headers[2]?.linkId, 'increment'],
          [headers[1]?.linkId, 'increment'],
          [headers[0]?.linkId, 'full'],
        ],
      );
    });
  });

  test('say what is damaged and what is missing, and hide nothing', async () => {
    await withPoints(async ({ root, store, points, headers }) => {
      const pathOf = (linkId = ''): string => join(root, 'links', linkId, 'manifest.json');
      await rm(pathOf(headers[1]?.linkId));
      await truncate(pathOf(headers[3]?.linkId), 50);
      const pointPath = join(root, 'points', `${points[0]?.pointId}.json`);
      await writeFile(pointPath, (await readFile(pointPath, 'utf8')).replace('web-01', 'web-02'));
      const found = new Map(
        (await listOfflinePoints({ store }, undefined)).map((point) => [point.id, point]),
      );
      const of = (index: number) => found.get(points[index]?.pointId ?? '');
      assert.deepEqual(
        [0, 1, 2, 3].map((index) => of(index)?.state),
        ['damaged', 'incomplete', 'incomplete', 'damaged'],
      );
      assert.match(of(0)?.faults[0] ?? '', /checksum does not match/);
      assert.match(of(2)?.faults[0] ?? '', new RegExp(`link ${headers[1]?.linkId} is missing`));
      assert.match(of(3)?.faults[0] ?? '', /not a valid manifest/);
      const listed = await listOfflinePoints({ store }, 'nothing');
      assert.deepEqual(idsOf(listed), [points[0]?.pointId], 'it may be the one that is looked for');
    });
  });

  test('that stand on themselves are damaged, and the program ends', async () => {
    await withPoints(async ({ root, store, points, headers }) => {
      const [, one, two] = headers;
      const manifest = await store.readLinkManifest(one?.linkId ?? '');
      assert.ok(manifest !== undefined && two !== undefined);
      const path = join(root, 'links', manifest.linkId, 'manifest.json');
      await writeFile(path, encodeManifest({ ...manifest, parentLinkId: two.linkId }));
      const shown = await showOfflinePoint({ store }, points[2]?.pointId ?? '');
      assert.equal(shown.state, 'damaged');
      assert.match(shown.faults[0] ?? '', /stands on itself/);
    });
  });

  test('that are not there are not found', async () => {
    await withPoints(async ({ store }) => {
      await assert.rejects(showOfflinePoint({ store }, newId()), { code: 'NOTFOUND_POINT' });
      const request = { id: newId(), disk: undefined, whole: false, signal };
      await assert.rejects(openOfflineStream({ store }, request), { code: 'NOTFOUND_POINT' });
    });
  });
});

describe('the disk that is meant', () => {
  const disks = samplePoint(newId(), newId()).disks;
  const [first] = disks;
  assert.ok(first !== undefined);
  const second: typeof first = {
    ...first,
    disk: {
      key: 'volume:x',
      kind: 'volume',
      location: { cluster: 'main', pool: 'volumes', image: 'volume-x' },
      attachment: { instanceId: 'i', device: '/dev/vdb', deleteOnTermination: false, isRoot: false },
    },
  };

  test('is named by number, key, image or device; one alone needs no name', () => {
    assert.equal(chooseDisk({ disks: [first] }, undefined), first);
    for (const name of ['2', 'volume:x', 'volumes/volume-x', '/dev/vdb'])
      assert.equal(chooseDisk({ disks: [first, second] }, name), second);
    assert.equal(chooseDisk({ disks: [first, second] }, '1'), first);
  });

  test('is asked for when it is not clear', () => {
    for (const wanted of [undefined, '3', '0', 'vdz']) {
      assert.throws(() => chooseDisk({ disks: [first, second] }, wanted), {
        code: 'INPUT_DISK',
        message: /the point has 1 \(image:main\/volumes\/sample\), 2 \(\/dev\/vdb\)/,
      });
    }
    assert.throws(() => chooseDisk({ disks: [second, second] }, 'volume:x'), { code: 'INPUT_DISK' });
  });
});

describe('a restore into a file', () => {
  async function expected(index: number): Promise<Buffer> {
    const image = Buffer.alloc(2 * mib);
    noise(3 * 4096).copy(image);
    if (index >= 1) image.fill(0, 4096, 8192);
    if (index >= 2) noise(100, 7).copy(image, mib);
    return await Promise.resolve(image);
  }

  test('gives the image of each point', async () => {
    await withPoints(async (scene) => {
      for (const index of [0, 1, 2]) {
        const file = join(scene.root, `${index}.raw`);
        const request = {
          pointId: scene.points[index]?.pointId ?? '',
          disk: undefined,
          target: { file },
          plain: false,
          signal,
          onProgress: ignore,
        };
        assert.deepEqual(await restoreOffline(restoreDeps(scene), request), {
          target: file,
          sizeBytes: 2 * mib,
          links: index + 1,
        });
        assert.ok((await readFile(file)).equals(await expected(index)));
      }
    });
  });

  test('that meets damage or is cancelled leaves nothing', async () => {
    await withPoints(async (scene) => {
      const segment = join(scene.root, 'links', scene.headers[0]?.linkId ?? '', 'segments/00000000.zst');
      await cp(segment, `${segment}.kept`);
      const bytes = await readFile(segment);
      bytes[20]! ^= 1;
      await writeFile(segment, bytes);
      const file = join(scene.root, 'x.raw');
      const request = {
        pointId: scene.points[2]?.pointId ?? '',
        disk: '1',
        target: { file },
        plain: false,
        signal,
        onProgress: ignore,
      };
      await assert.rejects(restoreOffline(restoreDeps(scene), request), {
        code: 'INTEGRITY_SEGMENT_DAMAGED',
      });
      await cp(`${segment}.kept`, segment);
      const cancelled = { ...request, signal: AbortSignal.abort() };
      await assert.rejects(restoreOffline(restoreDeps(scene), cancelled), { code: 'CANCELLED_BY_CALLER' });
      for (const path of [file, `${file}.part`]) await assert.rejects(readFile(path));
    });
  });
});

describe('a verification', () => {
  const options = { pointId: undefined, signal, onProgress: ignore };

  test('reads each link once, and counts what no point needs', async () => {
    await withPoints(async ({ root, store, points }) => {
      await write(store, sampleHeader());
      const broken = sampleHeader();
      await write(store, broken);
      await rm(join(root, 'links', broken.linkId, 'manifest.json'));
      const found = await verifyOffline({ store }, options);
      assert.deepEqual([found.links, found.segments, found.unusedLinks, found.unfinishedLinks], [4, 4, 1, 1]);
      assert.ok(found.points.every(({ state }) => state === 'intact'));
      const one = await verifyOffline({ store }, { ...options, pointId: points[1]?.pointId });
      assert.deepEqual([one.links, one.points.length, one.unusedLinks], [2, 1, 0]);
    });
  });

  test('tells exactly the points that need what is damaged', async () => {
    await withPoints(async ({ root, store, points, headers }) => {
      const index = join(root, 'links', headers[1]?.linkId ?? '', 'index.zst');
      await truncate(index, 20);
      const found = await verifyOffline({ store }, options);
      const states = new Map(found.points.map(({ id, state }) => [id, state]));
      assert.deepEqual(
        points.map(({ pointId }) => states.get(pointId)),
        ['intact', 'damaged', 'damaged', 'intact'],
      );
      const damaged = found.points.find(({ id }) => id === points[2]?.pointId);
      assert.match(damaged?.reasons.join() ?? '', /The index of link .* is damaged/);
    });
  });
});
