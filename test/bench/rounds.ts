import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cleanup } from '../support/devcloud.ts';
import type { Stage } from './backups.ts';
import { CinderBackup } from './cinder-backup.ts';
import { runInPlace } from './in-place.ts';
import type { BenchOptions } from './options.ts';
import type { Measurement } from './report.ts';
import { runLong, runRound, runS3 } from './round.ts';
import { makeBucket } from './s3-bucket.ts';
import { createScene, createTarget, removeImage } from './scene.ts';
import { Turns, type Say } from './turns.ts';
import { WorkerClient } from './worker-client.ts';

export async function runRounds(
  options: BenchOptions,
  cleanup: Cleanup,
  say: Say,
  signal: AbortSignal,
): Promise<Measurement[]> {
  const { inPlace } = options;
  const measurements = inPlace === 'alone' ? [] : await runAll(options, cleanup, say, signal);
  if (inPlace === 'no') return measurements;
  say('a restore in place');
  const worker = await startWorker(options, 'state-in-place', cleanup);
  return [...measurements, ...(await runInPlace(options, { worker, cleanup, say, signal }))];
}

async function runAll(
  options: BenchOptions,
  cleanup: Cleanup,
  say: Say,
  signal: AbortSignal,
): Promise<Measurement[]> {
  const scene = await createScene(options, cleanup);
  const cinderBackup = await CinderBackup.start(options, scene.cinder, { cleanup, say, signal });
  say('starting the worker');
  const worker = await startWorker(options, 'state', cleanup);
  // Of the empty volume: what the service asks once (the cluster's id, tokens) is in no figure.
  await worker.run({ verb: 'backup', image: scene.image, full: true });
  say('writing the volume');
  await scene.fill();
  signal.throwIfAborted();
  const stage = (round: number): Stage => ({
    options,
    scene,
    worker,
    cinderBackup,
    turns: new Turns(round, say, signal),
  });
  const measurements: Measurement[] = [];
  for (let round = 0; round < options.rounds && options.long !== 'alone'; round++) {
    say(`round ${round + 1} of ${options.rounds}`);
    measurements.push(...(await runRound(stage(round))));
  }
  if (options.long !== 'no') {
    say('a long chain');
    measurements.push(...(await runLong(stage)));
  }
  if (options.long === 'alone') return measurements;
  say('a store in a bucket');
  measurements.push(...(await withBucket(stage(0), cleanup)));
  return measurements;
}

/** With a store of its own. */
async function startWorker(
  { directory }: BenchOptions,
  name: string,
  cleanup: Cleanup,
): Promise<WorkerClient> {
  const store = join(directory, `store-of-${name}`);
  await mkdir(store);
  const worker = await WorkerClient.start(join(directory, name), { EMBERKEEP_STORE: store });
  cleanup.add(() => worker.stop());
  return worker;
}

/** Has a worker of its own, which is gone afterwards. */
async function withBucket(stage: Stage, cleanup: Cleanup): Promise<Measurement[]> {
  const { options } = stage;
  const variables = await makeBucket(cleanup);
  const worker = await WorkerClient.start(join(options.directory, 'state-s3'), variables);
  cleanup.add(() => worker.stop());
  // An empty image, for the same reason as above.
  const image = await createTarget(options.sizeBytes);
  await worker.run({ verb: 'backup', image, full: true });
  await removeImage(image);
  const measurements = await runS3({ ...stage, worker });
  await worker.stop();
  return measurements;
}
