/** A tenant looks at the policies of its project and chooses among them, in real Chromium. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { Tab } from './chromium.ts';
import { fillSignIn, PortalScene, type SceneInstance } from './portal-scene.ts';

/** Until the scheduler has looked at the assignments, ms. */
const takeOver = { timeout: 180_000 };
/** Half a day away: no backup begins meanwhile, of nobody's instance in the project. */
const time = `${String((new Date().getUTCHours() + 12) % 24).padStart(2, '0')}:30`;

let scene: PortalScene;
let web: SceneInstance;
/** Chose the policy by its metadata. */
let chooser: string;
let policy: string;
let tab: Tab;
let page: Page;

before(async () => {
  scene = await PortalScene.open('portal-policies');
  const { scratch, service } = scene;
  policy = `${scratch.prefix}-nightly`;
  web = await scene.instance('web');
  chooser = scratch.name('chooser');
  await scratch.instance({
    name: chooser,
    disks: [{ volumeId: await scratch.volume({ bootable: true }) }],
    metadata: { 'emberkeep:policy': policy },
  });
  const [hour, minute] = time.split(':').map(Number);
  const spec = {
    schedule: { cron: `${minute} ${hour} * * *` },
    retention: { keep: { daily: 7, weekly: 4 } },
    cycle: { days: 3 },
  };
  const window = { start: '22:00', end: '06:00' };
  await service.call('POST', '/v1/policies', {
    ...spec,
    name: policy,
    description: 'Every night',
    published: true,
  });
  await service.call('POST', '/v1/policies', { ...spec, name: `${policy}-hidden`, window });
  tab = await scene.signedIn('tenant', '/policies');
  ({ page } = tab);
});
after(() => scene.close());

/** The row of something in one of the page's tables. */
function row(table: string, name: string | RegExp, of = page): ReturnType<Page['locator']> {
  return of
    .getByRole('table', { name: table, exact: true })
    .getByRole('row')
    .filter({ has: of.getByRole('rowheader', { name }) });
}

test('the published policies are told in words, with the ways to choose one', async () => {
  const line = row('Policies', policy);
  await line.getByText(`every day at ${time} (UTC)`).waitFor();
  await line.getByText('7 daily, 4 weekly').waitFor();
  await page
    .getByRole('code')
    .filter({ hasText: `--property emberkeep:policy=${policy} INSTANCE` })
    .waitFor();
  assert.equal(await page.getByText(`${policy}-hidden`).count(), 0, 'it is not published');
  await tab.assertAccessible('the policies');
  await tab.picture('policies');
  tab.assertClean();
});

test('a policy is found by a part of its name, whatever the case, and all are put in order by name', async () => {
  const name = page.getByLabel('Name, or a part of it');
  await name.fill(policy.slice(3).toUpperCase());
  await page.waitForURL(/name=/);
  await row('Policies', policy).waitFor();
  await name.fill('no policy has this');
  await page.getByText('Nothing matches the filter').waitFor();
  await tab.assertAccessible('no policy of this name');
  await name.fill('');
  const head = page.getByRole('table', { name: 'Policies', exact: true }).getByRole('columnheader').first();
  await head.getByRole('button').click();
  await page.waitForURL(/sort=name%3Aasc/);
  assert.equal(await head.getAttribute('aria-sort'), 'ascending');
  await page.getByLabel('State').selectOption('switched off');
  await row('Policies', policy).waitFor({ state: 'detached' });
  await page.getByLabel('State').selectOption('All');
  await row('Policies', policy).waitFor();
  await tab.picture('policies-sorted');
  tab.assertClean();
});

