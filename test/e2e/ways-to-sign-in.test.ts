/** Application credentials, a second factor and single sign-on in real Chromium, on real Keystones that are set up for them. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { credentialsOf } from '../support/devcloud.ts';
import { startKeystoneWithTotp, totp } from '../support/keystone-with-totp.ts';
import { startKeystoneWithWebsso, webssoProtocol } from '../support/keystone-with-websso.ts';
import type { PortalUser } from '../support/portal-users.ts';
import { freePort, type SecondKeystone } from '../support/second-keystone.ts';
import type { Tab } from './chromium.ts';
import { fillSignIn, PortalScene } from './portal-scene.ts';

let scene: PortalScene;
let withTotp: SecondKeystone;
/** Whom the identity provider takes every browser for. */
let employee: PortalUser;
/** Who would like others to work in a session of his. */
let attacker: PortalUser;
let attackersSite: Server;

before(async () => {
  withTotp = await startKeystoneWithTotp();
  const port = await freePort();
  scene = await PortalScene.open(
    'portal-ways',
    async ({ users, cleanup }) => {
      employee = await users.create('e2e-employee', { projects: ['tenant'] });
      const dashboard = `http://127.0.0.1:${port}/portal/auth/websso`;
      const url = await startKeystoneWithWebsso({ users, user: employee, dashboard, cleanup });
      return `portal: { keystone_url: '${url}', websso: { ${webssoProtocol}: Company account } }`;
    },
    { port, credentials: { ...credentialsOf('emberkeep'), authUrl: withTotp.authUrl } },
  );
  attacker = await scene.users.create('e2e-attacker', { projects: ['other'] });
  attackersSite = await startAttackersSite();
});
after(async () => {
  attackersSite.close();
  await scene.close();
  await withTotp.close();
});

/** `/form` posts the attacker's own token, as Keystone's template does; `/link` leads to the sign-on. */
async function startAttackersSite(): Promise<Server> {
  const token = (await scene.users.unscopedToken(attacker)).value;
  const pages: Record<string, string> = {
    '/form':
      `<form id="sso" action="${scene.url}/portal/auth/websso" method="post">` +
      `<input type="hidden" name="token" value="${token}"/></form>` +
      '<script>document.forms["sso"].submit();</script>',
    '/link': `<a href="${scene.url}/portal/auth/websso/${webssoProtocol}">Cheap flights</a>`,
  };
  const server = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<!doctype html><title>Cheap flights</title>${pages[request.url ?? ''] ?? ''}`);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

function attackersPage(path: string): string {
  return `http://localhost:${(attackersSite.address() as AddressInfo).port}${path}`;
}

/** Whom the browser is signed in as; null for nobody. */
async function userOf({ page }: Tab): Promise<string | null> {
  const answer = await page.request.get(`${scene.url}/portal/auth/session`);
  const { session } = (await answer.json()) as { session: { user: { name: string } } | null };
  return session?.user.name ?? null;
}

async function chooseCredential({ page }: Tab, id: string, secret: string): Promise<void> {
  await page.getByRole('button', { name: 'Application credential' }).click();
  await page.locator('input[name=credential-id]').fill(id);
  await page.locator('input[name=credential-secret]').fill(secret);
  await page.locator('form button[type=submit]').click();
}

test('an application credential signs in to its own project, and offers no other', async () => {
  const worker = await scene.users.create('e2e-worker', { projects: ['tenant', 'other'] });
  const { id, secret } = await scene.users.applicationCredential(worker, 'other');
  const tab = await scene.tab();
  const { page } = tab;
  await chooseCredential(tab, id, 'wrong-secret');
  const box = page.getByRole('alert');
  await box.waitFor();
  assert.match(await box.innerText(), /AUTH_CREDENTIALS/);
  await tab.assertAccessible('the sign-in with an application credential');
  await tab.picture('sign-in-credential');
  await page.locator('input[name=credential-secret]').fill(secret);
  await page.locator('form button[type=submit]').click();
  await page.locator('.topbar .scope', { hasText: 'other' }).waitFor();
  await page.getByRole('heading', { name: 'Instances', level: 1 }).waitFor();
  assert.equal(await page.locator('.topbar button.scope').count(), 0, 'there is nothing to choose');
  tab.assertClean();
});

