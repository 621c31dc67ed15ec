import { AppError } from '../../base/errors.ts';
import { environmentReader, fileReader, readAuthMethod, readScope, required } from './auth-settings.ts';
import {
  expandHome,
  isSettings,
  mergeDeep,
  readCloudsFile,
  readProfile,
  type CloudsFile,
  type SearchPlaces,
  type Settings,
} from './clouds-files.ts';
import type { CloudCredentials, EndpointInterface, TlsOptions } from './credentials.ts';

export interface CloudsConfigOptions extends SearchPlaces {
  /** Value of --os-cloud; beats OS_CLOUD. */
  cloud?: string | undefined;
  /** Value of --os-region-name; beats OS_REGION_NAME and the cloud's own. */
  region?: string | undefined;
  /** From a file of its own; stands over OS_PASSWORD and clouds.yaml. Secret. */
  password?: string | undefined;
}

/** Variables that choose or tune but do not authenticate: alone they do not make a cloud of the environment. */
const credentialVariables =
  /^OS_(AUTH_URL|AUTH_TYPE|USERNAME|USER_ID|PASSWORD|TOKEN|APPLICATION_CREDENTIAL_.+)$/;

/**
 * The credentials that `openstack` would use in the same place: the cloud that --os-cloud or OS_CLOUD names; else the
 * OS_* variables; else the only cloud of clouds.yaml. OS_* variables other than OS_REGION_NAME never leak into a named
 * cloud. Throws INPUT_UNKNOWN_CLOUD, INPUT_UNKNOWN_PROFILE, INPUT_CLOUDS_FILE, INPUT_NO_CLOUD or INPUT_CREDENTIALS.
 */
export function readCloudCredentials(options: CloudsConfigOptions): CloudCredentials {
  const name = nonEmpty(options.cloud) ?? nonEmpty(options.env['OS_CLOUD']);
  if (name === undefined && hasCredentialVariables(options.env)) return fromEnvironment(options);
  const file = readCloudsFile(options);
  if (name !== undefined) return fromFile(options, file, name);
  const [only, ...others] = Object.keys(file?.clouds ?? {});
  if (file !== undefined && only !== undefined && others.length === 0) return fromFile(options, file, only);
  throw noCloud(file);
}

/** Whether the environment or a file names any credentials at all; does not say that they are complete. */
export function hasCloudCredentials(options: CloudsConfigOptions): boolean {
  const named = nonEmpty(options.cloud) ?? nonEmpty(options.env['OS_CLOUD']);
  if (named !== undefined || hasCredentialVariables(options.env)) return true;
  return Object.keys(readCloudsFile(options)?.clouds ?? {}).length === 1;
}

function fromEnvironment(options: CloudsConfigOptions): CloudCredentials {
  const { password } = options;
  const env = { ...options.env, ...(password === undefined ? {} : { OS_PASSWORD: password }) };
  const reader = environmentReader(env);
  const settings: Settings = {};
  for (const [variable, value] of Object.entries(env)) {
    if (variable.startsWith('OS_') && nonEmpty(value) !== undefined)
      settings[variable.slice(3).toLowerCase()] = value;
  }
  return {
    source: reader.source,
    authUrl: required(reader, 'auth_url'),
    auth: readAuthMethod(reader),
    scope: readScope(reader),
    ...readConnection(settings, options),
  };
}

function fromFile(
  options: CloudsConfigOptions,
  file: CloudsFile | undefined,
  name: string,
): CloudCredentials {
  const own = file?.clouds[name];
  if (file === undefined || own === undefined) throw unknownCloud(file, name);
  const profileName = own['profile'] ?? own['cloud'];
  const withProfile =
    typeof profileName === 'string' ? mergeDeep(readProfile(options, profileName), own) : own;
  const { password } = options;
  const complete = password === undefined ? withProfile : mergeDeep(withProfile, { auth: { password } });
  const settings = withRegionValues(complete, wantedRegion(options));
  const reader = fileReader(`cloud "${name}" of ${file.path}`, settings);
  return {
    source: reader.source,
    authUrl: required(reader, 'auth_url'),
    auth: readAuthMethod(reader),
    scope: readScope(reader),
    ...readConnection(settings, options),
  };
}

