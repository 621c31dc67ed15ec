/**
 * Signing in without a password, in real Chromium: by an application credential of Keystone's, and by single sign-on. The cloud has no
 * identity provider, so the page that Keystone shows after one stands on a small server: Keystone's own template with a real token.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { KeystoneWebsso } from '../support/keystone-websso.ts';
import type { PortalUser } from '../support/portal-users.ts';
import type { Tab } from './chromium.ts';
import { PortalScene } from './portal-scene.ts';

let scene: PortalScene;
let keystone: KeystoneWebsso;
/** Signed in at the identity provider. */
let colleague: PortalUser;
let attacker: PortalUser;

before(async () => {
  scene = await PortalScene.open('portal-ways', async ({ users, cleanup }) => {
    colleague = await users.create('e2e-colleague', { projects: ['tenant'] });
    attacker = await users.create('e2e-attacker', { projects: ['other'] });
    keystone = await KeystoneWebsso.start({
      tokenOf: async () => (await users.unscopedToken(colleague)).value,
      pages: {
        '/form': async () => keystone.form(dashboard(), (await users.unscopedToken(attacker)).value),
        '/link': () => Promise.resolve(`<a href="${scene.url}/portal/auth/websso/openid">a prize</a>`),
      },
    });
    cleanup.add(() => keystone.stop());
    return `portal: { keystone_url: '${keystone.url}', websso: { openid: Company account } }`;
  });
  keystone.trustedDashboards.add(dashboard());
});
after(() => scene.close());

function dashboard(): string {
  return `${scene.url}/portal/auth/websso`;
}

async function namesOfCookies({ page }: Tab): Promise<string[]> {
  return (await page.context().cookies()).map(({ name }) => name);
}

test('an application credential signs in to its project, which is the only one; a wrong secret does not', async () => {
  const user = await scene.users.create('e2e-robot', { projects: ['tenant', 'other'] });
  const { id, secret } = await scene.users.applicationCredential(user, 'tenant');
  const tab = await scene.tab();
  const { page } = tab;
  await page.getByRole('button', { name: 'Application credential' }).click();
  await page.locator('input[name=credential-id]').fill(id);
  // Wrong from its first character on: of what Keystone hashes only the first 72 bytes count (bcrypt).
  await page.locator('input[name=credential-secret]').fill(`x${secret}`);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'AUTH_CREDENTIALS' }).waitFor();
  await tab.assertAccessible('an application credential that was refused');
  await page.locator('input[name=credential-secret]').fill(secret);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.locator('.topbar .scope', { hasText: 'tenant' }).waitFor();
  await page.getByRole('heading', { name: 'Instances', level: 1 }).waitFor();
  const { session } = await page.evaluate<{ session: { restricted: boolean; projects: { name: string }[] } }>(
    "fetch('/portal/auth/session').then((answer) => answer.json())",
  );
  assert.equal(session.restricted, true);
  assert.deepEqual(
    session.projects.map(({ name }) => name),
    ['tenant'],
  );
  assert.equal((await page.content()).includes(secret), false, 'I10');
  tab.assertClean();
});

test('single sign-on goes to Keystone and comes back signed in, by a form from another site', async () => {
  const tab = await scene.tab();
  const { page } = tab;
  const link = page.getByRole('link', { name: 'Sign in with Company account' });
  await link.waitFor();
  await tab.assertAccessible('a sign-in with single sign-on');
  const posted = page.waitForRequest(
    (request) => request.method() === 'POST' && request.url() === dashboard(),
  );
  await link.click();
  const form = await posted;
  assert.equal((await form.allHeaders())['origin'], keystone.origin);
  assert.equal((await form.allHeaders())['sec-fetch-site'], 'cross-site');
  await page.locator('.topbar').getByText(colleague.name).waitFor();
  assert.equal(new URL(page.url()).origin, scene.url);
  assert.deepEqual(await namesOfCookies(tab), ['emberkeep-session'], 'the state counts once');
  tab.assertClean();
});

test('a form with an attacker’s token signs nobody in, though it comes from Keystone’s own site', async () => {
  const tab = await scene.tab();
  const { page } = tab;
  await page.goto(`${keystone.origin}/form`);
  await page.getByText(/FORBIDDEN_CSRF/).waitFor();
  assert.deepEqual(await namesOfCookies(tab), []);
  await page.getByRole('link', { name: 'To the sign-in' }).click();
  await page.locator('input[name=username]').waitFor();
  tab.assertClean();
});

test('a link on another site does not begin a single sign-on, so no form of it is taken', async () => {
  const tab = await scene.tab();
  const { page } = tab;
  await page.goto(`${keystone.origin}/link`);
  await page.getByRole('link', { name: 'a prize' }).click();
  await page.locator('input[name=username]').waitFor();
  assert.equal(new URL(page.url()).pathname, '/portal/');
  assert.deepEqual(await namesOfCookies(tab), []);
  tab.assertClean();
});

test('who is signed in stays so when an attacker’s form comes', async () => {
  const tab = await scene.signedIn('tenant');
  const { page } = tab;
  await page.goto(`${keystone.origin}/form`);
  await page.getByText(/FORBIDDEN_CSRF/).waitFor();
  await page.goto(`${scene.url}/portal/`);
  await page.locator('.topbar').getByText('tenant').first().waitFor();
  assert.equal((await page.content()).includes(attacker.name), false);
  tab.assertClean();
});
