/**
 * A real Keystone that browsers are sent to for single sign-on: it answers with its own template, a form that posts a
 * token to the dashboard. In place of an identity provider its web server says who the user is, as mod_auth_openidc does.
 */
import type { Cleanup } from './devcloud.ts';
import { devcloud, uniqueName } from './devcloud.ts';
import type { PortalUser, PortalUsers } from './portal-users.ts';
import { startSecondKeystone } from './second-keystone.ts';

/** Of Keystone's own methods, so that the cloud's Keystone reads the tokens too. */
export const webssoProtocol = 'mapped';

export interface WebssoOptions {
  users: PortalUsers;
  /** Whom every browser is taken for. */
  user: PortalUser;
  /** Where the form goes: an address of the portal. */
  dashboard: string;
  cleanup: Cleanup;
}

/** @returns its address as browsers reach it, with /v3: another site than the portal's. */
export async function startKeystoneWithWebsso(options: WebssoOptions): Promise<string> {
  const { users, user, dashboard, cleanup } = options;
  const name = uniqueName('idp');
  const issuer = `https://${name}.example`;
  const keystone = await startSecondKeystone({
    conf: [
      '[federation]',
      'remote_id_attribute = OIDC_ISS',
      `trusted_dashboard = ${dashboard}`,
      'sso_callback_template = /etc/keystone/sso_callback_template.html',
    ].join('\n'),
    arguments: [`--route-run=addvar:OIDC_ISS=${issuer}`, `--route-run=addvar:OIDC_NAME=${user.name}`],
  });
  cleanup.add(() => keystone.close());
  const provider = `/OS-FEDERATION/identity_providers/${name}`;
  const mapping = `/OS-FEDERATION/mappings/${name}`;
  const make = async (path: string, body: object, method: 'PUT' | 'POST' = 'PUT'): Promise<void> => {
    await users.send(method, path, body);
    cleanup.add(() => users.send('DELETE', path));
  };
  await make(provider, { identity_provider: { enabled: true, remote_ids: [issuer], domain_id: 'default' } });
  const known = { name: user.name, domain: { id: 'default' }, type: 'local' };
  await make(mapping, {
    mapping: { rules: [{ local: [{ user: known }], remote: [{ type: 'OIDC_NAME' }] }] },
  });
  await make(`${provider}/protocols/${webssoProtocol}`, { protocol: { mapping_id: name } });
  const { port } = new URL(keystone.authUrl);
  if (new URL(devcloud().authUrl).hostname === 'localhost')
    throw new Error('localhost must be another site than the portal’s');
  return `http://localhost:${port}/v3`;
}
