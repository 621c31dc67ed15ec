import { AppError } from '../../base/errors.ts';
import type { AuthMethod, DomainName, Scope, UserName } from './credentials.ts';
import { isSettings, type Settings } from './clouds-files.ts';

/** Reads one cloud's settings and remembers how its source spells a key, so that errors name what to write where. */
export interface SettingsReader {
  source: string;
  /** A non-empty text, looked up in `auth` first and beside it then, as openstacksdk does. */
  text(...keys: string[]): string | undefined;
  /** `auth.password` in a file, `OS_PASSWORD` in the environment. */
  spell(key: string): string;
}

/** Settings of one cloud of a file. */
export function fileReader(source: string, settings: Settings): SettingsReader {
  const auth = isSettings(settings['auth']) ? settings['auth'] : {};
  return {
    source,
    text: (...keys) => firstText(keys.flatMap((key) => [auth[key], settings[key]])),
    spell: (key) => `auth.${key}`,
  };
}

/** Settings from OS_* variables. */
export function environmentReader(env: Readonly<Record<string, string | undefined>>): SettingsReader {
  return {
    source: 'the OS_* variables',
    text: (...keys) => firstText(keys.map((key) => env[variableName(key)])),
    spell: variableName,
  };
}

export function variableName(key: string): string {
  return `OS_${key.toUpperCase()}`;
}

export function readAuthMethod(reader: SettingsReader): AuthMethod {
  switch (authKind(reader)) {
    case 'token':
      return { kind: 'token', token: required(reader, 'token') };
    case 'application-credential':
      return readApplicationCredential(reader);
    case 'password':
      if (reader.text('username', 'user_name', 'user_id') === undefined) throw missing(reader, 'username');
      return { kind: 'password', ...readUser(reader), password: required(reader, 'password') };
  }
}

/** The scope that is asked for; an application credential always brings its own. */
export function readScope(reader: SettingsReader): Scope {
  if (reader.text('system_scope') !== undefined) return { kind: 'system' };
  const projectId = reader.text('project_id', 'tenant_id');
  if (projectId !== undefined) return { kind: 'project', id: projectId };
  const projectName = reader.text('project_name', 'tenant_name');
  if (projectName !== undefined) {
    return { kind: 'project', name: projectName, domain: readDomain(reader, 'project_domain') };
  }
  const id = reader.text('domain_id');
  if (id !== undefined) return { kind: 'domain', domain: { id } };
  const name = reader.text('domain_name');
  return name === undefined ? { kind: 'unscoped' } : { kind: 'domain', domain: { name } };
}

export function required(reader: SettingsReader, key: string): string {
  const value = reader.text(key);
  if (value === undefined) throw missing(reader, key);
  return value;
}

function missing(reader: SettingsReader, key: string): AppError {
  return new AppError('INPUT_CREDENTIALS', `${reader.spell(key)} is missing in ${reader.source}: set it.`, {
    details: { source: reader.source, key: reader.spell(key) },
  });
}

const authTypes: Record<string, AuthMethod['kind']> = {
  password: 'password',
  v3password: 'password',
  token: 'token',
  v3token: 'token',
  v3applicationcredential: 'application-credential',
};

/** Without auth_type the secret that is there decides, where openstacksdk would insist on a password. */
function authKind(reader: SettingsReader): AuthMethod['kind'] {
  const authType = reader.text('auth_type', 'auth_plugin');
  if (authType === undefined) {
    if (reader.text('application_credential_secret') !== undefined) return 'application-credential';
    return reader.text('token') !== undefined && reader.text('password') === undefined ? 'token' : 'password';
  }
  const kind = authTypes[authType];
  if (kind !== undefined) return kind;
  throw new AppError(
    'INPUT_CREDENTIALS',
    `${reader.source} asks for the auth_type "${authType}", which is not supported: use one of ${Object.keys(authTypes).join(', ')}.`,
  );
}

function readApplicationCredential(reader: SettingsReader): AuthMethod {
  const secret = required(reader, 'application_credential_secret');
  const id = reader.text('application_credential_id');
  if (id !== undefined) return { kind: 'application-credential', id, secret };
  const name = reader.text('application_credential_name');
  if (name === undefined) throw missing(reader, 'application_credential_id');
  return { kind: 'application-credential', name, secret, ...readUser(reader) };
}

function readUser(reader: SettingsReader): UserName {
  const userId = reader.text('user_id');
  if (userId !== undefined) return { userId };
  const userName = reader.text('username', 'user_name');
  return userName === undefined ? {} : { userName, userDomain: readDomain(reader, 'user_domain') };
}

/** `default` is what the openstack command assumes when no domain is given at all. */
function readDomain(reader: SettingsReader, prefix: 'user_domain' | 'project_domain'): DomainName {
  const id = reader.text(`${prefix}_id`);
  if (id !== undefined) return { id };
  const name = reader.text(`${prefix}_name`);
  if (name !== undefined) return { name };
  const defaultName = reader.text('default_domain_name');
  if (defaultName !== undefined) return { name: defaultName };
  return { id: reader.text('default_domain_id', 'default_domain') ?? 'default' };
}

function firstText(values: unknown[]): string | undefined {
  for (const value of values) {
    if (typeof value === 'string' && value !== '') return value;
    // YAML reads an unquoted name of digits (or `system_scope: true`) as another type.
    if (typeof value === 'number' || value === true) return String(value);
  }
  return undefined;
}
