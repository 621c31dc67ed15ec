import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { after, before, test } from 'node:test';
import { devcloud } from '../../support/devcloud.ts';
import { changeImage, imageInfo, imageSha256, listSnapshots, rbd } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { makeStateDir, startTestService } from '../../support/service.ts';

const mib = 1024 * 1024;

interface Taken {
  pointId: string;
  linkId: string;
  sha256: string;
  sizeBytes: number;
}

let scratch: ScratchCloud;
let stateDir: string;
let folder: string;
let keyFile: string;
let source: string;
const taken: Taken[] = [];

/** An encrypted chain of three links, written by a service that is gone before anything is read. */
before(async () => {
  scratch = await ScratchCloud.open('offline');
  stateDir = await makeStateDir();
  folder = await mkdtemp('/tmp/ek-offline-');
  keyFile = join(folder, 'master.key');
  await writeFile(keyFile, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  source = await scratch.image('volumes', 24 * mib);
  const service = await startTestService({ stateDir, env: { EMBERKEEP_ENCRYPTION_KEY_FILE: keyFile } });
  try {
    const rounds: Parameters<typeof changeImage>[1][] = [
      [
        { kind: 'write', offset: 0, length: 9 * mib, seed: 1 },
        { kind: 'write', offset: 15 * mib + 700, length: 2 * mib, seed: 2 },
      ],
      [
        { kind: 'discard', offset: 4 * mib, length: 4 * mib },
        { kind: 'write', offset: 16 * mib, length: 70_000, seed: 3 },
      ],
      [
        { kind: 'resize', sizeBytes: 20 * mib },
        { kind: 'write', offset: 12 * mib + 5, length: mib, seed: 4 },
      ],
    ];
    for (const changes of rounds) {
      await changeImage(source, changes);
      const { result } = await service.backup({ image: source });
      const [disk] = result.disks;
      const [snapshot] = await listSnapshots(source);
      assert.ok(disk !== undefined && snapshot !== undefined);
      taken.push({
        pointId: result.point_id,
        linkId: disk.link_id,
        sha256: await imageSha256(`${source}@${snapshot.name}`),
        sizeBytes: disk.size_bytes,
      });
    }
  } finally {
    await service.stop();
  }
});

after(async () => {
  await scratch.close();
  await rm(stateDir, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** The program as an administrator runs it after a disaster: nothing but ceph.conf in its environment. */
function commandLine(args: readonly string[]): [string, string[], { env: NodeJS.ProcessEnv; cwd: string }] {
  const main = new URL('../../../src/main.ts', import.meta.url).pathname;
  const env = { PATH: process.env['PATH'], HOME: folder, CEPH_CONF: devcloud().cephConf };
  return [
    process.execPath,
    [main, 'offline', ...args, '--store', join(stateDir, 'store')],
    { env, cwd: folder },
  ];
}

function offline(...args: string[]): Promise<Outcome> {
  return run(...commandLine(args));
}

function run(
  program: string,
  argv: string[],
  options: { env: NodeJS.ProcessEnv; cwd: string },
): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(program, argv, options, (error, stdout, stderr) =>
      resolve({
        code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
        stdout,
        stderr,
      }),
    );
  });
}

function done(outcome: Outcome): string {
  assert.equal(outcome.code, 0, outcome.stderr);
  return outcome.stdout;
}

async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

test('the points of the store are listed and shown without a key', async () => {
  const listed = JSON.parse(done(await offline('list', '-f', 'json'))) as Record<string, unknown>[];
  assert.deepEqual(
    listed.map((row) => [row['ID'], row['State'], row['Size'], row['Encrypted']]),
    taken.toReversed().map(({ pointId, sizeBytes }) => [pointId, 'complete', sizeBytes, true]),
  );
  const shown = JSON.parse(done(await offline('show', taken[2]!.pointId, '-f', 'json'))) as {
    links: { links: string[] }[];
  };
  assert.deepEqual(shown.links[0]?.links, taken.map(({ linkId }) => linkId).toReversed());
});

test('every point comes back into a fresh image, flattened and link by link', async () => {
  for (const [index, { pointId, sha256, sizeBytes }] of taken.entries()) {
    for (const how of [[], ['--plain']]) {
      const target = `backups/${scratch.name(`offline-${index}${how.length}`)}`;
      scratch.adoptImage(target);
      done(await offline('restore', pointId, '--disk', '1', '--to', target, '--key-file', keyFile, ...how));
      assert.equal(await imageSha256(target), sha256);
      assert.equal((await imageInfo(target)).size, sizeBytes);
      assert.deepEqual(await listSnapshots(target), [], 'nothing of ours is left on it');
      assert.doesNotMatch(await rbd('image-meta', 'list', target), /emberkeep/);
    }
  }
});

test('every point comes back into a sparse file, and no file is overwritten', async () => {
  for (const [index, { pointId, sha256, sizeBytes }] of taken.entries()) {
    const path = join(folder, `${index}.raw`);
    done(await offline('restore', pointId, '--to-file', path, '--key-file', keyFile));
    assert.equal(await fileSha256(path), sha256);
    const { size, blocks } = await stat(path);
    assert.equal(size, sizeBytes);
    assert.ok(blocks * 512 < sizeBytes, 'holes are not written');
    const again = await offline('restore', pointId, '--to-file', path, '--key-file', keyFile);
    assert.equal(again.code, 6);
    assert.match(again.stderr, /CONFLICT_FILE_EXISTS/);
  }
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.endsWith('.part')),
    [],
  );
});

