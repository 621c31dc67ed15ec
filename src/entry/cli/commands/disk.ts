import type { Command } from 'commander';
import { parseCount, parseName } from '../arguments.ts';
import { bytesColumn, textColumn, timeColumn, type Column } from '../output/columns.ts';
import { addOutputOptions, printList, type FormatOptions } from '../output/options.ts';
import { addExamples } from './examples.ts';
import { runInSession, type Runner } from './run.ts';

interface WireStoredDisk {
  key: string;
  pool: string;
  image: string;
  size_bytes: number;
  links: number;
  stored_bytes: number;
  last_point: { id: string; taken_at: string } | null;
  sources: { kind: string; id: string; name: string }[];
  chains: { damaged: boolean }[];
}

interface ListOptions extends FormatOptions {
  project?: string;
  limit?: number;
}

const columns: readonly Column<WireStoredDisk>[] = [
  textColumn('Key', ({ key }) => key),
  textColumn('Of', ({ sources }) => sources.map(({ name }) => name).join(', ')),
  bytesColumn('Size', ({ size_bytes: size }) => size),
  { title: 'Chains', value: ({ chains }) => chains.length },
  { title: 'Links', value: ({ links }) => links },
  bytesColumn('Stored', ({ stored_bytes: stored }) => stored),
  timeColumn('Last Point', ({ last_point: point }) => point?.taken_at),
];

/** What the stores hold of each disk. */
export function addDiskCommands(program: Command, run: Runner): void {
  addOutputOptions(
    addExamples(
      program
        .command('disk')
        .description('disks that have something in a store')
        .command('list')
        .description('list disks with their chains, by key')
        .argument('[SOURCE]', 'only of this instance, volume or image: name or id', parseName('source'))
        .option('--project <ID>', 'of this project (administrators)', parseName('project'))
        .option('--limit <N>', 'show at most so many', parseCount('--limit')),
      ['emberkeep disk list', 'emberkeep disk list web-01 -f json'],
    ),
  ).action((source: string | undefined, options: ListOptions) =>
    runInSession(run, async (context, { client }) => {
      const query = { source, project_id: options.project };
      const disks = await client.list<WireStoredDisk>('/v1/disks', 'disks', query, options.limit);
      await printList(context, disks, columns, options);
    }),
  );
}
