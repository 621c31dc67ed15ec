import type { Readable, Writable } from 'node:stream';
import type { BootstrapRequest, BootstrapStep } from '../../workflows/keystone/bootstrap.ts';
import type { OfflineOperations } from '../../workflows/offline/operations.ts';

/** Everything outside the command line that it needs; src/main.ts gives it, tests give their own. */
export interface CliDeps {
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
  isTty: { stdin: boolean; stdout: boolean; stderr: boolean };
  now: () => Date;
  version: string;
  /** Reads the configuration and the environment; throws INPUT_* when it is not valid. */
  loadConfig: (options: ConfigOptions) => Promise<CliConfig>;
  /** The configuration as it may be shown, secrets masked. */
  describeConfig: (config: CliConfig) => Promise<Record<string, unknown>>;
  /** A configuration file with every option, commented. */
  sampleConfig: () => Promise<string>;
  /** What is wrong with the files that a valid configuration names, as far as this machine and user can tell. */
  checkConfig: (config: CliConfig) => Promise<string[]>;
  /**
   * Makes in Keystone what the service needs, as the user of the options and the environment. The password of the
   * service's user comes from the file, else from the environment, else from the configuration.
   */
  bootstrapKeystone: (
    config: CliConfig,
    options: OpenStackOptions,
    passwordFile: string | undefined,
    request: Omit<BootstrapRequest, 'password'>,
  ) => Promise<BootstrapStep[]>;
  /** Brings the database up to this version, or only looks what it lacks; throws CATALOG_*. */
  migrateDatabase: (config: CliConfig, options: { check: boolean }) => Promise<DatabaseVersions>;
  /** A token from Keystone for what the options, the environment and clouds.yaml say. */
  authenticate: (config: CliConfig, options: OpenStackOptions) => Promise<Authentication>;
  /** A store with no service around it; throws STORE_* and INPUT_KEY_FILE. */
  openOffline: (config: CliConfig, options: OfflineOptions) => Promise<OfflineOperations>;
  startService: (config: CliConfig, options: StartServiceOptions) => Promise<RunningService>;
  /** Calls back at every SIGINT and SIGTERM until the returned function is called. */
  onInterrupt: (callback: () => void) => () => void;
}

/** What a database was before, what this program needs, and what lay between. */
export interface DatabaseVersions {
  /** Newest migration of the catalog that had run; undefined for none. */
  from: string | undefined;
  to: string;
  /** Migrations that had not run. */
  pending: string[];
  /** Version of the work queue's tables; undefined for none. */
  queueFrom: number | undefined;
  queueTo: number;
}

export interface ConfigOptions {
  configFile: string | undefined;
  stateDir: string | undefined;
  /** Place of the store, over the configured one: a path or s3://BUCKET/PREFIX. */
  store?: string | undefined;
}

export interface OfflineOptions {
  /** Master keys beside those of the configuration. */
  keyFiles: readonly string[];
}

/** The part of the configuration that the command line looks at; the rest passes through untouched. */
export interface CliConfig {
  /** Address of a running service, when one is configured. */
  readonly endpoint?: string | undefined;
  readonly stateDir: string;
  /** HOST:PORT that `serve` listens on. */
  readonly listen: string;
  readonly database?: { url?: string | undefined; url_file?: string | undefined };
  readonly file: string | undefined;
}

/** The --os-* options that were given, by the names of their OS_* variables, which they override. */
export type OpenStackOptions = Record<string, string>;

export interface Authentication {
  token: string;
  /** This service's address in Keystone's catalog, when it is there. */
  endpoint?: string | undefined;
}

export interface StartServiceOptions {
  listen: { host: string; port: number };
  /** Which parts of the service run; all of them by default. */
  role?: ServiceRole | undefined;
  /** `command`: lives as long as one command and logs nothing; `serve`: is what the user asked for. */
  purpose: 'command' | 'serve';
  /** A store that is not there is an error instead of being made; throws STORE_NOT_FOUND. */
  storeExists?: boolean;
  openstack: OpenStackOptions;
  debug: boolean;
}

/** `api` answers requests, `worker` runs jobs, schedules and reconciles, `all` does both. */
export const serviceRoles = ['api', 'worker', 'all'] as const;
export type ServiceRole = (typeof serviceRoles)[number];

export interface RunningService {
  /** Of the API; undefined for a worker, which has none. */
  url: string | undefined;
  /** Of metrics and health checks, where they are configured. */
  monitoringUrl?: string | undefined;
  /** Lets jobs end, until `hurry` is aborted; what is under way then resumes when a service runs again (I9). */
  stop: (options: { hurry: AbortSignal }) => Promise<void>;
}
