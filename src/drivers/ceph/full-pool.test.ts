import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import type { CephCluster } from './cluster.ts';
import { importDiff } from './diffs.ts';
import { changeByRbd } from './full-pool.ts';

const cluster: CephCluster = {
  name: 'ceph',
  confPath: '/etc/ceph/ceph.conf',
  user: 'emberkeep',
  keyringPath: undefined,
  fullPatience: { lookMs: 5, waitMs: 20 },
};

/** In place of `rbd`: reads what it is fed, and then stands still for as long as there is a file `still`. */
const rbd = `#!/bin/bash
cd "$(dirname "$0")"
cat >/dev/null
while [ -e still ]; do sleep 0.01; done
`;
/** In place of `ceph osd pool ls detail`; the flags of the pool `backups` are in a file. */
const ceph = `#!/bin/bash
cd "$(dirname "$0")"
echo "$*" >>asked
printf '[{"pool_name":"other","flags_names":"full"},{"pool_name":"backups","flags_names":"%s"}]' "$(cat flags)"
`;

let folder: string;
const path = process.env['PATH'] ?? '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ek-full-'));
  for (const [name, text] of Object.entries({ rbd, ceph })) {
    await writeFile(join(folder, name), text);
    await chmod(join(folder, name), 0o755);
  }
  process.env['PATH'] = `${folder}${delimiter}${path}`;
});
beforeEach(async () => {
  await writeFile(join(folder, 'still'), '');
  await writeFile(join(folder, 'flags'), 'hashpspool,selfmanaged_snaps');
  await rm(join(folder, 'asked'), { force: true });
});
after(async () => {
  process.env['PATH'] = path;
  await rm(folder, { recursive: true });
});

const goOn = (): Promise<void> => rm(join(folder, 'still'));
const fill = (): Promise<void> => writeFile(join(folder, 'flags'), 'hashpspool,full,full_quota');
const asked = async (): Promise<string[]> =>
  (await readFile(join(folder, 'asked'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');

async function* chunks(): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.from('one'));
}

test('a program that waits for room in a full pool is ended, and who runs it is told before', async () => {
  await fill();
  const told: string[] = [];
  const onWait = async (message: string): Promise<void> => void told.push(await Promise.resolve(message));
  await assert.rejects(importDiff(cluster, { pool: 'backups', image: 'a' }, chunks(), { onWait }), {
    code: 'CEPH_FULL',
    message: /^pool "backups" of cluster ceph is full, or its quota is used up: make room/,
  });
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /^waiting for room: pool "backups"/);
  assert.match(
    (await asked())[0] ?? '',
    /^osd pool ls detail --conf=\S+ --id=emberkeep .*--format=json$|^osd pool ls detail --format=json/,
  );
});

test('room that comes in time lets it go on', async () => {
  await fill();
  const onWait = async (): Promise<void> => {
    await writeFile(join(folder, 'flags'), 'hashpspool');
    await goOn();
  };
  await importDiff(cluster, { pool: 'backups', image: 'a' }, chunks(), { onWait });
});

test('one that stands still for another reason is waited for', async () => {
  const done = changeByRbd(cluster, 'backups', ['create', 'backups/a']);
  while ((await asked()).length < 5) await new Promise((resolve) => setTimeout(resolve, 5));
  await goOn();
  await done;
});

test('while an import goes on nobody looks', async () => {
  await fill();
  await goOn();
  async function* slow(): AsyncGenerator<Buffer> {
    for (let count = 0; count < 100; count += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      yield Buffer.from('more');
    }
  }
  // Several looks while the import goes on, with many chunks between two of them, also on a busy machine.
  const patience = { lookMs: 400, waitMs: 60 };
  await importDiff({ ...cluster, fullPatience: patience }, { pool: 'backups', image: 'a' }, slow());
  assert.deepEqual(await asked(), []);
});

test('an abort of the caller is told as such', async () => {
  await fill();
  const stop = new AbortController();
  const done = changeByRbd(cluster, 'backups', ['create', 'backups/a'], { signal: stop.signal });
  stop.abort(new AppError('CANCELLED_BY_REQUEST', 'says the test'));
  await assert.rejects(done, { code: 'CANCELLED_COMMAND' });
});
