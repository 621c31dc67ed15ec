/**
 * The configuration: one schema, read once from a YAML file and EMBERKEEP_* variables, then frozen. This file and
 * main.ts are the only ones that see the environment.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from './base/errors.ts';
import { accessSchema } from './config/access-settings.ts';
import {
  databaseSchema,
  historySchema,
  keystoneSchema,
  monitoringSchema,
  shutdownSchema,
} from './config/operation-settings.ts';
import { portalSchema, proxiesSchema } from './config/portal-settings.ts';
import { configError, problemsOf, readConfigFile, type ConfigFile, type Raw } from './config/read-file.ts';
import {
  applyStoreVariable,
  encryptionSchema,
  maskedStore,
  storeSchema,
  storesOf,
  storesSchema,
  type StoreConfig,
} from './config/store-settings.ts';
import type { S3Settings } from './drivers/store/s3-settings.ts';

const name = z.string().regex(/^[^/@\s]+$/, 'must be a name without spaces, "/" and "@"');
const port = /^(\[[0-9a-f:]+\]|[^:\s]+):(\d{1,5})$/i;
const atLeastOne = z.int().min(1);

const clusterSchema = z.strictObject({
  conf: z.string().default('/etc/ceph/ceph.conf').describe('path of ceph.conf'),
  user: z.string().default('admin').describe('cephx user, without "client."'),
  keyring: z.string().optional().describe('path of the keyring; by default what ceph.conf says'),
});

const poolSchema = z.strictObject({ cluster: name.default('ceph'), pool: name });

export const configSchema = z.strictObject({
  state_dir: z
    .string()
    .optional()
    .describe('where the service keeps what is not in the store: its database, service.json'),
  listen: z
    .string()
    .regex(port, 'must be HOST:PORT')
    .default('127.0.0.1:9879')
    .describe('address of the API'),
  trusted_proxies: proxiesSchema
    .default([])
    .describe('addresses or networks of proxies in front of the API whose X-Forwarded-* headers count'),
  endpoint: z
    .url()
    .optional()
    .describe('API that the command line talks to; by default the one of this machine'),
  log_level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  database: databaseSchema.prefault({}),
  keystone: keystoneSchema.prefault({}),
  clusters: z.record(name, clusterSchema).default({ ceph: clusterSchema.parse({}) }),
  backups_pool: poolSchema
    .default({ cluster: 'ceph', pool: 'backups' })
    .describe('where restores make their fresh images'),
  nova_pool: poolSchema.default({ cluster: 'ceph', pool: 'vms' }).describe("pool of Nova's own disks"),
  volumes_pool: poolSchema
    .default({ cluster: 'ceph', pool: 'volumes' })
    .describe('pool of Cinder backends that are not named below'),
  cinder_backends: z
    .record(name, poolSchema)
    .default({ 'ceph-backups': { cluster: 'ceph', pool: 'backups' } })
    .describe("Cinder's backend (the part of the volume's host after @) to cluster and pool"),
  store: storeSchema.prefault({}),
  stores: storesSchema.describe('several stores by name, instead of the section store'),
  access: accessSchema.prefault({}),
  encryption: encryptionSchema.prefault({}),
  cycle: z
    .strictObject({
      increments: z.int().min(0).default(30).describe('increments after a full before the next full'),
      days: z.int().min(0).default(7).describe('age of a full before the next full, days'),
    })
    .prefault({}),
  retention: z
    .strictObject({
      keep_last: atLeastOne.optional().describe('the newest points of a source'),
      keep_within_days: atLeastOne.optional().describe('every point that is not older, days'),
      keep_hourly: atLeastOne.optional().describe('the newest point of so many hours that have one'),
      keep_daily: atLeastOne.optional().describe('the same for days'),
      keep_weekly: atLeastOne.optional().describe('the same for weeks'),
      keep_monthly: atLeastOne.optional().describe('the same for months'),
      keep_yearly: atLeastOne.optional().describe('the same for years'),
    })
    .prefault({}),
  restore: z
    .strictObject({
      undo_days: z
        .int()
        .min(1)
        .max(3650)
        .default(7)
        .describe('how long a restore with mode in-place or replace can be undone, days'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      jobs: atLeastOne.max(64).default(2).describe('jobs that one worker runs at once'),
      disks: atLeastOne.max(64).default(2).describe('disks that one worker exports or imports at once'),
      disks_per_pool: atLeastOne
        .max(64)
        .optional()
        .describe('disks of one pool that all workers together export or import at once'),
      disks_per_store: atLeastOne
        .max(64)
        .optional()
        .describe('disks that all workers together write to or read from one store at once'),
      bandwidth_mib: z
        .number()
        .refine((mib) => mib === 0 || mib >= 0.1, 'must be 0 or at least 0.1')
        .default(0)
        .describe('MiB a second that one worker exports and imports, all disks together; 0 sets no limit'),
      rbd_concurrent_management_ops: atLeastOne
        .max(1024)
        .optional()
        .describe("objects that one rbd export or import works on at once; by default Ceph's 10"),
    })
    .prefault({}),
  scheduler: z
    .strictObject({
      tick_seconds: z
        .int()
        .min(1)
        .max(3600)
        .default(30)
        .describe('how often policies are looked at, seconds'),
      retry_minutes: z
        .array(z.int().min(1).max(1440))
        .max(10)
        .default([5, 30])
        .describe(
          "pauses after which a policy's backup that failed is tried again, minutes: one for each attempt more; empty: never",
        ),
    })
    .prefault({}),
  verify: z
    .strictObject({
      sample_ranges: z
        .int()
        .min(0)
        .max(64)
        .default(4)
        .describe('objects of each disk that are compared with the store after an increment; 0: none'),
    })
    .prefault({}),
  reconcile: z
    .strictObject({
      interval_minutes: z
        .int()
        .min(0)
        .default(60)
        .describe('how often what jobs left behind is looked for, minutes; 0: only when asked'),
    })
    .prefault({}),
  history: historySchema.prefault({}),
  portal: portalSchema.prefault({}),
  monitoring: monitoringSchema.prefault({}),
  shutdown: shutdownSchema.prefault({}),
  segment_mib: z.int().min(1).max(64).default(8).describe('plain size of one segment of the store, MiB'),
});

type RawConfig = z.infer<typeof configSchema>;

export interface AppConfig extends Readonly<Omit<RawConfig, 'state_dir'>> {
  readonly stateDir: string;
  /** Every store, the default one first. */
  readonly storeList: readonly [StoreConfig, ...StoreConfig[]];
  /** Of the default store, unless it is in S3. */
  readonly storeDirectory: string;
  readonly s3: Readonly<S3Settings> | undefined;
  /** File that the configuration came from; undefined when there is none. */
  readonly file: string | undefined;
}

