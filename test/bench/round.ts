import { Backups, type Stage } from './backups.ts';
import { figuresOfJob } from './figures.ts';
import type { Order } from './orders.ts';
import { subjects, type Case, type Measurement, type Subject } from './report.ts';
import { Restores } from './restores.ts';

const byHand: readonly Subject[] = ['rbd', 'rbd-zstd'];

/** A full and its increments, then restores of both ends of the chain, each by all subjects in turn. */
export async function runRound(stage: Stage): Promise<Measurement[]> {
  const backups = new Backups(stage, subjects);
  const restores = new Restores(stage, backups.chain);
  await backups.full('backup-full');
  for (let number = 1; number <= stage.options.increments; number++)
    await backups.increment('backup-increment', 'rewrite');
  await restores.restore('restore-full', 1, {
    by: ['emberkeep', ...byHand, 'cinder-backup'],
    verify: false,
  });
  await restores.restore('restore-chain', backups.chain.length, { by: subjects, verify: true });
  await backups.increment('backup-nochange', 'nothing');
  await backups.increment('backup-scattered', 'scattered');
  await backups.increment('backup-sparse', 'sparse');
  const pointId = (link: number): string => backups.chain[link]?.pointId ?? '';
  await measureAlone(stage, 'verify', { verb: 'verify', pointId: pointId(1) }, 'store.inspectLink');
  await measureAlone(stage, 'consolidate', { verb: 'delete', pointId: pointId(0) }, 'store.foldLinks');
  await backups.remove();
  return stage.turns.measurements;
}

/**
 * A full and 60 increments that rewrite the same 64 MiB; only the restores are measured. In every round the full alone
 * and both chains flattened, one after the other, since machines change their pace; link by link only once.
 */
export async function runLong(stageOf: (round: number) => Stage): Promise<Measurement[]> {
  const stage = stageOf(0);
  const backups = new Backups(stage, ['emberkeep', ...byHand]);
  await backups.full('backup-full');
  stage.turns.measurements.length = 0;
  for (let links = 2; links <= 61; links++) await backups.makeIncrement();
  const measurements: Measurement[] = [];
  for (let round = 0; round < stage.options.rounds; round++) {
    const { turns } = stageOf(round);
    const restores = new Restores({ ...stage, turns }, backups.chain);
    await restores.restore('restore-chain-1', 1, { by: ['emberkeep', ...byHand], verify: false });
    await restores.restore('restore-chain-15', 15, { by: ['emberkeep'], verify: true });
    await restores.restore('restore-chain-61', 61, { by: ['emberkeep'], verify: true });
    measurements.push(...turns.measurements);
  }
  const byLink = [...byHand, 'emberkeep-plain'] as const;
  const restores = new Restores(stage, backups.chain);
  stage.turns.measurements.length = 0;
  await restores.restore('restore-chain-15', 15, { by: byLink, verify: true });
  await restores.restore('restore-chain-61', 61, { by: byLink, verify: true });
  await backups.remove();
  return [...measurements, ...stage.turns.measurements];
}

/** The newest state of the volume, with a worker whose store is a bucket. */
export async function runS3(stage: Stage): Promise<Measurement[]> {
  const by = ['emberkeep', 'rbd-zstd'] as const;
  const backups = new Backups(stage, by);
  await backups.full('backup-full-s3');
  await new Restores(stage, backups.chain).restore('restore-full-s3', 1, { by, verify: true });
  await backups.remove();
  return stage.turns.measurements;
}

/** What only Emberkeep does. */
async function measureAlone(
  { turns, worker }: Stage,
  name: Case,
  order: Order,
  transfer: string,
): Promise<void> {
  await turns.measure(name, { emberkeep: async () => figuresOfJob(await worker.run(order), transfer, 0) });
}
