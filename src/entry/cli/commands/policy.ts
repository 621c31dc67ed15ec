import type { Command } from 'commander';
import { Option } from 'commander';
import { policyReaches } from '../../../domain/policy-assignment.ts';
import { parseCount, parseName } from '../arguments.ts';
import { confirm } from '../confirm.ts';
import { addOutputOptions, printList, printRecord, type FormatOptions } from '../output/options.ts';
import { parseWhen } from '../parse-when.ts';
import {
  policyColumns,
  policyFields,
  simulationColumns,
  sourceColumns,
  type WirePolicy,
  type WirePolicySource,
  type WireSimulatedDay,
} from '../policy-view.ts';
import { addExamples } from './examples.ts';
import { searchOption, sortOption } from './list-options.ts';
import { addPolicyAssignCommands } from './policy-assign.ts';
import { addPolicyEditCommands } from './policy-edit.ts';
import { runInSession, type Runner } from './run.ts';

interface ListOptions extends FormatOptions {
  sort?: string;
  limit?: number;
}

interface SimulateOptions extends FormatOptions {
  days: number;
  from?: string;
  source?: string;
}

export function addPolicyCommands(program: Command, run: Runner, now: () => Date): void {
  const policy = program.command('policy').description('what is backed up when, and how long points stay');
  addListCommand(policy, run);
  addShowCommand(policy, run);
  addPolicyEditCommands(policy, run);
  addDeleteCommand(policy, run);
  addPolicyAssignCommands(policy, run);
  addSourcesCommand(policy, run);
  addSimulateCommand(policy, run, now);
}

function addListCommand(policy: Command, run: Runner): void {
  addOutputOptions(
    addExamples(
      policy
        .command('list')
        .description('list policies, newest first; tenants see those that are for them')
        .addOption(searchOption('policies'))
        .addOption(sortOption(['created_at', 'name', 'updated_at', 'enabled']))
        .option('--limit <N>', 'show at most so many', parseCount('--limit')),
      ['emberkeep policy list', 'emberkeep policy list --search night --sort name:asc -f json'],
    ),
  ).action((options: ListOptions & { search?: string }) =>
    runInSession(run, async (context, { client }) => {
      const { search, sort } = options;
      const found = await client.list<WirePolicy>(
        '/v1/policies',
        'policies',
        { search, sort },
        options.limit,
      );
      await printList(context, found, policyColumns, options);
    }),
  );
}

function addShowCommand(policy: Command, run: Runner): void {
  addOutputOptions(
    addExamples(
      policy.command('show').description('show a policy').argument('<POLICY>', 'name or id', parsePolicy),
      ['emberkeep policy show daily', 'emberkeep policy show daily -f yaml'],
    ),
  ).action((name: string, options: FormatOptions) =>
    runInSession(run, async (context, { client }) => {
      const { policy: found } = await client.get<{ policy: WirePolicy }>(policyPath(name));
      await printRecord(context, found, policyFields, options);
    }),
  );
}

function addDeleteCommand(policy: Command, run: Runner): void {
  addOutputOptions(
    addExamples(
      policy
        .command('delete')
        .description('delete a policy with its assignments; points stay (administrators)')
        .argument('<POLICY>', 'name or id', parsePolicy)
        .option('--yes', 'do not ask, also when it protects something'),
      ['emberkeep policy delete daily', 'emberkeep policy delete daily --yes'],
    ),
  ).action((name: string, options: FormatOptions & { yes?: true }) =>
    runInSession(run, async (context, { client }) => {
      if (options.yes !== true)
        await confirm(context, `Delete policy ${name}? What it protects is backed up no more.`);
      const { policy: gone } = await client.delete<{ policy: WirePolicy }>(policyPath(name), { force: true });
      await printRecord(context, gone, policyFields, options);
    }),
  );
}

function addSourcesCommand(policy: Command, run: Runner): void {
  addOutputOptions(
    addExamples(
      policy
        .command('sources')
        .description('list what a policy protects, with the last and the next run')
        .argument('<POLICY>', 'name or id', parsePolicy)
        .addOption(
          new Option('--through <REACH>', 'only what it reaches through this').choices(policyReaches),
        )
        .addOption(
          new Option('--last <STATE>', 'only those whose last run ended so, or runs').choices([
            'running',
            'succeeded',
            'failed',
            'cancelled',
          ]),
        )
        .addOption(
          sortOption(['created_at', 'source_name', 'reached_by', 'last_state', 'last_run_at', 'next_run_at']),
        )
        .option('--limit <N>', 'show at most so many', parseCount('--limit')),
      [
        'emberkeep policy sources daily',
        'emberkeep policy sources daily --last failed --sort last_run_at:desc',
        'emberkeep policy sources daily -f csv -c Name -c "Next Run"',
      ],
    ),
  ).action((name: string, options: ListOptions & { through?: string; last?: string }) =>
    runInSession(run, async (context, { client }) => {
      const path = `${policyPath(name)}/sources`;
      const query = { reached_by: options.through, last_state: options.last, sort: options.sort };
      const sources = await client.list<WirePolicySource>(path, 'sources', query, options.limit);
      await printList(context, sources, sourceColumns, options);
    }),
  );
}

function addSimulateCommand(policy: Command, run: Runner, now: () => Date): void {
  const instant = (text: string): string => parseWhen(text, { now: now(), day: 'start' }).toISOString();
  addOutputOptions(
    addExamples(
      policy
        .command('simulate')
        .description('show what would exist of one source, day by day, if it began today')
        .argument('<POLICY>', 'name or id', parsePolicy)
        .option('--days <N>', 'so many days', parseCount('--days'), 90)
        .option('--from <TIME>', 'begin then; times without a zone are UTC', instant)
        .option('--source <ID>', 'as this source is spread', parseName('source')),
      [
        'emberkeep policy simulate daily --days 90',
        'emberkeep policy simulate daily --days 365 -f csv -c Date -c Points -c Fulls',
      ],
    ),
  ).action((name: string, options: SimulateOptions) =>
    runInSession(run, async (context, { client }) => {
      const { days, from, source } = options;
      const body = { days, from, source };
      const answer = await client.post<{ days: WireSimulatedDay[] }>(`${policyPath(name)}/simulate`, body);
      await printList(context, answer.days, simulationColumns, options);
    }),
  );
}

const parsePolicy = parseName('policy');

function policyPath(nameOrId: string): string {
  return `/v1/policies/${encodeURIComponent(nameOrId)}`;
}
