import { Option, type Command } from 'commander';
import { AppError } from '../../../base/errors.ts';
import { restoreModes, type RestoreMode } from '../../../domain/restore.ts';
import { collect, exactlyOne, parseId, parseImagePath, parseName, type ImagePath } from '../arguments.ts';
import { confirm } from '../confirm.ts';
import { say, type CliContext } from '../context.ts';
import { humanTime, oneLine } from '../human.ts';
import { chooseColumns } from '../output/columns.ts';
import { addOutputOptions, printRecord, type FormatOptions } from '../output/options.ts';
import { planFields } from '../plan-view.ts';
import { parseWhen, whenHelp } from '../parse-when.ts';
import { restoreFields } from '../restore-view.ts';
import type { Session } from '../session.ts';
import { settle, waitForJobs } from '../wait-for-jobs.ts';
import type { WireAskedRestore, WireJob, WirePoint, WireRestore } from '../wire.ts';
import { refuseToLeave } from './backup.ts';
import { addExamples } from './examples.ts';
import { showPlan, type RestoreBody } from './restore-plan.ts';
import { addRestoreSubcommands } from './restore-undo.ts';
import { runInSession, type Runner } from './run.ts';

interface RestoreOptions extends FormatOptions {
  volume?: string;
  image?: ImagePath;
  point?: string;
  at?: string;
  mode?: RestoreMode;
  disk?: string[];
  name?: string;
  flavor?: string;
  network?: string[];
  keyName?: string;
  availabilityZone?: string;
  plain?: true;
  plan?: true;
  yes?: true;
  /** Commander sets no default where both --wait and --no-wait are known. */
  wait?: boolean;
}

/** Which point, as the API takes it. */
type Selector =
  { id: string } | { kind: 'instance' | 'volume' | 'image'; source: string; at: Date | 'latest' };

export function addRestoreCommand(program: Command, run: Runner, now: () => Date): void {
  const command = program.command('restore');
  addOutputOptions(
    addExamples(
      command
        .description('bring a recovery point back')
        .argument('[INSTANCE]', 'name or id, also of an instance that is gone', parseName('instance'))
        .optionsGroup('Instead of an instance:')
        .option('--volume <VOLUME>', 'a volume, by name or id', parseName('volume'))
        .option('--image <POOL/IMAGE>', 'an RBD image (administrators)', parseImagePath)
        .option('--point <ID>', 'exactly this point; see `emberkeep point list`', parseId('point'))
        .optionsGroup('What and how:')
        .option('--at <TIME>', `the newest point at or before: latest (default), ${whenHelp}`)
        .addOption(
          new Option(
            '--mode <MODE>',
            'image: a fresh RBD image; volume (default): new volumes beside the old ones; replace: as volume, then put in place of the data volumes of the instance; in-place: the disks themselves, root too, while the instance is stopped; instance: as volume, then a new instance of them, also when the old one is gone',
          ).choices(restoreModes),
        )
        .option('--disk <DISK>', 'only this disk: volume id, disk key or device (repeatable)', collect)
        .option('--name <NAME>', 'name of the new volume, image or instance', parseName('name'))
        .option('--plain', 'import link by link, as by hand, instead of one flattened stream (slower)')
        .option('--plan', 'only show what it would do, what is lost, and all that stands against it')
        .option('--yes', 'do not ask before replacing or restoring in place')
        .optionsGroup('A new instance (--mode instance), instead of what was recorded:')
        .option('--flavor <FLAVOR>', 'name or id', parseName('flavor'))
        .option('--network <NETWORK>', 'a port on this network (repeatable); none: no network', collect)
        .option('--key-name <KEY>', 'a key pair of yours', parseName('key pair'))
        .option('--availability-zone <ZONE>', 'where it is to run', parseName('zone'))
        .optionsGroup('Waiting:')
        .option('--wait', 'wait for the end and show progress (default)')
        .option('--no-wait', 'only start it; see `emberkeep job list`'),
      [
        'emberkeep restore web-01 --at yesterday',
        'emberkeep restore web-01 --at "2026-11-22 10:00" --mode replace --disk /dev/vdb',
        'emberkeep restore web-01 --at "1 hour ago" --mode in-place --plan',
        'emberkeep restore web-01 --at "1 hour ago" --mode in-place',
        'emberkeep restore --volume data-01 --at "3 hours ago" --name data-01-before',
        'emberkeep restore web-01 --mode instance --name web-01-again --flavor m1.large',
        'emberkeep restore --point 6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f --mode image',
      ],
    ),
  ).action(async (instance: string | undefined, options: RestoreOptions) => {
    const selector = selectorOf(instance, options, now());
    const choices = instanceChoices(options);
    if (options.plan === true) chooseColumns(planFields, options.column ?? []);
    else chooseColumns(restoreFields, options.column ?? []);
    await runInSession(run, (context, session) =>
      restore(context, session, selector, { ...options, choices }),
    );
  });
  addRestoreSubcommands(command, run);
}

