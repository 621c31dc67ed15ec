import type { Command } from 'commander';
import { once } from 'node:events';
import { AppError } from '../../../base/errors.ts';
import { parseListen, type ListenAddress } from '../arguments.ts';
import { say, type CliContext } from '../context.ts';
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
      ),
    ['emberkeep serve', 'emberkeep serve --listen 0.0.0.0:9879 --config /etc/emberkeep/emberkeep.yaml'],
  ).action(({ listen }: { listen?: ListenAddress }) => run((context) => serve(context, listen)));
}

async function serve(context: CliContext, listen: ListenAddress | undefined): Promise<void> {
  const { deps, globals, interrupted, forced } = context;
  const config = await deps.loadConfig({ configFile: globals.config, stateDir: globals.stateDir });
  const other = await findLocalService(config.stateDir);
  if (other !== undefined) {
    throw new AppError(
      'CONFLICT_SERVICE_RUNNING',
      `a service runs on ${config.stateDir} already, at ${other}; stop it first or choose another --state-dir`,
    );
  }
  const service = await deps.startService(config, {
    listen: listen ?? parseListen(config.listen),
    purpose: 'serve',
    openstack: globals.openstack,
    debug: globals.debug,
  });
  say(context, `Emberkeep ${deps.version} listens on ${service.url}`);
  try {
    if (!interrupted.aborted) await once(interrupted, 'abort');
    say(context, 'Stopping: running jobs get a moment, and go on when the service runs again ...');
  } finally {
    await service.stop({ force: forced.aborted });
  }
}
