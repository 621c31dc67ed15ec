import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleanup } from '../support/devcloud.ts';
import type { BenchOptions } from './options.ts';
import type { Done, Order } from './orders.ts';
import { subjects, type Case, type Measurement, type Subject } from './report.ts';
import { contentHash, createScene, createTarget, removeImage, type Scene } from './scene.ts';
import { measureShell, runShell } from './shell.ts';
import { WorkerClient } from './worker-client.ts';

/** Lets the cluster come to rest between measurements: it removes objects in the background. */
const restMs = 1000;

type Figures = Omit<Measurement, 'case' | 'subject' | 'turn'>;
type Measures = Partial<Record<Subject, () => Promise<Figures>>>;
type Say = (text: string) => void;

export async function runRounds(
  options: BenchOptions,
  cleanup: Cleanup,
  say: Say,
  signal: AbortSignal,
): Promise<Measurement[]> {
  const { directory } = options;
  const scene = await createScene(options, cleanup);
  say('starting the worker');
  await mkdir(join(directory, 'store'));
  const worker = await WorkerClient.start(join(directory, 'state'), join(directory, 'store'));
  cleanup.add(() => worker.stop());
  // Of the empty volume: what the service asks once (the cluster's id, tokens) is in no figure.
  await worker.run({ verb: 'backup', image: scene.image, full: true });
  say('writing the volume');
  await scene.fill();
  signal.throwIfAborted();
  const measurements: Measurement[] = [];
  for (let round = 0; round < options.rounds; round++) {
    say(`round ${round + 1} of ${options.rounds}`);
    measurements.push(...(await new Round(options, scene, worker, round, say, signal).run()));
  }
  if (options.long) {
    say('a long chain');
    measurements.push(...(await new Round(options, scene, worker, 0, say, signal).runLong()));
  }
  return measurements;
}

/** A full and its increments, then restores of both ends of the chain, each by all subjects in turn. */
class Round {
  readonly #options: BenchOptions;
  readonly #scene: Scene;
  readonly #worker: WorkerClient;
  readonly #round: number;
  readonly #say: Say;
  readonly #signal: AbortSignal;
  readonly #measurements: Measurement[] = [];
  /** Plain and compressed diffs of this round's chain, and Emberkeep's points. */
  readonly #chain: { plain: string; zstd: string }[] = [];
  readonly #points: string[] = [];

  constructor(
    options: BenchOptions,
    scene: Scene,
    worker: WorkerClient,
    round: number,
    say: Say,
    signal: AbortSignal,
  ) {
    this.#options = options;
    this.#scene = scene;
    this.#worker = worker;
    this.#round = round;
    this.#say = say;
    this.#signal = signal;
  }

  async run(): Promise<Measurement[]> {
    await this.#backup('backup-full', undefined);
    for (let number = 1; number <= this.#options.increments; number++) {
      await this.#increment('backup-increment', 'rewrite');
    }
    await this.#restore('restore-full', 1, ['emberkeep', 'rbd', 'rbd-zstd']);
    await this.#restore('restore-chain', this.#chain.length, subjects);
    await this.#increment('backup-nochange', 'nothing');
    await this.#increment('backup-scattered', 'scattered');
    await this.#increment('backup-sparse', 'sparse');
    await this.#measureAlone(
      'verify',
      { verb: 'verify', pointId: this.#points[1] ?? '' },
      'store.inspectLink',
    );
    await this.#measureAlone(
      'consolidate',
      { verb: 'delete', pointId: this.#points[0] ?? '' },
      'store.foldLinks',
    );
    await this.#removeFiles();
    return this.#measurements;
  }

  /** A full and 60 increments that rewrite the same 64 MiB; only the restores are measured. */
  async runLong(): Promise<Measurement[]> {
    await this.#backup('backup-full', undefined);
    this.#measurements.length = 0;
    for (let links = 2; links <= 61; links++) {
      const from = this.#scene.snapshot();
      await this.#scene.change('rewrite', 'the same places');
      await this.#makeIncrement(from);
      if (links === 15) await this.#restore('restore-chain-15', links, subjects);
    }
    await this.#restore('restore-chain-61', 61, subjects);
    await this.#removeFiles();
    return this.#measurements;
  }

