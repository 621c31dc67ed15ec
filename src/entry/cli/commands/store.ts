import type { Command } from 'commander';
import { parseName } from '../arguments.ts';
import { bytesColumn, textColumn, timeColumn, type Column } from '../output/columns.ts';
import { addOutputOptions, printList, printRecord, type FormatOptions } from '../output/options.ts';
import { parseWhen } from '../parse-when.ts';
import { addExamples } from './examples.ts';
import { runInSession, type Runner } from './run.ts';

interface WireStore {
  id: string | null;
  name: string | null;
  default: boolean;
  state: string;
  url: string;
  description: string | null;
  links: number;
  stored_bytes: number;
  total_bytes: number | null;
  free_bytes: number | null;
  created_at: string | null;
}

const columns: readonly Column<WireStore>[] = [
  textColumn('Name', ({ name }) => name),
  textColumn('State', ({ state }) => state),
  { title: 'Default', value: ({ default: isDefault }) => isDefault },
  textColumn('URL', ({ url }) => url),
  bytesColumn('Stored', ({ stored_bytes: stored }) => stored),
  bytesColumn('Free', ({ free_bytes: free }) => free),
  textColumn('ID', ({ id }) => id),
];

const fields: readonly Column<WireStore>[] = [
  textColumn('id', ({ id }) => id),
  textColumn('name', ({ name }) => name),
  textColumn('state', ({ state }) => state),
  { title: 'default', value: ({ default: isDefault }) => isDefault },
  textColumn('url', ({ url }) => url),
  textColumn('description', ({ description }) => description),
  { title: 'links', value: ({ links }) => links },
  bytesColumn('stored', ({ stored_bytes: stored }) => stored),
  bytesColumn('total', ({ total_bytes: total }) => total),
  bytesColumn('free', ({ free_bytes: free }) => free),
  timeColumn('created_at', ({ created_at: time }) => time),
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

  addOutputOptions(
    addExamples(
      store
        .command('show')
        .description('show a store: where it is, whether it is there, what it holds')
        .argument('<STORE>', 'name or id', parseName('store')),
      ['emberkeep store show offsite'],
    ),
  ).action((name: string, options: FormatOptions) =>
    runInSession(run, async (context, { client }) => {
      const found = await client.get<{ store: WireStore }>(`/v1/stores/${encodeURIComponent(name)}`);
      await printRecord(context, found.store, fields, options);
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
        .argument('<STORE>', 'name or id', parseName('store'))
        .option('--since <TIME>', 'from this day (UTC) on; 90 days unless told', instant),
      ['emberkeep store usage offsite', 'emberkeep store usage offsite --since 2026-11-01 -f csv'],
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
