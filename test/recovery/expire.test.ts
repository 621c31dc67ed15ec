import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { BackupStore } from '../../src/drivers/store/backup-store.ts';
import { checkState } from './check-state.ts';
import type { KillOrder } from './kill-switch.ts';
import { killPoints, Relay } from './relay.ts';
import { openScene, type Scene } from './scene.ts';
import { hashChain, writeRandomly } from './source-disk.ts';

let scene: Scene;
let relay: Relay;
let calls: number;
/** Of each point that is to be there: the bytes of its disks. */
const kept = new Map<string, string[]>();

before(async () => {
  scene = await openScene('expire');
  relay = new Relay(scene);
  for (let count = 0; count < 4; count += 1) await takePoint();
  const whole = await deletePoint(1);
  assert.equal(whole.killed, '');
  calls = whole.calls;
});
after(async () => {
  await scene.close();
});

async function takePoint(): Promise<void> {
  await Promise.all(scene.disks.map((disk) => writeRandomly(scene.rbd, disk)));
  // One chain for all rounds, so that each deletion is a fold.
  const { job } = await relay.run(() => scene.requestBackup({ increments: 100 }));
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  const pointId = String(job.result?.['pointId']);
  kept.set(pointId, await hashesByStore(await scene.openStore(), pointId));
}

/** By the store's manifests alone, as a rebuilt catalog would find it. */
async function hashesByStore(store: BackupStore, pointId: string): Promise<string[]> {
  const point = await store.readPoint(pointId);
  assert.ok(point, `point ${pointId} is in the store`);
  return await Promise.all(
    point.disks.map(async ({ linkId }) => {
      const chain: string[] = [];
      for (let id: string | null = linkId; id !== null;) {
        chain.unshift(id);
        id = (await store.checkLink(id)).parentLinkId;
      }
      return await hashChain(store, chain);
    }),
  );
}

async function hashesByCatalog(store: BackupStore, pointId: string): Promise<string[]> {
  const { points, links } = scene.database.catalog;
  const row = await points.get(pointId);
  assert.equal(row?.state, 'complete');
  return await Promise.all(
    row.manifest.disks.map(async ({ linkId }) =>
      hashChain(
        store,
        (await links.chainOf(linkId)).map(({ id }) => id),
      ),
    ),
  );
}

async function checkKept(): Promise<void> {
  const store = await scene.openStore();
  for (const [pointId, hashes] of kept) {
    assert.deepEqual(await hashesByStore(store, pointId), hashes, `point ${pointId} by the store alone`);
    assert.deepEqual(await hashesByCatalog(store, pointId), hashes, `point ${pointId} by the catalog`);
  }
}

/** Deletes the n-th oldest of the kept points; looks at the others while the worker is dead, and at the end. */
async function deletePoint(place: number, kill?: KillOrder): Promise<{ killed: string; calls: number }> {
  const pointId = [...kept.keys()][place] ?? '';
  const worker = await relay.runner({ kill });
  const [expiration] = await scene.operations.requestExpiration(scene.caller, {
    of: { points: [pointId] },
    rules: {},
    strategy: 'fold',
    allowNewest: false,
    dryRun: false,
  });
  kept.delete(pointId);
  const jobId = expiration?.job?.id ?? '';
  await Promise.race([worker.exited, scene.ended(jobId)]);
  if (kill?.moment === 'after' || kill?.moment === 'during')
    await Promise.race([worker.exited, new Promise((resolve) => setTimeout(resolve, 100))]);
  const killed = worker.isAlive ? '' : worker.lastWords.trim();
  try {
    await checkKept();
    const last = await relay.runner();
    const job = await scene.ended(jobId);
    assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
    await checkKept();
    await checkState(scene);
    return { killed, calls: last.calls };
  } catch (error) {
    throw new Error(`after: ${killed === '' ? JSON.stringify(kill) : killed}`, { cause: error });
  }
}

test('a deletion killed between any two steps is resumed, and every other point is whole at that instant', async (t) => {
  for (const [index, call] of killPoints(t, calls, 3).entries()) {
    await takePoint();
    const moment = index % 2 === 0 ? 'before' : 'after';
    // The full, or one in the middle; what stands on it is another one's parent.
    const { killed } = await deletePoint(index % 2, { attempt: 1, call, moment });
    t.diagnostic(killed === '' ? `not reached: ${call}` : killed);
  }
});

test('one killed around each step of a fold is resumed', async (t) => {
  const steps: [string, KillOrder['moment']][] = [
    ['store.foldLinks', 'during'],
    ['store.writePoint', 'after'],
    ['store.replaceLinkManifest', 'after'],
    ['expiry.foldLinks', 'before'],
    ['expiry.foldLinks', 'after'],
    ['store.removeLink', 'after'],
  ];
  for (const [name, moment] of steps) {
    await takePoint();
    const { killed } = await deletePoint(1, { attempt: 1, call: 1, name, moment });
    assert.notEqual(killed, '', `${name} was reached`);
    t.diagnostic(killed);
  }
});
