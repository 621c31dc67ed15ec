/** What the service stands on goes away in mid-job and comes back: nothing is lost, nothing is left behind. */
import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { backoffDelayMs } from '../../../src/base/retry.ts';
import { jobPatience } from '../../../src/compose/open-drivers.ts';
import type { CloudCredentials } from '../../../src/drivers/openstack/credentials.ts';
import { credentialsOf, openCloud } from '../../support/devcloud.ts';
import { startLeavingRelay, type LeavingRelay } from '../../support/leaving-relay.ts';
import { changeImage, imageSha256, listSnapshots } from '../../support/rbd-image.ts';
import { ScratchBucket } from '../../support/s3-buckets.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';
import { makeStateDir } from '../../support/service.ts';

const mib = 1024 * 1024;
/** More than one call of the API would wait for. */
const awayMs = 8_000;
const relays: LeavingRelay[] = [];
let stateDir: string;
let scratch: ScratchCloud;
let bucket: ScratchBucket;
let service: FaultyService;
let volumeId: string;
let image: string;

/** The same address through a relay; what is after the port stays as it is. */
async function relayed(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const relay = await startLeavingRelay({ host: hostname, port: Number(port) });
  relays.push(relay);
  return url.replace(/^(https?:\/\/)[^/]+/, `$1127.0.0.1:${relay.port}`);
}

async function throughRelays(): Promise<CloudCredentials> {
  const credentials = credentialsOf('emberkeep');
  const direct = openCloud('emberkeep');
  const { catalog, info } = await direct.keystone.token();
  direct.close();
  const urlOf = (type: string): string =>
    catalog
      .find((entry) => entry.type === type)
      ?.endpoints.find(({ interface: face }) => face === 'public')
      ?.url.replace(info.projectId ?? '', '%(project_id)s') ?? '';
  return {
    ...credentials,
    authUrl: await relayed(credentials.authUrl),
    endpointOverrides: {
      compute: await relayed(urlOf('compute')),
      'block-storage': await relayed(urlOf('volumev3')),
    },
  };
}

/** Everything leaves now, and is back a while later. */
async function leaveForAWhile(): Promise<void> {
  for (const relay of relays) await relay.leave();
  void sleep(awayMs).then(() => Promise.all(relays.map((relay) => relay.comeBack())));
}

before(async () => {
  scratch = await ScratchCloud.open('away');
  stateDir = await makeStateDir();
  bucket = await ScratchBucket.make();
  const { name, settings } = bucket;
  const config = join(stateDir, 'emberkeep.yaml');
  const s3 = {
    bucket: name,
    endpoint: await relayed(settings.endpoint ?? ''),
    access_key_id: settings.accessKeyId,
  };
  await writeFile(config, JSON.stringify({ store: { s3 } }));
  service = await startFaultyService({
    stateDir,
    credentials: await throughRelays(),
    env: { EMBERKEEP_CONFIG: config, EMBERKEEP_S3_SECRET_ACCESS_KEY: settings.secretAccessKey ?? '' },
  });
  volumeId = await scratch.volume();
  image = `volumes/volume-${volumeId}`;
  await changeImage(image, [{ kind: 'write', offset: 0, length: 2 * mib, seed: 9 }]);
});
after(async () => {
  await service.stop();
  for (const relay of relays) await relay.close();
  await scratch.close();
  await bucket.remove();
  await rm(stateDir, { recursive: true, force: true });
});

test('jobs wait for longer than a minute for what is away', () => {
  let leastMs = 0;
  for (let attempt = 1; attempt < jobPatience.attempts; attempt += 1)
    leastMs += backoffDelayMs(attempt, jobPatience, () => 0);
  assert.ok(leastMs > 60_000, String(leastMs));
});

test('Keystone, Nova, Cinder and the bucket are away in the middle of a backup, then of a restore', async () => {
  const { rbd } = service.real;
  service.hooks.rbd.createSnapshot = async (at, name) => {
    await rbd.createSnapshot(at, name);
    await leaveForAWhile();
  };
  const backup = await service.backup({ volume: volumeId });
  service.clear();
  assert.equal(backup.attempt, 1);
  assert.equal((await listSnapshots(image)).length, 1);
  service.hooks.rbd.importDiff = async (at, stream, options) => {
    await rbd.importDiff(at, stream, options);
    await leaveForAWhile();
  };
  const restored = await service.restore({ point: { id: backup.result.point_id }, mode: 'volume' });
  service.clear();
  const [disk] = restored.result.disks;
  assert.equal(await imageSha256(`volumes/volume-${disk?.new_volume_id ?? ''}`), await imageSha256(image));
  assert.equal((await scratch.volumes()).length, 2, 'the source and what was restored');
  assert.deepEqual(await scratch.freshImages(restored.result.restore_id), []);
});

test('an exporter that stands still for a while holds the job up and costs it nothing', async () => {
  await changeImage(image, [{ kind: 'write', offset: 32 * mib, length: 16 * mib, seed: 10 }]);
  const { rbd } = service.real;
  service.hooks.rbd.exportDiff = async (at, options) => {
    const output = await rbd.exportDiff(at, options);
    const pid = await exporterOf(at.image);
    process.kill(pid, 'SIGSTOP');
    void sleep(2_000).then(() => process.kill(pid, 'SIGCONT'));
    return output;
  };
  const { attempt, result } = await service.backup({ volume: volumeId });
  service.clear();
  assert.equal(attempt, 1);
  assert.deepEqual(
    result.disks.map(({ kind, data_bytes }) => [kind, data_bytes]),
    [['increment', 16 * mib]],
  );
  assert.equal((await listSnapshots(image)).length, 1);
});

/** The service's own child. */
async function exporterOf(name: string): Promise<number> {
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (words.includes('export-diff') && words.some((word) => word.includes(name))) return Number(pid);
  }
  throw new Error(`nothing exports ${name}`);
}
