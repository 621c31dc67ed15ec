/** What people press twice: the real program gets its signals, and no job is lost by it. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFinishedJob } from '../../src/domain/job.ts';
import type { JobRow } from '../../src/drivers/catalog/types.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../support/catalog-database.ts';
import { Cleanup } from '../support/devcloud.ts';
import { MainProcess } from '../support/main-process.ts';
import { changeImage, listSnapshots } from '../support/rbd-image.ts';
import { ScratchCloud } from '../support/scratch-cloud.ts';
import { makeStateDir } from '../support/service.ts';

const mib = 1024 * 1024;
const cleanup = new Cleanup();
let database: CatalogDatabase;
let stateDir: string;
let image: string;

before(async () => {
  const scratch = await ScratchCloud.open('sig');
  cleanup.add(() => scratch.close());
  database = await openCatalogDatabase();
  cleanup.add(() => database.close());
  stateDir = await makeStateDir();
  cleanup.add(() => rm(stateDir, { recursive: true, force: true }));
  image = await scratch.image('volumes', 512 * mib);
  await changeImage(image, [{ kind: 'write', offset: 0, length: 200 * mib, seed: 3 }]);
});
after(() => cleanup.run());

/** A service that goes on for an hour when it is told to stop; at 1 MiB a second a job takes minutes. */
async function serve(bandwidthMib: number): Promise<MainProcess> {
  const config = join(stateDir, 'emberkeep.yaml');
  const limits = { bandwidth_mib: bandwidthMib };
  await writeFile(config, JSON.stringify({ limits, shutdown: { jobs_seconds: 3600 }, log_level: 'error' }));
  const service = new MainProcess(['serve', '--listen', '127.0.0.1:0'], {
    EMBERKEEP_CONFIG: config,
    EMBERKEEP_STATE_DIR: stateDir,
    EMBERKEEP_DATABASE_URL: database.url,
    EMBERKEEP_KEYSTONE_CLOUD: 'emberkeep',
  });
  cleanup.add(async () => {
    service.send('SIGKILL');
    await service.ended;
  });
  await service.said(/listens on http/);
  return service;
}

function emberkeep(...args: string[]): MainProcess {
  return new MainProcess(args, { EMBERKEEP_STATE_DIR: stateDir, OS_CLOUD: 'devcloud-admin' });
}

async function until(jobId: string, isSo: (job: JobRow) => boolean): Promise<JobRow> {
  for (;;) {
    const job = await database.catalog.jobs.get(jobId);
    if (job !== undefined && isSo(job)) return job;
    await sleep(100);
  }
}

test('two interrupts of a command that waits leave its job; a second SIGTERM ends the service; the next one goes on', async () => {
  const service = await serve(1);
  const command = emberkeep('backup', '--image', image);
  const [, jobId = ''] = await command.said(/job ([0-9a-f-]{36})/);
  const begun = await until(jobId, ({ progress }) => progress.bytesDone > 0);
  command.send('SIGINT');
  command.send('SIGINT');
  const { code, stdout, stderr } = await command.ended;
  assert.equal(code, 130, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, new RegExp(`Interrupted: job ${jobId} goes on in the service at http`));
  assert.match(stderr, new RegExp(`emberkeep job cancel ${jobId}`));
  assert.equal((await database.catalog.jobs.get(jobId))?.state, 'running');

  service.send('SIGTERM');
  await service.said(/Stopping: running jobs get a moment/);
  assert.equal((await database.catalog.jobs.get(jobId))?.state, 'running');
  service.send('SIGTERM');
  const ended = await service.ended;
  assert.equal(ended.code, 0, ended.stderr);
  const left = await database.catalog.jobs.get(jobId);
  assert.deepEqual([left?.state, left?.attempt], ['running', 1], 'neither ended nor given up');

  const next = await serve(0);
  const job = await until(jobId, ({ state }) => isFinishedJob(state));
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
  assert.equal(job.attempt, 2);
  assert.equal(job.plan['pointId'], begun.plan['pointId'], 'it went on instead of starting over');
  assert.equal((await database.catalog.points.list()).length, 1);
  assert.equal((await listSnapshots(image)).length, 1);
  next.send('SIGTERM');
  assert.equal((await next.ended).code, 0);
});
