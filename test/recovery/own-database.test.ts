import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { linkIdOfSnapshot } from '../../src/domain/snapshot-name.ts';
import { createRbd, type Rbd } from '../../src/drivers/ceph/rbd.ts';
import type { WireJob } from '../../src/entry/cli/wire.ts';
import { Cleanup, devcloud, openCloud } from '../support/devcloud.ts';
import { makeStateDir, startTestService } from '../support/service.ts';
import { hashChain, hashImage, writeRandomly } from './source-disk.ts';
import { WorkerProcess } from './worker-process.ts';

const source = { location: { cluster: 'ceph', pool: 'volumes', image: `rec-own-${process.pid}` } };
const cleanup = new Cleanup();
let rbd: Rbd;
let stateDir: string;

before(async () => {
  rbd = createRbd([{ name: 'ceph', confPath: devcloud().cephConf, user: 'admin', keyringPath: undefined }]);
  stateDir = await makeStateDir();
  // So that the database's own user reaches its files there, and we find it by them.
  await chmod(stateDir, 0o711);
  cleanup.add(() => rm(stateDir, { recursive: true, force: true }));
  const mark = { key: 'emberkeep_test', value: 'recovery' };
  await rbd.createImage(source.location, { sizeBytes: 2 ** 23, objectSizeBytes: 2 ** 22, mark });
  cleanup.add(async () => {
    for (const { name } of await rbd.listSnapshots(source.location))
      await rbd.removeSnapshot(source.location, name);
    await rbd.removeImage(source.location);
  });
  await writeRandomly(rbd, source, 2 ** 22);
});
after(async () => {
  await cleanup.run();
});

test('a killed service takes its own database along, and the next one on the same files resumes', async () => {
  const first = new WorkerProcess();
  cleanup.add(() => first.end('SIGKILL'));
  await first.start({ EMBERKEEP_STATE_DIR: stateDir }, { slowChunkMs: 100 });
  assert.ok(postgresOf(stateDir).length > 0, 'it runs a database');
  const streaming = first.streaming(2 ** 20);
  const jobId = await requestBackup();
  await streaming;
  await first.end('SIGKILL');
  for (let tries = 0; postgresOf(stateDir).length > 0 && tries < 600; tries++) await sleep(50);
  assert.deepEqual(postgresOf(stateDir), [], 'the database went with it');

  const second = await startTestService({ stateDir });
  try {
    const job = await second.ended(jobId);
    assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
    const { catalog, stores } = second.drivers;
    const store = await stores.open();
    const [point] = await catalog.points.list();
    const link = await catalog.links.get(point?.manifest.disks[0]?.linkId ?? '');
    assert.ok(link !== undefined);
    const ours = (await rbd.listSnapshots(source.location)).filter(({ name }) => linkIdOfSnapshot(name));
    assert.deepEqual(
      ours.map(({ name, id }) => ({ name, id })),
      [link.manifest.toSnapshot],
    );
    assert.equal(await hashChain(store, [link.id]), await hashImage(source.location, ours[0]?.name));
  } finally {
    await second.stop();
  }
  assert.deepEqual(postgresOf(stateDir), [], 'and none is left');
});

/** As the command line does: the service's address is in its state directory. */
async function requestBackup(): Promise<string> {
  const { url } = JSON.parse(await readFile(join(stateDir, 'service.json'), 'utf8')) as { url: string };
  const admin = openCloud('devcloud-admin');
  try {
    const response = await fetch(`${url}/v1/backups`, {
      method: 'POST',
      headers: {
        'x-auth-token': (await admin.keystone.token()).value,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ target: { image: `volumes/${source.location.image}` } }),
    });
    const body = (await response.json()) as { jobs: [WireJob] };
    assert.ok(response.ok, JSON.stringify(body));
    return body.jobs[0].id;
  } finally {
    admin.close();
  }
}

/** Process ids of the database servers whose files are below the directory. */
function postgresOf(directory: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`postgres\0-D\0${directory}`);
      } catch {
        return false;
      }
    })
    .map(Number);
}