test('who has a second factor is asked for the passcode once the password is right', async () => {
  const careful = await scene.users.create('e2e-careful', { projects: ['tenant'] });
  const secret = await scene.users.totpSecret(careful);
  await scene.users.change(careful.id, {
    options: { multi_factor_auth_enabled: true, multi_factor_auth_rules: [['password', 'totp']] },
  });
  const tab = await scene.tab();
  const { page } = tab;
  await fillSignIn(page, careful.name, careful.password);
  const passcode = page.locator('input[name=passcode]');
  await passcode.waitFor();
  assert.equal(await page.getByRole('alert').count(), 0, 'being asked is no failure');
  assert.equal(await passcode.evaluate((field) => field.matches(':focus')), true);
  await tab.assertAccessible('the question for a passcode');
  await tab.picture('sign-in-passcode');
  const wrong = (Number(totp(secret, new Date())) + 1) % 1_000_000;
  await passcode.fill(String(wrong).padStart(6, '0'));
  await page.locator('form button[type=submit]').click();
  await page.getByRole('alert').getByText('AUTH_CREDENTIALS').waitFor();
  await passcode.fill(totp(secret, new Date()));
  await page.locator('form button[type=submit]').click();
  await page.locator('.topbar').waitFor();
  assert.equal(await userOf(tab), careful.name);
  tab.assertClean();
});

test('single sign-on: Keystone’s own page posts the token from its own site, and the session is there', async () => {
  const tab = await scene.tab();
  const { page } = tab;
  await page.getByRole('link', { name: /Company account/ }).waitFor();
  await tab.assertAccessible('the sign-in with a single sign-on');
  await tab.picture('sign-in-websso');
  const posted = page.waitForRequest((request) => request.method() === 'POST');
  await page.getByRole('link', { name: /Company account/ }).click();
  const from = (await (await posted).allHeaders())['origin'] ?? '';
  assert.equal(new URL(from).hostname, 'localhost');
  await page.locator('.topbar .scope', { hasText: 'tenant' }).waitFor();
  assert.equal(await userOf(tab), employee.name);
  assert.doesNotMatch(await page.content(), /gAAAA/);
  tab.assertClean();
});

test('another site cannot sign anybody in as somebody else', async () => {
  const tab = await scene.tab();
  const { page } = tab;
  await page.goto(attackersPage('/form'));
  await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
  assert.match(await page.locator('body').innerText(), /FORBIDDEN_CSRF/);
  assert.equal(await userOf(tab), null);
  await tab.picture('sign-in-forged');
  // Nor while a single sign-on is under way in another tab.
  await page.context().request.get(`${scene.url}/portal/auth/websso/${webssoProtocol}`, { maxRedirects: 0 });
  const names = (await page.context().cookies(scene.url)).map(({ name }) => name);
  assert.deepEqual(names, ['emberkeep-websso']);
  await page.goto(attackersPage('/form'));
  await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
  assert.equal(await userOf(tab), null);
  tab.assertClean();
});

test('a link elsewhere begins no single sign-on, and ends no session', async () => {
  const tab = await scene.tab();
  const { page } = tab;
  await page.goto(attackersPage('/link'));
  await page.getByRole('link', { name: 'Cheap flights' }).click();
  await page.locator('input[name=username]').waitFor();
  assert.equal(await userOf(tab), null);
  await page.getByRole('link', { name: /Company account/ }).click();
  await page.locator('.topbar').waitFor();
  await page.goto(attackersPage('/form'));
  await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
  assert.equal(await userOf(tab), employee.name, 'whoever was signed in still is');
  tab.assertClean();
});
