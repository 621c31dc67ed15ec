/**
 * Runs the tests of whole folders below `test/` on the cloud: `node test/run-on-cloud.ts [--lanes N] FOLDER...`. Unlike `node --test`, which
 * takes files by their names, it begins with those that take longest, so that at the end no lane waits for another.
 */
import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { parseArgs } from 'node:util';
import { globalSetup, globalTeardown } from './support/shared-postgres.ts';

/** Side by side: tests on the one cloud wait for it more than they compute; each file makes its own things. */
const usualLanes = '5';
/** Of one file: several times what the longest takes. */
const timeoutMs = 1_800_000;

/** What takes long, the longest first, by the processor or by waiting; whatever is not here comes after. */
const longest = [
  'integration/operate/rights',
  'integration/main-job/encrypted',
  'integration/main-job/way-back',
  'recovery/in-place',
  'integration/stores/stores',
  'integration/main-job/restore',
  'integration/main-job/invariants',
  'integration/histories/real-rbd',
  'integration/main-job/in-place',
  'integration/main-job/undo',
  'integration/main-job/mapping',
  'recovery/restore',
  'recovery/backup',
  'chart/running/examples',
  'recovery/expire',
  'integration/main-job/full-pool',
  'recovery/ceph-away',
  'integration/operate/new-cluster',
  'recovery/instance',
  'integration/main-job/in-place-guest',
  'integration/expire/fold',
  'integration/reconcile/reconcile',
  'recovery/replace',
  'integration/verify/verify',
  'integration/policies/policies',
  'recovery/paused',
  'integration/main-job/chain',
  'integration/offline/offline',
  'integration/main-job/instance',
  'integration/main-job/invariants-cloud',
  'recovery/own-database',
  'recovery/signals',
  'recovery/stop-and-cancel',
  'recovery/two-workers',
  'recovery/reconcile',
  'integration/openstack/nova',
  'integration/backup/paused',
];

interface Timed {
  file?: string | undefined;
  nesting: number;
  details: { duration_ms?: number };
}

function filesOf(folders: readonly string[]): string[] {
  const found = folders.flatMap((folder) =>
    globSync(`${folder}/**/*.test.ts`, { cwd: import.meta.dirname }).toSorted(),
  );
  if (found.length === 0) throw new Error(`there are no tests in ${folders.join(', ') || 'no folder'}`);
  const rank = (file: string): number => {
    const at = longest.indexOf(file.replace(/\.test\.ts$/, ''));
    return at === -1 ? longest.length : at;
  };
  return found.toSorted((a, b) => rank(a) - rank(b)).map((file) => join(import.meta.dirname, file));
}

const { values, positionals } = parseArgs({
  options: { lanes: { type: 'string', default: usualLanes } },
  allowPositionals: true,
});
/** What a file's tests took side by side with others, for the order above: those of a minute and more, the longest first. */
function printLongest(secondsOf: ReadonlyMap<string, number>): void {
  const rows = [...secondsOf].filter(([, seconds]) => seconds >= 60).toSorted(([, a], [, b]) => b - a);
  process.stdout.write('files that took a minute and more, in seconds:\n');
  for (const [file, seconds] of rows)
    process.stdout.write(`${seconds.toFixed(0).padStart(5)}  ${relative(import.meta.dirname, file)}\n`);
}

const files = filesOf(positionals);
const secondsOf = new Map<string, number>();
function count({ file, nesting, details }: Timed): void {
  if (file === undefined || nesting > 0) return;
  secondsOf.set(file, (secondsOf.get(file) ?? 0) + (details.duration_ms ?? 0) / 1000);
}
await globalSetup();
const results = run({
  files,
  concurrency: Number(values.lanes),
  timeout: timeoutMs,
  // A test that fails may leave something running that would keep its file from ending for ever.
  execArgv: ['--test-force-exit'],
})
  .on('test:pass', count)
  .on('test:fail', (event) => {
    count(event);
    process.exitCode = 1;
  })
  .on('end', () => void globalTeardown())
  .compose(spec);
// As a stream, not by pipe(): the list comes after the summary.
for await (const text of results) process.stdout.write(text);
printLongest(secondsOf);
