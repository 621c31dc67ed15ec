/** What jobs left behind is found and removed, each kind of it; what only looks so, or is needed, stays. */
import assert from 'node:assert/strict';
import { cp, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { newId } from '../../../src/base/ids.ts';
import type { WireDrift, WireFinding } from '../../../src/entry/cli/reconcile-view.ts';
import type { WireJob } from '../../../src/entry/cli/wire.ts';
import { reconcileIfDue } from '../../../src/workflows/reconcile/schedule.ts';
import {
  changeImage,
  holdImageOpen,
  listImages,
  listSnapshots,
  listTrash,
  rbd,
} from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';
import { ApiFailure, succeeded } from '../../support/service.ts';
import { Strays } from './strays.ts';

const mib = 1024 * 1024;

interface Result {
  dry_run: boolean;
  found: number;
  done: number;
  left: number;
  failed: number;
  findings: WireFinding[];
  drifted: number;
  drift: WireDrift[];
  problems: string[];
}

let scratch: ScratchCloud;
let service: FaultyService;
let strays: Strays;
let volumeId: string;
let spec: string;
let pointId: string;
let linkId: string;

before(async () => {
  scratch = await ScratchCloud.open('recon');
  service = await startFaultyService();
  strays = new Strays(scratch, service);
  volumeId = await scratch.volume();
  spec = `volumes/volume-${volumeId}`;
  await changeImage(spec, [{ kind: 'write', offset: 0, length: mib, seed: 11 }]);
  const { result } = await service.backup({ volume: volumeId });
  pointId = result.point_id;
  linkId = result.disks[0]?.link_id ?? '';
});
afterEach(() => {
  service.clear();
});
after(async () => {
  await service.stop();
  await scratch.close();
});

async function reconcile(dryRun = false): Promise<Result> {
  const { job } = await service.call<{ job: WireJob }>('POST', '/v1/reconciliations', { dry_run: dryRun });
  return succeeded(await service.ended(job.id)).result as unknown as Result;
}

/** Everything that reconciling could touch, of this test's own. */
async function everything() {
  const { nova } = scratch.owner();
  const servers = await Array.fromAsync(nova.listServers());
  return {
    images: [...(await ownImages('backups')), ...(await ownImages('volumes'))].toSorted(),
    trash: (await listTrash('volumes')).filter((id) => trashed.includes(id)),
    snapshots: (await listSnapshots(spec)).map(({ name }) => name).toSorted(),
    cinder: (await scratch.volumes()).map(({ id }) => id).toSorted(),
    paused: servers
      .filter(
        ({ state, description: { name } }) => state.status === 'PAUSED' && name.startsWith(scratch.prefix),
      )
      .map(({ description }) => description.id),
    links: await readdir(join(service.config.storeDirectory, 'links')),
  };
}

const trashed: string[] = [];
const made: string[] = [];

async function ownImages(pool: string): Promise<string[]> {
  return (await listImages(pool)).map((image) => `${pool}/${image}`).filter((name) => made.includes(name));
}

/** Of every kind one. Gives `kind what` of what is to be found. */
async function makeOfEachKind(): Promise<string[]> {
  const image = await strays.failedRestore(pointId, 'image');
  const [moved, begun] = [
    await strays.failedRestore(pointId, 'volume'),
    await strays.failedRestore(pointId, 'volume'),
  ];
  const { job: verification } = await service.call<{ job: WireJob }>('POST', '/v1/verifications', {
    target: { point: pointId },
    level: 'quick',
  });
  await service.ended(verification.id);
  const fresh = await strays.restoredImage('backups', image.id);
  // What an import leaves that was broken off.
  await rbd('snap', 'create', '--no-progress', `${fresh}@backup.${linkId}.snap.1`);
  const target = await strays.restoredImage('volumes', moved.id);
  const migration = await strays.begunMigration(begun.id);
  const scratchImage = await strays.scratchImage(verification.id);
  const snapshot = `${spec}@backup.${linkId}.snap.1`;
  await rbd('snap', 'create', '--no-progress', snapshot);
  made.push(fresh, target, migration, scratchImage);
  const trashId = await strays.trashedVolume();
  trashed.push(trashId);
  const folder = await strays.linkFolder({ days: 2 });
  const volume = await strays.volumeOfRestore(pointId);
  const instance = await strays.pausedInstance();
  return [
    `fresh-image ${fresh}`,
    `moved-image ${target}`,
    `migration ${migration}`,
    `scratch-image ${scratchImage}`,
    `snapshot ${snapshot}`,
    `trash-image ${trashId}`,
    `link-folder links/${folder}`,
    `volume ${volume}`,
    `paused-instance ${instance}`,
  ].toSorted();
}

/** Of a restore that succeeded: it is what was asked for. */
async function restoredImage(): Promise<string> {
  const { result } = await service.restore({ point: { id: pointId }, mode: 'image' });
  const image = result.disks[0]?.image ?? '';
  scratch.adoptImage(image);
  return image;
}

function namesOf({ findings }: Result): string[] {
  return findings
    .map(({ kind, what }) => `${kind} ${/\(id (.*)\)/.exec(what)?.[1] ?? what.replace(/ \(.*\)$/, '')}`)
    .toSorted();
}

test('one stray of each kind: a dry run changes nothing, a run removes them, another finds nothing', async () => {
  // What looks like it, and is not ours or is needed.
  const keptFiles = [
    await strays.linkFolder({ days: 0 }),
    await strays.linkFolder({ days: 9, manifest: true }),
  ];
  const kept = [
    await restoredImage(),
    await strays.restoredImage('backups', newId()),
    await strays.restoredImage('volumes', newId()),
    await strays.scratchImage(newId()),
  ];
  const known = await strays.failedRestore(pointId, 'volume');
  kept.push(await strays.unmarkedImage(known.id), await strays.restoredImage('backups', known.id, newId()));
  const copy = await scratch.image('volumes', mib);
  await rbd('snap', 'create', '--no-progress', `${copy}@backup.${linkId}.snap.1`);
  made.push(...kept, copy);
  const keptVolume = await strays.tamperedVolume(known.id);
  const others = [`backup.${newId()}.snap.1`, 'of-somebody-else'];
  for (const name of others) await rbd('snap', 'create', '--no-progress', `${spec}@${name}`);
  const head = (await listSnapshots(spec)).map(({ name }) => name).filter((name) => name.includes(linkId));

  const expected = await makeOfEachKind();
  const before = await everything();
  const dry = await reconcile(true);
  assert.deepEqual(namesOf(dry), expected);
  assert.deepEqual([dry.found, dry.done, dry.left, dry.failed], [expected.length, 0, 0, 0]);
  assert.ok(dry.findings.every(({ outcome }) => outcome === 'found'));
  for (const { reason, action, where, age_seconds: age } of dry.findings)
    assert.ok(reason !== '' && action !== '' && where !== '' && age !== null);
  assert.deepEqual(await everything(), before, 'a dry run changes nothing');

  const run = await reconcile();
  assert.deepEqual(
    run.findings.filter(({ outcome }) => outcome !== 'done'),
    [],
  );
  assert.deepEqual(namesOf(run), expected);
  assert.deepEqual(run.problems, []);

  const left = await everything();
  assert.deepEqual(left.images, [...kept, copy].toSorted());
  assert.deepEqual([left.trash, left.paused], [[], []]);
  assert.deepEqual(left.snapshots, [...head, ...others].toSorted());
  assert.ok(left.cinder.includes(keptVolume));
  assert.deepEqual(
    keptFiles.filter((id) => !left.links.includes(id)),
    [],
  );
  assert.equal((await listSnapshots(copy)).length, 1, 'a snapshot on an image that is none of ours stays');
  assert.equal((await reconcile()).found, 0);

  for (const name of others) await rbd('snap', 'rm', '--no-progress', `${spec}@${name}`);
  const { result } = await service.backup({ volume: volumeId });
  assert.equal(result.disks[0]?.kind, 'increment', 'what the next increment stands on is there');
});

test('what somebody works on, has open or is about to use is left, and taken the next time', async () => {
  const [open, locked, named] = [
    await strays.failedRestore(pointId, 'image'),
    await strays.failedRestore(pointId, 'image'),
    await strays.failedRestore(pointId, 'image'),
  ];
  const specs = [];
  for (const { id } of [open, locked, named]) specs.push(await strays.restoredImage('backups', id));
  const close = await holdImageOpen(specs[0] ?? '');
  const lock = await service.drivers.locks.acquire(`job:${locked.job_id}`);
  const jobId = newId();
  await service.drivers.catalog.jobs.insert({
    id: jobId,
    kind: 'restore',
    projectId: undefined,
    target: { restoreId: named.id },
    requestedBy: { userId: 'u', userName: 'u', roles: [] },
  });
  const first = await reconcile();
  assert.deepEqual([first.found, first.left, first.failed], [2, 2, 0], JSON.stringify(first));
  const notes = Object.fromEntries(first.findings.map(({ what, note }) => [what, note]));
  assert.match(notes[specs[0] ?? ''] ?? '', /is open at .*; of a client that was killed/);
  assert.equal(notes[specs[1] ?? ''], 'another job works on it');
  await close();
  await lock?.release();
  await service.drivers.catalog.jobs.requestCancel(jobId);
  const second = await reconcile();
  assert.deepEqual([second.found, second.done], [3, 3], JSON.stringify(second.findings));
  const images = await listImages('backups');
  assert.ok(specs.every((one) => !images.includes(one.replace('backups/', ''))));
});

test('what cannot be removed keeps nothing else from being removed', async () => {
  const [first, second] = [
    await strays.failedRestore(pointId, 'image'),
    await strays.failedRestore(pointId, 'image'),
  ];
  const stuck = await strays.restoredImage('backups', first.id);
  const other = await strays.restoredImage('backups', second.id);
  // A snapshot that somebody cloned from is protected.
  await rbd('snap', 'create', '--no-progress', `${stuck}@base`);
  await rbd('snap', 'protect', `${stuck}@base`);
  const run = await reconcile();
  const outcomes = Object.fromEntries(run.findings.map(({ what, outcome }) => [what, outcome]));
  assert.equal(outcomes[other], 'done');
  assert.match(outcomes[stuck] ?? '', /^(left|failed)$/);
  await rbd('snap', 'unprotect', `${stuck}@base`);
  assert.equal((await reconcile()).done, 1);
});

test('where catalog, store and cluster differ is told, and nothing of it is changed', async () => {
  const store = service.config.storeDirectory;
  const unknownBefore = (await reconcile(true)).drift.map(({ what }) => what);
  const image = await scratch.image('volumes', mib);
  const points: string[] = [];
  const links: string[] = [];
  for (const seed of [1, 2]) {
    await changeImage(image, [{ kind: 'write', offset: 0, length: 4096, seed }]);
    const { result } = await service.backup({ image });
    points.push(result.point_id);
    links.push(result.disks[0]?.link_id ?? '');
  }
  const [snapshot] = await listSnapshots(image);
  await rbd('snap', 'rm', '--no-progress', `${image}@${snapshot?.name ?? ''}`);
  const aside: [string, string][] = [
    [join(store, 'links', links[0] ?? ''), join(service.config.stateDir, 'a-link')],
    [join(store, 'points', `${points[1]}.json`), join(service.config.stateDir, 'a-point')],
  ];
  for (const [from, to] of aside) await rename(from, to);
  const [link, point] = [newId(), newId()];
  await cp(join(store, 'links', links[1] ?? ''), join(store, 'links', link), { recursive: true });
  await cp(join(store, 'points', `${points[0]}.json`), join(store, 'points', `${point}.json`));

  for (const dryRun of [true, false]) {
    const { drift, drifted } = await reconcile(dryRun);
    assert.equal(drifted, drift.length);
    const told = drift.filter(({ what }) => !unknownBefore.includes(what));
    assert.deepEqual(
      told.map(({ kind, what }) => `${kind} ${what}`).toSorted(),
      [
        `link-missing links/${links[0]}`,
        `link-unknown links/${link}`,
        `point-missing points/${points[1]}.json`,
        `point-unknown points/${point}.json`,
        `snapshot-missing ${image}@${snapshot?.name}`,
      ].toSorted(),
    );
    assert.ok(drift.every(({ where, advice }) => where !== '' && advice !== ''));
  }
  for (const [from, to] of aside) await rename(to, from);
  const { result } = await service.backup({ image });
  assert.match(result.disks[0]?.full_reason ?? '', /snapshot/);
  const after = (await reconcile(true)).drift.filter(({ what }) => !unknownBefore.includes(what));
  assert.deepEqual(after.map(({ kind }) => kind).toSorted(), ['link-unknown', 'point-unknown']);
});

test('only administrators may', async () => {
  await assert.rejects(
    service.call('POST', '/v1/reconciliations', {}, 'devcloud-tenant'),
    (error) => error instanceof ApiFailure && error.status === 403,
  );
});

test('of all who ask at the same time one starts a reconciliation, and none while the last is recent', async () => {
  const { catalog, locks, queue } = service.drivers;
  const deps = { catalog, locks, queue, clock: systemClock };
  await reconcile(true);
  const jobs = (await Promise.all([1, 2, 3].map(() => reconcileIfDue(deps, 0)))).filter(
    (job) => job !== undefined,
  );
  const [job, ...others] = jobs;
  assert.ok(job);
  assert.deepEqual(others, []);
  assert.equal(job.requestedBy.userName, 'emberkeep');
  assert.equal((await service.ended(job.id)).state, 'succeeded');
  assert.equal(await reconcileIfDue(deps, 3_600_000), undefined);
  const next = await reconcileIfDue(deps, 0);
  assert.ok(next);
  await service.ended(next.id);
});
