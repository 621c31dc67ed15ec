/**
 * The cluster with all images is lost and a new one has its place: the runbook `docs/operate/disaster.md#all-of-ceph`, on a second
 * Ceph of the test's own. Cinder stays on the first one, as it does until its operator has changed it.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { Cleanup, devcloud } from '../../support/devcloud.ts';
import { MainProcess } from '../../support/main-process.ts';
import { changeImage, headSha256, listImages, removeImage } from '../../support/rbd-image.ts';
import { startScratchCeph, type ScratchCeph } from '../../support/scratch-ceph.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';
import { openTestDatabase } from '../../support/test-database.ts';

const mib = 1024 * 1024;
const cleanup = new Cleanup();
let folder: string;
let store: string;
let databaseUrl: string;
let ceph: ScratchCeph;
/** A volume of Cinder's, and a bare image: where each was, its newest point, and the SHA-256 of its first 2 MiB at that point. */
let volume: Lost;
let image: Lost;

interface Lost {
  target: Record<string, string>;
  at: string;
  point: string;
  sha256: string;
}

before(async () => {
  folder = await mkdtemp('/tmp/ek-newceph-');
  cleanup.add(() => rm(folder, { recursive: true }));
  store = join(folder, 'store');
  await mkdir(store);
  const scratch = await ScratchCloud.open('newceph');
  cleanup.add(() => scratch.close());
  const database = await openTestDatabase();
  cleanup.add(() => database.close());
  databaseUrl = database.url;
  const volumeId = await scratch.volume();
  const bare = await scratch.image('volumes', 24 * mib);
  const old = await start(databaseUrl, 'ceph', devcloud().cephConf);
  try {
    volume = await backedUp(old, { volume: volumeId }, `volumes/volume-${volumeId}`, [0]);
    image = await backedUp(old, { image: bare }, bare, [0, mib / 2]);
  } finally {
    await old.stop();
  }
  await removeImage(bare);
  assert.ok(!(await listImages('volumes')).some((name) => name.startsWith(scratch.prefix)));
  ceph = await startScratchCeph(['volumes', 'backups', 'vms']);
  cleanup.add(() => ceph.close());
});
after(() => cleanup.run());

/** Each test begins with a cluster that is empty. */
beforeEach(async () => {
  for (const { at } of [volume, image]) {
    if (!(await ceph.rbd('ls', 'volumes')).split('\n').includes(at.slice('volumes/'.length))) continue;
    await ceph.rbd('snap', 'purge', '--no-progress', at);
    await ceph.rbd('rm', '--no-progress', at);
  }
});

/** After each write of a MiB there. */
async function backedUp(
  service: FaultyService,
  target: Record<string, string>,
  at: string,
  writes: readonly number[],
): Promise<Lost> {
  let point = '';
  for (const offset of writes) {
    await changeImage(at, [{ kind: 'write', offset, length: mib, seed: offset }]);
    const { result } = await service.backup(target);
    assert.equal(result.disks[0]?.kind, offset === 0 ? 'full' : 'increment');
    point = result.point_id;
  }
  return { target, at, point, sha256: await headSha256(at) };
}

/** The configuration with this one cluster in it. */
async function start(url: string, name: string, conf: string): Promise<FaultyService> {
  const path = join(folder, `${name}.yaml`);
  const pool = (of: string): string => `{ cluster: ${name}, pool: ${of} }`;
  await writeFile(
    path,
    `clusters: { ${name}: { conf: ${conf} } }
backups_pool: ${pool('backups')}
volumes_pool: ${pool('volumes')}
nova_pool: ${pool('vms')}
cinder_backends: { ceph-backups: ${pool('backups')} }
store: { directory: ${store} }
`,
  );
  return await startFaultyService({ env: { EMBERKEEP_DATABASE_URL: url, EMBERKEEP_CONFIG: path } });
}

interface Planned {
  restore_plan: { problems: { code: string; what: string; remedy: string }[] };
}

async function problemOf(service: FaultyService, { point }: Lost, mode: string) {
  const request = { point: { id: point }, mode };
  const { restore_plan: plan } = await service.call<Planned>('POST', '/v1/restore-plans', request);
  const [problem, more] = plan.problems;
  assert.equal(more, undefined);
  return { code: problem?.code, text: `${problem?.what} ${problem?.remedy}` };
}

/** `emberkeep offline restore`, under the disk's own name. */
async function bringBack({ point, at }: Lost): Promise<string> {
  const args = ['offline', 'restore', point, '--to', at, '--store', store];
  const { code, stderr } = await new MainProcess(args, { CEPH_CONF: ceph.confPath }).ended;
  return code === 0 ? 'restored' : stderr;
}

async function imageOf(service: FaultyService, { point }: Lost): Promise<string> {
  const { result } = await service.restore({ point: { id: point }, mode: 'image' });
  return result.disks[0]?.image ?? '';
}

test('under the old name: what cannot be is said with the reason, disks come back under their names, chains begin anew', async () => {
  const service = await start(databaseUrl, 'ceph', ceph.confPath);
  try {
    assert.equal((await service.failedBackup(volume.target)).error?.type, 'NOTFOUND_IMAGE');
    assert.equal((await problemOf(service, volume, 'in-place')).code, 'CONFLICT_DISK_GONE');
    const noBackend = await problemOf(service, volume, 'volume');
    assert.equal(noBackend.code, 'CONFLICT_NO_BACKEND');
    assert.match(noBackend.text, /on a Ceph with another fsid than the clusters of the configuration/);
    for (const lost of [volume, image]) {
      assert.equal(await bringBack(lost), 'restored');
      assert.equal(await ceph.headSha256(lost.at), lost.sha256);
    }
    assert.match(await bringBack(image), /exists/);
    for (const { target } of [volume, image]) {
      const { result } = await service.backup(target);
      assert.equal(result.disks[0]?.kind, 'full');
      assert.match(result.disks[0].full_reason ?? '', /^the disk was on cluster \S+, now it is on /);
    }
    assert.equal((await service.backup(image.target)).result.disks[0]?.kind, 'increment');
  } finally {
    await service.stop();
  }
});

test('under a new name, with a catalog rebuilt: volumes go on, images come back, and what asks for the old name is told the remedy', async () => {
  const database = await openTestDatabase();
  cleanup.add(() => database.close());
  const service = await start(database.url, 'second', ceph.confPath);
  try {
    const { job } = await service.call<{ job: { id: string } }>('POST', '/v1/catalog/rebuilds', {});
    assert.equal((await service.ended(job.id)).state, 'succeeded');
    assert.equal(await ceph.headSha256(await imageOf(service, image)), image.sha256);
    const unknown = await problemOf(service, image, 'in-place');
    assert.equal(unknown.code, 'INPUT_UNKNOWN_CLUSTER');
    assert.match(unknown.text, /takes its name under clusters/);
    assert.equal(await bringBack(volume), 'restored');
    assert.equal((await service.backup(volume.target)).result.disks[0]?.kind, 'full');
    assert.equal((await service.backup(volume.target)).result.disks[0]?.kind, 'increment');
  } finally {
    await service.stop();
  }
});
