import { humanBytes } from '../../base/bytes.ts';
import { humanDuration } from '../../base/duration.ts';
import { humanTime, oneLine } from './human.ts';
import { bytesColumn, textColumn, timeColumn, type Column } from './output/columns.ts';

export interface WireRestorePlan {
  point_id: string;
  kind: string;
  source_name: string;
  project_id: string | null;
  taken_at: string;
  mode: string;
  possible: boolean;
  problems: { code: string; what: string; remedy: string; disk_key: string | null }[];
  steps: {
    kind: string;
    text: string;
    disk_key: string | null;
    instance_id: string | null;
    volume_id: string | null;
  }[];
  disks: {
    disk_key: string;
    device: string | null;
    size_bytes: number;
    read_bytes: number;
    written_bytes: number;
  }[];
  read_bytes: number;
  written_bytes: number;
  duration_seconds: number | null;
  stopped_seconds: number | null;
  measured_restores: number;
  losses: {
    disk_key: string;
    changed_bytes: number | null;
    unsaved_bytes: number | null;
    text: string;
  }[];
  undo_days: number | null;
  later_point_at: string | null;
  notes: string[];
}

export const planFields: readonly Column<WireRestorePlan>[] = [
  textColumn('point_id', ({ point_id: id }) => id),
  textColumn('kind', ({ kind }) => kind),
  textColumn('source_name', ({ source_name: name }) => name),
  textColumn('project_id', ({ project_id: id }) => id),
  timeColumn('taken_at', ({ taken_at: time }) => time),
  textColumn('mode', ({ mode }) => mode),
  { title: 'possible', value: ({ possible }) => possible },
  listColumn(
    'problems',
    ({ problems }) => problems,
    (problem) => sentence(problem),
  ),
  listColumn(
    'steps',
    ({ steps }) => steps,
    ({ text }) => text,
  ),
  listColumn('disks', ({ disks }) => disks, describeDisk),
  bytesColumn('read_bytes', ({ read_bytes: bytes }) => bytes),
  bytesColumn('written_bytes', ({ written_bytes: bytes }) => bytes),
  { title: 'duration_seconds', value: ({ duration_seconds: seconds }) => seconds },
  { title: 'stopped_seconds', value: ({ stopped_seconds: seconds }) => seconds },
  { title: 'measured_restores', value: ({ measured_restores: count }) => count },
  listColumn('losses', ({ losses }) => losses, describeLoss),
  { title: 'undo_days', value: ({ undo_days: days }) => days },
  timeColumn('later_point_at', ({ later_point_at: time }) => time),
  listColumn(
    'notes',
    ({ notes }) => notes,
    (note) => note,
  ),
];

function listColumn<T>(
  title: string,
  list: (plan: WireRestorePlan) => T[],
  human: (item: T) => string,
): Column<WireRestorePlan> {
  return {
    title,
    value: list,
    human: (plan) =>
      list(plan)
        .map((item) => oneLine(human(item)))
        .join('\n'),
  };
}

/** The whole plan for somebody who reads it; `command` does exactly what it says. */
export function planText(plan: WireRestorePlan, command: string): string {
  const { kind, source_name: name, taken_at: time, point_id: id, mode, problems, possible } = plan;
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const parts = [
    [`Restore of ${kind} ${oneLine(name)} as of ${humanTime(time)} with mode ${mode} (point ${id})`],
    [
      possible
        ? 'It can be done. Nothing has been changed.'
        : `It cannot be done now: ${count}. Nothing has been changed.`,
    ],
    section('Problems:', numbered(problems.map(sentence))),
    section('What it would do:', numbered(plan.steps.map(({ text }) => `${text}.`))),
    section('Data:', [...plan.disks.map(describeDisk), ...total(plan)]),
    possible ? section('How long:', [describeDuration(plan)]) : [],
    possible ? section('What is lost:', describeLosses(plan)) : [],
    section('Otherwise than recorded:', plan.notes),
    possible ? section('To do this:', [command]) : [],
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => oneLine(line)).join('\n'))
    .join('\n\n');
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

function numbered(lines: string[]): string[] {
  return lines.map((line, index) => `${index + 1}. ${line}`);
}

function sentence({ code, what, remedy }: WireRestorePlan['problems'][number]): string {
  return `${what}${remedy === '' ? '' : `; ${remedy}`} (${code})`;
}

function describeDisk(disk: WireRestorePlan['disks'][number]): string {
  const { disk_key: key, device, size_bytes: size, read_bytes: read, written_bytes: written } = disk;
  const name = device === null ? key : `${key} (${device})`;
  return `${name}, ${humanBytes(size)}: ${humanBytes(read)} from the store, ${humanBytes(written)} to be written`;
}

function total({ disks, read_bytes: read, written_bytes: written }: WireRestorePlan): string[] {
  if (disks.length < 2) return [];
  return [`all together: ${humanBytes(read)} from the store, ${humanBytes(written)} to be written`];
}

function describeDuration(plan: WireRestorePlan): string {
  const { duration_seconds: seconds, stopped_seconds: stopped, measured_restores: count, mode } = plan;
  if (seconds === null)
    return `not known: no restore with mode ${mode} that could be measured by has succeeded here yet`;
  const off =
    stopped === null || !plan.steps.some(({ kind }) => kind === 'stop')
      ? ''
      : `, of which the instance is off for roughly ${humanDuration(stopped * 1000)}`;
  const from = count === 1 ? 'one restore' : `the last ${count} restores`;
  return `roughly ${humanDuration(seconds * 1000)}${off}, by ${from} with this mode`;
}

function describeLosses(plan: WireRestorePlan): string[] {
  const later = plan.later_point_at;
  const points = later === null ? [] : [`points taken later stay; the newest is of ${humanTime(later)}`];
  if (plan.losses.length === 0) return ['nothing: what is there stays as it is', ...points];
  return [...plan.losses.map(describeLoss), ...points];
}

function describeLoss(loss: WireRestorePlan['losses'][number]): string {
  const { disk_key: key, changed_bytes: changed, unsaved_bytes: unsaved, text } = loss;
  const amount =
    changed === null
      ? 'how much cannot be told, since the snapshot of the point is not on the disk any more'
      : `up to ${humanBytes(changed)}`;
  const inNoPoint =
    unsaved === null || unsaved === changed ? '' : `; up to ${humanBytes(unsaved)} of it is in no point`;
  return `what was written to ${key} since the point (${amount}${inNoPoint}): ${text}`;
}
