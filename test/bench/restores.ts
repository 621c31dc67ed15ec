import { allocatedBytes } from './cluster-bytes.ts';
import type { Generation, Stage } from './backups.ts';
import { figuresOfJob, figuresOfShell, sizeOf, type Figures } from './figures.ts';
import type { Case, Subject } from './report.ts';
import { contentHash, createTarget, purgeSnapshots, removeImage } from './scene.ts';
import { measureShell, runShell } from './shell.ts';
import type { Measures } from './turns.ts';

interface Restored {
  image: string;
  figures: Figures;
  remove(): Promise<void>;
}

/** Restores of a chain, each into something new that is removed afterwards. */
export class Restores {
  readonly #stage: Stage;
  readonly #chain: readonly Generation[];

  constructor(stage: Stage, chain: readonly Generation[]) {
    this.#stage = stage;
    this.#chain = chain;
  }

  /** Of the first `links` of the chain. `verify` compares what Emberkeep restored in the first round. */
  async restore(
    name: Case,
    links: number,
    { by, verify }: { by: readonly Subject[]; verify: boolean },
  ): Promise<void> {
    const { turns, options, cinderBackup } = this.#stage;
    const chain = this.#chain.slice(0, links);
    const last = chain.at(-1);
    if (last === undefined) throw new Error('nothing to restore');
    const first = turns.round === 0;
    const sourceBytes = first ? await this.#copiedBytes(last) : undefined;
    const compared = verify && options.verify && first ? last : undefined;
    const measured = (restore: () => Promise<Restored>, equalTo?: Generation) => () =>
      this.#measured(restore, sourceBytes, equalTo);
    const measures: Measures = {
      emberkeep: measured(() => this.#byEmberkeep(last, false), compared),
      'emberkeep-plain': measured(() => this.#byEmberkeep(last, true), compared),
      rbd: measured(() =>
        this.#byHand(
          chain.map(({ plain }) => plain),
          (file, target) => `rbd import-diff --no-progress ${file} ${target}`,
        ),
      ),
      'rbd-zstd': measured(() =>
        this.#byHand(
          chain.map(({ zstd }) => zstd),
          (file, target) => `zstd -q -dc ${file} | rbd import-diff --no-progress - ${target}`,
        ),
      ),
    };
    if (cinderBackup !== undefined && last.cinderBackupId !== '')
      measures['cinder-backup'] = measured(() => cinderBackup.restore(last.cinderBackupId));
    await turns.measure(name, Object.fromEntries(by.map((subject) => [subject, measures[subject]])));
  }

  /** What a state of the source takes without its history: a copy of that snapshot alone. */
  async #copiedBytes({ snapshot }: Generation): Promise<number> {
    const { options, scene } = this.#stage;
    const before = await allocatedBytes();
    const target = await createTarget(options.sizeBytes);
    try {
      const from = `${scene.image}@${snapshot}`;
      await runShell(`rbd export-diff --no-progress ${from} - | rbd import-diff --no-progress - ${target}`);
      await purgeSnapshots(target);
      return (await allocatedBytes()) - before;
    } finally {
      await removeImage(target);
    }
  }

  async #measured(
    restore: () => Promise<Restored>,
    sourceBytes: number | undefined,
    equalTo: Generation | undefined,
  ): Promise<Figures> {
    const before = sourceBytes === undefined ? 0 : await allocatedBytes();
    const restored = await restore();
    const { image, figures } = restored;
    try {
      if (equalTo !== undefined) await this.#verify(image, equalTo);
      if (sourceBytes === undefined) return figures;
      // Those that imports leave: anybody would remove them, and Emberkeep has.
      await purgeSnapshots(image);
      return { ...figures, sourceBytes, clusterBytes: (await allocatedBytes()) - before };
    } finally {
      await restored.remove();
    }
  }

  async #byEmberkeep({ pointId }: Generation, plain: boolean): Promise<Restored> {
    const done = await this.#stage.worker.run({ verb: 'restore', pointId, plain });
    const { image = '' } = done;
    return { image, figures: figuresOfJob(done, 'rbd.importDiff', 0), remove: () => removeImage(image) };
  }

  async #byHand(files: readonly string[], line: (file: string, target: string) => string): Promise<Restored> {
    const image = await createTarget(this.#stage.options.sizeBytes);
    const figures = await measureShell(files.map((file) => line(file, image)).join('; '));
    return {
      image,
      figures: figuresOfShell(figures, await sizeOf(files)),
      remove: () => removeImage(image),
    };
  }

  async #verify(image: string, { snapshot }: Generation): Promise<void> {
    const source = `${this.#stage.scene.image}@${snapshot}`;
    const [restored, original] = [await contentHash(image), await contentHash(source)];
    if (restored !== original) throw new Error(`${image} is not what ${source} holds`);
    this.#stage.turns.say('the restored volume is equal to its source');
  }
}
