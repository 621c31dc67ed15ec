/** Signing in with a one-time passcode, in real Chromium, to a real Keystone that wants one. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cleanup, credentialsOf } from '../support/devcloud.ts';
import { startKeystoneWithTotp, totp } from '../support/keystone-with-totp.ts';
import type { PortalUser } from '../support/portal-users.ts';
import { fillSignIn, PortalScene } from './portal-scene.ts';

const cleanup = new Cleanup();
let scene: PortalScene;
let careful: PortalUser;
let secret: string;

before(async () => {
  const keystone = await startKeystoneWithTotp();
  cleanup.add(() => keystone.close());
  const credentials = { ...credentialsOf('emberkeep'), authUrl: keystone.authUrl };
  scene = await PortalScene.open('portal-passcode', '{}', { credentials });
  cleanup.add(() => scene.close());
  careful = await scene.users.create('e2e-careful', { projects: ['tenant'] });
  secret = await scene.users.totpSecret(careful);
  await scene.users.change(careful.id, {
    options: { multi_factor_auth_enabled: true, multi_factor_auth_rules: [['password', 'totp']] },
  });
});
after(() => cleanup.run());

test('the right password asks for the passcode; a wrong one is refused, the right one signs in', async () => {
  const tab = await scene.tab();
  const { page } = tab;
  const field = page.locator('input[name=passcode]');
  await page.locator('input[name=username]').waitFor();
  assert.equal(await field.count(), 0, 'nobody is asked before Keystone does');
  await fillSignIn(page, careful.name, careful.password);
  await field.waitFor();
  assert.equal(await page.locator('input[name=passcode]:focus').count(), 1);
  assert.equal(await page.getByRole('alert').count(), 0, 'it is no failure');
  await tab.assertAccessible('a sign-in that wants a passcode');
  await tab.picture('sign-in-passcode');

  const wrong = String((Number(totp(secret, new Date())) + 1) % 1_000_000).padStart(6, '0');
  await field.fill(wrong);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'AUTH_CREDENTIALS' }).waitFor();

  await field.fill(totp(secret, new Date()));
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.locator('.topbar').getByText(careful.name).waitFor();
  await page.getByRole('heading', { name: 'Instances', level: 1 }).waitFor();
  tab.assertClean();
});
