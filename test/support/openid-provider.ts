/** A real OpenID Connect provider on the loopback, with one client and people who have a password each. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Provider } from 'oidc-provider';

export interface OpenidProvider {
  /** Its address, and what it calls itself in tokens. */
  issuer: string;
  client: { id: string; secret: string };
  close(): Promise<void>;
}

export interface OpenidProviderOptions {
  /** Passwords by user name. */
  people: Readonly<Record<string, string>>;
  /** Where the client wants browsers to come back to. */
  redirectUri: string;
}

export async function startOpenidProvider(options: OpenidProviderOptions): Promise<OpenidProvider> {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const client = { id: 'keystone', secret: randomBytes(24).toString('hex') };
  const provider: Provider = new Provider(issuer, {
    clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [options.redirectUri] }],
    claims: { openid: ['sub'], profile: ['preferred_username'], email: ['email'] },
    conformIdTokenClaims: false,
    cookies: { keys: [randomBytes(24).toString('hex')] },
    ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    features: { devInteractions: { enabled: false } },
    findAccount: (_context, name) => ({
      accountId: name,
      claims: () => ({ sub: name, preferred_username: name, email: `${name}@example.org` }),
    }),
    // Who signs in has agreed: nobody is asked for a second time.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new provider.Grant({
        clientId: oidc.client!.clientId,
        accountId: oidc.session!.accountId!,
      });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
    interactions: { url: (_context, { uid }) => `/sign-in/${uid}` },
  });
  const answer = provider.callback();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const answered = request.url?.startsWith('/sign-in/')
      ? signIn(provider, options.people, request, response)
      : answer(request, response);
    Promise.resolve(answered).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  return {
    issuer,
    client,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The page where people say who they are. */
async function signIn(
  provider: Provider,
  people: OpenidProviderOptions['people'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'POST') {
    const form = new URLSearchParams(await text(request));
    const name = form.get('login') ?? '';
    if (Object.hasOwn(people, name) && people[name] === form.get('password')) {
      await provider.interactionFinished(request, response, { login: { accountId: name } });
      return;
    }
  }
  response.writeHead(200, { 'content-type': 'text/html' }).end(
    `<!doctype html><title>Company account</title>
     <form method="post">
       <input name="login" aria-label="Name"><input name="password" type="password" aria-label="Password">
       <button>Continue</button>
     </form>`,
  );
}
