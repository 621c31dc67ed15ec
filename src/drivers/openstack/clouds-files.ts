import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { AppError, describeError } from '../../base/errors.ts';

export type Settings = Record<string, unknown>;

export interface SearchPlaces {
  env: Readonly<Record<string, string | undefined>>;
  workingDirectory: string;
  homeDirectory: string;
}

export interface CloudsFile {
  path: string;
  clouds: Record<string, Settings>;
}

const suffixes = ['.yaml', '.yml', '.json'];

/**
 * clouds.yaml with secure.yaml merged over it, found where openstacksdk looks: the file that the environment names,
 * then the working directory, the user's configuration and /etc/openstack; the first file wins.
 * (https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html)
 */
export function readCloudsFile(places: SearchPlaces): CloudsFile | undefined {
  const path = findFile(places, 'clouds', 'OS_CLIENT_CONFIG_FILE');
  const securePath = findFile(places, 'secure', 'OS_CLIENT_SECURE_FILE');
  const main = path === undefined ? {} : readSection(path, 'clouds');
  const secure = securePath === undefined ? {} : readSection(securePath, 'clouds');
  const shown = path ?? securePath;
  return shown === undefined ? undefined : { path: shown, clouds: cloudsOf(mergeDeep(main, secure), shown) };
}

/** The `public-clouds` entry that a cloud's `profile` names. */
export function readProfile(places: SearchPlaces, name: string): Settings {
  const path = findFile(places, 'clouds-public', undefined);
  const profiles = path === undefined ? {} : readSection(path, 'public-clouds');
  const profile = profiles[name];
  if (isSettings(profile)) return profile;
  const known = Object.keys(profiles);
  throw new AppError(
    'INPUT_UNKNOWN_PROFILE',
    path === undefined
      ? `The cloud uses the profile "${name}", but there is no clouds-public.yaml beside the clouds.yaml: add one, or write the profile's settings into the cloud.`
      : `The cloud uses the profile "${name}", which ${path} does not have (it has: ${known.join(', ') || 'none'}).`,
  );
}

/** `over` wins; dictionaries are merged, everything else is replaced. */
export function mergeDeep(base: Settings, over: Settings): Settings {
  const merged: Settings = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const old = merged[key];
    merged[key] = isSettings(old) && isSettings(value) ? mergeDeep(old, value) : value;
  }
  return merged;
}

export function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function findFile(places: SearchPlaces, stem: string, variable: string | undefined): string | undefined {
  const named = variable === undefined ? undefined : places.env[variable];
  if (named !== undefined && named !== '') {
    const path = expandHome(named, places.homeDirectory);
    if (existsSync(path)) return path;
    throw new AppError('INPUT_CLOUDS_FILE', `${variable ?? ''} names ${path}, which does not exist.`);
  }
  return searchDirectories(places)
    .flatMap((directory) => suffixes.map((suffix) => join(directory, stem + suffix)))
    .find((path) => existsSync(path));
}

function searchDirectories({ env, workingDirectory, homeDirectory }: SearchPlaces): string[] {
  const userDirectory = join(homeDirectory, '.config', 'openstack');
  const xdg = env['XDG_CONFIG_HOME'];
  const configHome = xdg === undefined || xdg === '' ? [] : [join(xdg, 'openstack')];
  return [workingDirectory, ...configHome, userDirectory, '/etc/openstack'];
}

function readSection(path: string, section: string): Settings {
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new AppError('INPUT_CLOUDS_FILE', `${path} cannot be read: ${firstLine(describeError(error))}`, {
      // The parser's own error quotes the lines around the fault, which may hold a password (I10).
      cause: new Error(firstLine(describeError(error))),
    });
  }
  const found = isSettings(content) ? content[section] : undefined;
  if (found === undefined || found === null) return {};
  if (isSettings(found)) return found;
  throw new AppError('INPUT_CLOUDS_FILE', `${path}: "${section}" must be a dictionary of clouds by name.`);
}

function cloudsOf(found: Settings, path: string): Record<string, Settings> {
  return Object.fromEntries(
    Object.entries(found).map(([name, cloud]) => {
      if (isSettings(cloud)) return [name, cloud];
      throw new AppError('INPUT_CLOUDS_FILE', `${path}: the cloud "${name}" must be a dictionary.`);
    }),
  );
}

export function expandHome(path: string, homeDirectory: string): string {
  return path.startsWith('~/') ? join(homeDirectory, path.slice(2)) : path;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
