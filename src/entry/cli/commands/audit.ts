import type { Command } from 'commander';
import { parseCount, parseName } from '../arguments.ts';
import { textColumn, timeColumn, type Column } from '../output/columns.ts';
import { addOutputOptions, printList, type FormatOptions } from '../output/options.ts';
import { parseWhen } from '../parse-when.ts';
import { addExamples } from './examples.ts';
import { runInSession, type Runner } from './run.ts';

interface WireAudit {
  id: string;
  at: string;
  user_id: string | null;
  user_name: string | null;
  actor: Record<string, unknown>;
  action: string;
  target: Record<string, unknown>;
  result: string;
  project_id: string | null;
  request_id: string | null;
}

interface ListOptions extends FormatOptions {
  since?: string;
  before?: string;
  action?: string;
  result?: string;
  user?: string;
  request?: string;
  project?: string;
  limit?: number;
}

const columns: readonly Column<WireAudit>[] = [
  timeColumn('At', ({ at }) => at),
  textColumn('User', ({ user_name: name }) => name),
  textColumn('From', ({ actor }) => (typeof actor['address'] === 'string' ? actor['address'] : null)),
  textColumn('Action', ({ action }) => action),
  {
    title: 'Target',
    value: ({ target }) => target,
    human: ({ target }) =>
      Object.entries(target)
        .filter(([key, value]) => shownKeys.includes(key) && typeof value === 'string')
        .map(([key, value]) => `${key}=${String(value)}`)
        .join(' '),
  },
  textColumn('Result', ({ result }) => result),
  textColumn('Project ID', ({ project_id: id }) => id),
  textColumn('Request ID', ({ request_id: id }) => id),
];

/** What tells most; `-f json` shows all of it. */
const shownKeys: readonly string[] = [
  'restore_id',
  'point_id',
  'job_id',
  'policy',
  'mode',
  'name',
  'source_name',
  'reason',
  'code',
  'path',
  'what',
];

/** Who did what. */
export function addAuditCommands(program: Command, run: Runner, now: () => Date): void {
  const instant = (text: string): string => parseWhen(text, { now: now(), day: 'start' }).toISOString();
  const audit = program.command('audit').description('who did what, from where, and what was refused');
  addOutputOptions(
    addExamples(
      audit
        .command('list')
        .description('list what was done, newest first; tenants see what was done in their project')
        .option('--since <TIME>', 'at or after; times without a zone are UTC', instant)
        .option('--before <TIME>', 'before; times without a zone are UTC', instant)
        .option('--action <ACTION>', 'such as restore.approve', parseName('action'))
        .option('--result <RESULT>', 'such as allowed or refused', parseName('result'))
        .option('--user <ID>', 'by this user', parseName('user'))
        .option('--request <ID>', 'under this request id', parseName('request'))
        .option('--project <ID>', 'of this project (administrators)', parseName('project'))
        .option('--limit <N>', 'show at most so many; 100 unless told', parseCount('--limit'), 100),
      [
        'emberkeep audit list --since yesterday',
        'emberkeep audit list --result refused -f json',
        'emberkeep audit list --action restore.approve --limit 20',
      ],
    ),
  ).action((options: ListOptions) =>
    runInSession(run, async (context, { client }) => {
      const { since, before, action, result, user, request, project, limit } = options;
      const ids = { user_id: user, request_id: request, project_id: project };
      const query = { since, before, action, result, ...ids };
      const entries = await client.list<WireAudit>('/v1/audit', 'audit', query, limit);
      await printList(context, entries, columns, options);
    }),
  );
}
