import { Option, type Command } from 'commander';
import { AppError } from '../../../base/errors.ts';
import { restoreModes } from '../../../domain/restore.ts';
import { parseCount, parseName } from '../arguments.ts';
import { textColumn, timeColumn, type Column } from '../output/columns.ts';
import { addOutputOptions, printList, printRecord, type FormatOptions } from '../output/options.ts';
import { addExamples } from './examples.ts';
import { runInSession, type Runner } from './run.ts';

interface WireProject {
  id: string;
  tenant_restores: boolean;
  approval_modes: string[];
  updated_at: string | null;
  updated_by: { user_name: string } | null;
}

interface SetOptions extends FormatOptions {
  tenantRestores?: 'on' | 'off';
  approval?: string[];
}

const columns: readonly Column<WireProject>[] = [
  textColumn('ID', ({ id }) => id),
  { title: 'Tenant Restores', value: ({ tenant_restores: restores }) => restores },
  {
    title: 'Approval Modes',
    value: ({ approval_modes: modes }) => modes,
    human: ({ approval_modes: modes }) => modes.join(', ') || 'none',
  },
];

const fields: readonly Column<WireProject>[] = [
  textColumn('id', ({ id }) => id),
  { title: 'tenant_restores', value: ({ tenant_restores: restores }) => restores },
  {
    title: 'approval_modes',
    value: ({ approval_modes: modes }) => modes,
    human: ({ approval_modes: modes }) => modes.join(', ') || 'none',
  },
  timeColumn('updated_at', ({ updated_at: time }) => time),
  textColumn('updated_by', ({ updated_by: by }) => by?.user_name),
];

const noneOf: readonly string[] = ['none'];
const approvalChoices: readonly string[] = [...restoreModes, 'all', 'none'];

/** What administrators allow the tenants of each project. */
export function addProjectCommands(program: Command, run: Runner): void {
  const project = program.command('project').description('what tenants of a project may restore');
  addOutputOptions(
    addExamples(
      project
        .command('list')
        .description('list the projects for which something is set; tenants see their own')
        .option('--limit <N>', 'show at most so many', parseCount('--limit')),
      ['emberkeep project list'],
    ),
  ).action((options: FormatOptions & { limit?: number }) =>
    runInSession(run, async (context, { client }) => {
      const projects = await client.list<WireProject>('/v1/projects', 'projects', {}, options.limit);
      await printList(context, projects, columns, options);
    }),
  );

  addOutputOptions(
    addExamples(
      project
        .command('show')
        .description('show what tenants of a project may restore')
        .argument('<PROJECT>', 'name or id', parseName('project')),
      ['emberkeep project show demo'],
    ),
  ).action((nameOrId: string, options: FormatOptions) =>
    runInSession(run, async (context, { client }) => {
      const { project: found } = await client.get<{ project: WireProject }>(pathOf(nameOrId));
      await printRecord(context, found, fields, options);
    }),
  );

  addOutputOptions(
    addExamples(
      project
        .command('set')
        .description('set what tenants of a project may restore (administrators)')
        .argument('<PROJECT>', 'name or id', parseName('project'))
        .addOption(
          new Option('--tenant-restores <ON|OFF>', 'whether tenants may restore at all').choices([
            'on',
            'off',
          ]),
        )
        .addOption(
          new Option(
            '--approval <MODE>',
            'restores with this mode wait for an administrator (repeatable); all, none: every mode, or no mode',
          )
            .choices(approvalChoices)
            .argParser(parseApproval),
        ),
      [
        'emberkeep project set demo --approval in-place --approval replace',
        'emberkeep project set demo --tenant-restores off',
        'emberkeep project set demo --tenant-restores on --approval none',
      ],
    ),
  ).action((nameOrId: string, options: SetOptions) => {
    const { tenantRestores, approval } = options;
    if (tenantRestores === undefined && approval === undefined)
      throw new AppError('INPUT_MISSING', 'say what to set: --tenant-restores or --approval');
    const body = {
      ...(tenantRestores === undefined ? {} : { tenant_restores: tenantRestores === 'on' }),
      ...(approval === undefined ? {} : { approval_modes: modesOf(approval) }),
    };
    return runInSession(run, async (context, { client }) => {
      const { project: set } = await client.patch<{ project: WireProject }>(pathOf(nameOrId), body);
      await printRecord(context, set, fields, options);
    });
  });
}

function parseApproval(text: string, before: string[] | undefined): string[] {
  if (approvalChoices.includes(text)) return [...(before ?? []), text];
  throw new AppError(
    'INPUT_MODE',
    `--approval takes one of ${approvalChoices.join(', ')}, not ${JSON.stringify(text)}`,
  );
}

function modesOf(asked: readonly string[]): readonly string[] {
  if (asked.length > 1 && asked.some((mode) => mode === 'all' || mode === 'none'))
    throw new AppError('INPUT_CONFLICT', '--approval all and --approval none stand alone');
  if (asked.includes('all')) return restoreModes;
  return asked.filter((mode) => !noneOf.includes(mode));
}

function pathOf(nameOrId: string): string {
  return `/v1/projects/${encodeURIComponent(nameOrId)}`;
}
