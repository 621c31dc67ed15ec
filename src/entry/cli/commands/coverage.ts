import { Option, type Command } from 'commander';
import { AppError } from '../../../base/errors.ts';
import { protectionStates } from '../../../domain/protection.ts';
import { parseCount, parseName } from '../arguments.ts';
import { textColumn, timeColumn, type Column } from '../output/columns.ts';
import { addOutputOptions, printList, type FormatOptions } from '../output/options.ts';
import type { WireProtection } from '../wire.ts';
import { addExamples } from './examples.ts';
import { runInSession, type Runner } from './run.ts';

interface WireCoverage {
  kind: string;
  id: string;
  name: string;
  project_id: string;
  last_point: { id: string; taken_at: string } | null;
  protection: WireProtection;
}

type Counts = Record<(typeof protectionStates)[number], number>;
interface WireProjectCoverage {
  project_id: string;
  instances: Counts;
  volumes: Counts;
}

interface CoverageOptions extends FormatOptions {
  volumes?: true;
  state?: string;
  byProject?: true;
  project?: string;
  allProjects?: true;
  limit?: number;
}

const columns: readonly Column<WireCoverage>[] = [
  textColumn('ID', ({ id }) => id),
  textColumn('Name', ({ name }) => name),
  textColumn('Protection', ({ protection }) => protection.state),
  textColumn('Policy', ({ protection }) => protection.policy),
  timeColumn('Last Point', ({ last_point: point }) => point?.taken_at),
  textColumn('Reason', ({ protection }) => protection.reason),
  textColumn('Project ID', ({ project_id: id }) => id),
];

const projectColumns: readonly Column<WireProjectCoverage>[] = [
  textColumn('Project ID', ({ project_id: id }) => id),
  { title: 'Protected', value: ({ instances }) => instances.protected },
  { title: 'Stale', value: ({ instances }) => instances.stale },
  { title: 'Unprotected', value: ({ instances }) => instances.unprotected },
  { title: 'Volumes Protected', value: ({ volumes }) => volumes.protected },
  { title: 'Volumes Stale', value: ({ volumes }) => volumes.stale },
  { title: 'Volumes Unprotected', value: ({ volumes }) => volumes.unprotected },
];

/** What is protected, what is not, and why. */
export function addCoverageCommand(program: Command, run: Runner): void {
  addOutputOptions(
    addExamples(
      program
        .command('coverage')
        .description('what is protected, what is not, and why')
        .option('--volumes', 'volumes instead of instances')
        .addOption(
          new Option('--state <STATE>', 'only these; stale: the newest point is too old').choices(
            protectionStates,
          ),
        )
        .option('--by-project', 'count them by project, those with the most gaps first')
        .option('--project <ID>', 'of this project (administrators)', parseName('project'))
        .option('--all-projects', 'of every project (administrators)')
        .option('--limit <N>', 'show at most so many', parseCount('--limit')),
      [
        'emberkeep coverage',
        'emberkeep coverage --all-projects --state unprotected',
        'emberkeep coverage --all-projects --by-project -f csv',
      ],
    ),
  ).action((options: CoverageOptions) => {
    const { volumes, state, byProject, project, allProjects, limit } = options;
    const scope = { project_id: project, all_projects: allProjects };
    if (byProject === true && (volumes === true || state !== undefined || limit !== undefined))
      throw new AppError(
        'INPUT_CONFLICT',
        '--by-project counts everything; leave --volumes, --state and --limit out',
      );
    return runInSession(run, async (context, { client }) => {
      if (byProject === true) {
        const path = '/v1/coverage/projects';
        const { projects } = await client.get<{ projects: WireProjectCoverage[] }>(path, scope);
        await printList(context, projects, projectColumns, options);
        return;
      }
      const query = { ...scope, kind: volumes === true ? 'volume' : 'instance', state };
      const found = await client.list<WireCoverage>('/v1/coverage', 'coverage', query, limit);
      await printList(context, found, columns, options);
    });
  });
}
