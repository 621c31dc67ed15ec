/** Histories of changes, backups, deletions of any point, folds, and crashes between any two changes of the store. */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

/** CI runs 10,000 (.ci/run). */
const histories = Number(process.env['EMBERKEEP_HISTORIES'] ?? '1000');
const seed = Number(process.env['EMBERKEEP_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const kinds: ['plain' | 'encrypted', number][] = [
  ['plain', histories],
  ['encrypted', Math.ceil(histories / 5)],
];
for (const [kind, runs] of kinds) {
  test(`any history restores to what the image was, ${kind}`, { timeout: 2_400_000 }, async (t) => {
    const processes = availableParallelism();
    t.diagnostic(`EMBERKEEP_TEST_SEED=${seed}, in ${processes} processes`);
    await Promise.all(
      Array.from({ length: processes }, (_, index) =>
        runHistories([String(Math.ceil(runs / processes)), String(seed + index), kind], t.signal),
      ),
    );
  });
}

/** A whole core for each share; what does not hold is in the error, which has all that the process said. */
async function runHistories(args: string[], signal: AbortSignal): Promise<void> {
  const program = join(import.meta.dirname, 'fold-runs.ts');
  await promisify(execFile)(process.execPath, [program, ...args], { signal });
}
