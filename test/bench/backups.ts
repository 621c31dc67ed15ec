import { join } from 'node:path';
import type { CinderBackup } from './cinder-backup.ts';
import { figuresOfJob, measureExport, type Figures } from './figures.ts';
import type { BenchOptions } from './options.ts';
import type { Case, Subject } from './report.ts';
import type { Scene } from './scene.ts';
import { runShell } from './shell.ts';
import type { Measures, Turns } from './turns.ts';
import type { WorkerClient } from './worker-client.ts';

/** What the parts of a round share. */
export interface Stage {
  options: BenchOptions;
  scene: Scene;
  worker: WorkerClient;
  /** Undefined where it is not installed. */
  cinderBackup: CinderBackup | undefined;
  turns: Turns;
}

/** One state of the volume and what the subjects have backed it up to; the id is empty for who did not. */
export interface Generation {
  snapshot: string;
  plain: string;
  zstd: string;
  pointId: string;
  cinderBackupId: string;
}

/** A full and its increments. */
export class Backups {
  readonly chain: Generation[] = [];
  readonly #stage: Stage;
  /** Who backs up. */
  readonly #by: readonly Subject[];

  constructor(stage: Stage, by: readonly Subject[]) {
    this.#stage = stage;
    this.#by = by;
  }

  async full(name: Case): Promise<void> {
    await this.#backup(name, undefined);
  }

  /** Changes the volume first. */
  async increment(name: Case, kind: Parameters<Scene['change']>[0]): Promise<void> {
    const before = this.#stage.scene.snapshot();
    await this.#stage.scene.change(kind);
    await this.#backup(name, before);
  }

  /** One that is not measured, of rewrites at the same places every time. */
  async makeIncrement(): Promise<void> {
    const { scene } = this.#stage;
    const before = scene.snapshot();
    await scene.change('rewrite', 'the same places');
    const { exporting, generation } = this.#next(before);
    const { plain, zstd } = generation;
    await this.#emberkeep(generation, false);
    await runShell(`${exporting} ${plain}; zstd -q -1 -T0 -f ${plain} -o ${zstd}`);
  }

  /** Only what lies outside Emberkeep's store, which is removed as a whole. */
  async remove(): Promise<void> {
    await runShell(`rm -f ${this.chain.flatMap(({ plain, zstd }) => [plain, zstd]).join(' ')}`);
    // The newest first: Cinder keeps what an increment stands on.
    for (const { cinderBackupId } of this.chain.toReversed())
      if (cinderBackupId !== '') await this.#stage.cinderBackup?.remove(cinderBackupId);
  }

  async #backup(name: Case, from: string | undefined): Promise<void> {
    const { scene, cinderBackup, turns } = this.#stage;
    const parent = this.chain.at(-1);
    const { exporting, generation } = this.#next(from);
    const { plain, zstd } = generation;
    const full = from === undefined;
    const measures: Measures = {
      emberkeep: () => this.#emberkeep(generation, full),
      rbd: () => measureExport(`${exporting} ${plain}`, plain),
      'rbd-zstd': () => measureExport(`${exporting} - | zstd -q -1 -T0 > ${zstd}`, zstd),
    };
    if (cinderBackup !== undefined && (full || parent?.cinderBackupId !== '')) {
      measures['cinder-backup'] = async () => {
        const { backupId, figures } = await cinderBackup.backup(scene.volumeId, !full);
        generation.cinderBackupId = backupId;
        return figures;
      };
    }
    await turns.measure(name, Object.fromEntries(this.#by.map((subject) => [subject, measures[subject]])));
  }

  #next(from: string | undefined): { exporting: string; generation: Generation } {
    const { options, scene } = this.#stage;
    const snapshot = scene.snapshot();
    const plain = join(options.directory, `${snapshot}.rbdiff`);
    const generation = { snapshot, plain, zstd: `${plain}.zst`, pointId: '', cinderBackupId: '' };
    this.chain.push(generation);
    const fromSnapshot = from === undefined ? '' : `--from-snap ${from}`;
    return {
      exporting: `rbd export-diff --no-progress ${fromSnapshot} ${scene.image}@${snapshot}`,
      generation,
    };
  }

  async #emberkeep(generation: Generation, full: boolean): Promise<Figures> {
    const { scene, worker } = this.#stage;
    const done = await worker.run({ verb: 'backup', image: scene.image, full });
    const { pointId = '', kind, storedBytes = 0 } = done;
    if (kind !== (full ? 'full' : 'increment')) throw new Error(`the backup became a ${kind ?? 'nothing'}`);
    generation.pointId = pointId;
    return figuresOfJob(done, 'store.writeLink', storedBytes);
  }
}
