import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { newId } from '../../base/ids.ts';
import { Pace } from '../../base/paced-stream.ts';
import { volumeDiskKey } from '../../domain/disk.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import { snapshotName } from '../../domain/snapshot-name.ts';
import { exportDisk, type ExportOptions } from './export-disk.ts';
import type { DiskPlan } from './plan.ts';
import { SeenSnapshots } from './seen-snapshots.ts';

const mib = 1024 * 1024;

function diskPlan(): DiskPlan & { snapshot: object } {
  const [volumeId, linkId] = [newId(), newId()];
  const location = { cluster: 'ceph', pool: 'volumes', image: `volume-${volumeId}` };
  const name = snapshotName(linkId, new Date(0));
  return {
    disk: { key: volumeDiskKey(volumeId), kind: 'volume', location },
    linkId,
    snapshotName: name,
    snapshot: {
      identity: { name, id: 4 },
      source: {
        clusterId: 'fsid',
        ...location,
        imageId: '10ab',
        sizeBytes: 4 * mib,
        objectSizeBytes: 4 * mib,
        features: [],
      },
      startedMs: 0,
      finishedMs: 1,
    },
  };
}

/** The export alone; what a store does with the stream is not of interest. */
async function exportWith(pace: Pace | undefined, disk: DiskPlan): Promise<Buffer> {
  const written: Buffer[] = [];
  async function* chunks(): AsyncGenerator<Buffer> {
    for (const byte of [1, 2, 3]) yield await Promise.resolve(Buffer.alloc(mib, byte));
  }
  const rbd = {
    exportDiff: () =>
      Promise.resolve({ chunks: chunks(), exited: Promise.resolve(), close: () => undefined }),
    listSnapshots: () => Promise.resolve([{ name: disk.snapshotName, id: 4, sizeBytes: 4 * mib }]),
  };
  const store = {
    readLinkManifest: () => Promise.resolve(undefined),
    removeLink: () => Promise.resolve(),
    writeLink: async ({ stream, exported }: { stream: AsyncIterable<Buffer>; exported: Promise<void> }) => {
      for await (const chunk of stream) written.push(Buffer.from(chunk));
      await exported;
      return {} as LinkManifest;
    },
  };
  const catalog = {
    latestLink: () => Promise.resolve(undefined),
    newestElsewhere: () => Promise.resolve(undefined),
    newestDamage: () => Promise.resolve(undefined),
  };
  const snapshots = new SeenSnapshots(rbd as never);
  const options: ExportOptions = {
    plan: { pointId: newId() },
    disk,
    cycle: { maxIncrements: 3, maxDays: 7 },
    forceFull: false,
    pace,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  };
  await exportDisk({ clock: systemClock, rbd, store, catalog, snapshots } as never, options);
  return Buffer.concat(written);
}

test('the disks of a job share its bandwidth, and their bytes stay as they are', async () => {
  const waits: number[] = [];
  const pace = new Pace({
    bytesPerSecond: mib,
    clock: { now: () => new Date(0) },
    sleep: (delayMs) => {
      waits.push(delayMs);
      return Promise.resolve();
    },
  });
  const bytes = Buffer.concat([1, 2, 3].map((byte) => Buffer.alloc(mib, byte)));
  const both = await Promise.all([exportWith(pace, diskPlan()), exportWith(pace, diskPlan())]);
  assert.ok(both.every((one) => one.equals(bytes)));
  // On a clock that stands still the first MiB is the burst, and each of the five others waits a second more.
  assert.deepEqual(waits, [1000, 2000, 3000, 4000, 5000]);
  assert.ok((await exportWith(undefined, diskPlan())).equals(bytes));
});
