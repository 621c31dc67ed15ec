/** Signing in to the portal with the real Keystone: projects, system scope, revocation, replicas and restarts. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connectCatalog, type Sql } from '../../../src/drivers/catalog/connect.ts';
import { sessionIdOf, unseal } from '../../../src/workflows/portal/session-seal.ts';
import { Cleanup, devcloud, openCloud, uniqueName } from '../../support/devcloud.ts';
import {
  assertPortalError,
  PortalBrowser,
  sessionIn,
  type PortalAnswer,
} from '../../support/portal-browser.ts';
import { PortalUsers, type PortalUser } from '../../support/portal-users.ts';
import { startTestService, type TestService } from '../../support/service.ts';
import { openTestDatabase } from '../../support/test-database.ts';

const cleanup = new Cleanup();
const { password } = devcloud();
let service: TestService;
let databaseUrl: string;
let sql: Sql;
let users: PortalUsers;
/** In the projects tenant and other, and with a role on the system. */
let traveller: PortalUser;

before(async () => {
  const database = await openTestDatabase();
  databaseUrl = database.url;
  cleanup.add(() => database.close());
  sql = connectCatalog({ url: databaseUrl, poolSize: 1 });
  cleanup.add(() => sql.destroy());
  service = await start();
  users = new PortalUsers(openCloud('devcloud-admin'));
  cleanup.add(() => users.close());
  traveller = await users.create('traveller', { projects: ['tenant', 'other'], system: 'reader' });
});
after(() => cleanup.run());

async function start(): Promise<TestService> {
  const started = await startTestService({ env: { EMBERKEEP_DATABASE_URL: databaseUrl }, role: 'api' });
  cleanup.add(() => started.stop());
  return started;
}

function browser(): PortalBrowser {
  return new PortalBrowser(service.service.url);
}

async function signedIn(user: string, secret = password): Promise<PortalBrowser> {
  const one = browser();
  sessionIn(await one.signIn(user, secret));
  return one;
}

/** The tokens that the session holds: only its cookie opens them. */
async function tokensOf({ cookies }: PortalBrowser): Promise<string[]> {
  const cookie = Buffer.from(cookies.get('emberkeep-session') ?? '', 'base64url');
  const row = (await sql('emberkeep.portal_sessions')
    .where({ id: sessionIdOf(cookie) })
    .first()) as {
    sealed: Buffer;
  };
  const held = unseal(cookie, row.sealed) as { unscopedToken?: string; scopedToken?: string };
  return [held.unscopedToken, held.scopedToken].filter((token) => token !== undefined);
}

/** What Keystone says of a token that asks about itself. */
async function statusOf(token: string): Promise<number> {
  const headers = { 'x-auth-token': token, 'x-subject-token': token };
  return (await fetch(`${devcloud().authUrl}/auth/tokens`, { headers })).status;
}

