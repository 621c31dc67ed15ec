/** Requests that nobody means well: the answer is never a fault of ours, and tells nothing of our inside. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Agent, request as httpRequest } from 'node:http';
import { AccessLab } from '../support/access-lab.ts';
import { HostileRequests, type HostileRequest } from '../support/hostile-requests.ts';
import { labPassword } from '../support/lab-portal.ts';
import { PortalBrowser, sessionIn } from '../support/portal-browser.ts';
import { people, tokenOf, type PersonName } from '../support/lab-identity.ts';

const requests = 10_000;
const seed = 20_261_127;
const concurrency = 8;

let lab: AccessLab;
before(async () => {
  lab = await AccessLab.open();
});
after(() => lab.close());

/** Stacks, SQL, places in our file system, what the database says. */
const inside =
  /\bat .*\.(ts|js):\d|node_modules|\/root\/|\/tmp\/|\bselect \*|insert into|emberkeep\.(jobs|points|audit|restores)|SQLSTATE|invalid input syntax|pg_|ECONN/i;

interface Answer {
  status: number;
  text: string;
  headers: Record<string, string | string[] | undefined>;
}

const agent = new Agent({ keepAlive: true, maxSockets: concurrency });

function send({ method, path, headers, body }: HostileRequest): Promise<Answer> {
  const url = new URL(lab.service.url);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: url.hostname, port: url.port, method, path, headers, agent },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(chunks).toString(),
            headers: response.headers,
          }),
        );
      },
    );
    // A body that is too large is answered before it has come in.
    request.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EPIPE' || error.code === 'ECONNRESET'
        ? resolve({ status: 413, text: '', headers: { 'x-openstack-request-id': 'cut off' } })
        : reject(error),
    );
    request.end(body);
  });
}

function faultOf({ status, text, headers }: Answer): string | undefined {
  if (status >= 500 || status < 200) return `status ${status}`;
  if (inside.test(text)) return `shows ${inside.exec(text)?.[0] ?? ''}`;
  if (status >= 400 && headers['x-openstack-request-id'] === undefined) return 'no request id';
  return undefined;
}

test(`${requests} random requests after the document: no fault, no leak, bounded memory`, async () => {
  await seedRows();
  const generator = new HostileRequests(lab.service.api.document, seed, tokens());
  const faults: string[] = [];
  const statuses = new Map<number, number>();
  const before = process.memoryUsage().rss;
  let left = requests;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const asked = generator.next();
      const answer = await send(asked);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const fault = faultOf(answer);
      if (fault !== undefined)
        faults.push(`${fault}: ${asked.method} ${asked.path} ${String(asked.body).slice(0, 300)}`);
      // The log of the lab is for single requests.
      lab.log.length = 0;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  assert.deepEqual(faults.slice(0, 20), []);
  // Not all of them are refused at the door.
  for (const status of [200, 202, 400, 401, 403, 404])
    assert.ok((statuses.get(status) ?? 0) > 20, `${status}: ${JSON.stringify([...statuses])}`);
  assert.ok(process.memoryUsage().rss - before < 400 * 2 ** 20, 'memory grows with the requests');
});

test('1500 of them below /portal, with sessions and without', async () => {
  const sessions = new Map<string, PortalBrowser>();
  for (const token of ['member', 'reader', 'cloud-admin', 'system-admin', 'stranger']) {
    const browser = new PortalBrowser(lab.service.url);
    sessionIn(await browser.signIn(token, labPassword));
    sessions.set(token, browser);
  }
  const generator = new HostileRequests(lab.service.api.document, seed + 1, [
    ...sessions.keys(),
    'revoked',
    '',
  ]);
  const faults: string[] = [];
  const statuses = new Map<number, number>();
  const ask = async (asked: HostileRequest): Promise<void> => {
    const answer = await send(asked);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    const fault = faultOf(answer);
    if (fault !== undefined)
      faults.push(`${fault}: ${asked.method} ${asked.path} ${String(asked.body).slice(0, 300)}`);
    lab.log.length = 0;
  };
  let left = 1500;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const round = left;
      const { path, headers, ...asked } = generator.next();
      await ask({
        ...asked,
        path: `/portal/api${path}`,
        headers: { ...headers, ...sessionHeaders(sessions, headers) },
      });
      if (round % 3 === 0) await ask(hostileSignIn(round / 3, asked.body));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  assert.deepEqual(faults.slice(0, 20), []);
  for (const status of [200, 202, 400, 401, 403, 404])
    assert.ok((statuses.get(status) ?? 0) > 5, `${status}: ${JSON.stringify([...statuses])}`);
});

/** Mostly as the portal's own page sends it. */
function sessionHeaders(
  sessions: ReadonlyMap<string, PortalBrowser>,
  { 'x-auth-token': token = '' }: Record<string, string>,
): Record<string, string> {
  const browser = sessions.get(token);
  const cookie = browser === undefined ? `emberkeep-session=${token}` : cookieOf(browser);
  return { cookie, origin: lab.service.url, 'x-csrf-token': browser?.csrfToken ?? 'a'.repeat(43) };
}

function cookieOf({ cookies }: PortalBrowser): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

