/** Measures backup and restore beside bare rbd commands; `--help` and docs/reference/bench.md say what exactly. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { Cleanup } from '../support/devcloud.ts';
import { helpText, parseOptions, UsageError, type BenchOptions } from './options.ts';
import { formatTable, summarize } from './report.ts';
import { runRounds } from './rounds.ts';
import { removeLeftBuckets } from './s3-bucket.ts';
import { removeLeftovers } from './scene.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options.help) process.stdout.write(helpText);
    if (!options.help && !options.check) await bench(options);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`bench: ${error.message}; see --help\n`);
      return 2;
    }
    process.stderr.write(`bench: ${describe(error)}\n`);
    return 1;
  }
}

async function bench(options: BenchOptions): Promise<void> {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort(new Error('interrupted'));
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const cleanup = new Cleanup();
  await removeLeftovers();
  await removeLeftBuckets();
  const directory = await mkdtemp(join(options.directory, 'ek-bench-'));
  // The worker's PostgreSQL runs as a user of its own and passes through.
  await chmod(directory, 0o711);
  cleanup.add(() => rm(directory, { recursive: true, force: true }));
  try {
    const measurements = await runRounds({ ...options, directory }, cleanup, say, interrupted.signal);
    const rows = summarize(measurements);
    process.stdout.write(`${formatTable(rows)}\n`);
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(rows, undefined, 2)}\n`);
  } catch (error) {
    // It must not hide why.
    await removeAll(cleanup).catch((failure: unknown) => say(describe(failure)));
    throw error;
  }
  await removeAll(cleanup);
}

async function removeAll(cleanup: Cleanup): Promise<void> {
  say('removing what was made');
  await cleanup.run();
}

function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join('\n');
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function say(text: string): void {
  process.stderr.write(`[load ${loadavg()[0]?.toFixed(1) ?? '?'}] ${text}\n`);
}
