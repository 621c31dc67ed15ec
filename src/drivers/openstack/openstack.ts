import { steadyClock, type Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { sleep as realSleep, type Sleep } from '../../base/retry.ts';
import { createAttachments, type Attachments } from './attachments.ts';
import { cinderMicroversions, createCinder, type Cinder } from './cinder.ts';
import type { AuthMethod, CloudCredentials, Scope } from './credentials.ts';
import { createGlance, type Glance } from './glance.ts';
import { createKeystoneAdmin, type KeystoneAdmin } from './keystone-admin.ts';
import { createKeystoneClient, type KeystoneClient } from './keystone-client-lite.ts';
import { createNeutron, type Neutron } from './neutron.ts';
import { createNova, novaMicroversions, type Nova } from './nova.ts';
import { createHttp, type HttpOptions } from './request.ts';
import type { CallOptions } from './service-client.ts';
import type { WaitTools } from './wait.ts';

/** Clients of one user in one scope. */
export interface OpenStackClients {
  keystone: KeystoneClient;
  nova: Nova;
  cinder: Cinder;
  glance: Glance;
  neutron: Neutron;
  attachments: Attachments;
  identity: KeystoneAdmin;
}

/** The cloud, as the service's own user; other scopes and users of the same cloud come from it. */
export interface OpenStack extends OpenStackClients {
  /** The same user in a tenant's project, so that what it makes belongs to the tenant. Throws FORBIDDEN_NO_ROLE. */
  inProject: (projectId: string) => OpenStackClients;
  /** A caller with its own token: sees what that caller may see. Throws AUTH_TOKEN_EXPIRED at its end. */
  asCaller(token: string): OpenStackClients;
  /** Another user of the same cloud, as at a sign-in; throws AUTH_FAILED when the token is first needed. */
  asUser(auth: AuthMethod, scope: Scope): OpenStackClients;
  /** Ends idle connections. */
  close(): void;
}

export interface OpenStackOptions {
  credentials: CloudCredentials;
  /** Measures how long tokens and waits last; `steadyClock` unless told. */
  clock?: Clock;
  sleep?: Sleep;
  http?: Omit<HttpOptions, 'tls' | 'sleep'>;
  /** See KeystoneClientOptions. */
  validationCacheMs?: number;
}

/** Connects to nothing yet: the first call does. Throws INPUT_CREDENTIALS for a certificate that cannot be read. */
export function createOpenStack(options: OpenStackOptions): OpenStack {
  const { credentials, clock = steadyClock, sleep = realSleep, validationCacheMs } = options;
  const http = createHttp({ ...options.http, sleep, tls: credentials.tls });
  const tools: WaitTools = { clock, sleep };
  const keystone = createKeystoneClient({
    credentials,
    http,
    clock,
    ...(validationCacheMs === undefined ? {} : { validationCacheMs }),
  });
  return {
    ...clientsOf(keystone, tools),
    inProject: (projectId) => clientsOf(keystone.scopedToProject(projectId), tools),
    asCaller: (token) => clientsOf(keystone.withToken(token), tools),
    asUser: (auth, scope) => clientsOf(keystone.withAuth(auth, scope), tools),
    close: () => http.close(),
  };
}

function clientsOf(keystone: KeystoneClient, tools: WaitTools): OpenStackClients {
  const nova = createNova(keystone.service('compute', novaMicroversions), tools);
  const cinder = createCinder(
    keystone.service('block-storage', cinderMicroversions),
    (call) => projectOf(keystone, call),
    tools,
  );
  return {
    keystone,
    nova,
    cinder,
    attachments: createAttachments({ nova, cinder }, tools),
    glance: createGlance(keystone.service('image')),
    neutron: createNeutron(keystone.service('network')),
    identity: createKeystoneAdmin(keystone.identity),
  };
}

async function projectOf(keystone: KeystoneClient, call?: CallOptions): Promise<string> {
  const { projectId } = await keystone.whoAmI(call);
  if (projectId !== undefined) return projectId;
  throw new AppError('INPUT_SCOPE', 'Cinder needs a token for a project: set a project in the credentials.');
}
