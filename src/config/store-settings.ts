/** The part of the configuration that says where the stores are. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from '../base/errors.ts';
import type { S3Settings } from '../drivers/store/s3-settings.ts';

type Env = Readonly<Record<string, string | undefined>>;
type Raw = Record<string, unknown>;

const keyName = '[A-Za-z0-9_-][A-Za-z0-9._-]*';

const s3Schema = z.strictObject({
  bucket: z
    .string('must be the name of a bucket')
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/, 'must be the name of a bucket'),
  prefix: z
    .string()
    .regex(
      new RegExp(`^(${keyName}(/${keyName})*)?$`),
      'must be names joined by "/", without one at the ends',
    )
    .default('')
    .describe('folder in the bucket that is the store; by default the whole bucket'),
  endpoint: z
    .string()
    .refine(isEndpoint, 'must be http(s)://HOST[:PORT] without user and password')
    .optional()
    .describe("URL of the gateway; by default AWS_ENDPOINT_URL_S3, else Amazon's"),
  region: z
    .string()
    .min(1)
    .optional()
    .describe('by default AWS_REGION; gateways other than Amazon need none'),
  access_key_id: z.string().min(1).optional().describe('by default AWS_* and ~/.aws, as for every AWS tool'),
  access_key_id_file: z.string().optional().describe('file that holds the access key id alone, instead'),
  secret_access_key_file: z
    .string()
    .optional()
    .describe('file that holds the secret alone; or the variable EMBERKEEP_S3_SECRET_ACCESS_KEY'),
  path_style: z
    .boolean()
    .optional()
    .describe('HOST/BUCKET instead of BUCKET.HOST; by default true when there is an endpoint'),
  ca_file: z.string().optional().describe("PEM file of the CA that signed the endpoint's certificate"),
});

const badName = 'its name must be up to 40 letters, digits, ".", "_" and "-"';
/** What a policy, a backup and metrics call a store. */
const storeName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, badName);

export const encryptionSchema = z.strictObject({
  key_file: z
    .string()
    .optional()
    .describe('file of the master key that new backups are encrypted with; by default they are not'),
  old_key_files: z
    .array(z.string())
    .default([])
    .describe('files of earlier master keys, to read what was encrypted with them'),
});

interface Place {
  directory?: string | undefined;
  s3?: object | undefined;
}

const isOnePlace = ({ directory, s3 }: Place): boolean => directory === undefined || s3 === undefined;
const twoPlaces = { error: 'has both directory and s3; a store is one of them' };

export const storeSchema = z
  .strictObject({
    name: storeName.default('default').describe('what policies, backups and metrics call it'),
    directory: z.string().optional().describe('path of the store, also NFS; by default STATE_DIR/store'),
    s3: s3Schema.optional().describe('a bucket as the store, instead of a directory'),
  })
  .refine(isOnePlace, twoPlaces);

const namedStoreSchema = z
  .strictObject({
    default: z
      .boolean()
      .default(false)
      .describe('where goes what names no store; exactly one of several has it'),
    directory: z.string().optional().describe('path of the store, also NFS; it must be there'),
    s3: s3Schema.optional().describe('a bucket as the store, instead of a directory'),
    encryption: encryptionSchema
      .optional()
      .describe('its own master keys, instead of those of the section encryption'),
    disks: z
      .int()
      .min(1)
      .max(64)
      .optional()
      .describe('disks that are written to or read from it at once, instead of limits.disks_per_store'),
  })
  .refine(isOnePlace, twoPlaces)
  .refine(({ directory, s3 }) => directory !== undefined || s3 !== undefined, {
    error: 'has neither directory nor s3; say where the store is',
  });

export const storesSchema = z
  .record(storeName, namedStoreSchema, {
    error: ({ code }) => (code === 'invalid_key' ? badName : undefined),
  })
  .default({})
  .refine(
    (stores) => {
      const all = Object.values(stores);
      return all.length < 2 || all.filter(({ default: isDefault }) => isDefault).length === 1;
    },
    { error: 'must have exactly one store with `default: true`' },
  );

/**
 * EMBERKEEP_STORE: the name of one of several stores, which is the default one then; or a path or `s3://BUCKET/PREFIX`
 * instead of all that the file names, which keeps what else it says of S3.
 */
export function applyStoreVariable(raw: Raw, value: string): void {
  const named = mapping(raw['stores']);
  if (value in named) {
    raw['stores'] = Object.fromEntries(
      Object.entries(named).map(([name, store]) => [name, { ...mapping(store), default: name === value }]),
    );
    return;
  }
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]*)\/?(.*?)\/?$/.exec(value) ?? [];
  if (bucket === undefined && value.includes('://')) {
    throw new AppError('INPUT_CONFIG', 'EMBERKEEP_STORE must be a path or s3://BUCKET/PREFIX');
  }
  const { s3, name } = mapping(raw['store']);
  delete raw['stores'];
  const place = bucket === undefined ? { directory: value } : { s3: { ...mapping(s3), bucket, prefix } };
  raw['store'] = { ...(name === undefined ? {} : { name }), ...place };
}