describe('password', () => {
  test('a tenant is in its one project, and sees its own', async () => {
    const one = browser();
    const answer = await one.signIn('tenant', password);
    assert.equal(answer.status, 201);
    const session = sessionIn(answer);
    assert.deepEqual(session.user.domain, { id: 'default', name: 'Default' });
    assert.equal(session.scope.project?.name, 'tenant');
    assert.deepEqual(
      session.projects.map(({ name }) => name),
      ['tenant'],
    );
    assert.deepEqual(session.rights, { change: true, administer: false, see_all_projects: false });
    assert.equal((await one.call('GET', '/api/v1/instances')).status, 200);
    const { projects } = (await one.call('GET', '/api/v1/projects')).body as { projects: { id: string }[] };
    assert.deepEqual(
      projects.map(({ id }) => id),
      [session.scope.project.id],
    );
    assertPortalError(await one.call('GET', '/api/v1/pools'), 403, 'FORBIDDEN_ROLE');
  });

  test('an administrator administers, a reader changes nothing', async () => {
    const admin = sessionIn(await browser().signIn('admin', password));
    assert.deepEqual(admin.rights, { change: true, administer: true, see_all_projects: true });
    assert.equal(admin.system, true);
    const reader = sessionIn(await browser().signIn('reader', password));
    assert.deepEqual(reader.rights, { change: false, administer: false, see_all_projects: false });
  });

  test('a wrong password, user or domain is refused alike', async () => {
    const answers = [
      await browser().signIn('tenant', 'wrong-password'),
      await browser().signIn(uniqueName('nobody'), password),
      await browser().signIn('tenant', password, { domain: 'no-such-domain' }),
      await browser().call('POST', '/auth/session', {
        body: { method: 'application_credential', id: 'no-such-credential', secret: 'x' },
      }),
    ];
    for (const answer of answers) assertPortalError(answer, 401, 'AUTH_CREDENTIALS');
    assert.equal(answers[0]!.body!.error!.message, answers[1]!.body!.error!.message);
  });

  test('a user with a default project begins there', async () => {
    const user = await users.create('at-home', { projects: ['tenant', 'other'], defaultProject: 'other' });
    const session = sessionIn(await browser().signIn(user.name, user.password));
    assert.equal(session.scope.project?.name, 'other');
  });
});

describe('scope', () => {
  test('projects and the system are chosen without the password, and the token of before is revoked', async () => {
    const one = browser();
    const first = sessionIn(await one.signIn(traveller.name, traveller.password));
    assert.equal(first.scope.type, 'unscoped');
    assert.deepEqual(first.projects.map(({ name }) => name).toSorted(), ['other', 'tenant']);
    assertPortalError(await one.call('GET', '/api/v1/instances'), 401, 'AUTH_SCOPE');
    const csrfTokens = new Set([first.csrf_token]);
    let scoped: string | undefined;
    for (const name of ['tenant', 'other', 'tenant']) {
      const id = first.projects.find((project) => project.name === name)!.id;
      const session = sessionIn(await one.call('PUT', '/auth/session/scope', { body: { project_id: id } }));
      assert.equal(session.scope.project?.id, id);
      csrfTokens.add(session.csrf_token);
      assert.equal((await one.call('GET', '/api/v1/instances')).status, 200);
      if (scoped !== undefined) assert.notEqual(await statusOf(scoped), 200);
      scoped = (await tokensOf(one))[1];
    }
    assert.equal(csrfTokens.size, 3, 'one for each scope');
    const system = sessionIn(await one.call('PUT', '/auth/session/scope', { body: { system: true } }));
    assert.deepEqual(
      [system.scope.type, system.rights],
      ['system', { change: false, administer: false, see_all_projects: true }],
    );
    assert.equal((await one.call('GET', '/api/v1/coverage/projects?all_projects=true')).status, 200);
  });

  test('what the user has no role in cannot be chosen', async () => {
    const one = await signedIn('tenant');
    const foreign = await users.projectId('other');
    const choose = (body: unknown): Promise<PortalAnswer> => one.call('PUT', '/auth/session/scope', { body });
    assertPortalError(await choose({ project_id: foreign }), 404, 'NOTFOUND_RESOURCE');
    assertPortalError(await choose({ project_id: '0'.repeat(32) }), 404, 'NOTFOUND_RESOURCE');
    assertPortalError(await choose({ system: true }), 403, 'FORBIDDEN_SCOPE');
    assert.equal((await one.call('GET', '/api/v1/instances')).status, 200, 'and the session goes on');
  });
});

test('an application credential signs in to its project and to no other', async () => {
  const credential = await users.applicationCredential(traveller, 'tenant');
  const one = browser();
  const session = sessionIn(
    await one.call('POST', '/auth/session', { body: { method: 'application_credential', ...credential } }),
  );
  assert.deepEqual([session.restricted, session.scope.project?.name], [true, 'tenant']);
  assert.equal((await one.call('GET', '/api/v1/instances')).status, 200);
  const body = { project_id: await users.projectId('other') };
  assertPortalError(await one.call('PUT', '/auth/session/scope', { body }), 403, 'FORBIDDEN_SCOPE');
  assert.equal((await one.call('DELETE', '/auth/session')).status, 204);
});

