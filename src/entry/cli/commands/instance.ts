import type { Command } from 'commander';
import { protectionSorts } from '../../../workflows/inventory/source-order.ts';
import { parseCount, parseName } from '../arguments.ts';
import { humanTime } from '../human.ts';
import { bytesColumn, textColumn, timeColumn, type Column } from '../output/columns.ts';
import { addOutputOptions, printList, printRecord, type FormatOptions } from '../output/options.ts';
import type { WireInstance, WireInstanceDetail } from '../wire.ts';
import { addExamples } from './examples.ts';
import { protectionOption, searchOption, sortOption } from './list-options.ts';
import { runInSession, type Runner } from './run.ts';

const columns: readonly Column<WireInstance>[] = [
  textColumn('ID', ({ id }) => id),
  textColumn('Name', ({ name }) => name),
  textColumn('Status', ({ status }) => status),
  {
    title: 'Last Point',
    value: ({ last_point: point }) => point?.taken_at ?? null,
    human: ({ last_point: point }) => (point === null ? 'never' : humanTime(point.taken_at)),
  },
  textColumn('Protection', ({ protection }) => protection?.state),
  textColumn('Project ID', ({ project_id: id }) => id),
];

const fields: readonly Column<WireInstanceDetail>[] = [
  textColumn('id', ({ id }) => id),
  textColumn('name', ({ name }) => name),
  textColumn('status', ({ status }) => status),
  textColumn('project_id', ({ project_id: id }) => id),
  textColumn('availability_zone', ({ availability_zone: zone }) => zone),
  textColumn('flavor', ({ flavor }) => flavor.original_name),
  {
    title: 'metadata',
    value: ({ metadata }) => metadata,
    human: ({ metadata }) =>
      Object.entries(metadata)
        .map(([key, value]) => `${key}='${value}'`)
        .join(', '),
  },
  { title: 'tags', value: ({ tags }) => tags, human: ({ tags }) => tags.join(', ') },
  bytesColumn('size_bytes', ({ disks }) => disks.reduce((sum, disk) => sum + (disk.size_bytes ?? 0), 0)),
  {
    title: 'disks',
    value: ({ disks }) => disks,
    human: ({ disks }) =>
      disks
        .map((disk) =>
          `${disk.attachment?.device ?? '-'} ${disk.volume?.name ?? ''} ${disk.pool}/${disk.image}`.replace(
            / +/g,
            ' ',
          ),
        )
        .join('\n'),
  },
  {
    title: 'points',
    value: ({ points }) => points,
    human: ({ points }) =>
      points.map((point) => `${humanTime(point.taken_at)} ${point.type} ${point.id}`).join('\n'),
  },
  timeColumn('last_point', ({ points }) => points[0]?.taken_at),
];

interface ListOptions extends FormatOptions {
  name?: string;
  search?: string;
  status?: string;
  protection?: string;
  sort?: string;
  deleted?: true;
  allProjects?: true;
  project?: string;
  limit?: number;
}

export function addInstanceCommands(program: Command, run: Runner): void {
  const instance = program.command('instance').description('instances and how they are protected');
  addOutputOptions(
    addExamples(
      instance
        .command('list')
        .description('list instances with their newest recovery point')
        .option('--name <NAME>', 'only instances of this name', parseName('instance'))
        .addOption(searchOption('instances').conflicts('name'))
        .option(
          '--status <STATUS>',
          'only instances with this status of Nova, such as ACTIVE',
          parseName('status'),
        )
        .addOption(protectionOption('instances'))
        .addOption(sortOption(['name', 'created_at', 'status', ...protectionSorts]))
        .option('--deleted', 'instead those that are gone and have recovery points, newest point first')
        .option('--project <ID>', 'of this project (administrators)', parseName('project'))
        .option('--all-projects', 'of every project (administrators)')
        .option('--limit <N>', 'show at most so many', parseCount('--limit')),
      [
        'emberkeep instance list',
        'emberkeep instance list --search web',
        'emberkeep instance list --deleted',
        'emberkeep instance list --protection stale --sort last_point_at:asc',
        'emberkeep instance list --all-projects -f json -c ID -c "Last Point"',
      ],
    ),
  ).action((options: ListOptions) =>
    runInSession(run, async (context, { client }) => {
      const { name, search, status, protection, sort, deleted, project, allProjects } = options;
      const query = {
        name,
        search,
        status,
        protection,
        sort,
        deleted,
        project_id: project,
        all_projects: allProjects,
      };
      const instances = await client.list<WireInstance>('/v1/instances', 'instances', query, options.limit);
      await printList(context, instances, columns, options);
    }),
  );

  addOutputOptions(
    addExamples(
      instance
        .command('show')
        .description('show an instance, its disks and its recovery points')
        .argument('<INSTANCE>', 'name or id', parseName('instance')),
      ['emberkeep instance show web-01', 'emberkeep instance show web-01 -f value -c last_point'],
    ),
  ).action((nameOrId: string, options: FormatOptions) =>
    runInSession(run, async (context, { client }) => {
      const path = `/v1/instances/${encodeURIComponent(nameOrId)}`;
      const { instance: found } = await client.get<{ instance: WireInstanceDetail }>(path);
      await printRecord(context, found, fields, options);
    }),
  );
}
