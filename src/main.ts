#!/usr/bin/env -S MALLOC_ARENA_MAX=2 node --max-semi-space-size=4
/**
 * Argv to exit code. What is heavy is loaded when a command needs it, so that help and mistakes answer at once.
 * The first line's settings keep a worker's memory bounded (docs/adr/0024-memory-of-the-process.md).
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import type { AppConfig } from './config.ts';
import type { CloudCredentials } from './drivers/openstack/credentials.ts';
import { parseListen } from './entry/cli/arguments.ts';
import { checkNode } from './entry/cli/check-node.ts';
import { exitUsage } from './entry/cli/exit-codes.ts';
import type { CliConfig, CliDeps, OpenStackOptions, StartServiceOptions } from './entry/cli/deps.ts';
import { runCli } from './entry/cli/run-cli.ts';

const { env } = process;
const { version, engines } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as {
  version: string;
  engines: { node: string };
};

/** Options stand over variables, and --os-cloud over both. */
async function credentialsOf(
  options: OpenStackOptions,
  cloud?: string,
  password?: string,
): Promise<CloudCredentials> {
  const { readCloudCredentials } = await import('./drivers/openstack/clouds-config.ts');
  return readCloudCredentials({
    env: { ...env, ...options },
    cloud: options['OS_CLOUD'] ?? cloud,
    password,
    workingDirectory: process.cwd(),
    homeDirectory: homedir(),
  });
}

const deps: CliDeps = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  isTty: { stdin: process.stdin.isTTY, stdout: process.stdout.isTTY, stderr: process.stderr.isTTY },
  now: () => new Date(),
  version,
  loadConfig: async ({ configFile, stateDir, store }) => {
    const { loadConfig } = await import('./config.ts');
    const given = store === undefined ? env : { ...env, EMBERKEEP_STORE: store };
    return loadConfig({ env: given, file: configFile, stateDir });
  },
  describeConfig: async (config) => (await import('./config.ts')).maskedConfig(config as AppConfig),
  sampleConfig: async () => (await import('./config/sample.ts')).sampleConfig(),
  checkConfig: async (config) =>
    (await import('./config/check-files.ts'))
      .problemsOfFiles(config as AppConfig)
      .map(({ message }) => message),
  bootstrapKeystone: async (config, options, passwordFile, request) => {
    const { bootstrapKeystone } = await import('./compose/keystone-bootstrap.ts');
    const password = await servicePassword(config as AppConfig, passwordFile);
    return await bootstrapKeystone(await credentialsOf(options), { ...request, password });
  },
  migrateDatabase: async (config, options) =>
    (await import('./compose/migrate-database.ts')).migrateDatabase(config as AppConfig, options),
  authenticate: async (_config, options) => {
    const { createOpenStack } = await import('./drivers/openstack/openstack.ts');
    const { findServiceUrl } = await import('./drivers/openstack/service-catalog.ts');
    const credentials = await credentialsOf(options);
    const openstack = createOpenStack({ credentials });
    try {
      const { value, catalog } = await openstack.keystone.token();
      return { token: value, endpoint: findServiceUrl('instance-backup', catalog, credentials) };
    } finally {
      openstack.close();
    }
  },
  openOffline: async (config, options) =>
    (await import('./compose/offline.ts')).openOffline(config as AppConfig, options),
  startService,
  onInterrupt: (callback) => {
    const signals = ['SIGINT', 'SIGTERM'] as const;
    for (const signal of signals) process.on(signal, callback);
    return () => signals.forEach((signal) => process.off(signal, callback));
  },
};

async function startService(
  config: CliConfig,
  { listen, role, purpose, storeExists = false, openstack, debug }: StartServiceOptions,
): ReturnType<CliDeps['startService']> {
  const { startService: start } = await import('./compose.ts');
  const { createLogger } = await import('./drivers/telemetry/logger.ts');
  const appConfig = config as AppConfig;
  const level = purpose === 'serve' ? appConfig.log_level : 'silent';
  const service = await start(appConfig, {
    credentials: await serviceCredentials(appConfig, openstack),
    logger: createLogger({ level: debug ? 'debug' : level }),
    version,
    listen,
    createStore: !storeExists,
    ...(role === undefined ? {} : { role }),
    monitoring: purpose === 'serve' ? monitoringAddress(appConfig) : undefined,
    reconciles: purpose === 'serve',
    scheduler: purpose === 'serve',
  });
  return {
    url: service.url,
    monitoringUrl: service.monitoringUrl,
    stop: (options) => service.stop(options),
  };
}

/** The service user's; its password may be in a file of its own. */
async function serviceCredentials(config: AppConfig, options: OpenStackOptions): Promise<CloudCredentials> {
  const { cloud, password_file } = config.keystone;
  if (password_file === undefined) return await credentialsOf(options, cloud);
  const { readSecretFile } = await import('./config/operation-settings.ts');
  return await credentialsOf(options, cloud, readSecretFile('keystone.password_file', password_file));
}

/** I10: never from the command line. */
async function servicePassword(
  { keystone }: AppConfig,
  file: string | undefined,
): Promise<string | undefined> {
  const { readSecretFile } = await import('./config/operation-settings.ts');
  if (file !== undefined) return readSecretFile('--password-file', file);
  const given = env['EMBERKEEP_SERVICE_PASSWORD'];
  if (given !== undefined && given !== '') return given;
  return keystone.password_file && readSecretFile('keystone.password_file', keystone.password_file);
}

function monitoringAddress({ monitoring }: AppConfig): { host: string; port: number } | undefined {
  return monitoring.listen === undefined ? undefined : parseListen(monitoring.listen);
}

/** A reader that goes away (`| head`) is no failure of ours. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const nodeProblem = checkNode(engines.node, process.versions.node);
if (nodeProblem !== undefined) {
  process.stderr.write(`emberkeep: ${nodeProblem}\n`);
  process.exit(exitUsage);
}
const exitCode = await runCli(process.argv.slice(2), deps);
await new Promise((resolve) => process.stdout.write('', resolve));
process.exit(exitCode);