test('single sign-on: the form of Keystone with a real unscoped token', async () => {
  const { value } = await users.unscopedToken(traveller);
  const form = {
    body: new URLSearchParams({ token: value }).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: new URL(devcloud().authUrl).origin,
    },
  };
  const configured = await startTestService({
    env: {
      EMBERKEEP_DATABASE_URL: databaseUrl,
      EMBERKEEP_CONFIG: await users.configFile('portal: { websso: { openid: Company account } }'),
    },
    role: 'api',
  });
  cleanup.add(() => configured.stop());
  const one = new PortalBrowser(configured.service.url);
  assert.equal((await one.call('POST', '/auth/websso', form)).status, 403, 'nobody asked for it');
  const begun = await one.call('GET', '/auth/websso/openid');
  assert.ok(
    begun.headers
      .get('location')!
      .startsWith(`${devcloud().authUrl}/auth/OS-FEDERATION/websso/openid?origin=`),
  );
  assert.equal((await one.call('POST', '/auth/websso', form)).status, 303);
  const session = sessionIn(await one.call('GET', '/auth/session'));
  assert.deepEqual([session.user.name, session.scope.type], [traveller.name, 'unscoped']);
  assert.deepEqual(
    ((await one.call('GET', '/auth/session')).body as { sign_in: { websso: unknown } }).sign_in.websso,
    [{ protocol: 'openid', label: 'Company account' }],
  );
});

describe('the end', () => {
  test('after the sign-out Keystone itself refuses both tokens', async () => {
    const one = await signedIn('tenant');
    const tokens = await tokensOf(one);
    assert.equal(tokens.length, 2);
    for (const token of tokens) assert.equal(await statusOf(token), 200);
    assert.equal((await one.call('DELETE', '/auth/session')).status, 204);
    for (const token of tokens) assert.ok([401, 404].includes(await statusOf(token)), 'revoked');
  });

  test('an expired session is none', async () => {
    const one = await signedIn('tenant');
    const id = sessionIdOf(Buffer.from(one.cookies.get('emberkeep-session')!, 'base64url'));
    await sql('emberkeep.portal_sessions').where({ id }).update({ expires_at: new Date() });
    assertPortalError(await one.call('GET', '/api/v1/instances'), 401, 'AUTH_SESSION');
    assert.equal((await one.call('GET', '/auth/session')).body!.session, null);
  });

  test('a session outlives a restart, and is the same at two replicas', async () => {
    const one = await signedIn('tenant');
    const second = await start();
    const there = one.at(second.service.url);
    assert.deepEqual(
      sessionIn(await there.call('GET', '/auth/session')),
      sessionIn(await one.call('GET', '/auth/session')),
    );
    await service.stop();
    service = second;
    assert.equal((await there.call('GET', '/api/v1/instances')).status, 200);
    assert.equal((await there.call('DELETE', '/auth/session')).status, 204);
  });
});

test('changes need the CSRF token and our own origin', async () => {
  const one = await signedIn('tenant');
  const body = { target: { instance: uniqueName('missing') } };
  const ask = (headers: Record<string, string>): Promise<PortalAnswer> =>
    one.call('POST', '/api/v1/backups', { body, headers });
  assertPortalError(await ask({ 'x-csrf-token': 'wrong' }), 403, 'FORBIDDEN_CSRF');
  assertPortalError(await ask({ origin: 'https://evil.example' }), 403, 'FORBIDDEN_CSRF');
  assertPortalError(await ask({}), 404, 'NOTFOUND_RESOURCE');
});
