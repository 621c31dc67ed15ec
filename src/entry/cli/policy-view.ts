import { textColumn, timeColumn, type Column } from './output/columns.ts';

export interface WirePolicy {
  id: string;
  name: string;
  description: string;
  published: boolean;
  enabled: boolean;
  schedule: { cron?: string; time_zone?: string; every?: string };
  cycle: { increments?: number; days?: number; forever?: true } | null;
  retention: { keep?: Record<string, number>; strategy?: string; cycles?: number } | null;
  consistency: string;
  window: { start: string; end: string; time_zone?: string; at_end?: string } | null;
  spread_minutes: number;
  bandwidth_mib: number | null;
  store: string | null;
  created_at: string;
  updated_at: string;
}

export interface WirePolicyAssignment {
  id: string;
  policy_id: string;
  kind: string;
  selector: Record<string, string>;
  project_id: string | null;
  by_admin: boolean;
  created_at: string;
}

export interface WirePolicySource {
  kind: string;
  source_id: string;
  source_name: string;
  project_id: string | null;
  reached_by: string | null;
  gone: boolean;
  last_run_at: string | null;
  last_state: string | null;
  last_error: string | null;
  job_id: string | null;
  next_run_at: string | null;
}

export interface WireSimulatedDay {
  date: string;
  taken: { at: string; kind: string }[];
  deleted: string[];
  points: number;
  fulls: number;
  increments: number;
  oldest: string | null;
}

function scheduleOf({ schedule: { cron, time_zone: zone, every } }: WirePolicy): string {
  return every === undefined ? `${cron ?? ''} ${zone ?? 'UTC'}` : `every ${every}`;
}

function cycleOf({ cycle }: WirePolicy): string {
  if (cycle === null) return 'as configured';
  if (cycle.forever === true) return 'one full for ever';
  const increments = cycle.increments === undefined ? [] : [`${cycle.increments} increments`];
  const days = cycle.days === undefined ? [] : [`${cycle.days} days`];
  return [...increments, ...days].join(', ');
}

function retentionOf({ retention }: WirePolicy): string {
  if (retention === null) return 'every point';
  const { keep, strategy, cycles } = retention;
  if (cycles !== undefined) return cycles === 1 ? '1 cycle' : `${cycles} cycles`;
  const rules = Object.entries(keep ?? {}).map(([rule, count]) => `${rule.replace('_', ' ')} ${count}`);
  return `${rules.join(', ')}${strategy === 'chains' ? ', whole chains' : ''}`;
}

function windowOf({ window }: WirePolicy): string {
  if (window === null) return 'at any time';
  const { start, end, time_zone: zone = 'UTC', at_end: atEnd } = window;
  return `${start}-${end} ${zone}${atEnd === 'cancel' ? ', ends what runs' : ''}`;
}

export const policyColumns: readonly Column<WirePolicy>[] = [
  textColumn('Name', ({ name }) => name),
  { title: 'Schedule', value: ({ schedule }) => schedule, human: scheduleOf },
  { title: 'Cycle', value: ({ cycle }) => cycle, human: cycleOf },
  { title: 'Keeps', value: ({ retention }) => retention, human: retentionOf },
  { title: 'Published', value: ({ published }) => published },
  { title: 'Enabled', value: ({ enabled }) => enabled },
];

export const policyFields: readonly Column<WirePolicy>[] = [
  textColumn('id', ({ id }) => id),
  textColumn('name', ({ name }) => name),
  textColumn('description', ({ description }) => description),
  { title: 'published', value: ({ published }) => published },
  { title: 'enabled', value: ({ enabled }) => enabled },
  { title: 'schedule', value: ({ schedule }) => schedule, human: scheduleOf },
  { title: 'window', value: ({ window }) => window, human: windowOf },
  { title: 'spread_minutes', value: ({ spread_minutes: minutes }) => minutes },
  { title: 'cycle', value: ({ cycle }) => cycle, human: cycleOf },
  { title: 'retention', value: ({ retention }) => retention, human: retentionOf },
  textColumn('consistency', ({ consistency }) => consistency),
  {
    title: 'bandwidth_mib',
    value: ({ bandwidth_mib: mib }) => mib,
    human: ({ bandwidth_mib: mib }) => (mib === null ? '' : `${mib} MiB/s`),
  },
  { title: 'store', value: ({ store }) => store, human: ({ store }) => store ?? 'the default one' },
  timeColumn('created_at', ({ created_at: time }) => time),
  timeColumn('updated_at', ({ updated_at: time }) => time),
];

/** What an assignment is to: `tag backup=yes`. */
function selectorText({ kind, selector }: WirePolicyAssignment): string {
  const { key, value, cluster, pool } = selector;
  if (key !== undefined) return `${kind} ${key}=${value ?? ''}`;
  if (pool !== undefined) return `${kind} ${cluster ?? ''}/${pool}`;
  return `${kind} ${Object.values(selector).join(' ')}`;
}

export const assignmentColumns: readonly Column<WirePolicyAssignment>[] = [
  textColumn('ID', ({ id }) => id),
  { title: 'To', value: ({ selector }) => selector, human: selectorText },
  textColumn('Project', ({ project_id: id }) => id),
  { title: 'By Admin', value: ({ by_admin: byAdmin }) => byAdmin },
  timeColumn('Created At', ({ created_at: time }) => time),
];

export const sourceColumns: readonly Column<WirePolicySource>[] = [
  textColumn('Kind', ({ kind }) => kind),
  textColumn('ID', ({ source_id: id }) => id),
  textColumn('Name', ({ source_name: name }) => name),
  textColumn('Through', ({ reached_by: by }) => by),
  timeColumn('Last Run', ({ last_run_at: time }) => time),
  {
    title: 'Last State',
    value: ({ last_state: state }) => state,
    human: ({ last_state: state, last_error: error }) =>
      error === null ? (state ?? 'never') : `${state ?? ''}: ${error}`,
  },
  timeColumn('Next Run', ({ next_run_at: time }) => time),
  { title: 'Gone', value: ({ gone }) => gone },
];

export const simulationColumns: readonly Column<WireSimulatedDay>[] = [
  textColumn('Date', ({ date }) => date),
  { title: 'Taken', value: ({ taken }) => taken.length },
  { title: 'Points', value: ({ points }) => points },
  { title: 'Fulls', value: ({ fulls }) => fulls },
  { title: 'Increments', value: ({ increments }) => increments },
  {
    title: 'Deleted',
    value: ({ deleted }) => deleted,
    human: ({ deleted }) => deletedText(deleted),
  },
  timeColumn('Oldest', ({ oldest }) => oldest),
];

/** The days of the points that go, as few as fit a line. */
function deletedText(deleted: readonly string[]): string {
  const days = [...new Set(deleted.map((at) => at.slice(0, 10)))];
  if (days.length <= 3) return days.join(', ');
  return `${deleted.length} points, ${days[0] ?? ''} to ${days.at(-1) ?? ''}`;
}
