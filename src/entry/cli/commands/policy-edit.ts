import { Option, type Command } from 'commander';
import { AppError } from '../../../base/errors.ts';
import { windowEnds } from '../../../domain/schedule.ts';
import { exactlyOne, parseCount, parseName } from '../arguments.ts';
import { say, type CliContext } from '../context.ts';
import { addOutputOptions, printRecord, type FormatOptions } from '../output/options.ts';
import { policyFields, type WirePolicy } from '../policy-view.ts';
import type { Session } from '../session.ts';
import { addExamples } from './examples.ts';
import { addKeepOptions, keepOf, type KeepOptions } from './keep-options.ts';
import { runInSession, type Runner } from './run.ts';

interface PolicyOptions extends FormatOptions, KeepOptions {
  cron?: string;
  every?: string;
  timeZone?: string;
  window?: string;
  windowEnd?: string;
  anyTime?: true;
  spread?: number;
  cycleIncrements?: number;
  cycleDays?: number;
  forever?: true;
  cycleDefault?: true;
  keepCycles?: number;
  keepAll?: true;
  strategy?: string;
  consistency?: string;
  bandwidth?: number;
  store?: string;
  defaultStore?: true;
  description?: string;
  publish?: true;
  unpublish?: true;
  enable?: true;
  disable?: true;
}

type Body = Record<string, unknown>;

export function addPolicyEditCommands(policy: Command, run: Runner): void {
  const parsePolicy = parseName('policy');
  addOutputOptions(
    addExamples(
      addPolicyOptions(
        policy
          .command('create')
          .description('make a policy (administrators)')
          .argument('<NAME>', 'up to 40 letters, digits, ".", "_" and "-"', parsePolicy),
      ),
      [
        'emberkeep policy create daily --cron "0 2 * * *" --time-zone Europe/Berlin --forever --keep-daily 7 --keep-weekly 4 --publish',
        'emberkeep policy create often --every 6h --spread 60 --cycle-days 3 --keep-cycles 2',
      ],
    ),
  ).action(async (name: string, options: PolicyOptions) => {
    exactlyOne({ '--cron': options.cron, '--every': options.every }, 'when');
    const body = { name, ...bodyOf(options, undefined) };
    await runInSession(run, async (context, session) => {
      const { policy: made } = await session.client.post<{ policy: WirePolicy }>('/v1/policies', body);
      await printRecord(context, made, policyFields, options);
      tellWhoRuns(context, session);
    });
  });

  addOutputOptions(
    addExamples(
      addPolicyOptions(
        policy
          .command('set')
          .description('change a policy; what is not named stays as it is (administrators)')
          .argument('<POLICY>', 'name or id', parsePolicy),
      )
        .option('--any-time', 'no window any more')
        .option('--default-store', 'into the default store again')
        .option('--cycle-default', 'the cycle that the service is configured for')
        .option('--keep-all', 'no retention any more: every point stays'),
      [
        'emberkeep policy set daily --keep-daily 14 --keep-weekly 8',
        'emberkeep policy set daily --window 22:00-06:00 --window-end cancel',
        'emberkeep policy set daily --store offsite',
        'emberkeep policy set daily --disable',
      ],
    ),
  ).action(async (name: string, options: PolicyOptions) => {
    await runInSession(run, async (context, { client }) => {
      const path = `/v1/policies/${encodeURIComponent(name)}`;
      const { policy: before } = await client.get<{ policy: WirePolicy }>(path);
      const { policy: changed } = await client.patch<{ policy: WirePolicy }>(path, bodyOf(options, before));
      await printRecord(context, changed, policyFields, options);
    });
  });
}

/** A policy made through a service that ends with the command would wait for ever, silently. */
function tellWhoRuns(context: CliContext, { isOwnService }: Session): void {
  if (isOwnService) say(context, 'Backups by policies are started while `emberkeep serve` runs.');
}

function addPolicyOptions(command: Command): Command {
  command
    .optionsGroup('When:')
    .option('--cron <EXPRESSION>', 'minute, hour, day of month, month, day of week')
    .option('--every <INTERVAL>', 'such as 30m, 6h or 1d')
    .option('--time-zone <ZONE>', 'of --cron and --window, such as Europe/Berlin; UTC by default')
    .option('--window <FROM-TO>', 'begin only then, such as 22:00-06:00')
    .addOption(
      new Option(
        '--window-end <WHAT>',
        'what becomes of a backup that still runs then: finish (default), or cancel',
      ).choices(windowEnds),
    )
    .option(
      '--spread <MINUTES>',
      'begin each source at its own time within so many minutes',
      parseWhole('--spread'),
    )
    .optionsGroup('How:')
    .option('--cycle-increments <N>', 'increments after a full', parseWhole('--cycle-increments'))
    .option('--cycle-days <N>', 'greatest age of a full', parseWhole('--cycle-days'))
    .option('--forever', 'one full, and increments for ever')
    .addOption(
      new Option(
        '--consistency <KIND>',
        'paused: the instance stands still while its disks are snapshotted',
      ).choices(['crash', 'paused']),
    )
    .option(
      '--bandwidth <MIB>',
      'MiB a second for the backup of one source; 0: no limit of its own',
      parseWhole('--bandwidth'),
    )
    .option('--store <NAME>', 'the store that its backups go to (else the default one)', parseName('store'))
    .optionsGroup('What stays:');
  return addKeepOptions(command)
    .option('--keep-cycles <N>', 'whole chains, for so many cycles', parseCount('--keep-cycles'))
    .addOption(
      new Option('--strategy <STRATEGY>', 'fold: delete any point; chains: delete only whole chains').choices(
        ['fold', 'chains'],
      ),
    )
    .optionsGroup('For whom:')
    .option('--description <TEXT>', 'what it is for')
    .option('--publish', 'every project may see and choose it')
    .option('--unpublish', 'only administrators may')
    .option('--enable', 'start backups (default)')
    .option('--disable', 'start none');
}

