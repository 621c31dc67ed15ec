/** The restore in place of a volume that is large and mostly empty; its steps are in the parts. */
import type { Cleanup } from '../support/devcloud.ts';
import { openCloud } from '../support/devcloud.ts';
import { spreadContents } from './data.ts';
import { figuresOfJob } from './figures.ts';
import type { BenchOptions } from './options.ts';
import type { Measurement } from './report.ts';
import { contentHash, createVolume, imageOf, removeImage } from './scene.ts';
import { feedShell, runShell } from './shell.ts';
import { Turns, type Say } from './turns.ts';
import type { WorkerClient } from './worker-client.ts';

/** More than this is not read back to be compared: it would take longer than all that is measured. */
const comparedBytes = 16 * 1024 ** 3;

export interface InPlaceTools {
  worker: WorkerClient;
  cleanup: Cleanup;
  say: Say;
  signal: AbortSignal;
}

/** One volume, restored once a round; between the rounds something is written to it. */
export async function runInPlace(
  { rounds, sparseBytes, verify }: BenchOptions,
  { worker, cleanup, say, signal }: InPlaceTools,
): Promise<Measurement[]> {
  const cloud = openCloud('emberkeep');
  cleanup.add(() => {
    cloud.close();
    return Promise.resolve();
  });
  const volumeId = await createVolume(cloud.cinder, sparseBytes, '-in-place', cleanup);
  const image = imageOf(volumeId);
  say('writing the sparse volume');
  await feedShell(`rbd import-diff --no-progress - ${image}`, spreadContents(sparseBytes, sparseBytes / 100));
  const { pointId = '' } = await worker.run({ verb: 'backup-volume', volume: volumeId });
  const compares = verify && sparseBytes <= comparedBytes;
  const original = compares ? await contentHash(image) : '';
  const measurements: Measurement[] = [];
  for (let round = 0; round < rounds; round++) {
    await runShell(
      `rbd bench --io-type write --io-size 65536 --io-total 16M --io-pattern rand ${image} > /dev/null`,
    );
    const turns = new Turns(round, say, signal);
    await turns.measure('restore-in-place', {
      emberkeep: async () => {
        const done = await worker.run({ verb: 'restore-in-place', pointId });
        await removeImage(done.keptImage ?? '');
        return figuresOfJob(done, 'rbd.importDiff', 0);
      },
    });
    measurements.push(...turns.measurements);
    say(describeSteps(turns.measurements));
    if (compares && (await contentHash(image)) !== original)
      throw new Error(`${image} is not what it was at the point`);
  }
  return measurements;
}

function describeSteps(measurements: readonly Measurement[]): string {
  const steps = Object.entries(measurements[0]?.parts ?? {}).filter(([part]) => part.startsWith('step.'));
  return steps.map(([part, seconds]) => `${part.slice(5)} ${seconds.toFixed(2)} s`).join(', ');
}
