import { parseArgs } from 'node:util';

export interface BenchOptions {
  rounds: number;
  increments: number;
  /** Bytes of the volume, whole GiB as Cinder's are, and of the data in it. */
  sizeBytes: number;
  dataBytes: number;
  /** File that gets the rows as JSON. */
  json: string | undefined;
  /** Where the store and the plain files lie. */
  directory: string;
  verify: boolean;
  /** Restore chains of 15 and of 61 links: not at all, beside the other cases, or nothing else. */
  long: Extent;
  /** Restore a sparse volume in place: not at all, beside the other cases, or nothing else. */
  inPlace: Extent;
  /** Bytes of that volume, whole GiB; a hundredth of it is data. */
  sparseBytes: number;
  /** Only look at the options. */
  check: boolean;
  help: boolean;
}

type Extent = 'no' | 'too' | 'alone';

export class UsageError extends Error {}

const gib = 1024 ** 3;
const units: Readonly<Record<string, number>> = { MiB: 1024 ** 2, GiB: gib };

export const helpText = `Measures backup and restore beside bare rbd commands on the development cloud.

Usage: npm run bench -- [OPTIONS]

  --rounds N       rounds; every round runs all cases for all subjects, in turn (default 3)
  --increments N   increments of a chain (default 3)
  --size SIZE      size of the volume, such as 4GiB (the default); a quarter of it holds data, and
                   the volume is rounded up to whole GiB
  --json FILE      write one row for each case and subject: case, subject, seconds, cpuSeconds,
                   peakRssBytes, storedBytes, ratio, of restores clusterBytes, and what docs/reference/bench.md names besides
  --directory DIR  where the store and the plain files lie (default /tmp)
  --long           also restore a full and 14, and a full and 60 increments of the same 64 MiB (ten minutes more)
  --only-long      that and nothing else
  --in-place       only restore a sparse volume in place
  --with-in-place  the same, beside all other cases
  --sparse-size SIZE  size of that volume in GiB (default 100GiB); a hundredth of it holds data, spread over it
  --no-verify      do not compare a restored volume with its source in the first round
  --scale          instead of all this: the catalog with many made-up rows; \`npm run bench -- --scale --help\`
  --help           this text

Cases: backup-full, backup-increment (1024 x 64 KiB rewritten), backup-nochange, backup-scattered (4096 x 16 KiB
rewritten), backup-sparse (4096 x 16 KiB never written before), restore-full, restore-chain (full and increments),
restore-chain-1, -15 and -61 (--long), verify (full), consolidate (the full is deleted and folded into the next),
backup-full-s3 and restore-full-s3 (store in a bucket of the cloud's own gateway; once), restore-in-place (--in-place:
parts tell the seconds of each step).
Subjects: emberkeep (a warm worker), emberkeep-plain (restores link by link), rbd (to and from a plain file), rbd-zstd
(through zstd -1 -T0), cinder-backup (with its Ceph driver, where it is installed: apt-get install cinder-backup).
Figures are medians over the rounds. ratio is seconds to those of rbd-zstd in the same round. cluster is the bytes that a
restored image takes in the cluster to those of its source without history, in the first round; nothing else may use the
cluster meanwhile.
All that it makes in the cloud is named emberkeep-bench-*, and removed at the end. One run at a time.
`;

/** @throws UsageError */
export function parseOptions(args: readonly string[]): BenchOptions {
  const values = parse(args);
  const askedBytes = parseSize(values.size);
  return {
    rounds: parseCount(values.rounds, '--rounds'),
    increments: parseCount(values.increments, '--increments'),
    sizeBytes: Math.ceil(askedBytes / gib) * gib,
    dataBytes: askedBytes / 4,
    json: values.json,
    directory: values.directory,
    verify: !values['no-verify'],
    long: extent(values['only-long'], values.long),
    inPlace: extent(values['in-place'], values['with-in-place']),
    sparseBytes: parseSparseSize(values['sparse-size']),
    check: values.check,
    help: values.help,
  };
}

function extent(alone: boolean, too: boolean): Extent {
  if (alone) return 'alone';
  return too ? 'too' : 'no';
}

type Values = ReturnType<typeof parseStrictly>;

function parseStrictly(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      increments: { type: 'string', default: '3' },
      size: { type: 'string', default: '4GiB' },
      json: { type: 'string' },
      directory: { type: 'string', default: '/tmp' },
      long: { type: 'boolean', default: false },
      'only-long': { type: 'boolean', default: false },
      'in-place': { type: 'boolean', default: false },
      'with-in-place': { type: 'boolean', default: false },
      'sparse-size': { type: 'string', default: '100GiB' },
      'no-verify': { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values;
}

function parse(args: readonly string[]): Values {
  try {
    return parseStrictly(args);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function parseCount(text: string, option: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 100) return count;
  throw new UsageError(`${option} must be a number from 1 to 100, not ${text}`);
}

function parseSize(text: string): number {
  const [, amount = '', unit = ''] = /^(\d+)(MiB|GiB)$/.exec(text) ?? [];
  const bytes = Number(amount) * (units[unit] ?? 0);
  // The quarter of it must hold 1024 pieces of 64 KiB to rewrite, whole objects, and fit on the cloud's one OSD.
  if (bytes >= 512 * 1024 ** 2 && bytes <= 16 * gib && bytes % (64 * 1024 ** 2) === 0) return bytes;
  throw new UsageError(`--size must be from 512MiB to 16GiB in steps of 64 MiB, not ${text}`);
}

function parseSparseSize(text: string): number {
  const [, amount = ''] = /^(\d+)GiB$/.exec(text) ?? [];
  const size = Number(amount);
  if (size >= 1 && size <= 1024) return size * gib;
  throw new UsageError(`--sparse-size must be from 1GiB to 1024GiB, not ${text}`);
}
