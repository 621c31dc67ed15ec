/**
 * Workers one after the other, each killed in the job that it was given and followed by one that takes the job up.
 * So each start serves twice: as the second run of the last round and as the first of the next.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { JobRow } from '../../src/drivers/catalog/types.ts';
import type { KillOrder } from './kill-switch.ts';
import type { Scene } from './scene.ts';
import type { KillPlan, WorkerProcess } from './worker-process.ts';

export interface Round {
  job: JobRow;
  /** Where the worker was killed, in words; empty when the job was done before it came so far. */
  killed: string;
  /** Calls of the job that ended in the same worker. */
  calls: number;
}

export class Relay {
  readonly #scene: Scene;
  #spare: WorkerProcess;
  #runner: WorkerProcess | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#spare = scene.newWorker();
  }

  /** The living worker; a dead one is replaced, and its successor takes up what it left. */
  async runner(plan: KillPlan = {}): Promise<WorkerProcess> {
    if (this.#runner?.isAlive === true) {
      await this.#runner.arm(plan);
      return this.#runner;
    }
    const next = this.#spare;
    this.#spare = this.#scene.newWorker();
    this.#runner = next;
    await next.start(this.#scene.workerEnv, plan);
    return next;
  }

  /** One job: killed as told in its first attempt, and, when `again` is given, in its resume too. */
  async run(request: () => Promise<string>, kill?: KillOrder, again?: KillOrder): Promise<Round> {
    const first = await this.runner({ kill });
    const jobId = await request();
    const { ended } = this.#scene;
    if (kill === undefined) {
      const job = await ended(jobId);
      return { job, killed: '', calls: first.calls };
    }
    await Promise.race([first.exited, ended(jobId)]);
    // A strike in the job's last call can come after the job's end.
    if (kill.moment !== 'before') await Promise.race([first.exited, new Promise((r) => setTimeout(r, 1000))]);
    let killed = first.isAlive ? '' : first.lastWords.trim();
    if (again !== undefined && killed !== '') {
      const second = await this.runner({ kill: again });
      await Promise.race([second.exited, ended(jobId)]);
      if (!second.isAlive) killed += `, then ${second.lastWords.trim()}`;
    }
    const last = await this.runner();
    const job = await ended(jobId);
    return { job, killed, calls: last.calls };
  }
}

const amount = process.env['EMBERKEEP_RECOVERY'];
const isFull = amount === 'full';

/** For tests with many rounds: in a full run one takes longer than the runner's own limit lets any test take. */
export const sweep = isFull ? { timeout: 2 * 3_600_000 } : {};

/** Kill points of a job of so many calls: all of them in a full run, else a few, spread evenly from a random start. */
export function killPoints(test: TestContext, calls: number, atMost: number): number[] {
  assert.ok(calls > 0, 'the calls of a whole job are counted');
  return spread(
    test,
    Array.from({ length: calls }, (_, index) => index + 1),
    atMost,
  );
}

/**
 * All of them when EMBERKEEP_RECOVERY is `full` (from EMBERKEEP_RECOVERY_FROM on, counted from 1, to go on with a sweep that was cut
 * off), at most so many when it is `more`, else half of that; the same ones for the same seed.
 */
export function spread<T>(test: TestContext, all: readonly T[], atMost: number): T[] {
  if (isFull) return all.slice(Number(process.env['EMBERKEEP_RECOVERY_FROM'] ?? 1) - 1);
  const most = amount === 'more' ? atMost : Math.ceil(atMost / 2);
  const stride = Math.max(1, Math.ceil(all.length / most));
  const seed = Number(process.env['EMBERKEEP_RECOVERY_SEED'] ?? Math.floor(Math.random() * 1000));
  test.diagnostic(`every ${stride}. of ${all.length}, EMBERKEEP_RECOVERY_SEED=${seed}`);
  return all.filter((_, index) => index % stride === seed % stride);
}
