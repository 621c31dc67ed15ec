export const cases = [
  'backup-full',
  'backup-nochange',
  'backup-increment',
  'backup-scattered',
  'backup-sparse',
  'backup-full-s3',
  'restore-full',
  'restore-full-s3',
  'restore-chain',
  'restore-chain-1',
  'restore-chain-15',
  'restore-chain-61',
  'restore-in-place',
  'verify',
  'consolidate',
] as const;
export type Case = (typeof cases)[number];
/** `emberkeep-plain` restores link by link instead of flattened. */
export const subjects = ['emberkeep', 'emberkeep-plain', 'rbd', 'rbd-zstd', 'cinder-backup'] as const;
export type Subject = (typeof subjects)[number];
export const reference: Subject = 'rbd-zstd';

export interface Measurement {
  case: Case;
  subject: Subject;
  /** Measurements of the same number are compared with each other. */
  turn: number;
  seconds: number;
  cpuSeconds: number;
  peakRssBytes: number;
  storedBytes: number;
  /** Part of `seconds` in which data flows. */
  transferSeconds: number;
  /** What it takes besides to make the file durable; 0 where that is in `seconds`. */
  syncSeconds: number;
  /** Of Emberkeep's rbd child, which peakRssBytes leaves out. */
  rbdPeakRssBytes: number;
  parts: Record<string, number>;
  /** What a restored image takes in the cluster, and what the state of the source that it is a copy of takes alone. */
  clusterBytes?: number;
  sourceBytes?: number;
}

/** Medians over all turns; `ratio` and `transferRatio` are medians of the turns' quotients. */
export interface Row extends Omit<Measurement, 'turn' | 'parts'> {
  ratio: number;
  transferRatio: number;
  /** Of a restore: clusterBytes to sourceBytes. */
  clusterRatio?: number;
  /** Of a restore: seconds to those of the reference for the full alone, medians. */
  fullRatio?: number;
  secondsOfTurns: number[];
  parts: Record<string, number>;
}

export function summarize(measurements: readonly Measurement[]): Row[] {
  const rows = rowsOf(measurements);
  return rows.map((row) => {
    const full = rows.find((other) => other.case === fullOf(row.case) && other.subject === reference);
    return full === undefined ? row : { ...row, fullRatio: rounded(row.seconds / full.seconds) };
  });
}

/** The case in which the full alone of the same chain is restored. */
function fullOf(name: Case): Case | undefined {
  if (/^restore-chain-\d+$/.test(name)) return 'restore-chain-1';
  return /^restore-(?:full|chain)$/.test(name) ? 'restore-full' : undefined;
}

function rowsOf(measurements: readonly Measurement[]): Row[] {
  return cases.flatMap((name) => {
    const ofCase = measurements.filter((one) => one.case === name);
    return subjects.flatMap((subject) => {
      const own = ofCase.filter((one) => one.subject === subject);
      return own.length === 0 ? [] : [rowOf(name, subject, own, ofCase)];
    });
  });
}

function rowOf(name: Case, subject: Subject, own: Measurement[], ofCase: Measurement[]): Row {
  const of = (value: (one: Measurement) => number): number => rounded(median(own.map(value)));
  const quotients = (value: (one: Measurement) => number): number =>
    rounded(median(own.flatMap((one) => quotient(one, value, ofCase))));
  const parts = new Set(own.flatMap((one) => Object.keys(one.parts)));
  return {
    case: name,
    subject,
    seconds: of(({ seconds }) => seconds),
    cpuSeconds: of(({ cpuSeconds }) => cpuSeconds),
    peakRssBytes: of(({ peakRssBytes }) => peakRssBytes),
    storedBytes: of(({ storedBytes }) => storedBytes),
    ratio: quotients(({ seconds }) => seconds),
    transferRatio: quotients(({ transferSeconds }) => transferSeconds),
    transferSeconds: of(({ transferSeconds }) => transferSeconds),
    syncSeconds: of(({ syncSeconds }) => syncSeconds),
    rbdPeakRssBytes: of(({ rbdPeakRssBytes }) => rbdPeakRssBytes),
    secondsOfTurns: own.map(({ seconds }) => rounded(seconds)),
    parts: Object.fromEntries([...parts].map((part) => [part, of((one) => one.parts[part] ?? 0)])),
    ...clusterOf(own),
  };
}

/** Nothing where it was not measured, as in all rounds but the first. */
function clusterOf(own: readonly Measurement[]): Pick<Row, 'clusterBytes' | 'sourceBytes' | 'clusterRatio'> {
  const measured = own.find((one) => one.clusterBytes !== undefined);
  const { clusterBytes, sourceBytes } = measured ?? {};
  if (clusterBytes === undefined || sourceBytes === undefined) return {};
  return { clusterBytes, sourceBytes, clusterRatio: rounded(clusterBytes / sourceBytes) };
}

/** The value by the reference's seconds in the same turn. */
function quotient(one: Measurement, value: (one: Measurement) => number, ofCase: Measurement[]): number[] {
  const base = ofCase.find(({ subject, turn }) => subject === reference && turn === one.turn);
  return base === undefined ? [] : [value(one) / base.seconds];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

export function formatTable(rows: readonly Row[]): string {
  const head = [
    'case',
    'subject',
    's',
    'ratio',
    'transfer s',
    'ratio',
    'of full',
    'sync s',
    'CPU s',
    'RSS MiB',
    'rbd MiB',
    'stored MB',
    'cluster',
  ];
  const lines = [head, ...rows.map(cellsOf)];
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines
    .map((cells) =>
      cells
        .map((cell, column) =>
          column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}

function cellsOf(row: Row): string[] {
  const mib = (bytes: number): string => (bytes / 1024 ** 2).toFixed(0);
  return [
    row.case,
    row.subject,
    row.seconds.toFixed(2),
    row.ratio.toFixed(2),
    row.transferSeconds.toFixed(2),
    row.transferRatio.toFixed(2),
    row.fullRatio?.toFixed(2) ?? '',
    row.syncSeconds.toFixed(2),
    row.cpuSeconds.toFixed(2),
    mib(row.peakRssBytes),
    mib(row.rbdPeakRssBytes),
    (row.storedBytes / 1e6).toFixed(1),
    row.clusterRatio?.toFixed(3) ?? '',
  ];
}
