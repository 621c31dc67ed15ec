import type { Command } from 'commander';
import { protectionSorts } from '../../../workflows/inventory/source-order.ts';
import { parseCount, parseName } from '../arguments.ts';
import { textColumn, timeColumn, type Column } from '../output/columns.ts';
import { addOutputOptions, printList, printRecord, type FormatOptions } from '../output/options.ts';
import type { WireProtection } from '../wire.ts';
import { addExamples } from './examples.ts';
import { protectionOption, searchOption, sortOption } from './list-options.ts';
import { runInSession, type Runner } from './run.ts';

interface WireVolume {
  id: string;
  name: string;
  status: string;
  project_id: string;
  size_gib: number;
  instance_ids: string[];
  last_point: { id: string; taken_at: string } | null;
  protection: WireProtection;
}

const columns: readonly Column<WireVolume>[] = [
  textColumn('ID', ({ id }) => id),
  textColumn('Name', ({ name }) => name),
  textColumn('Status', ({ status }) => status),
  { title: 'Size', value: ({ size_gib: size }) => size },
  timeColumn('Last Point', ({ last_point: point }) => point?.taken_at),
  textColumn('Protection', ({ protection }) => protection.state),
  textColumn('Project ID', ({ project_id: id }) => id),
];

const fields: readonly Column<WireVolume>[] = [
  textColumn('id', ({ id }) => id),
  textColumn('name', ({ name }) => name),
  textColumn('status', ({ status }) => status),
  textColumn('project_id', ({ project_id: id }) => id),
  { title: 'size_gib', value: ({ size_gib: size }) => size },
  {
    title: 'instance_ids',
    value: ({ instance_ids: ids }) => ids,
    human: ({ instance_ids: ids }) => ids.join('\n'),
  },
  timeColumn('last_point', ({ last_point: point }) => point?.taken_at),
  textColumn('last_point_id', ({ last_point: point }) => point?.id),
  textColumn('protection', ({ protection }) => protection.state),
  textColumn('reason', ({ protection }) => protection.reason),
];

interface ListOptions extends FormatOptions {
  name?: string;
  search?: string;
  protection?: string;
  sort?: string;
  project?: string;
  allProjects?: true;
  limit?: number;
}

export function addVolumeCommands(program: Command, run: Runner): void {
  const volume = program.command('volume').description('volumes and how they are protected');
  addOutputOptions(
    addExamples(
      volume
        .command('list')
        .description('list volumes with their newest recovery point')
        .option('--name <NAME>', 'only volumes of this name', parseName('volume'))
        .addOption(searchOption('volumes').conflicts('name'))
        .addOption(protectionOption('volumes'))
        .addOption(sortOption(['name', 'size', 'status', ...protectionSorts]))
        .option('--project <ID>', 'of this project (administrators)', parseName('project'))
        .option('--all-projects', 'of every project (administrators)')
        .option('--limit <N>', 'show at most so many', parseCount('--limit')),
      [
        'emberkeep volume list',
        'emberkeep volume list --search data --sort size:desc',
        'emberkeep volume list --all-projects -f json',
      ],
    ),
  ).action((options: ListOptions) =>
    runInSession(run, async (context, { client }) => {
      const { name, search, protection, sort, project, allProjects, limit } = options;
      const query = { name, search, protection, sort, project_id: project, all_projects: allProjects };
      const volumes = await client.list<WireVolume>('/v1/volumes', 'volumes', query, limit);
      await printList(context, volumes, columns, options);
    }),
  );

  addOutputOptions(
    addExamples(
      volume
        .command('show')
        .description('show a volume and how it is protected')
        .argument('<VOLUME>', 'name or id', parseName('volume')),
      ['emberkeep volume show data-01'],
    ),
  ).action((nameOrId: string, options: FormatOptions) =>
    runInSession(run, async (context, { client }) => {
      const path = `/v1/volumes/${encodeURIComponent(nameOrId)}`;
      const { volume: found } = await client.get<{ volume: WireVolume }>(path);
      await printRecord(context, found, fields, options);
    }),
  );
}
