/**
 * Runs the tests of whole folders below `test/` on the cloud:
 * `node test/run-on-cloud.ts [--lanes N] [--extent usual|thorough|all] FOLDER...`. Unlike `node --test`, which takes files by their
 * names, it begins with those that take longest. Of the thorough ones alone, it begins none after EMBERKEEP_THOROUGH_UNTIL (seconds since
 * 1970), and tells at the end which those were.
 */
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { parseArgs } from 'node:util';
import { cloudFiles, nameOf, type Extent } from './cloud-files.ts';
import { globalSetup, globalTeardown } from './support/shared-postgres.ts';

/** Side by side: tests on the one cloud wait for it more than they compute; each file makes its own things. */
const usualLanes = '5';
/** Of one file: several times what the longest takes. */
const timeoutMs = 1_800_000;

interface Timed {
  file?: string | undefined;
  nesting: number;
  details: { duration_ms?: number };
}

const { values, positionals } = parseArgs({
  options: {
    lanes: { type: 'string', default: usualLanes },
    extent: { type: 'string', default: 'all' },
  },
  allowPositionals: true,
});

function toExtent(word: string): Extent {
  if (word === 'usual' || word === 'thorough' || word === 'all') return word;
  throw new Error(`--extent is usual, thorough or all, not ${word}`);
}

/** What a file's tests took side by side with others, for their order: those of a minute and more, the longest first. */
function printLongest(secondsOf: ReadonlyMap<string, number>): void {
  const rows = [...secondsOf].filter(([, seconds]) => seconds >= 60).toSorted(([, a], [, b]) => b - a);
  process.stdout.write('files that took a minute and more, in seconds:\n');
  for (const [file, seconds] of rows)
    process.stdout.write(`${seconds.toFixed(0).padStart(5)}  ${nameOf(file)}\n`);
}

function printNotBegun(files: readonly string[]): void {
  if (files.length === 0) return;
  process.stdout.write(`not begun, since there was no time left: ${files.length} of the files\n`);
  for (const file of files) process.stdout.write(`       ${nameOf(file)}\n`);
}

const extent = toExtent(values.extent);
const files = cloudFiles(positionals, extent);
const secondsOf = new Map<string, number>();
const notBegun: string[] = [];
function count({ file, nesting, details }: Timed): void {
  if (file === undefined || nesting > 0) return;
  secondsOf.set(file, (secondsOf.get(file) ?? 0) + (details.duration_ms ?? 0) / 1000);
}
const limit = extent === 'thorough' ? [`--import=${import.meta.dirname}/support/until.ts`] : [];
await globalSetup();
const results = run({
  files,
  concurrency: Number(values.lanes),
  timeout: timeoutMs,
  // A test that fails may leave something running that would keep its file from ending for ever.
  execArgv: ['--test-force-exit', ...limit],
})
  .on('test:pass', count)
  .on('test:fail', (event) => {
    count(event);
    process.exitCode = 1;
  })
  .on('test:stdout', ({ file, message }) => {
    if (message.startsWith('not begun: ')) notBegun.push(file);
  })
  .on('end', () => void globalTeardown())
  .compose(spec);
// As a stream, not by pipe(): the lists come after the summary.
for await (const text of results) process.stdout.write(text);
printLongest(secondsOf);
printNotBegun(notBegun);
