import { Option, type Command } from 'commander';
import { once } from 'node:events';
import { AppError } from '../../../base/errors.ts';
import { parseListen, type ListenAddress } from '../arguments.ts';
import { say, type CliContext } from '../context.ts';
import { serviceRoles, type CliConfig, type ServiceRole } from '../deps.ts';
import { findLocalService } from '../service-note.ts';
import { addExamples } from './examples.ts';
import type { Runner } from './run.ts';

export function addServeCommand(program: Command, run: Runner): void {
  addExamples(
    program
      .command('serve')
      .description('run the service: API and workers, until it is interrupted')
      .option(
        '--listen <HOST:PORT>',
        'address of the API (else EMBERKEEP_LISTEN or the configuration)',
        parseListen,
      )
      .addOption(
        new Option(
          '--role <ROLE>',
          'api: answers requests; worker: runs jobs, schedules and reconciles; all: both',
        )
          .choices(serviceRoles)
          .default('all'),
      ),
    [
      'emberkeep serve',
      'emberkeep serve --role worker',
      'emberkeep serve --listen 0.0.0.0:9879 --config /etc/emberkeep/emberkeep.yaml',
    ],
  ).action((options: ServeOptions) => run((context) => serve(context, options)));
}

interface ServeOptions {
  listen?: ListenAddress;
  role: ServiceRole;
}

async function serve(context: CliContext, { listen, role }: ServeOptions): Promise<void> {
  const { deps, globals, interrupted, forced } = context;
  const config = await deps.loadConfig({ configFile: globals.config, stateDir: globals.stateDir });
  assertShared(config, role);
  // A worker has no API to be found by, and may run beside the service that has.
  const other = role === 'worker' ? undefined : await findLocalService(config.stateDir);
  if (other !== undefined) {
    throw new AppError(
      'CONFLICT_SERVICE_RUNNING',
      `a service runs on ${config.stateDir} already, at ${other}; stop it first or choose another --state-dir`,
    );
  }
  const service = await deps.startService(config, {
    listen: listen ?? parseListen(config.listen),
    role,
    purpose: 'serve',
    openstack: globals.openstack,
    debug: globals.debug,
  });
  const doing = role === 'worker' ? 'works' : `listens on ${service.url ?? ''}`;
  const watched = service.monitoringUrl === undefined ? '' : `; metrics on ${service.monitoringUrl}/metrics`;
  say(context, `Emberkeep ${deps.version} ${doing}${watched}`);
  try {
    if (!interrupted.aborted) await once(interrupted, 'abort');
    say(
      context,
      'Stopping: running jobs get a moment, and go on when the service runs again (once more: at once) ...',
    );
  } finally {
    await service.stop({ hurry: forced });
  }
}

/** A database of the service's own is reached by nobody else. */
function assertShared({ database }: CliConfig, role: ServiceRole): void {
  if (role === 'all' || database?.url !== undefined || database?.url_file !== undefined) return;
  throw new AppError(
    'INPUT_ROLE',
    `--role ${role} needs a database that the other replicas share; set database.url or database.url_file`,
  );
}
