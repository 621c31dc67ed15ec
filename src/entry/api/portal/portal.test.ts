/** The portal's server side on a real PostgreSQL, over a made-up Keystone; the real one is in test/integration/portal. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccessLab } from '../../../../test/support/access-lab.ts';
import { projectOf } from '../../../../test/support/fake-cloud.ts';
import { labPasscode, labPassword } from '../../../../test/support/lab-portal.ts';
import {
  assertPortalError,
  PortalBrowser,
  sessionIn,
  type PortalAnswer,
} from '../../../../test/support/portal-browser.ts';

let lab: AccessLab;
before(async () => {
  lab = await AccessLab.open();
});
after(() => lab.close());

function browser(): PortalBrowser {
  return new PortalBrowser(lab.service.url);
}

async function signedIn(user = 'member'): Promise<PortalBrowser> {
  const one = browser();
  sessionIn(await one.signIn(user, labPassword));
  return one;
}

describe('signing in', () => {
  test('a user with one project is in it at once, with the rights that the API would give', async () => {
    const one = browser();
    const answer = await one.signIn('member', labPassword);
    assert.equal(answer.status, 201);
    const { csrf_token: csrf, expires_at: expires, ...session } = sessionIn(answer);
    assert.match(csrf, /^[\w-]{43}$/);
    assert.ok(Date.parse(expires) > Date.now());
    const demo = { id: projectOf('demo'), name: 'demo' };
    assert.deepEqual(session, {
      user: { id: session.user.id, name: 'member', domain: { id: 'default', name: 'Default' } },
      scope: { type: 'project', project: { ...demo, domain: { id: '', name: '' } } },
      roles: ['member', 'reader'],
      rights: { change: true, administer: false, see_all_projects: false },
      projects: [{ ...demo, domain: { id: 'd-1', name: 'name of d-1' } }],
      system: false,
      restricted: false,
    });
    assert.deepEqual((await one.call('GET', '/auth/session')).body!.session, answer.body!.session);
  });

  test('the cookie is for the server alone', async () => {
    const response = await browser().open('POST', '/auth/session', {
      body: { method: 'password', user: 'member', domain: 'Default', password: labPassword },
    });
    assert.match(
      response.headers.getSetCookie().join(),
      /^emberkeep-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    assert.equal(response.headers.get('cache-control'), 'no-store');
  });

  test('what is wrong is not told apart, is in the audit trail, and its secrets are nowhere', async () => {
    const secret = 'hunter2-secret';
    for (const answer of [
      await browser().signIn('member', secret),
      await browser().signIn('nobody-knows', labPassword),
      await browser().signIn('member', labPassword, { domain: 'Elsewhere' }),
    ]) {
      assertPortalError(answer, 401, 'AUTH_CREDENTIALS');
      assert.match(answer.body!.error!.message, /check user, domain and password/);
    }
    const broken = { body: `{"method":"password","password":${secret}}` };
    assertPortalError(await browser().call('POST', '/auth/session', broken), 400, 'INPUT_JSON');
    const rows = (await lab.database.sql('emberkeep.audit').where('action', 'portal.sign-in')) as {
      result: string;
      target: Record<string, unknown>;
    }[];
    const refused = rows.filter(({ result }) => result === 'refused');
    assert.ok(refused.some(({ target }) => target['user'] === 'nobody-knows'));
    assert.equal(JSON.stringify(rows).includes(secret), false);
    assert.equal(lab.log.join('').includes(secret.slice(0, 8)), false);
    assert.equal(lab.log.join('').includes(labPassword), false);
  });

  test('a second factor is asked for, and comes with the password', async () => {
    assertPortalError(await browser().signIn('careful', labPassword), 401, 'AUTH_PASSCODE_NEEDED');
    const wrong = await browser().signIn('careful', labPassword, { passcode: '000000' });
    assertPortalError(wrong, 401, 'AUTH_CREDENTIALS');
    sessionIn(await browser().signIn('careful', labPassword, { passcode: labPasscode }));
  });

  test('an application credential has its own project and no other', async () => {
    const one = browser();
    const body = { method: 'application_credential', id: 'ac-1', secret: labPassword };
    const session = sessionIn(await one.call('POST', '/auth/session', { body }));
    assert.deepEqual([session.restricted, session.scope.project?.id], [true, projectOf('demo')]);
    const other = await one.call('PUT', '/auth/session/scope', { body: { project_id: projectOf('demo') } });
    assertPortalError(other, 403, 'FORBIDDEN_SCOPE');
  });

  test('who guesses is slowed down', async () => {
    let last: PortalAnswer | undefined;
    for (let i = 0; i < 11; i += 1) last = await browser().signIn('stranger', 'wrong-password');
    assertPortalError(last!, 429, 'LIMIT_SIGN_IN');
    assert.ok(Number(last!.headers.get('retry-after')) > 0);
    assertPortalError(await browser().signIn('Stranger', labPassword), 429, 'LIMIT_SIGN_IN');
  });

  test('while Keystone is away nobody can sign in, but everybody out', async () => {
    const [one, { keystone, errors }] = [await signedIn(), lab.portal];
    keystone.away = true;
    const answer = await browser().signIn('member', labPassword);
    assertPortalError(answer, 503, 'OPENSTACK_KEYSTONE_AWAY');
    assert.equal(answer.headers.get('retry-after'), '5');
    assert.equal((await one.call('DELETE', '/auth/session')).status, 204);
    assert.equal((await one.call('GET', '/auth/session')).body!.session, null);
    assert.deepEqual(errors, Array(2).fill('a token of the portal could not be revoked'));
    keystone.away = false;
  });

  test('a page elsewhere cannot sign anybody in', async () => {
    const body = { method: 'password', user: 'member', domain: 'Default', password: labPassword };
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'null' },
    ] as Record<string, string>[]) {
      const answer = await browser().call('POST', '/auth/session', { body, headers });
      assertPortalError(answer, 403, 'FORBIDDEN_CSRF');
    }
    const form = { body: 'method=password&user=member', headers: { 'content-type': 'text/plain' } };
    assertPortalError(await browser().call('POST', '/auth/session', form), 415, 'INPUT_MEDIA_TYPE');
  });
});

describe('a session', () => {
  test('is the API, with bodies, errors and links of its own place', async () => {
    const one = await signedIn();
    const page = await one.call('GET', '/api/v1/instances?limit=1');
    assert.equal(page.status, 200);
    const { links } = page.body as unknown as { links: { href: string }[] };
    assert.ok(links[0]!.href.startsWith(`${lab.service.url}/portal/api/v1/instances?`), links[0]!.href);
    assertPortalError(await one.call('GET', '/api/v1/points/nothing'), 400, 'INPUT_PATH');
    const backup = { body: { target: { instance: 'web-01' } } };
    assert.equal((await one.call('POST', '/api/v1/backups', backup)).status, 202);
    assertPortalError(await one.call('PUT', '/api/v1/backups', backup), 405, 'INPUT_METHOD');
    assertPortalError(await one.call('GET', '/api/v2/backups'), 404, 'NOTFOUND_PATH');
  });

  test('nobody else has it', async () => {
    for (const cookie of [
      '',
      'emberkeep-session=',
      `emberkeep-session=${'A'.repeat(43)}`,
      'emberkeep-session=../x',
    ]) {
      const answer = await browser().call('GET', '/api/v1/instances', { headers: { cookie } });
      assertPortalError(answer, 401, 'AUTH_SESSION');
    }
    const token = { headers: { 'x-auth-token': 'member' } };
    assertPortalError(await browser().call('GET', '/api/v1/instances', token), 401, 'AUTH_SESSION');
    assert.equal((await browser().call('GET', '/auth/session')).body!.session, null);
  });

  test('a change needs its CSRF token and an origin that fits', async () => {
    const one = await signedIn();
    const body = { target: { instance: 'web-01' } };
    for (const headers of [
      { 'x-csrf-token': '' },
      { 'x-csrf-token': (await signedIn()).csrfToken! },
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'same-site' },
    ] as Record<string, string>[]) {
      const answer = await one.call('POST', '/api/v1/backups', { body, headers });
      assertPortalError(answer, 403, 'FORBIDDEN_CSRF');
    }
    assertPortalError(
      await one.call('DELETE', '/auth/session', { headers: { origin: 'https://evil.example' } }),
      403,
      'FORBIDDEN_CSRF',
    );
    assert.equal((await one.call('POST', '/api/v1/backups', { body })).status, 202);
  });

  test('ends with the sign-out, at every replica, and revokes its tokens', async () => {
    const one = await signedIn();
    const elsewhere = one.at((await lab.replicate()).url);
    assert.equal((await elsewhere.call('GET', '/api/v1/instances')).status, 200);
    const before = lab.portal.keystone.revoked.length;
    assert.equal((await one.call('DELETE', '/auth/session')).status, 204);
    assert.deepEqual(lab.portal.keystone.revoked.slice(before), ['member', 'unscoped-member']);
    assert.equal(one.cookies.size, 0);
    assertPortalError(await elsewhere.call('GET', '/api/v1/instances'), 401, 'AUTH_SESSION');
    const again = await elsewhere.call('DELETE', '/auth/session');
    assertPortalError(again, 401, 'AUTH_SESSION');
  });

  test('is over when Keystone no longer knows its token', async () => {
    const one = await signedIn();
    await lab.portal.keystone.revoke('member');
    assert.equal((await one.call('GET', '/auth/session')).body!.session, null);
    assertPortalError(await one.call('GET', '/api/v1/instances'), 401, 'AUTH_SESSION');
  });

  test('a project of others cannot be chosen, and answers as one that does not exist', async () => {
    const one = await signedIn();
    const choose = (id: string): Promise<PortalAnswer> =>
      one.call('PUT', '/auth/session/scope', { body: { project_id: id } });
    const [foreign, unknown] = [await choose(projectOf('other')), await choose('no-such-project')];
    assertPortalError(foreign, 404, 'NOTFOUND_RESOURCE');
    assertPortalError(unknown, 404, 'NOTFOUND_RESOURCE');
    assert.equal(
      foreign.body!.error!.message.replace(projectOf('other'), 'ID'),
      unknown.body!.error!.message.replace('no-such-project', 'ID'),
    );
    assert.equal((await one.call('GET', '/api/v1/instances')).status, 200);
  });

  test('who may only act on the system has to choose it, and the page of before changes nothing then', async () => {
    const one = browser();
    const first = sessionIn(await one.signIn('system-admin', labPassword));
    assert.deepEqual([first.scope.type, first.system, first.rights.change], ['unscoped', true, false]);
    assertPortalError(await one.call('GET', '/api/v1/instances'), 401, 'AUTH_SCOPE');
    const chosen = sessionIn(await one.call('PUT', '/auth/session/scope', { body: { system: true } }));
    assert.deepEqual([chosen.scope.type, chosen.rights.administer], ['system', true]);
    assert.equal((await one.call('GET', '/api/v1/projects')).status, 200);
    const stale = { body: {}, headers: { 'x-csrf-token': first.csrf_token } };
    assertPortalError(await one.call('POST', '/api/v1/reconciliations', stale), 403, 'FORBIDDEN_CSRF');
  });

  test('events end when the session does, wherever it was ended', async () => {
    const one = await signedIn();
    const job = await lab.job(projectOf('demo'));
    const response = await one.open('GET', `/api/v1/jobs/${job}/events`);
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    const reading = response.text().then(
      () => 'ended',
      () => 'ended',
    );
    assert.equal(await Promise.race([reading, sleep(300, 'open')]), 'open');
    await one.call('DELETE', '/auth/session');
    assert.equal(await reading, 'ended');
  });
});

describe('single sign-on', () => {
  const origin = 'https://keystone.example';

  async function post(
    one: PortalBrowser,
    token: string,
    headers: Record<string, string> = { origin },
  ): Promise<PortalAnswer> {
    const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html', ...headers };
    return await one.call('POST', '/auth/websso', {
      body: new URLSearchParams({ token }).toString(),
      headers: form,
    });
  }

  async function begun(): Promise<PortalBrowser> {
    const one = browser();
    const answer = await one.call('GET', '/auth/websso/openid');
    assert.equal(answer.status, 303);
    const back = encodeURIComponent(`${lab.service.url}/portal/auth/websso`);
    assert.equal(
      answer.headers.get('location'),
      `https://keystone.example/v3/auth/OS-FEDERATION/websso/openid?origin=${back}`,
    );
    return one;
  }

  test("Keystone's form signs in, once", async () => {
    const one = await begun();
    const answer = await post(one, 'unscoped-reader');
    assert.deepEqual([answer.status, answer.headers.get('location')], [303, '/portal/']);
    sessionIn(await one.call('GET', '/auth/session'));
    assert.equal((await post(one, 'unscoped-reader')).status, 403, 'the state was used');
  });

  test('a form that this browser did not ask for, or that comes from elsewhere, signs nobody in', async () => {
    assert.equal((await post(browser(), 'unscoped-reader')).status, 403);
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { origin: '' }]) {
      const one = await begun();
      const answer = await post(one, 'unscoped-reader', headers);
      assert.equal(answer.status, 403);
      assert.match(answer.text, /FORBIDDEN_CSRF, req-/);
      assert.equal((await one.call('GET', '/auth/session')).body!.session, null);
    }
  });

  test('a link elsewhere does not begin it, and only what is configured can begin', async () => {
    const led = await browser().call('GET', '/auth/websso/openid', {
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    assert.deepEqual([led.status, led.headers.get('location')], [303, '/portal/']);
    assert.deepEqual(led.headers.getSetCookie(), []);
    assertPortalError(await browser().call('GET', '/auth/websso/saml2'), 404, 'NOTFOUND_PATH');
  });

  test('a token that Keystone does not know, or that is for a project already, is refused', async () => {
    for (const token of ['made-up', 'member']) {
      const answer = await post(await begun(), token);
      assert.equal(answer.status, 401);
      assert.match(answer.text, /AUTH_CREDENTIALS/);
    }
  });
});