/** A cloud may list `regions`, each a name or a name with values of its own; the first is the default. */
function withRegionValues(settings: Settings, wanted: string | undefined): Settings {
  const regions: unknown[] = Array.isArray(settings['regions']) ? settings['regions'] : [];
  const rows = regions.map((entry) => (isSettings(entry) ? entry : { name: entry }));
  const region = wanted ?? settings['region_name'] ?? rows[0]?.['name'];
  const row = rows.find((candidate) => candidate['name'] === region);
  const values = row !== undefined && isSettings(row['values']) ? row['values'] : {};
  return mergeDeep(mergeDeep(settings, values), region === undefined ? {} : { region_name: region });
}

type Connection = Pick<CloudCredentials, 'region' | 'interface' | 'tls' | 'endpointOverrides'>;

function readConnection(settings: Settings, options: CloudsConfigOptions): Connection {
  const region = wantedRegion(options) ?? textOf(settings['region_name']);
  return {
    ...(region === undefined ? {} : { region }),
    interface: readInterface(settings),
    tls: readTls(settings, options.homeDirectory),
    endpointOverrides: readOverrides(settings),
  };
}

function readInterface(settings: Settings): EndpointInterface {
  const text = textOf(settings['interface']) ?? textOf(settings['endpoint_type']) ?? 'public';
  const known = (['public', 'internal', 'admin'] as const).find((name) => text.replace(/URL$/, '') === name);
  if (known !== undefined) return known;
  throw new AppError(
    'INPUT_CREDENTIALS',
    `The interface "${text}" is unknown: use public, internal or admin.`,
  );
}

function readTls(settings: Settings, homeDirectory: string): TlsOptions {
  const tls: TlsOptions = { verify: !isFalse(settings['verify']) && !isTrue(settings['insecure']) };
  const fields = { cacert: 'caFile', cert: 'certFile', key: 'keyFile' } as const;
  for (const [key, field] of Object.entries(fields) as [
    keyof typeof fields,
    'caFile' | 'certFile' | 'keyFile',
  ][]) {
    const path = textOf(settings[key]);
    if (path !== undefined) tls[field] = expandHome(path, homeDirectory);
  }
  return tls;
}

function readOverrides(settings: Settings): Record<string, string> {
  const overrides: Record<string, string> = {};
  for (const [key, value] of Object.entries(settings)) {
    const service = /^(.+)_endpoint_override$/.exec(key)?.[1];
    const url = textOf(value);
    if (service !== undefined && url !== undefined) overrides[service.replaceAll('_', '-')] = url;
  }
  return overrides;
}

function unknownCloud(file: CloudsFile | undefined, name: string): AppError {
  const known = Object.keys(file?.clouds ?? {});
  return new AppError(
    'INPUT_UNKNOWN_CLOUD',
    file === undefined
      ? `There is no clouds.yaml to find the cloud "${name}" in: create one in the working directory, ~/.config/openstack or /etc/openstack, or name it with OS_CLIENT_CONFIG_FILE.`
      : `${file.path} has no cloud "${name}" (it has: ${known.join(', ') || 'none'}): correct --os-cloud or OS_CLOUD.`,
    { details: { cloud: name, known } },
  );
}

function noCloud(file: CloudsFile | undefined): AppError {
  const known = Object.keys(file?.clouds ?? {});
  return new AppError(
    'INPUT_NO_CLOUD',
    known.length > 1 && file !== undefined
      ? `${file.path} has several clouds (${known.join(', ')}): choose one with --os-cloud or OS_CLOUD.`
      : 'No OpenStack credentials found: set the OS_* variables, or name a cloud of clouds.yaml with --os-cloud or OS_CLOUD.',
    { details: { known } },
  );
}

function hasCredentialVariables(env: SearchPlaces['env']): boolean {
  return Object.entries(env).some(
    ([name, value]) => credentialVariables.test(name) && nonEmpty(value) !== undefined,
  );
}

function wantedRegion(options: CloudsConfigOptions): string | undefined {
  return nonEmpty(options.region) ?? nonEmpty(options.env['OS_REGION_NAME']);
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isFalse(value: unknown): boolean {
  return value === false || (typeof value === 'string' && /^(false|no|0)$/i.test(value));
}

function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && /^(true|yes|1)$/i.test(value));
}
