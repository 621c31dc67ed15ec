/** The part of the configuration that says where the store is. */
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

export const storeSchema = z
  .strictObject({
    directory: z.string().optional().describe('path of the store, also NFS; by default STATE_DIR/store'),
    s3: s3Schema.optional().describe('a bucket as the store, instead of a directory'),
  })
  .refine(({ directory, s3 }) => directory === undefined || s3 === undefined, {
    error: 'has both directory and s3; a store is one of them',
  });

/** EMBERKEEP_STORE: a path, or `s3://BUCKET/PREFIX`, which keeps what else the file says of S3. */
export function applyStoreVariable(raw: Raw, value: string): void {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]*)\/?(.*?)\/?$/.exec(value) ?? [];
  if (bucket === undefined && value.includes('://')) {
    throw new AppError('INPUT_CONFIG', 'EMBERKEEP_STORE must be a path or s3://BUCKET/PREFIX');
  }
  const { s3 } = mapping(raw['store']);
  raw['store'] = bucket === undefined ? { directory: value } : { s3: { ...mapping(s3), bucket, prefix } };
}

/** What the S3 driver needs, from the file and AWS_*; undefined when the store is a directory. */
export function s3SettingsOf(
  { s3 }: z.infer<typeof storeSchema>,
  env: Env,
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
    bucket: s3.bucket,
    prefix: s3.prefix,
    endpoint,
    // Requests must be signed for some region; what is not Amazon takes this one.
    region: region ?? (endpoint === undefined ? undefined : 'us-east-1'),
    accessKeyId: s3.access_key_id,
    secretAccessKey: given(env, 'EMBERKEEP_S3_SECRET_ACCESS_KEY'),
    secretAccessKeyFile: s3.secret_access_key_file,
    pathStyle: s3.path_style ?? endpoint !== undefined,
    caFile: s3.ca_file,
  };
}

/** I10: as an operator may see it, with what is in effect where the file says nothing. */
export function maskedStore(
  store: z.infer<typeof storeSchema>,
  settings: Readonly<S3Settings> | undefined,
): Raw {
  if (settings === undefined) return store;
  const { endpoint, region, pathStyle, secretAccessKey } = settings;
  const effective = { endpoint, region, path_style: pathStyle };
  return {
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
