/** A catalog that is lost and brought back from the store alone, on the real cloud. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { WireJob, WirePoint } from '../../../src/entry/cli/wire.ts';
import { devcloud } from '../../support/devcloud.ts';
import { changeImage, imageSha256, listSnapshots } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { ApiFailure, makeStateDir, startTestService, type TestService } from '../../support/service.ts';

const mib = 1024 * 1024;
const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

let scratch: ScratchCloud;

before(async () => {
  scratch = await ScratchCloud.open('rebuild');
});
after(async () => {
  await scratch.close();
});

interface Rebuilt {
  known_points: number;
  added_points: number;
  damaged_points: number;
  unused_links: number;
  problems: number;
  first_problems: string[];
}

/** Two services, one after the other, over one store; the second one's database is new, unless it is given a state. */
async function withStore(
  t: TestContext,
): Promise<{ start: (stateDir?: string) => Promise<TestService>; store: string }> {
  const store = await makeStateDir();
  const running = new Set<TestService>();
  t.after(async () => {
    for (const service of running) await service.stop();
    await rm(store, { recursive: true });
  });
  return {
    store,
    start: async (stateDir) => {
      const service = await startTestService({
        env: { EMBERKEEP_STORE: store },
        ...(stateDir === undefined ? {} : { stateDir }),
      });
      running.add(service);
      return {
        ...service,
        stop: async () => {
          running.delete(service);
          await service.stop();
        },
      };
    },
  };
}

async function rebuilt(service: TestService, dryRun = false): Promise<Rebuilt> {
  const { job } = await service.call<{ job: WireJob }>('POST', '/v1/catalog/rebuilds', { dry_run: dryRun });
  const ended = await service.ended(job.id);
  assert.equal(ended.state, 'succeeded', JSON.stringify(ended.error));
  return ended.result as unknown as Rebuilt;
}

/** `emberkeep catalog rebuild` as an administrator of the cloud types it. */
async function rebuildByCommand(
  t: TestContext,
  stateDir: string,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { cephConf, cloudsYaml } = devcloud();
  const env = {
    PATH: process.env['PATH'],
    HOME: stateDir,
    CEPH_CONF: cephConf,
    OS_CLIENT_CONFIG_FILE: cloudsYaml,
    OS_CLOUD: 'devcloud-admin',
    EMBERKEEP_KEYSTONE_CLOUD: 'emberkeep',
    EMBERKEEP_STATE_DIR: stateDir,
    EMBERKEEP_STORE: join(stateDir, 'another'),
  };
  return await new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, 'catalog', 'rebuild', ...args],
      { env, cwd: stateDir, signal: t.signal },
      (error, stdout, stderr) =>
        resolve({
          code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
          stdout,
          stderr,
        }),
    );
  });
}

async function pointsOf(service: TestService): Promise<WirePoint[]> {
  return (await service.call<{ points: WirePoint[] }>('GET', '/v1/points')).points;
}

interface Taken {
  pointId: string;
  linkId: string;
  sha256: string;
}

async function takePoint(service: TestService, spec: string, seed: number): Promise<Taken> {
  await changeImage(spec, [{ kind: 'write', offset: seed * 2 * mib, length: mib / 2, seed }]);
  const { result } = await service.backup({ image: spec });
  const [disk] = result.disks;
  const [snapshot, ...others] = await listSnapshots(spec);
  assert.ok(disk && snapshot);
  assert.deepEqual(others, []);
  const sha256 = await imageSha256(`${spec}@${snapshot.name}`);
  return { pointId: result.point_id, linkId: disk.link_id, sha256 };
}

async function takeChain(service: TestService, length: number): Promise<{ spec: string; points: Taken[] }> {
  const spec = await scratch.image('volumes', 24 * mib);
  const points: Taken[] = [];
  for (let seed = 1; seed <= length; seed++) points.push(await takePoint(service, spec, seed));
  return { spec, points };
}

async function restoredSha256(service: TestService, pointId: string): Promise<string> {
  const { result } = await service.restore({ point: { id: pointId }, mode: 'image' });
  const image = result.disks[0]?.image ?? '';
  scratch.adoptImage(image);
  return await imageSha256(image);
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  assert.ok(item !== undefined);
  return item;
}

