import type { Command } from 'commander';
import { AppError } from '../../../base/errors.ts';
import { exactlyOne, parseName } from '../arguments.ts';
import { addOutputOptions, printList, printRecord, type FormatOptions } from '../output/options.ts';
import { assignmentColumns, type WirePolicyAssignment } from '../policy-view.ts';
import type { ApiClient } from '../api-client.ts';
import type { WireInstanceDetail } from '../wire.ts';
import { addExamples } from './examples.ts';
import { runInSession, type Runner } from './run.ts';

interface AssignOptions extends FormatOptions {
  instance?: string;
  project?: string;
  metadata?: string;
  tag?: string;
  pool?: string;
  cluster?: string;
  inProject?: string;
}

export function addPolicyAssignCommands(policy: Command, run: Runner): void {
  const parsePolicy = parseName('policy');
  addOutputOptions(
    addExamples(
      addSelectors(
        policy
          .command('assign')
          .description('protect by a policy; tenants their own instances, by published ones')
          .argument('<POLICY>', 'name or id', parsePolicy),
      ),
      [
        'emberkeep policy assign daily --instance web-01',
        'emberkeep policy assign daily --metadata backup=yes',
        'emberkeep policy assign daily --pool volumes',
        'openstack server set --property emberkeep:policy=daily web-01    # does it too, for the owner',
      ],
    ),
  ).action(async (name: string, options: AssignOptions) => {
    const body = bodyOf(options);
    await runInSession(run, async (context, { client }) => {
      const { assignment } = await client.post<{ assignment: WirePolicyAssignment }>(pathOf(name), body);
      await printRecord(context, assignment, assignmentColumns, options);
    });
  });

  addOutputOptions(
    addExamples(
      addSelectors(
        policy
          .command('unassign')
          .description('protect no more; points stay')
          .argument('<POLICY>', 'name or id', parsePolicy),
      ),
      ['emberkeep policy unassign daily --instance web-01', 'emberkeep policy unassign daily --tag backup'],
    ),
  ).action(async (name: string, options: AssignOptions) => {
    bodyOf(options);
    await runInSession(run, async (context, { client }) => {
      const found = await findAssignment(client, name, options);
      const path = `${pathOf(name)}/${found.id}`;
      const { assignment } = await client.delete<{ assignment: WirePolicyAssignment }>(path);
      await printRecord(context, assignment, assignmentColumns, options);
    });
  });

  addOutputOptions(
    addExamples(
      policy
        .command('assignments')
        .description('list what a policy is assigned to')
        .argument('<POLICY>', 'name or id', parsePolicy),
      ['emberkeep policy assignments daily'],
    ),
  ).action((name: string, options: FormatOptions) =>
    runInSession(run, async (context, { client }) => {
      await printList(context, await listAll(client, name), assignmentColumns, options);
    }),
  );
}

function addSelectors(command: Command): Command {
  return command
    .optionsGroup('To what:')
    .option('--instance <INSTANCE>', 'an instance, by name or id', parseName('instance'))
    .option('--project <ID>', 'every instance of a project', parseName('project'))
    .option('--metadata <KEY=VALUE>', 'every instance with this in its metadata')
    .option('--tag <TAG>', 'every instance with this tag', parseName('tag'))
    .option('--pool <POOL>', 'every image of an RBD pool (administrators)', parseName('pool'))
    .option('--cluster <NAME>', 'of --pool', parseName('cluster'))
    .option(
      '--in-project <ID>',
      'beside --metadata or --tag: only there (administrators)',
      parseName('project'),
    );
}

function bodyOf(options: AssignOptions): Record<string, unknown> {
  const { instance, project, metadata, tag, pool, cluster, inProject } = options;
  exactlyOne(
    { '--instance': instance, '--project': project, '--metadata': metadata, '--tag': tag, '--pool': pool },
    'to what',
  );
  return {
    instance,
    project,
    metadata: metadata === undefined ? undefined : parseMetadata(metadata),
    tag,
    pool,
    cluster,
    project_id: inProject,
  };
}

function parseMetadata(text: string): { key: string; value: string } {
  const at = text.indexOf('=');
  if (at > 0) return { key: text.slice(0, at), value: text.slice(at + 1) };
  throw new AppError('INPUT_NAME', `--metadata takes KEY=VALUE, not ${JSON.stringify(text)}`);
}

async function findAssignment(
  client: ApiClient,
  policy: string,
  options: AssignOptions,
): Promise<WirePolicyAssignment> {
  const wanted = await selectorOf(client, options);
  const found = (await listAll(client, policy)).find(
    ({ selector, project_id: project }) =>
      Object.entries(wanted).every(([key, value]) => value === undefined || selector[key] === value) &&
      (options.inProject === undefined || project === options.inProject),
  );
  if (found !== undefined) return found;
  throw new AppError(
    'NOTFOUND_ASSIGNMENT',
    `policy ${policy} is not assigned to that; see \`emberkeep policy assignments ${policy}\``,
  );
}

/** An instance that is gone is named by its id. */
async function selectorOf(
  client: ApiClient,
  { instance, project, metadata, tag, pool, cluster }: AssignOptions,
): Promise<Record<string, string | undefined>> {
  if (metadata !== undefined) return { ...parseMetadata(metadata) };
  if (instance === undefined) return { project_id: project, tag, pool, cluster };
  const path = `/v1/instances/${encodeURIComponent(instance)}`;
  const shown = await client.get<{ instance: WireInstanceDetail }>(path).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'NOTFOUND_RESOURCE') return undefined;
    throw error;
  });
  return { instance_id: shown?.instance.id ?? instance };
}

function listAll(client: ApiClient, policy: string): Promise<WirePolicyAssignment[]> {
  return client.list<WirePolicyAssignment>(pathOf(policy), 'assignments', {}, undefined);
}

function pathOf(policy: string): string {
  return `/v1/policies/${encodeURIComponent(policy)}/assignments`;
}
