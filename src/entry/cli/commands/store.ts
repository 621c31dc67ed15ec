import type { Command } from 'commander';
import { parseName } from '../arguments.ts';
import { bytesColumn, textColumn, timeColumn, type Column } from '../output/columns.ts';
import { addOutputOptions, printList, type FormatOptions } from '../output/options.ts';
import { parseWhen } from '../parse-when.ts';
import { addExamples } from './examples.ts';
import { runInSession, type Runner } from './run.ts';

interface WireStore {
  id: string;
  url: string;
  description: string | null;
  created_at: string;
}

const columns: readonly Column<WireStore>[] = [
  textColumn('ID', ({ id }) => id),
  textColumn('URL', ({ url }) => url),
  textColumn('Description', ({ description }) => description),
  timeColumn('Created At', ({ created_at: time }) => time),
];

interface WireUsage {
  day: string;
  links: number;
  stored_bytes: number;
}

const usageColumns: readonly Column<WireUsage>[] = [
  textColumn('Day', ({ day }) => day),
  { title: 'Links', value: ({ links }) => links },
  bytesColumn('Stored', ({ stored_bytes: stored }) => stored),
];

export function addStoreCommands(program: Command, run: Runner, now: () => Date): void {
  const store = program.command('store').description('stores of recovery points (administrators)');
  addUsageCommand(store, run, now);
  addOutputOptions(
    addExamples(store.command('list').description('list the stores that points are in'), [
      'emberkeep store list',
    ]),
  ).action((options: FormatOptions) =>
    runInSession(run, async (context, { client }) => {
      const { stores } = await client.get<{ stores: WireStore[] }>('/v1/stores');
      await printList(context, stores, columns, options);
    }),
  );
}

function addUsageCommand(store: Command, run: Runner, now: () => Date): void {
  const instant = (text: string): string => parseWhen(text, { now: now(), day: 'start' }).toISOString();
  addOutputOptions(
    addExamples(
      store
        .command('usage')
        .description('how much a store holds, day by day, and now')
        .argument('<STORE>', 'id', parseName('store'))
        .option('--since <TIME>', 'from this day (UTC) on; 90 days unless told', instant),
      [
        'emberkeep store usage 46694f82-0c43-45f9-ba55-56db9a0ddc70',
        'emberkeep store usage 46694f82-0c43-45f9-ba55-56db9a0ddc70 --since 2026-11-01 -f csv',
      ],
    ),
  ).action((id: string, options: FormatOptions & { since?: string }) =>
    runInSession(run, async (context, { client }) => {
      const { usage } = await client.get<{ usage: Omit<WireUsage, 'day'> & { days: WireUsage[] } }>(
        `/v1/stores/${encodeURIComponent(id)}/usage`,
        { since: options.since },
      );
      const { links, stored_bytes } = usage;
      await printList(context, [...usage.days, { day: 'now', links, stored_bytes }], usageColumns, options);
    }),
  );
}
