/** Sessions that end, tabs that share one, and services that do not answer, as the person in front of the page meets them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { devcloud } from '../support/devcloud.ts';
import { Tab } from './chromium.ts';
import { PortalScene } from './portal-scene.ts';

let scene: PortalScene;
const { password } = devcloud();

before(async () => {
  scene = await PortalScene.open('portal-session');
});
after(() => scene.close());

/** Of every session there is. */
async function expireIn(minutes: number): Promise<void> {
  await scene.service.drivers.catalog.transaction(async (tx) => {
    await tx.sql.raw('update emberkeep.portal_sessions set expires_at = now() + make_interval(mins => ?)', [
      minutes,
    ]);
  });
}

test('the end of a session is told before it comes, and signing in again is offered', async () => {
  const tab = await scene.signedIn('tenant');
  await expireIn(3);
  await tab.page.reload();
  await tab.page
    .getByRole('alert')
    .getByText(/The session ends in/)
    .waitFor();
  await tab.assertAccessible('a page whose session ends soon');
  await tab.picture('session-ends');
  await tab.page.getByRole('button', { name: 'Sign in again' }).click();
  const dialog = tab.page.getByRole('dialog');
  await dialog.locator('input[name=password]').fill(password);
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
  await tab.page
    .getByRole('alert')
    .getByText(/The session ends in/)
    .waitFor({ state: 'detached' });
  tab.assertClean();
});

test('a session that ended under a page is renewed in front of it, and the page goes on', async () => {
  const tab = await scene.signedIn('tenant');
  // Not before: whatever the first page still asks for would bring the dialog there, in front of the link.
  const jobs = /\/v1\/jobs(\?|$)/;
  await tab.page.route(
    jobs,
    async (route) => {
      await expireIn(-1);
      await route.continue();
    },
    { times: 1 },
  );
  await tab.page.getByRole('link', { name: 'Jobs' }).click();
  const dialog = tab.page.getByRole('dialog', { name: 'The session has ended' });
  await dialog.waitFor();
  await tab.assertAccessible('a page whose session has ended');
  await tab.picture('session-ended');
  await dialog.locator('input[name=password]').fill(password);
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await tab.page.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor();
  assert.equal(new URL(tab.page.url()).pathname, '/portal/jobs');
  tab.assertClean();
});

test('who signs out in one tab is signed out in the other', async () => {
  const tab = await scene.signedIn('tenant');
  const other = await Tab.open(tab.page.context());
  await other.page.goto(`${scene.url}/portal/instances`);
  await other.page.locator('.topbar').waitFor();
  await tab.page.getByRole('button', { name: 'Sign out' }).click();
  await other.page.locator('input[name=username]').waitFor();
  tab.assertClean();
  other.assertClean();
});

test('while the service is away a page says so with what to do, and shows the list once it is back', async () => {
  const tab = await scene.signedIn('tenant');
  await tab.page.getByRole('heading', { name: 'Instances', level: 1 }).waitFor();
  tab.expect(/ERR_|net::/);
  await tab.page.route('**/portal/api/**', (route) => route.abort('connectionrefused'));
  await tab.page.getByRole('link', { name: 'Jobs' }).click();
  const retry = tab.page.getByRole('button', { name: /Try again/ });
  await retry.first().waitFor();
  await tab.assertAccessible('a page without its service');
  await tab.picture('service-away');
  await tab.page.unroute('**/portal/api/**');
  await retry.first().click();
  await retry.first().waitFor({ state: 'detached' });
  tab.assertClean();
});

test('in Chinese, the sign-in and the first page', async () => {
  const tab = await scene.tab('/', { locale: 'zh-CN' });
  await tab.page.locator('input[name=username]').waitFor();
  assert.match(await tab.page.locator('main').innerText(), /\p{Script=Han}/u);
  assert.equal(await tab.page.locator('html').getAttribute('lang'), 'zh-CN');
  await tab.picture('sign-in-zh');
  tab.assertClean();
});
