/**
 * A real Keystone with federation: Apache asks an OpenID Connect provider who somebody is, and hands that to Keystone, which is one
 * more process on the cloud's database. What it makes there is in a domain of its own and goes with it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './chart/addresses.ts';
import { ensurePackages } from './debian-packages.ts';
import { Cleanup, uniqueName } from './devcloud.ts';
import { startOpenidProvider } from './openid-provider.ts';
import type { PortalUsers } from './portal-users.ts';
import { startSecondKeystone } from './second-keystone.ts';

const documented = join(import.meta.dirname, '../../deploy/keystone/websso');

export interface FederatedKeystone {
  /** As browsers and services reach it, with /v3. */
  url: string;
  /** Of the OpenID Connect provider. */
  issuer: string;
  /** Of the federated users. */
  domainName: string;
  close(): Promise<void>;
}

export interface FederatedKeystoneOptions {
  users: PortalUsers;
  /** Passwords at the provider, by user name. */
  people: Readonly<Record<string, string>>;
  /** `[federation] trusted_dashboard`. */
  dashboard: string;
  /** Where everybody who comes from the provider has the role `member`. */
  projectIds: readonly string[];
}

export async function startFederatedKeystone(options: FederatedKeystoneOptions): Promise<FederatedKeystone> {
  const cleanup = new Cleanup();
  try {
    await ensurePackages(['apache2-bin', 'libapache2-mod-auth-openidc']);
    const [port, uwsgiPort] = [await freePort(), await freePort()];
    // Another site than 127.0.0.1, where the portal is: cookies know sites by their host.
    const origin = `http://localhost:${port}`;
    const provider = await startOpenidProvider({
      people: options.people,
      redirectUri: `${origin}/v3/redirect_uri`,
    });
    cleanup.add(() => provider.close());
    const domainName = await federate(options, provider.issuer, cleanup);
    const keystone = await startSecondKeystone({
      conf: await filled('keystone.conf', {
        'https://backup.example.org/portal/auth/websso': options.dashboard,
      }),
      arguments: [`--socket=127.0.0.1:${uwsgiPort}`],
    });
    cleanup.add(() => keystone.close());
    const site = await filled('apache.conf', {
      '127.0.0.1:5001': `127.0.0.1:${uwsgiPort}`,
      'https://keystone.example.org': origin,
      'https://accounts.example.org': provider.issuer,
      'CLIENT-ID': provider.client.id,
      'CLIENT-SECRET': provider.client.secret,
      'SOME-PASSPHRASE': uniqueName('passphrase'),
    });
    await startApache(port, site, cleanup);
    return { url: `${origin}/v3`, issuer: provider.issuer, domainName, close: () => cleanup.run() };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

/** What the documentation shows, with the names of this run. @throws when it shows one of them no more. */
async function filled(file: string, names: Readonly<Record<string, string>>): Promise<string> {
  let text = await readFile(join(documented, file), 'utf8');
  for (const [example, name] of Object.entries(names)) {
    if (!text.includes(example)) throw new Error(`${file} has no ${example}`);
    text = text.replaceAll(example, name);
  }
  return text;
}

/** Domain, group with a role, identity provider, mapping and protocol. Gives the domain's name. */
async function federate(
  { users, projectIds }: FederatedKeystoneOptions,
  issuer: string,
  cleanup: Cleanup,
): Promise<string> {
  const name = uniqueName('company');
  const created = await users.send('POST', '/domains', { domain: { name } });
  const domainId = (created as { domain: { id: string } }).domain.id;
  cleanup.add(async () => {
    await users.send('PATCH', `/domains/${domainId}`, { domain: { enabled: false } });
    await users.send('DELETE', `/domains/${domainId}`);
  });
  const made = await users.send('POST', '/groups', { group: { name: 'backup-users', domain_id: domainId } });
  const groupId = (made as { group: { id: string } }).group.id;
  const { roles } = (await users.send('GET', '/roles?name=member')) as { roles: { id: string }[] };
  for (const projectId of projectIds)
    await users.send('PUT', `/projects/${projectId}/groups/${groupId}/roles/${roles[0]?.id ?? ''}`);

  const rules: unknown = JSON.parse(await filled('mapping.json', { 'ID-OF-THE-GROUP': groupId }));
  await users.send('PUT', `/OS-FEDERATION/mappings/${name}`, { mapping: { rules } });
  cleanup.add(() => users.send('DELETE', `/OS-FEDERATION/mappings/${name}`));
  const provider = `/OS-FEDERATION/identity_providers/${name}`;
  await users.send('PUT', provider, {
    identity_provider: { enabled: true, remote_ids: [issuer], domain_id: domainId },
  });
  cleanup.add(() => users.send('DELETE', provider));
  await users.send('PUT', `${provider}/protocols/openid`, { protocol: { mapping_id: name } });
  cleanup.add(() => users.send('DELETE', `${provider}/protocols/openid`));
  return name;
}

/** Debian's Apache with no configuration but this. */
async function startApache(port: number, site: string, cleanup: Cleanup): Promise<void> {
  const directory = await mkdtemp('/tmp/ek-apache-');
  cleanup.add(() => rm(directory, { recursive: true, force: true }));
  const modules = [
    'mpm_event',
    'authn_core',
    'authz_core',
    'authz_user',
    'auth_openidc',
    'proxy',
    'proxy_uwsgi',
  ];
  const conf = join(directory, 'apache.conf');
  await writeFile(
    conf,
    [
      `ServerRoot ${directory}`,
      'ServerName localhost',
      `Listen 127.0.0.1:${port}`,
      `PidFile ${directory}/pid`,
      `ErrorLog ${directory}/log`,
      'User www-data',
      'Group www-data',
      ...modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`),
      site,
    ].join('\n'),
  );
  const server = spawn('/usr/sbin/apache2', ['-f', conf, '-D', 'FOREGROUND'], { stdio: 'ignore' });
  const exited = once(server, 'exit');
  cleanup.add(async () => {
    server.kill('SIGTERM');
    await exited;
  });
  for (let round = 0; round < 150 && server.exitCode === null; round += 1) {
    const answers = await fetch(`http://localhost:${port}/v3`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return;
    await sleep(200);
  }
  throw new Error(`Apache does not serve Keystone: ${await readFile(join(directory, 'log'), 'utf8')}`);
}
