import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { WireJob, WirePoint, WireRestore } from '../../../src/entry/cli/wire.ts';
import { changeImage, imageSha256, listSnapshots } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { makeStateDir, startTestService, type TestService } from '../../support/service.ts';

const mib = 1024 * 1024;

let scratch: ScratchCloud;
let stateDir: string;
let folder: string;
let source: string;

before(async () => {
  scratch = await ScratchCloud.open('keys');
  stateDir = await makeStateDir();
  folder = await mkdtemp('/tmp/ek-keys-');
  source = await scratch.image('volumes', 12 * mib);
});

after(async () => {
  await scratch.close();
  await rm(stateDir, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

async function keyFile(name: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, randomBytes(32).toString('hex'), { mode: 0o600 });
  return path;
}

/** One life of the service, with the master keys that it knows. */
async function withService(
  keys: { current?: string; old?: string[] },
  body: (service: TestService) => Promise<void>,
): Promise<void> {
  const config = join(folder, 'emberkeep.yaml');
  const encryption = {
    ...(keys.current === undefined ? {} : { key_file: keys.current }),
    old_key_files: keys.old ?? [],
  };
  await writeFile(config, JSON.stringify({ encryption }));
  const service = await startTestService({ stateDir, env: { EMBERKEEP_CONFIG: config } });
  try {
    await body(service);
  } finally {
    await service.stop();
  }
}

interface Taken {
  pointId: string;
  linkId: string;
  kind: string;
  sha256: string;
}

async function takePoint(service: TestService, seed: number): Promise<Taken> {
  await changeImage(source, [{ kind: 'write', offset: seed * mib, length: mib + seed, seed }]);
  const { result } = await service.backup({ image: source });
  const [disk] = result.disks;
  const [snapshot] = await listSnapshots(source);
  assert.ok(disk !== undefined && snapshot !== undefined);
  return {
    pointId: result.point_id,
    linkId: disk.link_id,
    kind: disk.kind,
    sha256: await imageSha256(`${source}@${snapshot.name}`),
  };
}

async function masterKeyOf({ linkId }: Taken): Promise<string | undefined> {
  const text = await readFile(join(stateDir, 'store/links', linkId, 'manifest.json'), 'utf8');
  return /"masterKeyId": "([0-9a-f]{16})"/.exec(text)?.[1];
}

async function failure(service: TestService, what: 'backups' | 'restores', body: object): Promise<string> {
  const answer = await service.call<{ jobs?: [WireJob]; restore?: WireRestore }>('POST', `/v1/${what}`, body);
  const job = await service.ended(answer.jobs?.[0].id ?? answer.restore?.job_id ?? '');
  assert.equal(job.state, 'failed');
  return job.error?.type ?? '';
}

test('encryption is switched on, its key changed and lost, within one chain', async () => {
  const [first, second] = [await keyFile('first'), await keyFile('second')];
  const taken: Taken[] = [];
  await withService({}, async (service) => void taken.push(await takePoint(service, 1)));
  await withService({ current: first }, async (service) => void taken.push(await takePoint(service, 2)));
  await withService({ current: second, old: [first] }, async (service) => {
    taken.push(await takePoint(service, 3));
  });
  assert.deepEqual(
    taken.map(({ kind }) => kind),
    ['full', 'increment', 'increment'],
  );
  const [none, one, two] = await Promise.all(taken.map(masterKeyOf));
  assert.equal(none, undefined);
  assert.ok(one !== undefined && two !== undefined && one !== two);

  // Without a key, and with one of two: nothing works that needs it, and nothing is taken for damaged (I8).
  for (const keys of [{}, { current: second }]) {
    await withService(keys, async (service) => {
      const restore = { point: { id: taken[2]?.pointId }, mode: 'image' };
      assert.equal(await failure(service, 'restores', restore), 'STORE_NO_KEY');
      assert.equal(await failure(service, 'backups', { target: { image: source } }), 'STORE_NO_KEY');
      const { points } = await service.call<{ points: WirePoint[] }>(
        'GET',
        `/v1/points?source=${encodeURIComponent(source)}`,
      );
      assert.deepEqual(
        points.map(({ state }) => state),
        ['complete', 'complete', 'complete'],
      );
      assert.equal((await listSnapshots(source)).length, 1, 'the snapshot of the last point stays (I4)');
    });
  }

  await withService({ old: [second, first] }, async (service) => {
    const last = await takePoint(service, 4);
    assert.deepEqual([last.kind, await masterKeyOf(last)], ['increment', undefined]);
    for (const { pointId, sha256 } of [...taken, last]) {
      const { result } = await service.restore({ point: { id: pointId }, mode: 'image' });
      const image = result.disks[0]?.image ?? '';
      scratch.adoptImage(image);
      assert.equal(await imageSha256(image), sha256);
    }
  });
});

test('a service does not start with a key that others can read', async () => {
  const path = join(folder, 'open.key');
  await writeFile(path, randomBytes(32).toString('hex'), { mode: 0o644 });
  await assert.rejects(
    withService({ current: path }, () => Promise.resolve()),
    { code: 'INPUT_KEY_FILE', message: /can be read or changed by others \(mode 0644\). Run: chmod 600/ },
  );
});
