/** Moving an image between pools of one cluster by live migration (doc/rbd/rbd-live-migration.rst). */
import type { ImageLocation } from '../../domain/disk.ts';
import type { CephCluster } from './cluster.ts';
import { runCephJson, type RunOptions } from './command.ts';
import { changeByRbd } from './full-pool.ts';
import { asRow } from './rows.ts';
import { imageSpec } from './specs.ts';

type Place = Pick<ImageLocation, 'pool' | 'image'>;

/** `none` when the image is in no migration. */
export type MigrationState = 'none' | 'prepared' | 'executing' | 'executed' | 'other';

export async function migrationState(cluster: CephCluster, image: Place): Promise<MigrationState> {
  const row = asRow(await runCephJson(cluster, 'rbd', ['status', imageSpec(image)]), 'status');
  if (row['migration'] === undefined) return 'none';
  const state = asRow(row['migration'], 'migration')['state'];
  return state === 'prepared' || state === 'executing' || state === 'executed' ? state : 'other';
}

/** Links the target to the source, which from now on can only be reached through it. Nobody may have it open. */
export async function prepareMigration(
  cluster: CephCluster,
  source: Place,
  target: Place,
  options?: RunOptions,
): Promise<void> {
  await changeByRbd(
    cluster,
    target.pool,
    ['migration', 'prepare', imageSpec(source), imageSpec(target)],
    options,
  );
}

/** Copies what is not copied yet; may be called again after a crash. */
export async function executeMigration(
  cluster: CephCluster,
  target: Place,
  options?: RunOptions,
): Promise<void> {
  await changeByRbd(
    cluster,
    target.pool,
    ['migration', 'execute', imageSpec(target), '--no-progress'],
    options,
  );
}

/** Cuts the link and removes the source. */
export async function commitMigration(cluster: CephCluster, target: Place): Promise<void> {
  await changeByRbd(cluster, target.pool, ['migration', 'commit', imageSpec(target), '--no-progress']);
}

/** Removes the target and gives the source its name back. */
export async function abortMigration(cluster: CephCluster, target: Place): Promise<void> {
  await changeByRbd(cluster, target.pool, ['migration', 'abort', imageSpec(target), '--no-progress']);
}
