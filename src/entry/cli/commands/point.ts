import type { Command } from 'commander';
import { Option } from 'commander';
import { parseCount, parseId, parseName } from '../arguments.ts';
import { addOutputOptions, printList, printRecord, type FormatOptions } from '../output/options.ts';
import { parseWhen } from '../parse-when.ts';
import { pointColumns, pointFields } from '../point-view.ts';
import type { WirePoint, WirePointDetail } from '../wire.ts';
import { addExamples } from './examples.ts';
import { addPointDeleteCommand } from './expire.ts';
import { sortOption } from './list-options.ts';
import { runInSession, type Runner } from './run.ts';

interface ListOptions extends FormatOptions {
  prefix?: string;
  state?: string;
  sort?: string;
  kind?: string;
  since?: string;
  before?: string;
  project?: string;
  store?: string;
  limit?: number;
}

export function addPointCommands(program: Command, run: Runner, now: () => Date): void {
  const point = program.command('point').description('recovery points');
  const instant = (text: string): string => parseWhen(text, { now: now(), day: 'start' }).toISOString();
  addOutputOptions(
    addExamples(
      point
        .command('list')
        .description('list recovery points, newest first')
        .argument('[SOURCE]', 'of this instance, volume or POOL/IMAGE (name or id)', parseName('source'))
        .addOption(
          new Option('--kind <KIND>', 'only points of this kind').choices(['instance', 'volume', 'image']),
        )
        .addOption(
          new Option('--prefix <TEXT>', 'of all whose name begins so, by name')
            .argParser(parseName('text'))
            .conflicts('sort'),
        )
        .addOption(new Option('--state <STATE>', 'only these').choices(['complete', 'damaged']))
        .addOption(sortOption(['taken_at', 'source_name', 'size_bytes', 'stored_bytes']))
        .option('--since <TIME>', 'taken at or after; times without a zone are UTC', instant)
        .option('--before <TIME>', 'taken before; times without a zone are UTC', instant)
        .option('--store <STORE>', 'in this store (name or id)', parseName('store'))
        .option('--project <ID>', 'of this project (administrators)', parseName('project'))
        .option('--limit <N>', 'show at most so many', parseCount('--limit')),
      [
        'emberkeep point list web-01 --since yesterday',
        'emberkeep point list --prefix web- --state damaged',
        'emberkeep point list web-01 --sort stored_bytes:desc',
        'emberkeep point list --kind volume --before "3 days ago" -f csv',
      ],
    ),
  ).action((source: string | undefined, options: ListOptions) =>
    runInSession(run, async (context, { client }) => {
      const { prefix, state, sort, kind, since, before, project, store, limit } = options;
      const search = { source, source_prefix: prefix, state, sort };
      const query = { ...search, kind, since, before, project_id: project, store };
      const points = await client.list<WirePoint>('/v1/points', 'points', query, limit);
      await printList(context, points, pointColumns, options);
    }),
  );

  addOutputOptions(
    addExamples(
      point
        .command('show')
        .description('show a recovery point, its disks and links')
        .argument('<POINT>', 'id', parseId('point')),
      ['emberkeep point show 6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f -f yaml'],
    ),
  ).action((id: string, options: FormatOptions) =>
    runInSession(run, async (context, { client }) => {
      const { point: found } = await client.get<{ point: WirePointDetail }>(`/v1/points/${id}`);
      await printRecord(context, found, pointFields, options);
    }),
  );
  addPointDeleteCommand(point, run);
}
