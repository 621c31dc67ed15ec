import type { Command } from 'commander';
import { parseEndpoint } from './arguments.ts';
import type { GlobalOptions } from './context.ts';

/** As the `openstack` command names them: `--os-auth-url` stands over OS_AUTH_URL. */
const openStackOptions: readonly [name: string, argument: string, description: string][] = [
  ['cloud', 'NAME', 'cloud of clouds.yaml'],
  ['auth-url', 'URL', 'Keystone'],
  ['auth-type', 'TYPE', 'password, token or v3applicationcredential'],
  ['username', 'NAME', 'user'],
  ['user-id', 'ID', 'user by id'],
  ['password', 'PASSWORD', 'its password (other users of this machine can see it; prefer OS_PASSWORD)'],
  ['user-domain-name', 'NAME', "the user's domain"],
  ['user-domain-id', 'ID', "the user's domain by id"],
  ['project-name', 'NAME', 'project'],
  ['project-id', 'ID', 'project by id'],
  ['project-domain-name', 'NAME', "the project's domain"],
  ['project-domain-id', 'ID', "the project's domain by id"],
  ['system-scope', 'all', 'the whole system instead of a project'],
  ['token', 'TOKEN', 'a token that you have already'],
  ['application-credential-id', 'ID', 'application credential'],
  ['application-credential-name', 'NAME', 'application credential by name'],
  ['application-credential-secret', 'SECRET', 'its secret'],
  ['region-name', 'NAME', 'region'],
  ['interface', 'public|internal|admin', 'which endpoints to use'],
  ['cacert', 'FILE', "CA of OpenStack's endpoints"],
];

export function addGlobalOptions(program: Command): void {
  program
    .optionsGroup('Service:')
    .option(
      '--endpoint <URL>',
      'a running service (else EMBERKEEP_ENDPOINT, the configuration, or this machine)',
      parseEndpoint,
    )
    .option(
      '--config <FILE>',
      'configuration file (else EMBERKEEP_CONFIG, ./emberkeep.yaml, /etc/emberkeep/emberkeep.yaml)',
    )
    .option('--state-dir <DIR>', 'where a service on this machine keeps its state')
    .option('--debug', 'show the causes of an error')
    .optionsGroup('OpenStack (each one else from its OS_* variable):');
  for (const [name, argument, description] of openStackOptions) {
    program.option(`--os-${name} <${argument}>`, description);
  }
}

export function readGlobalOptions(program: Command): GlobalOptions {
  const options = program.opts<Record<string, string | boolean | undefined>>();
  const text = (key: string): string | undefined => {
    const value = options[key];
    return typeof value === 'string' ? value : undefined;
  };
  const openstack: Record<string, string> = {};
  for (const [name] of openStackOptions) {
    const value = text(`os-${name}`.replace(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase()));
    if (value !== undefined) openstack[`OS_${name.replaceAll('-', '_').toUpperCase()}`] = value;
  }
  return {
    openstack,
    endpoint: text('endpoint'),
    config: text('config'),
    stateDir: text('stateDir'),
    debug: options['debug'] === true,
  };
}
