import { Command } from 'commander';
import { addAuditCommands } from './commands/audit.ts';
import { addBackupCommand } from './commands/backup.ts';
import { addCatalogCommands } from './commands/catalog.ts';
import { addClusterCommands } from './commands/cluster.ts';
import { addConfigCommands } from './commands/config.ts';
import { addDiskCommands } from './commands/disk.ts';
import { addExpireCommand } from './commands/expire.ts';
import { addCoverageCommand } from './commands/coverage.ts';
import { addProjectCommands } from './commands/project.ts';
import { addStoreCommands } from './commands/store.ts';
import { addVolumeCommands } from './commands/volume.ts';
import { addInstanceCommands } from './commands/instance.ts';
import { addJobCommands } from './commands/job.ts';
import { addKeystoneCommands } from './commands/keystone.ts';
import { addOfflineCommands } from './commands/offline.ts';
import { addPointCommands } from './commands/point.ts';
import { addReconcileCommand } from './commands/reconcile.ts';
import { addPolicyCommands } from './commands/policy.ts';
import { addRestoreCommand } from './commands/restore.ts';
import type { Runner } from './commands/run.ts';
import { addServeCommand } from './commands/serve.ts';
import { addVerifyCommand } from './commands/verify.ts';
import type { CliDeps } from './deps.ts';
import { exitCodesHelp } from './exit-codes.ts';
import { addGlobalOptions } from './global-options.ts';

const helpWidth = 100;

const description = `Backup and restore of whole OpenStack instances on Ceph RBD.

A client of the Emberkeep service. It uses the service that --endpoint names or that runs on
this machine; without one it starts the service for the length of the command.`;

const examples = `
Examples:
  emberkeep backup web-01                        back up an instance with all its disks
  emberkeep point list web-01                    its recovery points
  emberkeep restore web-01 --at yesterday        its disks of yesterday, as new volumes
  emberkeep instance list -f json                what is protected, for a script
  emberkeep serve                                run the service

`;

/** The whole command line; what its actions do goes through `run`, which gives them their context. */
export function createProgram(deps: CliDeps, run: Runner): Command {
  const program = new Command('emberkeep');
  program
    .description(description)
    .usage('[options] <command>')
    .version(deps.version, '--version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .configureHelp({ helpWidth, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void deps.stdout.write(text),
      writeErr: (text) => void deps.stderr.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => helpWidth,
      getErrHelpWidth: () => helpWidth,
    })
    .exitOverride()
    .addHelpText('after', examples + exitCodesHelp);
  addGlobalOptions(program);
  program.commandsGroup('Protect and restore:');
  addBackupCommand(program, run);
  addRestoreCommand(program, run, deps.now);
  addVerifyCommand(program, run);
  addExpireCommand(program, run);
  addPolicyCommands(program, run, deps.now);
  program.commandsGroup('Look:');
  addInstanceCommands(program, run);
  addVolumeCommands(program, run);
  addCoverageCommand(program, run);
  addPointCommands(program, run, deps.now);
  addDiskCommands(program, run);
  addJobCommands(program, run, deps.now);
  addAuditCommands(program, run, deps.now);
  addStoreCommands(program, run, deps.now);
  addClusterCommands(program, run);
  program.commandsGroup('Operate:');
  addServeCommand(program, run);
  addConfigCommands(program, run);
  addKeystoneCommands(program, run);
  addOfflineCommands(program, run);
  addCatalogCommands(program, run);
  addReconcileCommand(program, run);
  addProjectCommands(program, run);
  return program;
}
