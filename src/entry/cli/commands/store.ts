import type { Command } from 'commander';
import { textColumn, timeColumn, type Column } from '../output/columns.ts';
import { addOutputOptions, printList, type FormatOptions } from '../output/options.ts';
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

export function addStoreCommands(program: Command, run: Runner): void {
  addOutputOptions(
    addExamples(
      program
        .command('store')
        .description('stores of recovery points (administrators)')
        .command('list')
        .description('list the stores that points are in'),
      ['emberkeep store list'],
    ),
  ).action((options: FormatOptions) =>
    runInSession(run, async (context, { client }) => {
      const { stores } = await client.get<{ stores: WireStore[] }>('/v1/stores');
      await printList(context, stores, columns, options);
    }),
  );
}