  async #increment(name: Case, kind: Parameters<Scene['change']>[0]): Promise<void> {
    const before = this.#scene.snapshot();
    await this.#scene.change(kind);
    await this.#backup(name, before);
  }

  async #makeIncrement(from: string): Promise<void> {
    const { exporting, files } = this.#nextFiles(from);
    await this.#emberkeepBackup(false);
    await runShell(`${exporting} ${files.plain}; zstd -q -1 -T0 -f ${files.plain} -o ${files.zstd}`);
  }

  /** What only Emberkeep does. */
  async #measureAlone(name: Case, order: Order, transfer: string): Promise<void> {
    await sleep(restMs);
    const turn = this.#measurements.length + this.#round * 1000;
    const done = await this.#worker.run(order);
    this.#measurements.push({ case: name, subject: 'emberkeep', turn, ...figuresOf(done, transfer, 0) });
    this.#say(`${name} emberkeep: ${done.seconds.toFixed(2)} s, CPU ${done.cpuSeconds.toFixed(2)} s`);
  }

  async #removeFiles(): Promise<void> {
    await runShell(`rm -f ${this.#chain.flatMap(({ plain, zstd }) => [plain, zstd]).join(' ')}`);
  }

  async #backup(name: Case, from: string | undefined): Promise<void> {
    const { exporting, files } = this.#nextFiles(from);
    const measures: Measures = {
      emberkeep: () => this.#emberkeepBackup(from === undefined),
      rbd: () => measureExport(`${exporting} ${files.plain}`, files.plain),
      'rbd-zstd': () => measureExport(`${exporting} - | zstd -q -1 -T0 > ${files.zstd}`, files.zstd),
    };
    await this.#measure(name, measures);
  }

  #nextFiles(from: string | undefined): { exporting: string; files: { plain: string; zstd: string } } {
    const { image } = this.#scene;
    const snapshot = this.#scene.snapshot();
    const stem = join(this.#options.directory, `${snapshot}.rbdiff`);
    const files = { plain: stem, zstd: `${stem}.zst` };
    this.#chain.push(files);
    const fromSnapshot = from === undefined ? '' : `--from-snap ${from}`;
    return { exporting: `rbd export-diff --no-progress ${fromSnapshot} ${image}@${snapshot}`, files };
  }

  async #emberkeepBackup(full: boolean): Promise<Figures> {
    const done = await this.#worker.run({ verb: 'backup', image: this.#scene.image, full });
    const { pointId = '', kind, storedBytes = 0 } = done;
    if (kind !== (full ? 'full' : 'increment')) throw new Error(`the backup became a ${kind ?? 'nothing'}`);
    this.#points.push(pointId);
    return figuresOf(done, 'store.writeLink', storedBytes);
  }

  async #restore(name: Case, links: number, by: readonly Subject[]): Promise<void> {
    const chain = this.#chain.slice(0, links);
    const storedBytes = async (files: string[]): Promise<number> =>
      (await Promise.all(files.map(sizeOf))).reduce((sum, bytes) => sum + bytes, 0);
    const byHand =
      (line: (file: { plain: string; zstd: string }, target: string) => string, files: string[]) =>
      async (): Promise<Figures> => {
        const target = await createTarget(this.#options.sizeBytes);
        try {
          const figures = await measureShell(chain.map((file) => line(file, target)).join('; '));
          return figuresOfShell(figures, await storedBytes(files), 0);
        } finally {
          await removeImage(target);
        }
      };
    const measures: Required<Measures> = {
      emberkeep: () => this.#emberkeepRestore(links, false),
      'emberkeep-plain': () => this.#emberkeepRestore(links, true),
      rbd: byHand(
        ({ plain }, target) => `rbd import-diff --no-progress ${plain} ${target}`,
        chain.map(({ plain }) => plain),
      ),
      'rbd-zstd': byHand(
        ({ zstd }, target) => `zstd -q -dc ${zstd} | rbd import-diff --no-progress - ${target}`,
        chain.map(({ zstd }) => zstd),
      ),
    };
    await this.#measure(name, Object.fromEntries(by.map((subject) => [subject, measures[subject]])));
  }

  async #emberkeepRestore(links: number, plain: boolean): Promise<Figures> {
    const done = await this.#worker.run({ verb: 'restore', pointId: this.#points[links - 1] ?? '', plain });
    const { image = '' } = done;
    try {
      if (this.#options.verify && this.#round === 0 && links > 1) await this.#verify(image);
      return figuresOf(done, 'rbd.importDiff', 0);
    } finally {
      await removeImage(image);
    }
  }

  async #verify(image: string): Promise<void> {
    const source = `${this.#scene.image}@${this.#scene.snapshot()}`;
    const [restored, original] = [await contentHash(image), await contentHash(source)];
    if (restored !== original) throw new Error(`${image} is not what ${source} holds`);
    this.#say('the restored volume is equal to its source');
  }

  /** Every round begins with another subject. */
  async #measure(name: Case, measures: Measures): Promise<void> {
    const turn = this.#measurements.length + this.#round * 1000;
    const shift = this.#round % subjects.length;
    for (const subject of [...subjects.slice(shift), ...subjects.slice(0, shift)]) {
      const measure = measures[subject];
      if (measure === undefined) continue;
      this.#signal.throwIfAborted();
      await sleep(restMs);
      const figures = await measure();
      this.#measurements.push({ case: name, subject, turn, ...figures });
      const { seconds, transferSeconds, cpuSeconds } = figures;
      this.#say(
        `${name} ${subject}: ${seconds.toFixed(2)} s (transfer ${transferSeconds.toFixed(2)}), CPU ${cpuSeconds.toFixed(2)} s`,
      );
    }
  }
}

/** The flush is measured, but apart: `>` does not wait for it, while what a store holds must be durable. */
async function measureExport(line: string, file: string): Promise<Figures> {
  const figures = await measureShell(line);
  const sync = await measureShell(`sync ${file}`);
  return figuresOfShell(figures, await sizeOf(file), sync.seconds);
}

function figuresOfShell(
  figures: { seconds: number; cpuSeconds: number; peakRssBytes: number },
  storedBytes: number,
  syncSeconds: number,
): Figures {
  return {
    ...figures,
    storedBytes,
    syncSeconds,
    transferSeconds: figures.seconds,
    rbdPeakRssBytes: 0,
    parts: {},
  };
}

function figuresOf(done: Done, transfer: string, storedBytes: number): Figures {
  const { seconds, cpuSeconds, peakRssBytes, rbdPeakRssBytes, parts } = done;
  const transferSeconds = parts[transfer] ?? 0;
  return {
    seconds,
    cpuSeconds,
    peakRssBytes,
    rbdPeakRssBytes,
    parts,
    storedBytes,
    transferSeconds,
    syncSeconds: 0,
  };
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file)).size;
}
