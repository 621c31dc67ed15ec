import type { Command } from 'commander';
import { AppError } from '../../../base/errors.ts';
import type { BootstrapStep } from '../../../workflows/keystone/bootstrap.ts';
import { collect, parseEndpoint } from '../arguments.ts';
import { say, type CliContext } from '../context.ts';
import { chooseColumns, type Column } from '../output/columns.ts';
import { addOutputOptions, printList, type FormatOptions } from '../output/options.ts';
import { addExamples } from './examples.ts';
import type { Runner } from './run.ts';

interface BootstrapOptions extends FormatOptions {
  user: string;
  domain: string;
  project: string;
  role: string;
  protectDomain?: string[];
  passwordFile?: string;
  publicUrl?: string;
  internalUrl?: string;
  adminUrl?: string;
  region?: string;
}

const columns: Column<BootstrapStep>[] = [
  { title: 'What', value: ({ what }) => what },
  { title: 'Outcome', value: ({ outcome }) => outcome },
];

export function addKeystoneCommands(program: Command, run: Runner): void {
  const keystone = program.command('keystone').description('what Keystone holds for the service');
  addOutputOptions(
    addExamples(
      keystone
        .command('bootstrap')
        .description(
          "make the service's user, its roles, the service instance-backup and its endpoints, as the administrator " +
            'of OS_* or --os-cloud; what is there already is kept',
        )
        .option(
          '--password-file <FILE>',
          "the user's password (else EMBERKEEP_SERVICE_PASSWORD or keystone.password_file)",
        )
        .option(
          '--public-url <URL>',
          'address of the API for everybody; without it no service and endpoint is made',
          parseEndpoint,
        )
        .option(
          '--internal-url <URL>',
          'address of the API for other services (else the public one)',
          parseEndpoint,
        )
        .option(
          '--admin-url <URL>',
          'address of the API for administrators; by default there is none',
          parseEndpoint,
        )
        .option('--region <REGION>', "the endpoints' region (else the one of the credentials)")
        .option('--user <NAME>', "the service's user", 'emberkeep')
        .option('--project <NAME>', "the user's own project", 'service')
        .option('--domain <DOMAIN>', 'domain of user and project, name or id', 'default')
        .option(
          '--protect-domain <DOMAIN>',
          'domain whose projects are backed up (repeatable; else --domain)',
          collect,
        )
        .option(
          '--role <NAME>',
          'role that the user gets, in its project and in every project of those domains',
          'admin',
        ),
      [
        'emberkeep --os-cloud admin keystone bootstrap --password-file /etc/emberkeep/service.password --public-url https://backup.example.org',
        'emberkeep --os-cloud admin keystone bootstrap --protect-domain default --protect-domain customers -f json',
      ],
    ),
  ).action((options: BootstrapOptions) => {
    chooseColumns(columns, options.column ?? []);
    return run((context) => bootstrap(context, options));
  });
}

async function bootstrap(context: CliContext, options: BootstrapOptions): Promise<void> {
  const { deps, globals } = context;
  const config = await deps.loadConfig({ configFile: globals.config, stateDir: globals.stateDir });
  const steps = await deps.bootstrapKeystone(config, globals.openstack, options.passwordFile, {
    domain: options.domain,
    userName: options.user,
    projectName: options.project,
    roleName: options.role,
    protectedDomains: options.protectDomain ?? [options.domain],
    endpoints: endpointsOf(options),
    region: options.region,
  });
  await printList(context, steps, columns, options);
  const changes = steps.filter(({ outcome }) => outcome !== 'kept').length;
  say(
    context,
    changes === 0
      ? 'Everything was there; nothing was changed.'
      : `${changes} of ${steps.length} things were made or changed.`,
  );
}

function endpointsOf({ publicUrl, internalUrl, adminUrl }: BootstrapOptions) {
  if (publicUrl === undefined) {
    if (internalUrl === undefined && adminUrl === undefined) return [];
    throw new AppError('INPUT_USAGE', 'endpoints need --public-url too');
  }
  return [
    { interface: 'public' as const, url: publicUrl },
    { interface: 'internal' as const, url: internalUrl ?? publicUrl },
    ...(adminUrl === undefined ? [] : [{ interface: 'admin' as const, url: adminUrl }]),
  ];
}
