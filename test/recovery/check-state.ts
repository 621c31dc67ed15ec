/** What must hold after every second run, whatever the first one died of. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { linkIdOfSnapshot } from '../../src/domain/snapshot-name.ts';
import type { BackupStore } from '../../src/drivers/store/backup-store.ts';
import type { Scene, SourceDisk } from './scene.ts';
import { hashChain, hashImage } from './source-disk.ts';

/** I1, I4 and I9 for the source, the store and the catalog, when no job runs. */
export async function checkState(scene: Scene): Promise<void> {
  const store = await scene.openStore();
  await checkNoJobRuns(scene);
  await Promise.all(scene.disks.map((disk) => checkDisk(scene, store, disk)));
  await checkStore(scene, store);
}

async function checkNoJobRuns({ database }: Scene): Promise<void> {
  const unfinished = await database.catalog.jobs.unfinished();
  assert.deepEqual(
    unfinished.map(({ id, state, step }) => ({ id, state, step })),
    [],
    'every job has ended',
  );
}

/** Exactly one snapshot of ours, the one that the next increment needs, and its data is in the store. */
async function checkDisk({ database, rbd }: Scene, store: BackupStore, disk: SourceDisk): Promise<void> {
  const { links } = database.catalog;
  const ours = (await rbd.listSnapshots(disk.location))
    .filter(({ name }) => linkIdOfSnapshot(name) !== undefined)
    .map(({ id, name }) => ({ id, name }));
  const latest = await links.latestForDisk(disk.key);
  assert.ok(latest !== undefined, `${disk.key} has a link`);
  assert.deepEqual(ours, [latest.manifest.toSnapshot], `${disk.key}: the snapshot of the newest link, alone`);
  const chain = (await links.chainOf(latest.id)).map(({ id }) => id);
  const [stored, source] = await Promise.all([
    hashChain(store, chain),
    hashImage(disk.location, latest.manifest.toSnapshot.name),
  ]);
  assert.equal(stored, source, `${disk.key}: the store has what the source had`);
}

/** Nothing half done, nothing that the catalog does not know, nothing that it knows and that is not there. */
async function checkStore({ database, stateDir }: Scene, store: BackupStore): Promise<void> {
  const points = await database.catalog.points.list();
  const pointIds = points.map(({ id }) => id).sort();
  assert.deepEqual(await Array.fromAsync(store.listPointIds()), pointIds, 'points of store and catalog');
  const linkIds = points.flatMap(({ manifest }) => manifest.disks.map(({ linkId }) => linkId)).sort();
  assert.deepEqual(
    await Array.fromAsync(store.listLinks()),
    linkIds.map((linkId) => ({ linkId, complete: true })),
    'links of store and catalog, each with its manifest',
  );
  const files = await readdir(join(stateDir, 'store'), { recursive: true });
  assert.deepEqual(
    files.filter((name) => name.endsWith('.part')),
    [],
    'no half-written file',
  );
}