export interface ConfigSources {
  env: Readonly<Record<string, string | undefined>>;
  /** --config */
  file?: string | undefined;
  /** --state-dir */
  stateDir?: string | undefined;
}

/** Environment variables that override one key each. CEPH_CONF is Ceph's own. */
const variables: readonly [string, (raw: Raw, value: string) => void][] = [
  ['EMBERKEEP_STATE_DIR', (raw, value) => (raw['state_dir'] = value)],
  ['EMBERKEEP_LISTEN', (raw, value) => (raw['listen'] = value)],
  ['EMBERKEEP_ENDPOINT', (raw, value) => (raw['endpoint'] = value)],
  ['EMBERKEEP_LOG_LEVEL', (raw, value) => (raw['log_level'] = value)],
  // All of the section: a password from the file might be another role's.
  ['EMBERKEEP_DATABASE_URL', (raw, value) => (raw['database'] = { url: value })],
  [
    'EMBERKEEP_KEYSTONE_CLOUD',
    (raw, value) => (raw['keystone'] = { ...section(raw, 'keystone'), cloud: value }),
  ],
  [
    'EMBERKEEP_ENCRYPTION_KEY_FILE',
    (raw, value) => (raw['encryption'] = { ...section(raw, 'encryption'), key_file: value }),
  ],
  ['EMBERKEEP_STORE', applyStoreVariable],
];

