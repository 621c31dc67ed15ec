import { setTimeout as sleep } from 'node:timers/promises';
import type { Figures } from './figures.ts';
import { subjects, type Case, type Measurement, type Subject } from './report.ts';

/** Lets the cluster come to rest between measurements: it removes objects in the background. */
const restMs = 1000;

export type Measures = Partial<Record<Subject, () => Promise<Figures>>>;
export type Say = (text: string) => void;

/** Lets the subjects of one round measure in turn, and keeps what they measured. */
export class Turns {
  readonly round: number;
  readonly say: Say;
  readonly measurements: Measurement[] = [];
  readonly #signal: AbortSignal;

  constructor(round: number, say: Say, signal: AbortSignal) {
    this.round = round;
    this.say = say;
    this.#signal = signal;
  }

  /** Every round begins with another subject. */
  async measure(name: Case, measures: Measures): Promise<void> {
    // Unlike that of any other measurement of any round.
    const turn = this.measurements.length + this.round * 1000;
    const shift = this.round % subjects.length;
    for (const subject of [...subjects.slice(shift), ...subjects.slice(0, shift)]) {
      const measure = measures[subject];
      if (measure === undefined) continue;
      this.#signal.throwIfAborted();
      await sleep(restMs);
      const figures = await measure();
      this.measurements.push({ case: name, subject, turn, ...figures });
      const { seconds, transferSeconds, cpuSeconds } = figures;
      this.say(
        `${name} ${subject}: ${seconds.toFixed(2)} s (transfer ${transferSeconds.toFixed(2)}), CPU ${cpuSeconds.toFixed(2)} s`,
      );
    }
  }
}