/** One store, with what is in effect where the file says nothing. */
export interface StoreConfig {
  readonly name: string;
  readonly isDefault: boolean;
  /** Absolute; undefined when it is in S3. */
  readonly directory: string | undefined;
  /** The directory is our own default, which is made when it is missing. */
  readonly isOwnDirectory: boolean;
  readonly s3: Readonly<S3Settings> | undefined;
  readonly encryption: Readonly<z.infer<typeof encryptionSchema>>;
  /** Transfers at once, all workers together; undefined sets no limit. */
  readonly disks: number | undefined;
  /** One of several: where the catalog knows its name, another one is never made in its place. */
  readonly isOneOfSeveral: boolean;
}

interface StoreSections {
  store: z.infer<typeof storeSchema>;
  stores: z.infer<typeof storesSchema>;
  encryption: z.infer<typeof encryptionSchema>;
  limits: { disks_per_store?: number | undefined };
}

/** Every store of the service, the default one first. */
export function storesOf(
  { store, stores, encryption, limits }: StoreSections,
  env: Env,
  ownDirectory: string,
): [StoreConfig, ...StoreConfig[]] {
  const common = { encryption, disks: limits.disks_per_store };
  const named = Object.entries(stores).map(
    ([name, { default: isDefault, directory, ...of }]): StoreConfig => ({
      ...common,
      name,
      isDefault: isDefault || Object.keys(stores).length === 1,
      directory: directory === undefined ? undefined : resolve(directory),
      isOwnDirectory: false,
      s3: s3SettingsOf(of, env, name),
      ...(of.encryption === undefined ? {} : { encryption: of.encryption }),
      ...(of.disks === undefined ? {} : { disks: of.disks }),
      isOneOfSeveral: true,
    }),
  );
  const [first, ...others] = named.toSorted((one, other) => Number(other.isDefault) - Number(one.isDefault));
  if (first !== undefined) return [first, ...others];
  const s3 = s3SettingsOf(store, env);
  return [
    {
      ...common,
      name: store.name,
      isDefault: true,
      directory: s3 === undefined ? resolve(store.directory ?? ownDirectory) : undefined,
      isOwnDirectory: store.directory === undefined,
      s3,
      isOneOfSeveral: false,
    },
  ];
}

/**
 * What the S3 driver needs, from the file and AWS_*; undefined when the store is a directory.
 *
 * @param name of one of `stores`.
 */
function s3SettingsOf(
  { s3 }: Pick<z.infer<typeof storeSchema>, 's3'>,
  env: Env,
  name?: string,
): Readonly<S3Settings> | undefined {
  if (s3 === undefined) return undefined;
  const endpoint = s3.endpoint ?? given(env, 'AWS_ENDPOINT_URL_S3') ?? given(env, 'AWS_ENDPOINT_URL');
  if (endpoint !== undefined && !isEndpoint(endpoint))
    throw new AppError(
      'INPUT_CONFIG',
      'AWS_ENDPOINT_URL must be http(s)://HOST[:PORT] without user and password',
    );
  const region = s3.region ?? given(env, 'AWS_REGION') ?? given(env, 'AWS_DEFAULT_REGION');
  return {
    section: name === undefined ? 'store.s3' : `stores.${name}.s3`,
    bucket: s3.bucket,
    prefix: s3.prefix,
    endpoint,
    // Requests must be signed for some region; what is not Amazon takes this one.
    region: region ?? (endpoint === undefined ? undefined : 'us-east-1'),
    accessKeyId: s3.access_key_id,
    accessKeyIdFile: s3.access_key_id_file,
    // Of several stores only those have it that name no other secret.
    secretAccessKey:
      name !== undefined && s3.secret_access_key_file !== undefined
        ? undefined
        : given(env, 'EMBERKEEP_S3_SECRET_ACCESS_KEY'),
    secretAccessKeyFile: s3.secret_access_key_file,
    pathStyle: s3.path_style ?? endpoint !== undefined,
    caFile: s3.ca_file,
  };
}

/** I10: as an operator may see it, with what is in effect where the file says nothing. */
export function maskedStore(
  store: Pick<z.infer<typeof storeSchema>, 's3'>,
  settings: Readonly<S3Settings> | undefined,
): Raw {
  if (settings === undefined) return store;
  const { endpoint, region, pathStyle, secretAccessKey } = settings;
  const effective = { endpoint, region, path_style: pathStyle };
  return {
    ...store,
    s3: { ...store.s3, ...effective, ...(secretAccessKey === undefined ? {} : { secret_access_key: '***' }) },
  };
}

function isEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

function given(env: Env, name: string): string | undefined {
  return env[name] === '' ? undefined : env[name];
}

function mapping(value: unknown): Raw {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