const wrongSignIns: readonly string[] = [
  '{"method":"password"}',
  '{"method":"password","user":"\\u0000","domain":"\\ud800","password":"\\u202e"}',
  `{"method":"password","user":"${'x'.repeat(300)}","domain":"Default","password":"a"}`,
  '{"method":"application_credential","id":"../../..","secret":"x"}',
  '{"method":"__proto__"}',
  '{"project_id":"../../v3"}',
  '{"system":false}',
  'token=%00&token=a',
  'token[a]=b',
  '[]',
  '{',
  'a'.repeat(100_000),
];

function hostileSignIn(round: number, random: string | undefined): HostileRequest {
  const body = (round % 4 === 0 ? random : undefined) ?? wrongSignIns[round % wrongSignIns.length] ?? '';
  const [method, path] = (
    [
      ['POST', '/portal/auth/session'],
      ['PUT', '/portal/auth/session/scope'],
      ['POST', '/portal/auth/websso'],
      ['DELETE', '/portal/auth/session'],
      ['GET', '/portal/auth/websso/..%2f'],
      ['POST', '/portal/'],
    ] as const
  )[round % 6]!;
  const type = round % 7 === 0 ? 'application/x-www-form-urlencoded' : 'application/json';
  const text = method === 'GET' ? undefined : body;
  return {
    method,
    path,
    headers: {
      origin: lab.service.url,
      cookie: `emberkeep-session=${'A'.repeat(43)}; emberkeep-websso=${'A'.repeat(43)}; =; ;;`,
      'content-type': type,
      ...(text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) }),
    },
    body: text,
  };
}

function tokens(): string[] {
  return [...(Object.keys(people) as PersonName[]).map(tokenOf), 'revoked', ''];
}

async function seedRows(): Promise<void> {
  const { own, foreign } = {
    own: lab.cloud.instances[0]!.projectId,
    foreign: lab.cloud.instances[2]!.projectId,
  };
  for (const project of [own, foreign]) {
    await lab.point(project);
    await lab.job(project);
    await lab.policy(project, true);
    await lab.pending(project, 'somebody');
  }
}

describe('single attacks', () => {
  const member = { 'x-auth-token': 'member' };

  test('a body that is too large is refused before it is read', async () => {
    for (const body of ['x'.repeat(300_000), `{"target":{"instance":"${'a'.repeat(400_000)}"}}`]) {
      const headers = {
        ...member,
        'content-type': 'application/json',
        'content-length': String(body.length),
      };
      const answer = await send({ method: 'POST', path: '/v1/backups', headers, body });
      assert.equal(answer.status, 413);
    }
  });

  test('names that climb out of a pool or look like options never reach rbd', async () => {
    const admin = { 'x-auth-token': 'cloud-admin' };
    for (const name of [
      '../../etc/passwd',
      '..',
      '--help',
      'a@b',
      'a/b',
      'a b',
      '-p',
      '%2e%2e%2f',
      'ä\u0000b',
    ]) {
      const path = encodeURIComponent(name);
      for (const url of [`/v1/pools/${path}/images`, `/v1/pools/volumes/images/${path}/snapshots`]) {
        const answer = await send({ method: 'GET', path: url, headers: admin, body: undefined });
        assert.ok([400, 404].includes(answer.status), `${url}: ${answer.status} ${answer.text}`);
        assert.equal(faultOf(answer), undefined);
      }
    }
    for (const path of [
      '/../../etc/passwd',
      '/v1/../../etc/passwd',
      '/v1/points/..%2f..%2f',
      '/v1/%2e%2e/',
    ]) {
      const answer = await send({ method: 'GET', path, headers: member, body: undefined });
      assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
    }
  });

  test('nothing that a caller says becomes a header', async () => {
    const forged = 'req-00000000-0000-4000-8000-000000000000%0d%0aset-cookie:a=b';
    const headers = { ...member, 'x-openstack-request-id': forged, 'idempotency-key': 'a b' };
    const answer = await send({
      method: 'GET',
      path: `/v1/points?marker=${forged}`,
      headers,
      body: undefined,
    });
    assert.equal(answer.status, 400);
    assert.equal(answer.headers['set-cookie'], undefined);
    assert.match(String(answer.headers['x-openstack-request-id']), /^req-[0-9a-f-]{36}$/);
    const host = { ...member, host: 'evil.example/"><script>' };
    const version = await send({ method: 'GET', path: '/v1', headers: host, body: undefined });
    assert.ok(version.status === 400 || !version.text.includes('<script>'), version.text);
  });

  test('what is no HTTP is hung up on, and the next caller is served', async () => {
    for (const bytes of [
      'GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n',
      'POST /v1/backups HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`,
      '\u0000\u0001\u0002\r\n\r\n',
    ]) {
      const answer = await raw(bytes);
      assert.match(answer, /^(HTTP\/1\.1 4\d\d|$)/);
      assert.doesNotMatch(answer, inside);
    }
    const alive = await send({ method: 'GET', path: '/livez', headers: {}, body: undefined });
    assert.equal(alive.status, 200);
  });
});

function raw(bytes: string): Promise<string> {
  const { hostname, port } = new URL(lab.service.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.end(bytes));
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('close', () => resolve(text));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(text) : reject(error),
    );
  });
}
