import { Option, type Command } from 'commander';
import { AppError } from '../../../base/errors.ts';
import { exactlyOne, parseId, parseName } from '../arguments.ts';
import { confirm } from '../confirm.ts';
import { say, type CliContext } from '../context.ts';
import {
  expiryResultColumns,
  plannedPointColumns,
  plannedPoints,
  summaryOf,
  type WireExpiration,
} from '../expire-view.ts';
import { chooseColumns } from '../output/columns.ts';
import { addOutputOptions, printList, type FormatOptions } from '../output/options.ts';
import type { Session } from '../session.ts';
import { settle, waitForJobs } from '../wait-for-jobs.ts';
import { refuseToLeave } from './backup.ts';
import { addExamples } from './examples.ts';
import { addKeepOptions, keepOf, type KeepOptions } from './keep-options.ts';
import { runInSession, type Runner } from './run.ts';

interface DeletionOptions extends FormatOptions {
  dryRun?: true;
  yes?: true;
  /** Commander sets no default where both --wait and --no-wait are known. */
  wait?: boolean;
}

interface ExpireOptions extends DeletionOptions, KeepOptions {
  source?: string;
  all?: true;
  store?: string;
  strategy: 'fold' | 'chains';
}

export function addExpireCommand(program: Command, run: Runner): void {
  const command = program
    .command('expire')
    .description('delete the recovery points that no rule keeps')
    .optionsGroup('Of what:')
    .option('--source <SOURCE>', 'of an instance, volume or image, by name or id', parseName('source'))
    .option('--all', 'of every source (administrators)')
    .option(
      '--store <STORE>',
      'only what is in this store, by name or id (else each by itself)',
      parseName('store'),
    )
    .optionsGroup('What stays (instead of what the service is configured for):');
  addKeepOptions(command)
    .optionsGroup('How:')
    .addOption(
      new Option(
        '--strategy <STRATEGY>',
        'fold: delete any point, and fold links that later ones need into them; chains: delete only whole chains',
      )
        .choices(['fold', 'chains'])
        .default('fold'),
    );
  addOutputOptions(
    addExamples(withDeletionOptions(command), [
      'emberkeep expire --source web-01 --keep-daily 7 --keep-weekly 4 --dry-run',
      'emberkeep expire --source web-01 --keep-last 10 --yes',
      'emberkeep expire --source web-01 --store offsite --keep-last 3 --yes',
      'emberkeep expire --all --yes',
    ]),
  ).action(async (options: ExpireOptions) => {
    exactlyOne({ '--source': options.source, '--all': options.all }, 'whose points');
    await expire(run, bodyOf(options), options);
  });
}

export function addPointDeleteCommand(point: Command, run: Runner): void {
  const parse = parseId('point');
  addOutputOptions(
    addExamples(
      withDeletionOptions(
        point
          .command('delete')
          .description('delete recovery points; others that build on their data stay whole')
          .argument('<POINT...>', 'ids', (text, before: string[] | undefined) => [
            ...(before ?? []),
            parse(text),
          ]),
      ),
      [
        'emberkeep point delete 6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f --dry-run',
        'emberkeep point delete 6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f --yes',
      ],
    ),
  ).action(async (points: string[], options: DeletionOptions) => {
    await expire(run, { points, allow_newest: options.yes ?? false }, options);
  });
}

function withDeletionOptions(command: Command): Command {
  return command
    .option('--dry-run', 'only show which points would go, and why the others stay')
    .option('--yes', 'do not ask')
    .option('--wait', 'wait for the end and show progress (default)')
    .option('--no-wait', 'only start it; see `emberkeep job list`');
}

function bodyOf(options: ExpireOptions): object {
  const { source, all, store, strategy } = options;
  return { source, all, store, strategy, keep: keepOf(options) };
}

async function expire(run: Runner, body: object, options: DeletionOptions): Promise<void> {
  if (options.dryRun === true && options.yes === true)
    throw new AppError('INPUT_CONFLICT', '--dry-run and --yes exclude each other');
  if (options.dryRun === true) chooseColumns(plannedPointColumns, options.column ?? []);
  else chooseColumns(expiryResultColumns, options.column ?? []);
  await runInSession(run, async (context, session) => {
    if (options.dryRun === true) await preview(context, session, body, options);
    else await carryOut(context, session, body, options);
  });
}

async function preview(
  context: CliContext,
  session: Session,
  body: object,
  options: DeletionOptions,
): Promise<void> {
  const expirations = await request(session, { ...body, dry_run: true });
  await printList(context, plannedPoints(expirations), plannedPointColumns, options);
  for (const expiration of expirations) say(context, summaryOf(expiration));
}

async function carryOut(
  context: CliContext,
  session: Session,
  body: object,
  options: DeletionOptions,
): Promise<void> {
  if (options.wait === false) refuseToLeave(session);
  if (options.yes !== true) await confirmed(context, session, body);
  const started = await request(session, body);
  const jobs = started.flatMap(({ job }) => (job === null ? [] : [job]));
  if (jobs.length === 0) say(context, 'Nothing is to be deleted.');
  const shown = options.wait === false ? jobs : await waitForJobs(context, session, jobs);
  await printList(context, shown, expiryResultColumns, options);
  if (options.wait !== false) settle(context, shown);
}

/** What is left of earlier deletions is freed without a question. */
async function confirmed(context: CliContext, session: Session, body: object): Promise<void> {
  const expirations = await request(session, { ...body, dry_run: true });
  const points = plannedPoints(expirations).filter(({ goes }) => goes);
  if (points.length === 0) return;
  for (const expiration of expirations) {
    if (expiration.points.some(({ goes }) => goes)) say(context, summaryOf(expiration));
  }
  await confirm(
    context,
    points.length === 1
      ? `Delete recovery point ${points[0]?.id ?? ''} for ever?`
      : `Delete these ${points.length} recovery points for ever? (--dry-run lists them.)`,
  );
}

async function request({ client }: Session, body: object): Promise<WireExpiration[]> {
  const { expirations } = await client.post<{ expirations: WireExpiration[] }>('/v1/expirations', body);
  return expirations;
}
