import type { Command } from 'commander';
import { parseName } from '../arguments.ts';
import { bytesColumn, textColumn, timeColumn, type Column } from '../output/columns.ts';
import { addOutputOptions, printList, printRecord, type FormatOptions } from '../output/options.ts';
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

export function addStoreCommands(program: Command, run: Runner): void {
  const store = program.command('store').description('stores of recovery points (administrators)');
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
