/** `restore list`, `restore show`, `restore undo`: what became of restores, and taking one back. */
import { Option, type Command } from 'commander';
import { AppError } from '../../../base/errors.ts';
import { restoreStates } from '../../../domain/restore.ts';
import { parseCount, parseId, parseName } from '../arguments.ts';
import { confirm } from '../confirm.ts';
import { say, type CliContext } from '../context.ts';
import { humanTime } from '../human.ts';
import { chooseColumns } from '../output/columns.ts';
import { addOutputOptions, printList, printRecord, type FormatOptions } from '../output/options.ts';
import { restoreColumns, restoreFields } from '../restore-view.ts';
import type { Session } from '../session.ts';
import { settle, waitForJobs } from '../wait-for-jobs.ts';
import type { WireAskedRestore, WireJob } from '../wire.ts';
import { refuseToLeave } from './backup.ts';
import { addExamples } from './examples.ts';
import { addRestoreDecisionCommands } from './restore-decide.ts';
import { runInSession, type Runner } from './run.ts';

interface UndoOptions extends FormatOptions {
  yes?: true;
  wait?: boolean;
}

interface ListOptions extends FormatOptions {
  state?: string;
  project?: string;
  limit?: number;
}

/** Options of `restore` itself, which the parser takes for its subcommands too. */
const ofRestoring = ['volume', 'image', 'point', 'at', 'mode', 'disk', 'name', 'plain', 'plan'];

export function addRestoreSubcommands(restore: Command, run: Runner): void {
  restore.commandsGroup('Of restores that were asked for:');
  addOutputOptions(
    addExamples(
      restore
        .command('list')
        .description('list restores, newest first')
        .addOption(
          new Option(
            '--state <STATE>',
            'only those in this state; pending: they wait for an approval',
          ).choices(restoreStates),
        )
        .option('--project <ID>', 'of this project (administrators)', parseName('project'))
        .option('--limit <N>', 'show at most so many', parseCount('--limit')),
      [
        'emberkeep restore list',
        'emberkeep restore list --state pending',
        'emberkeep restore list --limit 5 -f json',
      ],
    ),
  ).action(async (_: unknown, command: Command) => {
    const options = optionsOf(command);
    await runInSession(run, async (context, { client }) => {
      const query = { state: options.state, project_id: options.project };
      const restores = await client.list<WireAskedRestore>('/v1/restores', 'restores', query, options.limit);
      await printList(context, restores, restoreColumns, options);
    });
  });

  addOutputOptions(
    addExamples(
      restore
        .command('show')
        .description('show a restore, what it made, and until when it can be undone')
        .argument('<RESTORE>', 'id', parseId('restore')),
      ['emberkeep restore show 6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f -f yaml'],
    ),
  ).action(async (id: string, _: unknown, command: Command) => {
    const options = optionsOf(command);
    await runInSession(run, async (context, { client }) => {
      const { restore: found } = await client.get<{ restore: WireAskedRestore }>(`/v1/restores/${id}`);
      await printRecord(context, found, restoreFields, options);
    });
  });
  addUndoCommand(restore, run);
  addRestoreDecisionCommands(restore, run, optionsOf);
}

function addUndoCommand(restore: Command, run: Runner): void {
  addOutputOptions(
    addExamples(
      restore
        .command('undo')
        .description('take back a restore with mode in-place or replace: what was there before returns')
        .argument('<RESTORE>', 'id; see `emberkeep restore list`', parseId('restore'))
        .option('--yes', 'do not ask')
        .option('--wait', 'wait for the end and show progress (default)')
        .option('--no-wait', 'only start it; see `emberkeep job list`'),
      [
        'emberkeep restore undo 6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f',
        'emberkeep restore undo 6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f --yes --no-wait',
      ],
    ),
  ).action(async (id: string, _: unknown, command: Command) => {
    const options = optionsOf(command);
    chooseColumns(restoreFields, options.column ?? []);
    await runInSession(run, (context, session) => undo(context, session, id, options));
  });
}

function optionsOf(command: Command): UndoOptions & ListOptions {
  const given = command.parent?.opts<Record<string, unknown>>() ?? {};
  const foreign = ofRestoring.find((name) => given[name] !== undefined);
  if (foreign !== undefined)
    throw new AppError('INPUT_CONFLICT', `restore ${command.name()} takes no --${foreign}`);
  return command.optsWithGlobals<UndoOptions & ListOptions>();
}

async function undo(context: CliContext, session: Session, id: string, options: UndoOptions): Promise<void> {
  if (options.wait === false) refuseToLeave(session);
  const { client } = session;
  if (options.yes !== true) {
    const { restore } = await client.get<{ restore: WireAskedRestore }>(`/v1/restores/${id}`);
    say(context, `Restore ${id} (mode ${restore.mode}) of ${humanTime(restore.created_at)}.`);
    await confirm(
      context,
      'Bring back what was there before, and lose what was written since the restore? (A running instance is stopped and started, or its volumes exchanged.)',
    );
  }
  const { job } = await client.post<{ job: WireJob }>(`/v1/restores/${id}/undo`);
  if (options.wait !== false) {
    const ended = await waitForJobs(context, session, [job]);
    settle(context, ended);
    for (const note of ended.flatMap(({ result }) => notesOf(result))) say(context, `note: ${note}`);
  }
  const { restore } = await client.get<{ restore: WireAskedRestore }>(`/v1/restores/${id}`);
  await printRecord(context, restore, restoreFields, options);
}

function notesOf(result: WireJob['result']): string[] {
  const notes = result?.['notes'];
  return Array.isArray(notes) ? notes.map(String) : [];
}
