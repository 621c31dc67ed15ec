/** The server side of the portal: docs/adr/0032-portal-sessions.md. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { toAppError } from '../base/errors.ts';
import type { AppConfig } from '../config.ts';
import { accessRulesOf } from '../config/access-settings.ts';
import type { Catalog } from '../drivers/catalog/catalog.ts';
import type { CloudCredentials } from '../drivers/openstack/credentials.ts';
import { identityRoot } from '../drivers/openstack/keystone-auth.ts';
import { createOpenStack, type OpenStack } from '../drivers/openstack/openstack.ts';
import type { PortalDeps } from '../entry/api/portal/portal-deps.ts';
import type { PortalKeystone } from '../workflows/portal/deps.ts';
import { createPortalOperations, type PortalOperations } from '../workflows/portal/portal-operations.ts';
import type { Started } from './started.ts';

/** The same place from the sources and from the build. */
const builtPages = join(import.meta.dirname, '../../dist/portal');

/** Somebody waits in front of a page: one more try, and no long ones. */
const impatience = { backoff: { attempts: 2, firstDelayMs: 300, maxDelayMs: 1000 }, timeoutMs: 20_000 };

const sweepEveryMs = 600_000;
const mostDomains = 1000;

export interface PortalOptions {
  credentials: CloudCredentials;
  logger: Logger;
}

/** undefined when the configuration wants none. */
export function startPortal(
  config: AppConfig,
  { credentials, logger }: PortalOptions,
  { catalog, openstack }: { catalog: Catalog; openstack: OpenStack },
  started: Started,
): PortalDeps | undefined {
  const { portal } = config;
  if (!portal.enabled) return undefined;
  const impatient = createOpenStack({ credentials, http: impatience });
  started.add(() => impatient.close());
  const onError = (message: string, err: unknown, facts: Record<string, unknown>): void =>
    logger.warn({ err, ...facts }, message);
  const operations = createPortalOperations({
    keystone: portalKeystone(impatient, openstack),
    catalog,
    rules: accessRulesOf(config.access),
    idleMinutes: portal.idle_minutes,
    sessionsPerUser: portal.sessions_per_user,
    onError,
  });
  started.add(sweepRegularly(operations, onError));
  return {
    operations,
    directory: builtPages,
    publicUrl: portal.public_url,
    defaultDomain: portal.default_domain,
    websso: {
      keystoneUrl: identityRoot(portal.keystone_url ?? credentials.authUrl),
      protocols: Object.entries(portal.websso).map(([protocol, label]) => ({ protocol, label })),
    },
  };
}

/**
 * @param users whoever signs in, and the service's user where somebody waits for it.
 * @param service remembers for a minute what Keystone said of a token, the same for API and portal.
 */
export function portalKeystone(users: OpenStack, service: Pick<OpenStack, 'keystone'>): PortalKeystone {
  const domains = new Map<string, string>();
  return {
    issue: (auth, scope) => users.asUser(auth, scope).keystone.token(),
    whoIs: (token) => users.asCaller(token).keystone.whoAmI(),
    validate: (token) => service.keystone.validateToken(token),
    projectsOf: (token) => users.asCaller(token).identity.listOwnProjects(),
    mayChooseSystem: (token) => users.asCaller(token).identity.mayChooseSystem(),
    revoke: (token) => users.asCaller(token).keystone.revoke(),
    domainName: async (id) => {
      const known = domains.get(id);
      if (known !== undefined) return known;
      const name = await domainName(users, id);
      if (domains.size >= mostDomains) domains.clear();
      domains.set(id, name);
      return name;
    },
  };
}

/** Its id where our user may not ask for its name. */
async function domainName({ identity }: OpenStack, id: string): Promise<string> {
  try {
    const found = await identity.findDomains(id);
    return found.find((domain) => domain.id === id)?.name ?? id;
  } catch (error) {
    if (toAppError(error).code === 'FORBIDDEN_OPENSTACK') return id;
    throw error;
  }
}

function sweepRegularly(
  operations: PortalOperations,
  onError: (message: string, error: unknown, facts: Record<string, unknown>) => void,
): () => void {
  const timer = setInterval(() => {
    operations.sweep().catch((error: unknown) => onError('old sessions could not be removed', error, {}));
  }, sweepEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}