test('a database that is gone: the points are back, can be restored, and the chain goes on', async (t) => {
  const { start, store } = await withStore(t);
  const first = await start();
  const { spec, points } = await takeChain(first, 3);
  const volume = await scratch.volume();
  await first.backup({ volume });
  const before = await pointsOf(first);
  await first.stop();

  const stateDir = await makeStateDir();
  t.after(() => rm(stateDir, { recursive: true }));
  const shown = ['-f', 'json', '--store', store];
  const dry = await rebuildByCommand(t, stateDir, '--dry-run', ...shown);
  assert.equal(dry.code, 0, dry.stderr);
  const told = JSON.parse(dry.stdout) as Rebuilt;
  assert.deepEqual([told.added_points, told.damaged_points, told.problems], [4, 0, 0]);
  const real = await rebuildByCommand(t, stateDir, ...shown);
  assert.equal(real.code, 0, real.stderr);
  const done = JSON.parse(real.stdout) as Rebuilt;
  assert.deepEqual([done.known_points, done.added_points, done.damaged_points], [0, 4, 0]);
  assert.deepEqual([done.unused_links, done.problems], [0, 0]);

  const second = await start(stateDir);
  assert.deepEqual(await pointsOf(second), before);
  const { jobs } = await second.call<{ jobs: WireJob[] }>('GET', '/v1/jobs');
  const refused = await rebuildByCommand(t, stateDir, '--store', '/mnt/copy');
  assert.equal(refused.code, 2, refused.stderr);
  assert.ok(refused.stderr.includes(`This service's store is ${store}, not /mnt/copy`), refused.stderr);
  assert.deepEqual((await second.call<{ jobs: WireJob[] }>('GET', '/v1/jobs')).jobs, jobs);
  const again = await rebuilt(second);
  assert.deepEqual([again.known_points, again.added_points, again.problems], [4, 0, 0]);
  assert.deepEqual(await pointsOf(second), before);

  assert.equal(await restoredSha256(second, at(points, 1).pointId), at(points, 1).sha256);
  await changeImage(spec, [{ kind: 'write', offset: 20 * mib, length: 4096, seed: 8 }]);
  const { result } = await second.backup({ image: spec });
  assert.deepEqual([result.disks[0]?.kind, result.disks[0]?.full_reason], ['increment', null]);
  const snapshots = await listSnapshots(spec);
  assert.equal(snapshots.length, 1, 'the snapshot of before is known as ours and was removed');
  assert.equal(await restoredSha256(second, result.point_id), await imageSha256(spec));
});

test('a catalog that is filled in part gets what it lacks and keeps what it has', async (t) => {
  const { start } = await withStore(t);
  const first = await start();
  const { spec } = await takeChain(first, 2);
  const before = await pointsOf(first);
  await first.stop();
  const second = await start();
  // Nothing is known of the chain yet, so a backup begins a new one.
  const taken = await second.backup({ image: spec });
  assert.equal(taken.result.disks[0]?.kind, 'full');
  const own = await pointsOf(second);
  const { known_points: known, added_points: added } = await rebuilt(second);
  assert.deepEqual([known, added], [1, 2]);
  assert.deepEqual(await pointsOf(second), [...own, ...before]);
  const next = await second.backup({ image: spec });
  assert.equal(next.result.disks[0]?.kind, 'increment');
  assert.equal((await listSnapshots(spec)).length, 1);
});

test('what is broken is told and left out, what stands on it is damaged, the rest is whole', async (t) => {
  const { start, store } = await withStore(t);
  const first = await start();
  const [broken, orphaned, cut, whole] = [
    await takeChain(first, 1),
    await takeChain(first, 2),
    await takeChain(first, 3),
    await takeChain(first, 2),
  ];
  await first.stop();
  // A manifest with one wrong byte; a point that an expiry deleted, whose link is needed; a link that is gone.
  const manifest = join(store, 'points', `${at(broken.points, 0).pointId}.json`);
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('"crash"', '"crush"'));
  await rm(join(store, 'points', `${at(orphaned.points, 0).pointId}.json`));
  await rm(join(store, 'links', at(cut.points, 1).linkId), { recursive: true });

  const second = await start();
  const dry = await rebuilt(second, true);
  assert.deepEqual([dry.added_points, dry.damaged_points], [6, 2]);
  const found = await rebuilt(second);
  assert.deepEqual([found.added_points, found.damaged_points, found.unused_links], [6, 2, 1]);
  const told = found.first_problems.join('\n');
  assert.match(told, new RegExp(`point ${at(broken.points, 0).pointId} is left out: .* is damaged`));
  assert.match(told, new RegExp(`link ${at(broken.points, 0).linkId} belongs to no point that is there`));
  assert.match(told, new RegExp(`link ${at(cut.points, 1).linkId} is missing in the store`));

  const states = new Map((await pointsOf(second)).map(({ id, state }) => [id, state]));
  assert.equal(states.get(at(broken.points, 0).pointId), undefined);
  assert.equal(states.get(at(orphaned.points, 0).pointId), undefined, 'the deleted one is not shown');
  assert.deepEqual(
    cut.points.map(({ pointId }) => states.get(pointId)),
    ['complete', 'damaged', 'damaged'],
  );
  for (const { pointId, sha256 } of [at(orphaned.points, 1), at(cut.points, 0), at(whole.points, 1)]) {
    assert.equal(states.get(pointId), 'complete');
    assert.equal(await restoredSha256(second, pointId), sha256);
  }
  // The file is put back from a copy: another rebuild brings the point in.
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('"crush"', '"crash"'));
  const repaired = await rebuilt(second);
  assert.deepEqual([repaired.added_points, repaired.damaged_points], [1, 0]);
  assert.equal(await restoredSha256(second, at(broken.points, 0).pointId), at(broken.points, 0).sha256);
});

test('only administrators rebuild', async (t) => {
  const { start } = await withStore(t);
  const service = await start();
  await assert.rejects(
    service.call('POST', '/v1/catalog/rebuilds', {}, 'devcloud-tenant'),
    (error: unknown) => error instanceof ApiFailure && error.status === 403,
  );
});
