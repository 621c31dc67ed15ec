/** People sign in to the built pages with real Chromium on the real Keystone. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { devcloud } from '../support/devcloud.ts';
import type { PortalUser } from '../support/portal-users.ts';
import { fillSignIn, PortalScene, signIn } from './portal-scene.ts';

let scene: PortalScene;
let traveller: PortalUser;
const { password } = devcloud();

before(async () => {
  scene = await PortalScene.open('portal-door');
  traveller = await scene.users.create('e2e-traveller', { projects: ['tenant', 'other'] });
});
after(() => scene.close());

test('a wrong password is told with what to do and the request id, and the right one then signs in', async () => {
  const tab = await scene.tab();
  await tab.assertAccessible('the sign-in page');
  await tab.picture('sign-in');
  await fillSignIn(tab.page, 'tenant', 'wrong-password');
  const box = tab.page.getByRole('alert');
  await box.waitFor();
  assert.match(await box.innerText(), /AUTH_CREDENTIALS[\s\S]*req-[0-9a-f-]{36}/);
  await tab.assertAccessible('a refused sign-in');
  await signIn(tab, 'tenant', password);
  tab.assertClean();
});

test('the token and the session are out of reach of scripts', async () => {
  const tab = await scene.signedIn('tenant');
  assert.equal(await tab.page.evaluate<string>('document.cookie'), '');
  const kept = await tab.page.evaluate<string>(
    'JSON.stringify([{ ...localStorage }, { ...sessionStorage }])',
  );
  assert.doesNotMatch(kept, /gAAAA|csrf/);
  const cookies = await tab.page.context().cookies();
  assert.deepEqual(
    cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite })),
    [{ name: 'emberkeep-session', httpOnly: true, sameSite: 'Lax' }],
  );
  tab.assertClean();
});

test('a user with several projects chooses one, and another without the password', async () => {
  const tab = await scene.tab();
  await fillSignIn(tab.page, traveller.name, traveller.password);
  await tab.page.getByRole('button', { name: /^tenant/ }).waitFor();
  await tab.assertAccessible('the choice of a project');
  await tab.picture('choose-project');
  await tab.page.getByRole('button', { name: /^tenant/ }).click();
  await tab.page.locator('.topbar .scope', { hasText: 'tenant' }).click();
  await tab.page
    .getByRole('dialog')
    .getByRole('button', { name: /^other/ })
    .click();
  await tab.page.locator('.topbar .scope', { hasText: 'other' }).waitFor();
  tab.assertClean();
});

test('after the sign-out the page of before is the sign-in, by its address as well', async () => {
  const tab = await scene.signedIn('tenant', '/jobs');
  await tab.page.getByRole('button', { name: 'Sign out' }).click();
  await tab.page.locator('input[name=username]').waitFor();
  await tab.page.goto(`${scene.url}/portal/jobs`);
  await tab.page.locator('input[name=username]').waitFor();
  tab.assertClean();
});