function selectorOf(instance: string | undefined, options: RestoreOptions, now: Date): Selector {
  const { volume, image, point, at = 'latest' } = options;
  exactlyOne(
    { INSTANCE: instance, '--volume': volume, '--image': image, '--point': point },
    'what to restore',
  );
  if (point !== undefined) {
    if (options.at === undefined) return { id: point };
    throw new AppError('INPUT_CONFLICT', '--at and --point exclude each other: a point has its own time');
  }
  const when = at.trim().toLowerCase() === 'latest' ? 'latest' : parseWhen(at, { now, day: 'end' });
  if (instance !== undefined) return { kind: 'instance', source: instance, at: when };
  if (volume !== undefined) return { kind: 'volume', source: volume, at: when };
  return { kind: 'image', source: `${image?.pool ?? ''}/${image?.image ?? ''}`, at: when };
}

/** As the API takes them; undefined when everything is to be as it was. */
function instanceChoices({
  mode,
  flavor,
  network,
  keyName,
  availabilityZone,
}: RestoreOptions): object | undefined {
  const networks = network?.length === 1 && network[0] === 'none' ? [] : network;
  const choices = { flavor, networks, key_name: keyName, availability_zone: availabilityZone };
  if (Object.values(choices).every((choice) => choice === undefined)) return undefined;
  if (mode === 'instance') return choices;
  throw new AppError(
    'INPUT_CONFLICT',
    '--flavor, --network, --key-name and --availability-zone are for --mode instance',
  );
}

async function restore(
  context: CliContext,
  session: Session,
  asked: Selector,
  options: RestoreOptions & { choices: object | undefined },
): Promise<void> {
  if (options.wait === false && options.plan !== true) refuseToLeave(session);
  const mode = options.mode ?? (await usualMode(session, asked));
  if (options.plan === true) {
    await showPlan(context, session, bodyOf(asked, mode, options), options);
    return;
  }
  const question = options.yes === true ? undefined : questions[mode];
  const selector = question === undefined ? asked : await confirmed(context, session, asked, question);
  const { client } = session;
  const body = bodyOf(selector, mode, options);
  const started = await client.post<{ restore: WireAskedRestore }>('/v1/restores', body);
  const { id, job_id: jobId } = started.restore;
  if (jobId === null) {
    const until = humanTime(started.restore.approval?.pending_until ?? '');
    say(context, `An administrator has to approve restore ${id} until ${until}; it begins then.`);
  }
  if (options.wait === false || jobId === null) {
    await printRecord(context, started.restore, restoreFields, options);
    return;
  }
  const { job } = await client.get<{ job: WireJob }>(`/v1/jobs/${jobId}`);
  const ended = await waitForJobs(context, session, [job]);
  settle(context, ended);
  const finished = await client.get<{ restore: WireRestore }>(`/v1/restores/${id}`);
  await printRecord(context, finished.restore, restoreFields, options);
}

function bodyOf(
  selector: Selector,
  mode: RestoreMode,
  { disk: disks = [], name, plain, choices }: RestoreOptions & { choices: object | undefined },
): RestoreBody & { point: object } {
  return {
    point: pointBody(selector),
    mode,
    disks,
    ...(name === undefined ? {} : { name }),
    ...(plain === true ? { plain: true } : {}),
    ...(choices === undefined ? {} : { instance: choices }),
  };
}

/** An image can only become an image again; everything else usually is wanted as volumes. */
async function usualMode({ client }: Session, selector: Selector): Promise<RestoreMode> {
  if (!('id' in selector)) return selector.kind === 'image' ? 'image' : 'volume';
  const { point } = await client.get<{ point: WirePoint }>(`/v1/points/${selector.id}`);
  return point.kind === 'image' ? 'image' : 'volume';
}

/** What is asked before something that is in use is changed. */
const questions: Partial<Record<RestoreMode, string>> = {
  replace:
    'Detach the data volumes of the instance and attach restored ones instead? (The old volumes are kept.)',
  'in-place':
    'Stop the instance, put its disks back to that point, and start it again? (What is on them now is kept until `emberkeep restore undo` expires.)',
};

/** Asks about one certain point, and then restores that one, whatever is taken in between. */
async function confirmed(
  context: CliContext,
  session: Session,
  selector: Selector,
  question: string,
): Promise<Selector> {
  const point = await findPoint(session, selector);
  if (point === undefined) return selector;
  say(
    context,
    `Recovery point ${point.id}: ${point.kind} ${oneLine(point.source_name)} as of ${humanTime(point.taken_at)}.`,
  );
  await confirm(context, question);
  return { id: point.id };
}

/** The point that the service would choose; undefined when there is none, which the service explains best itself. */
async function findPoint({ client }: Session, selector: Selector): Promise<WirePoint | undefined> {
  if ('id' in selector) return (await client.get<{ point: WirePoint }>(`/v1/points/${selector.id}`)).point;
  const { kind, source, at } = selector;
  const before = at === 'latest' ? undefined : new Date(at.getTime() + 1).toISOString();
  const points = await client.list<WirePoint>('/v1/points', 'points', { kind, source, before }, 20);
  return points.find(({ state }) => state === 'complete');
}

function pointBody(selector: Selector): object {
  if ('id' in selector) return { id: selector.id };
  const { kind, source, at } = selector;
  return { [kind]: source, at: at === 'latest' ? at : at.toISOString() };
}
