import { readFileSync } from 'node:fs';
import { AppError, describeError } from '../../base/errors.ts';

/** Where an S3 store lives and how to get in. Holds no secret itself unless the environment gave one. */
export interface S3Settings {
  /** Where the configuration has it, as messages name its options: `store.s3` when left out, or `stores.NAME.s3`. */
  section?: string | undefined;
  bucket: string;
  /** Folder in the bucket that the store has for itself, without slashes at its ends; empty for the whole bucket. */
  prefix: string;
  /** Undefined: Amazon's own, by region. */
  endpoint: string | undefined;
  /** Undefined: what the SDK finds (AWS_REGION, ~/.aws/config). Ceph's gateway takes any. */
  region: string | undefined;
  /** Undefined: what the SDK finds (AWS_ACCESS_KEY_ID, ~/.aws/credentials, the machine's role). */
  accessKeyId: string | undefined;
  /** Read when the store is opened; stands behind `accessKeyId`. */
  accessKeyIdFile?: string | undefined;
  secretAccessKey: string | undefined;
  /** Read when the store is opened; stands behind `secretAccessKey`. */
  secretAccessKeyFile: string | undefined;
  /** `http://HOST/BUCKET/KEY` instead of `http://BUCKET.HOST/KEY`. */
  pathStyle: boolean;
  /** PEM file of the CA that signed the endpoint's certificate; undefined: those that Node trusts. */
  caFile: string | undefined;
}

export const usualSection = 'store.s3';

/** As the catalog and messages name the store: `s3://bucket/prefix`. */
export function s3Url({ bucket, prefix }: Pick<S3Settings, 'bucket' | 'prefix'>): string {
  return prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
}

/** Undefined lets the SDK look for keys; throws INPUT_CONFIG for half a pair and for a file that cannot be read. */
export function s3Credentials(
  settings: Pick<
    S3Settings,
    'section' | 'accessKeyId' | 'accessKeyIdFile' | 'secretAccessKey' | 'secretAccessKeyFile'
  >,
): { accessKeyId: string; secretAccessKey: string } | undefined {
  const { section = usualSection, accessKeyIdFile: idFile, secretAccessKeyFile: file } = settings;
  const accessKeyId = settings.accessKeyId ?? (idFile && readKey(idFile, `${section}.access_key_id_file`));
  const secretAccessKey =
    settings.secretAccessKey ?? (file && readKey(file, `${section}.secret_access_key_file`));
  if (accessKeyId === undefined && secretAccessKey === undefined) return undefined;
  if (accessKeyId !== undefined && secretAccessKey !== undefined) return { accessKeyId, secretAccessKey };
  throw new AppError(
    'INPUT_CONFIG',
    accessKeyId === undefined
      ? `There is a secret key for the S3 store but no ${section}.access_key_id.`
      : `${section}.access_key_id has no secret: set ${section}.secret_access_key_file or EMBERKEEP_S3_SECRET_ACCESS_KEY.`,
  );
}

function readKey(path: string, key: string): string {
  const text = readConfigured(path, key).toString('utf8').trim();
  if (text !== '') return text;
  throw new AppError('INPUT_CONFIG', `${key}: ${path} is empty.`);
}

/** A file that the configuration names; throws INPUT_CONFIG with the key's name. */
export function readConfigured(path: string, key: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new AppError('INPUT_CONFIG', `${key}: ${path} cannot be read: ${describeError(error)}`, {
      cause: error,
    });
  }
}