test('an instance that is assigned follows the policy, beside the one that chose it by its metadata', async () => {
  await page.getByRole('link', { name: policy }).click();
  await page.getByRole('heading', { level: 1, name: policy }).waitFor();
  await row('What it protects', chooser).getByText('its own metadata or tag').waitFor(takeOver);
  await page.getByRole('button', { name: 'Assign to an instance' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Instance, by name or ID').fill(`${web.name}-none`);
  await dialog.getByRole('button', { name: 'Assign', exact: true }).click();
  await dialog.getByRole('alert').filter({ hasText: 'NOTFOUND_RESOURCE' }).waitFor();
  await tab.assertAccessible('an assignment that was refused');
  await dialog.getByLabel('Instance, by name or ID').fill(web.name);
  await dialog.getByRole('button', { name: 'Assign', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  const line = row('What it protects', web.name);
  await line.getByText('the instance itself').waitFor(takeOver);
  await line.getByText(/in 1[12] hours/).waitFor();
  await row('Assignments', new RegExp(web.name)).getByText('somebody of this project').waitFor();
  await page.getByLabel('Through').selectOption('the instance itself');
  await row('What it protects', chooser).waitFor({ state: 'detached' });
  await line.waitFor();
  await page.getByLabel('Through').selectOption('All');
  await row('What it protects', chooser).waitFor();
  await tab.assertAccessible('a policy');
  await tab.picture('policy');
  tab.assertClean();
});

test('the whole project follows it where nothing closer does, until it is taken away', async () => {
  await page.getByRole('button', { name: 'Assign to the project' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('also those that are made later').waitFor();
  await tab.assertAccessible('the question before a project is assigned');
  await tab.picture('policy-assign-project');
  await dialog.getByRole('button', { name: 'Assign', exact: true }).click();
  await row('Assignments', /all instances of this project/).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Assign to the project' }).count(), 0);
  await page.getByRole('button', { name: `Take it away: ${web.name}` }).click();
  await row('What it protects', web.name).getByText('the project', { exact: true }).waitFor(takeOver);
  await page.getByRole('button', { name: 'Take it away: all instances of this project' }).click();
  await row('What it protects', web.name).waitFor({ state: 'detached', ...takeOver });
  await page.getByText('Nothing in this project is assigned to it here').waitFor();
  await row('What it protects', chooser).waitFor();
  tab.assertClean();
});

test('who may only look is told so and offered nothing; I7: another project sees nothing of this one', async () => {
  const reader = await scene.users.create('e2e-policies', { projects: ['tenant'], role: 'reader' });
  const view = await scene.tab();
  await fillSignIn(view.page, reader.name, reader.password);
  await view.page.locator('.topbar').waitFor();
  for (const path of ['/policies', `/policies/${policy}`]) {
    await view.page.goto(`${scene.url}/portal${path}`);
    await view.page.getByText('Your role may look.').waitFor();
    await view.page.locator('main .skeleton').first().waitFor({ state: 'detached' });
    const offered = view.page.locator('main').getByRole('button', { name: /Assign|Take/ });
    assert.deepEqual(await offered.allInnerTexts(), [], path);
  }
  await row('What it protects', chooser, view.page).waitFor();
  view.assertClean();
  const stranger = await scene.signedIn('other', `/policies/${policy}`);
  await stranger.page.getByText('It protects nothing in this project').waitFor();
  assert.equal((await stranger.page.content()).includes(chooser), false);
  await stranger.page.goto(`${scene.url}/portal/policies/${policy}-hidden`);
  await stranger.page.getByRole('alert').getByText('Not found', { exact: true }).waitFor();
  await stranger.assertAccessible('a policy that is not this project’s');
  stranger.assertClean();
});

test('while the service is away the page says so, and shows the policies once it is back', async () => {
  tab.expect(/ERR_|net::/);
  await page.route('**/portal/api/v1/policies**', (route) => route.abort('connectionrefused'));
  await page.goto(`${scene.url}/portal/policies`);
  const retry = page.getByRole('button', { name: /Try again/ });
  await retry.first().waitFor();
  await tab.assertAccessible('policies without their service');
  await page.unroute('**/portal/api/v1/policies**');
  await retry.first().click();
  await row('Policies', policy).waitFor();
  tab.assertClean();
});

test('in Chinese', async () => {
  const chinese = await scene.signedIn('tenant', '/policies', { locale: 'zh-CN' });
  await row('策略', policy, chinese.page).getByText(`每天 ${time}（UTC）`).waitFor();
  await chinese.page.getByText('能修改云主机的人').waitFor();
  await chinese.assertAccessible('the policies in Chinese');
  await chinese.page.goto(`${scene.url}/portal/policies/${policy}`);
  await row('保护的对象', chooser, chinese.page).getByText('自身的元数据或标签').waitFor();
  await chinese.assertAccessible('a policy in Chinese');
  await chinese.picture('policy-zh');
  chinese.assertClean();
});
