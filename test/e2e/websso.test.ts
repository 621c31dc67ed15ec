/** Single sign-on in real Chromium, with nothing played: a Keystone with federation, Apache, and an OpenID Connect provider. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { freePort } from '../support/chart/addresses.ts';
import { Cleanup, credentialsOf, openCloud } from '../support/devcloud.ts';
import { startFederatedKeystone, type FederatedKeystone } from '../support/federated-keystone.ts';
import { PortalUsers } from '../support/portal-users.ts';
import { PortalScene, type SceneInstance } from './portal-scene.ts';
import type { Tab } from './chromium.ts';

const cleanup = new Cleanup();
const people = { 'ann.lee': 'password of ann' };
let scene: PortalScene;
let keystone: FederatedKeystone;
let instance: SceneInstance;

before(async () => {
  const users = new PortalUsers(openCloud('devcloud-admin'));
  cleanup.add(() => users.close());
  const port = await freePort();
  keystone = await startFederatedKeystone({
    users,
    people,
    dashboard: `http://127.0.0.1:${port}/portal/auth/websso`,
    projectIds: [await users.projectId('tenant'), await users.projectId('other')],
  });
  cleanup.add(() => keystone.close());
  scene = await PortalScene.open(
    'portal-websso',
    `portal: { keystone_url: '${keystone.url}', websso: { openid: Company account } }`,
    { port, credentials: { ...credentialsOf('emberkeep'), authUrl: keystone.url } },
  );
  cleanup.add(() => scene.close());
  instance = await scene.instance('web');
});
after(() => cleanup.run());

/** At the page of the OpenID Connect provider. */
async function signInAtProvider({ page }: Tab): Promise<void> {
  await page.getByLabel('Name').fill('ann.lee');
  await page.getByLabel('Password').fill(people['ann.lee']);
  assert.equal(new URL(page.url()).origin, keystone.issuer);
  await page.getByRole('button', { name: 'Continue' }).click();
}

test('from the portal over Keystone to the provider and back, to the instances of a project', async () => {
  const tab = await scene.tab();
  const { page } = tab;
  await page.getByRole('link', { name: 'Sign in with Company account' }).click();
  const posted = page.waitForRequest((request) => request.url() === `${scene.url}/portal/auth/websso`);
  await signInAtProvider(tab);
  const form = await posted;
  assert.equal(form.method(), 'POST');
  assert.equal((await form.allHeaders())['origin'], new URL(keystone.url).origin);
  assert.equal((await form.allHeaders())['sec-fetch-site'], 'cross-site');
  await page.getByRole('button', { name: /^tenant/ }).click();
  await page.locator('.topbar .scope', { hasText: 'tenant' }).waitFor();
  await page.locator('.topbar').getByText('ann.lee').waitFor();
  await page.getByRole('link', { name: instance.name }).waitFor();

  const { session } = await page.evaluate<{
    session: { user: { domain: { name: string } }; roles: string[] };
  }>("fetch('/portal/auth/session').then((answer) => answer.json())");
  assert.equal(session.user.domain.name, keystone.domainName);
  assert.ok(session.roles.includes('member'), session.roles.join());
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.locator('input[name=username]').waitFor();
  tab.assertClean();
});

test('Keystone gives no token to an address that it was not told', async () => {
  const tab = await scene.tab();
  const { page } = tab;
  const elsewhere = encodeURIComponent('http://127.0.0.1:1/portal/auth/websso');
  await page.goto(`${keystone.url}/auth/OS-FEDERATION/websso/openid?origin=${elsewhere}`);
  const refused = page.waitForResponse((response) => response.status() === 401);
  await signInAtProvider(tab);
  assert.equal(new URL((await refused).url()).origin, new URL(keystone.url).origin);
  assert.equal((await page.content()).includes('name="token"'), false);
});

test('a form that Keystone posts to a browser that did not begin here signs nobody in', async () => {
  const tab = await scene.tab();
  const { page } = tab;
  const origin = encodeURIComponent(`${scene.url}/portal/auth/websso`);
  await page.goto(`${keystone.url}/auth/OS-FEDERATION/websso/openid?origin=${origin}`);
  await signInAtProvider(tab);
  await page.getByText(/FORBIDDEN_CSRF/).waitFor();
  const names = (await page.context().cookies(scene.url)).map(({ name }) => name);
  assert.equal(names.includes('emberkeep-session'), false);
  tab.assertClean();
});
