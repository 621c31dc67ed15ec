import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CloudCredentials } from '../../src/drivers/openstack/credentials.ts';

/** One answer of the fake: a status and a body, or a fault that a real service will not give on demand. */
export interface FakeAnswer {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** Sent as it is, in place of a JSON body. */
  text?: string;
  /** Closes the connection without an answer. */
  drop?: boolean;
  /** Never answers; the connection stays open until the fake is closed. */
  hang?: boolean;
}

export interface SeenRequest {
  method: string;
  /** Path with query. */
  url: string;
  headers: IncomingMessage['headers'];
  body: unknown;
}

export interface FakeOpenStack {
  url: string;
  requests: SeenRequest[];
  /** Requests to a path, the query left out. */
  requestsTo(method: string, path: string): SeenRequest[];
  /** Answers in turn, the last one for ever. Later definitions win. */
  on(method: string, path: string, ...answers: (FakeAnswer | ((request: SeenRequest) => FakeAnswer))[]): void;
  /** Every token that was issued, in order. */
  issued: string[];
  credentials(change?: Partial<CloudCredentials>): CloudCredentials;
  close(): Promise<void>;
}

export interface FakeOptions {
  /** Life of a token by Keystone's clock. */
  tokenLifetimeMs?: number;
  password?: string;
  /** Projects in which the user has a role; undefined means every one. */
  projects?: string[];
}

/** A Keystone with a catalog and empty services behind it on one loopback port, for faults. */
export async function startFakeOpenStack(options: FakeOptions = {}): Promise<FakeOpenStack> {
  const routes = new Map<string, (FakeAnswer | ((request: SeenRequest) => FakeAnswer))[]>();
  const requests: SeenRequest[] = [];
  const issued: string[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const seen = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      requests.push(seen);
      const answers = routes.get(`${seen.method} ${pathOf(seen.url)}`) ?? [
        { status: 404, body: { error: { message: 'no route' } } },
      ];
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      reply(response, typeof answer === 'function' ? answer(seen) : (answer ?? {}));
    });
  });
  const url = await listen(server);
  const fake: FakeOpenStack = {
    url,
    requests,
    issued,
    requestsTo: (method, path) => requests.filter((one) => one.method === method && pathOf(one.url) === path),
    on: (method, path, ...answers) => void routes.set(`${method} ${path}`, answers),
    credentials: (change = {}) => credentialsFor(url, change),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  addKeystone(fake, options);
  fake.on('GET', '/compute/v2.1/', {
    body: { version: { id: 'v2.1', version: '2.93', min_version: '2.1' } },
  });
  fake.on('GET', '/volume/v3/', {
    body: { versions: [{ id: 'v3.0', version: '3.70', min_version: '3.0' }] },
  });
  return fake;
}

function addKeystone(fake: FakeOpenStack, options: FakeOptions): void {
  fake.on('POST', '/v3/auth/tokens', (request) => {
    const auth = (request.body as AuthBody).auth;
    const bound = auth.identity.methods[0] === 'application_credential';
    const project =
      auth.scope?.project?.id ?? (bound || auth.scope?.project !== undefined ? 'home' : undefined);
    const refused =
      (auth.identity.password?.user.password ?? options.password) !== options.password ||
      (project !== undefined && options.projects?.includes(project) === false);
    if (refused)
      return {
        status: 401,
        body: { error: { message: 'The request you have made requires authentication.' } },
      };
    const token = `fake-token-${fake.issued.length + 1}`;
    fake.issued.push(token);
    return {
      status: 201,
      headers: { 'X-Subject-Token': token },
      body: tokenBody(fake.url, { project, lifetimeMs: options.tokenLifetimeMs ?? 3_600_000 }),
    };
  });
}

interface AuthBody {
  auth: {
    identity: { methods: string[]; password?: { user: { password: string } } };
    scope?: { project?: { id?: string; name?: string } };
  };
}

/** A token body with the fake's services in its catalog. */
export function tokenBody(
  url: string,
  { project, lifetimeMs }: { project: string | undefined; lifetimeMs: number },
): Record<string, unknown> {
  const issued = new Date();
  const endpoint = (target: string) => [{ interface: 'public', region_id: 'RegionOne', url: target }];
  return {
    token: {
      user: { id: 'user-1', name: 'keeper', domain: { id: 'default', name: 'Default' } },
      ...(project === undefined
        ? {}
        : {
            project: { id: project, name: `name-of-${project}`, domain: { id: 'default', name: 'Default' } },
          }),
      roles: [{ id: 'role-1', name: 'admin' }],
      issued_at: issued.toISOString(),
      expires_at: new Date(issued.getTime() + lifetimeMs).toISOString(),
      catalog: [
        { type: 'compute', name: 'nova', endpoints: endpoint(`${url}/compute/v2.1`) },
        { type: 'volumev3', name: 'cinderv3', endpoints: endpoint(`${url}/volume/v3/${project ?? 'none'}`) },
        { type: 'image', name: 'glance', endpoints: endpoint(`${url}/image`) },
      ],
    },
  };
}

function credentialsFor(url: string, change: Partial<CloudCredentials>): CloudCredentials {
  return {
    source: 'the test',
    authUrl: `${url}/v3`,
    auth: { kind: 'password', userName: 'keeper', userDomain: { id: 'default' }, password: 'hunter2-secret' },
    scope: { kind: 'project', name: 'home', domain: { id: 'default' } },
    region: 'RegionOne',
    interface: 'public',
    tls: { verify: true },
    endpointOverrides: {},
    ...change,
  };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}

function reply(response: ServerResponse, answer: FakeAnswer): void {
  if (answer.hang === true) return;
  if (answer.drop === true) {
    response.socket?.destroy();
    return;
  }
  response.writeHead(answer.status ?? 200, { 'Content-Type': 'application/json', ...answer.headers });
  response.end(answer.text ?? (answer.body === undefined ? '' : JSON.stringify(answer.body)));
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}