test('the plain streams of the links, one after the other, are what rbd import-diff makes the image of', async () => {
  const target = `backups/${scratch.name('offline-cat')}`;
  scratch.adoptImage(target);
  await rbd('create', '--size=1M', target);
  for (const { linkId, pointId, sha256 } of taken) {
    const [program, argv, options] = commandLine(['cat', linkId, '--key-file', keyFile]);
    const { cephConf, keyring } = devcloud();
    const importDiff = [
      'import-diff',
      '--no-progress',
      '--conf',
      cephConf,
      '--keyring',
      keyring,
      '-',
      target,
    ];
    // The shell's pipe, as the manual has it: rbd goes at the end record, before its input has ended.
    const line = 'set -o pipefail; n=$1; shift; "${@:1:n}" | rbd "${@:n+1}"';
    const cat = [program, ...argv];
    done(await run('bash', ['-c', line, 'bash', String(cat.length), ...cat, ...importDiff], options));
    assert.equal(await imageSha256(target), sha256, pointId);
  }
});

test('an image that exists is refused and stays as it is', async () => {
  const before = await imageSha256(source);
  const outcome = await offline('restore', taken[0]!.pointId, '--to', source, '--key-file', keyFile);
  assert.equal(outcome.code, 6);
  assert.match(outcome.stderr, /CONFLICT_IMAGE_EXISTS/);
  assert.equal(await imageSha256(source), before);
});

test('without the key nothing is made, and the key that is needed is named; a wrong key is no damage', async () => {
  const wrong = join(folder, 'wrong.key');
  await writeFile(wrong, randomBytes(32).toString('base64'), { mode: 0o600 });
  const target = `backups/${scratch.name('offline-nokey')}`;
  for (const keys of [[], ['--key-file', wrong]]) {
    const outcome = await offline('restore', taken[2]!.pointId, '--to', target, ...keys);
    assert.equal(outcome.code, 8);
    assert.match(outcome.stderr, /is encrypted with the master key [0-9a-f]{16} .*\(STORE_NO_KEY\)/);
    assert.equal(outcome.stderr.trim().split('\n').length, 1);
  }
  await assert.rejects(rbd('info', target));
  const verified = await offline('verify', '--all', '-f', 'json');
  assert.equal(verified.code, 8);
  assert.match(verified.stdout, /"unverified"/);
  assert.doesNotMatch(verified.stdout, /damaged/);
});

test('the whole store verifies; a flipped bit is found, and exactly the points that need it are told', async () => {
  const whole = await offline('verify', '--all', '--key-file', keyFile);
  assert.match(done(whole), /intact/);
  assert.match(whole.stderr, /3 of 3 points are intact; read 3 links/);
  const segment = join(stateDir, 'store/links', taken[1]!.linkId, 'segments/00000000.zst');
  const bytes = await readFile(segment);
  bytes[bytes.length >> 1]! ^= 0x10;
  await writeFile(segment, bytes);
  const damaged = await offline('verify', '--all', '--key-file', keyFile, '-f', 'json');
  assert.equal(damaged.code, 9);
  const states = new Map(
    (JSON.parse(damaged.stdout) as { ID: string; State: string }[]).map((row) => [row.ID, row.State]),
  );
  assert.deepEqual(
    taken.map(({ pointId }) => states.get(pointId)),
    ['intact', 'damaged', 'damaged'],
  );
  const path = join(folder, 'damaged.raw');
  const outcome = await offline('restore', taken[2]!.pointId, '--to-file', path, '--key-file', keyFile);
  assert.equal(outcome.code, 9);
  assert.match(outcome.stderr, /INTEGRITY_SEGMENT_DAMAGED/);
  await assert.rejects(stat(path));
  await assert.rejects(stat(`${path}.part`));
});
