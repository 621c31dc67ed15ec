import { createApiClient, type ApiClient, type TokenSource } from './api-client.ts';
import { parseEndpoint } from './arguments.ts';
import { say, type CliContext } from './context.ts';
import type { Authentication, CliConfig, RunningService } from './deps.ts';
import { findLocalService } from './service-note.ts';

export interface Session {
  /** Gives up at the first interrupt. */
  client: ApiClient;
  /** Lasts until the second, for what is still to be said to the service after the first. */
  lastingClient: ApiClient;
  /** The service runs in this process and ends with the command: nobody else will run its jobs. */
  isOwnService: boolean;
}

export interface SessionOptions {
  /** Of a service that lives as long as the command; a service that is there has its own. */
  store?: string | undefined;
  /** The store must be there: an own service makes none. */
  storeExists?: boolean;
}

/** Runs a command against the service that is there, or else one that lives as long as the command. */
export async function withSession(
  context: CliContext,
  command: (session: Session) => Promise<void>,
  { store, storeExists = false }: SessionOptions = {},
): Promise<void> {
  const { deps, globals } = context;
  const config = await deps.loadConfig({
    configFile: globals.config,
    stateDir: globals.stateDir,
    store,
  });
  const tokens = tokenSource(context, config);
  const url = await findService(context, config, tokens);
  const own = url === undefined ? await startOwnService(context, config, storeExists) : undefined;
  try {
    await command(openSession(context, url ?? own?.url ?? '', tokens, own !== undefined));
  } finally {
    await own?.stop({ hurry: context.forced });
  }
}

function openSession(context: CliContext, url: string, tokens: TokenSource, isOwnService: boolean): Session {
  return {
    client: createApiClient(url, tokens, context.interrupted),
    lastingClient: createApiClient(url, tokens, context.forced),
    isOwnService,
  };
}

async function findService(
  { globals }: CliContext,
  config: CliConfig,
  tokens: KeystoneTokens,
): Promise<string | undefined> {
  if (globals.endpoint !== undefined) return globals.endpoint;
  if (config.endpoint !== undefined) return parseEndpoint(config.endpoint);
  const local = await findLocalService(config.stateDir);
  if (local !== undefined) return local;
  const { endpoint } = await tokens.authentication();
  return endpoint === undefined ? undefined : parseEndpoint(endpoint);
}

async function startOwnService(
  context: CliContext,
  config: CliConfig,
  storeExists: boolean,
): Promise<RunningService> {
  if (context.deps.isTty.stderr) say(context, 'No service is running; starting one for this command ...');
  return await context.deps.startService(config, {
    listen: { host: '127.0.0.1', port: 0 },
    purpose: 'command',
    storeExists,
    openstack: context.globals.openstack,
    debug: context.globals.debug,
  });
}

interface KeystoneTokens extends TokenSource {
  authentication: () => Promise<Authentication>;
}

/** One sign-in for the whole command, repeated only when the service refuses its token. */
function tokenSource({ deps, globals }: CliContext, config: CliConfig): KeystoneTokens {
  let held: Promise<Authentication> | undefined;
  const authentication = (): Promise<Authentication> =>
    (held ??= deps.authenticate(config, globals.openstack));
  return {
    authentication,
    current: async () => (await authentication()).token,
    renew: async () => {
      held = undefined;
      return (await authentication()).token;
    },
  };
}
