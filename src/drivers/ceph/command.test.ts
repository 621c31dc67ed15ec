import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { AppError } from '../../base/errors.ts';
import type { CephCluster } from './cluster.ts';
import { askCeph, runCeph, runCephJson, streamToCeph } from './command.ts';

const cluster: CephCluster = {
  name: 'ceph',
  confPath: '/etc/ceph/ceph.conf',
  user: 'emberkeep',
  keyringPath: undefined,
};

/** In place of `rbd`: says what Ceph says of a failed assertion and aborts, as often as the file `crashes` tells. */
const program = `#!/bin/bash
cd "$(dirname "$0")"
echo "$1" >>calls
if [ "$(wc -l <calls)" -le "$(cat crashes)" ]; then
  echo 'image.cc: 12: FAILED ceph_assert(parent != nullptr)' >&2
  echo '*** Caught signal (Aborted) **' >&2
  for event in $(seq 3000); do echo "-$event> 2026-11-27T17:00:00.000+0000 7f00 5 recent event" >&2; done
  kill -ABRT $$
fi
echo '["one"]'
`;

let folder: string;
const path = process.env['PATH'] ?? '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ek-command-'));
  await writeFile(join(folder, 'rbd'), program);
  await chmod(join(folder, 'rbd'), 0o755);
  process.env['PATH'] = `${folder}${delimiter}${path}`;
});
beforeEach(() => rm(join(folder, 'calls'), { force: true }));
after(async () => {
  process.env['PATH'] = path;
  await rm(folder, { recursive: true });
});

async function crashFirst(times: number): Promise<void> {
  await writeFile(join(folder, 'crashes'), String(times));
}

async function calls(): Promise<number> {
  return (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n').length;
}

const crashed = {
  code: 'CEPH_CRASHED',
  message:
    /^rbd .* crashed \(.*: image\.cc: 12: FAILED ceph_assert\(parent != nullptr\); \*\*\* Caught signal/,
};

test('a command that only looks is asked again when its program crashes', async () => {
  await crashFirst(2);
  assert.deepEqual(await runCephJson(cluster, 'rbd', ['snap', 'ls', 'volumes/a']), ['one']);
  assert.equal(await calls(), 3);
});

test('one that crashes each time is given up, and its error says of what', async () => {
  await crashFirst(9);
  await assert.rejects(askCeph(cluster, 'rbd', ['ls', 'volumes']), crashed);
  assert.equal(await calls(), 3);
});

test('I9: one that changes something is not begun again by itself', async () => {
  await crashFirst(1);
  await assert.rejects(runCeph(cluster, 'rbd', ['snap', 'rm', 'volumes/a@b']), crashed);
  assert.equal(await calls(), 1);
});

/** As `rbd import-diff`, that goes at the end record: reads one byte. */
async function readOneByte(): Promise<void> {
  await writeFile(join(folder, 'rbd'), '#!/bin/bash\nhead --bytes=1 >/dev/null\n');
}

async function* endsLater(ending: () => void): AsyncGenerator<Buffer, void, undefined> {
  yield Buffer.from('e');
  await setTimeout(300);
  ending();
}

test('a program that goes before its input has ended does not hide what the input finds at its end', async () => {
  await readOneByte();
  await streamToCeph(
    cluster,
    'rbd',
    ['import-diff'],
    endsLater(() => undefined),
  );
  const fails = endsLater(() => {
    throw new AppError('INTEGRITY_SEGMENT_DAMAGED', 'the segment is damaged');
  });
  await assert.rejects(streamToCeph(cluster, 'rbd', ['import-diff'], fails), {
    code: 'INTEGRITY_SEGMENT_DAMAGED',
  });
});