function parseWhole(option: string): (text: string) => number {
  return (text) => {
    if (/^\d{1,6}$/.test(text.trim())) return Number(text);
    throw new AppError('INPUT_NUMBER', `${option} takes a whole number, not ${JSON.stringify(text)}`);
  };
}

function bodyOf(options: PolicyOptions, before: WirePolicy | undefined): Body {
  const { description, consistency, spread, bandwidth } = options;
  return {
    description,
    consistency,
    spread_minutes: spread,
    bandwidth_mib: bandwidth === 0 ? null : bandwidth,
    store: storeOf(options),
    published: toggled('publish', options.publish, options.unpublish),
    enabled: toggled('enable', options.enable, options.disable),
    schedule: scheduleOf(options, before),
    window: windowOf(options, before),
    cycle: cycleOf(options),
    retention: retentionOf(options, before),
  };
}

function storeOf({ store, defaultStore }: PolicyOptions): string | null | undefined {
  if (store !== undefined && defaultStore === true) throw conflict('--store and --default-store');
  return defaultStore === true ? null : store;
}

function toggled(what: string, on: true | undefined, off: true | undefined): boolean | undefined {
  if (on === true && off === true) throw conflict(`--${what} and its opposite`);
  if (on === true) return true;
  return off === true ? false : undefined;
}

function conflict(what: string): AppError {
  return new AppError('INPUT_CONFLICT', `${what} exclude each other`);
}

/** A time zone alone moves the schedule and the window that are there. */
function scheduleOf(
  { cron, every, timeZone }: PolicyOptions,
  before: WirePolicy | undefined,
): Body | undefined {
  if (cron !== undefined && every !== undefined) throw conflict('--cron and --every');
  if (every !== undefined) return { every };
  const expression = cron ?? (timeZone === undefined ? undefined : before?.schedule.cron);
  if (expression === undefined) return undefined;
  return { cron: expression, time_zone: timeZone ?? before?.schedule.time_zone };
}

function windowOf(options: PolicyOptions, before: WirePolicy | undefined): Body | null | undefined {
  refuseWindowConflicts(options, before);
  if (options.anyTime === true) return null;
  return options.window === undefined
    ? changedWindow(options, before?.window ?? undefined)
    : newWindow(options, options.window, before);
}

function newWindow(
  { windowEnd, timeZone }: PolicyOptions,
  window: string,
  before: WirePolicy | undefined,
): Body {
  const zone = timeZone ?? before?.window?.time_zone ?? before?.schedule.time_zone;
  return { ...parseWindow(window), time_zone: zone, at_end: windowEnd ?? before?.window?.at_end };
}

function changedWindow(
  { windowEnd, timeZone }: PolicyOptions,
  old: NonNullable<WirePolicy['window']> | undefined,
): Body | undefined {
  if (old === undefined || (timeZone ?? windowEnd) === undefined) return undefined;
  return { ...old, time_zone: timeZone ?? old.time_zone, at_end: windowEnd ?? old.at_end };
}

function refuseWindowConflicts(
  { window, windowEnd, anyTime }: PolicyOptions,
  before: WirePolicy | undefined,
): void {
  if (window !== undefined && anyTime === true) throw conflict('--window and --any-time');
  if (windowEnd !== undefined && anyTime === true) throw conflict('--window-end and --any-time');
  if (windowEnd !== undefined && window === undefined && (before?.window ?? null) === null)
    throw new AppError('INPUT_CONFLICT', '--window-end takes a window: name one with --window FROM-TO');
}

function parseWindow(text: string): { start: string; end: string } {
  const [start = '', end = '', ...more] = text.split('-');
  if (more.length === 0 && end !== '') return { start, end };
  throw new AppError(
    'INPUT_TIME',
    `--window takes FROM-TO, such as 22:00-06:00, not ${JSON.stringify(text)}`,
  );
}

function cycleOf({
  cycleIncrements,
  cycleDays,
  forever,
  cycleDefault,
}: PolicyOptions): Body | null | undefined {
  const isCycle = cycleIncrements !== undefined || cycleDays !== undefined;
  if ([isCycle, forever === true, cycleDefault === true].filter(Boolean).length > 1)
    throw conflict('--cycle-increments or --cycle-days, --forever and --cycle-default');
  if (isCycle) return { increments: cycleIncrements, days: cycleDays };
  if (cycleDefault === true) return null;
  return forever === true ? { forever } : undefined;
}

/** Rules take the place of the old ones as a whole. */
function retentionOf(options: PolicyOptions, before: WirePolicy | undefined): Body | null | undefined {
  const { keepCycles, keepAll, strategy } = options;
  const keep = keepOf(options);
  const hasRules = Object.values(keep).some((count) => count !== undefined);
  if ([hasRules, keepCycles !== undefined, keepAll === true].filter(Boolean).length > 1)
    throw conflict('rules such as --keep-daily, --keep-cycles and --keep-all');
  if (keepAll === true) return null;
  if (keepCycles !== undefined) return { cycles: keepCycles };
  if (hasRules) return { keep, strategy: strategy ?? before?.retention?.strategy };
  if (strategy === undefined) return undefined;
  if (before?.retention?.keep === undefined)
    throw new AppError('INPUT_MISSING', '--strategy needs rules such as --keep-daily');
  return { keep: before.retention.keep, strategy };
}