function section(raw: Raw, key: string): Raw {
  const value = raw[key];
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

export function loadConfig({ env, file, stateDir }: ConfigSources): AppConfig {
  const path = configFile(env, file);
  const read = path === undefined ? undefined : readConfigFile(path);
  const raw = read?.raw ?? {};
  for (const [variable, apply] of variables) {
    const value = env[variable];
    if (value !== undefined && value !== '') apply(raw, value);
  }
  if (stateDir !== undefined) raw['state_dir'] = stateDir;
  const cephConf = env['CEPH_CONF'];
  if (raw['clusters'] === undefined && cephConf !== undefined && cephConf !== '')
    raw['clusters'] = { ceph: { conf: cephConf } };
  return complete(parseConfig(raw, read), env, read);
}

function configFile(env: ConfigSources['env'], file: string | undefined): string | undefined {
  const named = file ?? env['EMBERKEEP_CONFIG'];
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new AppError('INPUT_CONFIG', `there is no configuration file ${named}`);
    return named;
  }
  return ['emberkeep.yaml', '/etc/emberkeep/emberkeep.yaml'].find((candidate) => existsSync(candidate));
}

function parseConfig(raw: Raw, file: ConfigFile | undefined): RawConfig {
  const parsed = configSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw configError(file?.path, problemsOf(parsed.error.issues, configSchema, file));
}

function complete(raw: RawConfig, env: ConfigSources['env'], file: ConfigFile | undefined): AppConfig {
  const { state_dir: given, ...rest } = raw;
  const stateDir = resolve(given ?? defaultStateDir(env));
  assertClusters(raw, file);
  assertOneSection(file);
  const ownDirectory = join(stateDir, 'store');
  const storeList = storesOf(raw, env, ownDirectory);
  return Object.freeze({
    ...rest,
    stateDir,
    storeList,
    storeDirectory: storeList[0].directory ?? resolve(ownDirectory),
    s3: storeList[0].s3,
    file: file?.path,
  });
}

/** Which of the two would be meant is anybody's guess. */
function assertOneSection(file: ConfigFile | undefined): void {
  if (file?.raw['store'] === undefined || file.raw['stores'] === undefined) return;
  const message = 'stands beside store; move that store into it, under its name';
  throw configError(file.path, [{ line: file.lineOf(['stores']), key: 'stores', message }]);
}

/** Every pool is on a cluster that there is. */
function assertClusters(raw: RawConfig, file: ConfigFile | undefined): void {
  const known = Object.keys(raw.clusters);
  const pools: [string[], { cluster: string; pool: string }][] = [
    [['backups_pool'], raw.backups_pool],
    [['nova_pool'], raw.nova_pool],
    [['volumes_pool'], raw.volumes_pool],
    ...Object.entries(raw.cinder_backends).map(([backend, pool]): [string[], typeof pool] => [
      ['cinder_backends', backend],
      pool,
    ]),
  ];
  const problems = pools
    .filter(([, { cluster }]) => !known.includes(cluster))
    .map(([path, { cluster, pool }]) => ({
      line: file?.lineOf([...path, 'cluster']),
      key: path.join('.'),
      message: `pool ${pool} is on cluster "${cluster}", which is not among clusters (${known.join(', ')})`,
    }));
  if (problems.length > 0) throw configError(file?.path, problems);
}

function defaultStateDir(env: ConfigSources['env']): string {
  if (process.getuid?.() === 0) return '/var/lib/emberkeep';
  return join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'emberkeep');
}

/** The configuration as an operator may see it: passwords and secrets are masked (I10). */
export function maskedConfig(config: AppConfig): Record<string, unknown> {
  const { s3, storeDirectory, storeList, store, stores, ...rest } = config;
  const { url, ...database } = config.database;
  return {
    ...rest,
    ...(s3 === undefined ? { storeDirectory } : {}),
    ...(Object.keys(stores).length === 0
      ? { store: maskedStore(store, s3) }
      : { stores: maskedStores(stores, storeList) }),
    database:
      url === undefined ? database : { ...database, url: url.replace(/(:\/\/[^:@/]*:)[^@]*@/, '$1***@') },
  };
}

function maskedStores(
  stores: AppConfig['stores'],
  storeList: AppConfig['storeList'],
): Record<string, unknown> {
  return Object.fromEntries(storeList.map(({ name, s3 }) => [name, maskedStore(stores[name] ?? {}, s3)]));
}
