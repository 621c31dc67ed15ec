/** The administrators' pages in real Chromium, over a service on the real cloud. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { reconcileWithFindings, rememberDays } from './admin-history.ts';
import type { Tab } from './chromium.ts';
import { fillSignIn, PortalScene, type SceneInstance } from './portal-scene.ts';

let scene: PortalScene;
let instance: SceneInstance;
let pointId: string;
let backupJobId: string;
const policyName = 'nightly-e2e';
const titlesOfBadges = "[...document.querySelectorAll('main .badge[title]')].map((badge) => badge.title)";

interface Asked {
  restore: { id: string; state: string };
}

before(async () => {
  scene = await PortalScene.open('portal-admin');
  const { service } = scene;
  instance = await scene.instance('shop');
  await scene.fill(instance.dataId, 7);
  const backup = await service.backup({ instance: instance.id });
  backupJobId = backup.id;
  pointId = backup.result.point_id;
  await reconcileWithFindings(service, pointId);
  await rememberDays(service);
  const all = { target: { all: true }, level: 'full' };
  const verified = await service.call<{ job: { id: string } }>('POST', '/v1/verifications', all);
  await service.ended(verified.job.id);
  const projectId = await scene.users.projectId('tenant');
  await service.call('PATCH', `/v1/projects/${projectId}`, { approval_modes: ['image'] });
});
after(() => scene.close());

/** A restore that waits, asked for by the tenant. */
async function ask(): Promise<string> {
  const body = { point: { id: pointId }, mode: 'image' };
  const { restore } = await scene.service.call<Asked>('POST', '/v1/restores', body, 'devcloud-tenant');
  assert.equal(restore.state, 'pending');
  return restore.id;
}

async function go(tab: Tab, path: string, heading: string | RegExp): Promise<void> {
  await tab.page.goto(`${scene.url}/portal/admin/${path}`);
  await tab.page.getByRole('heading', { level: 1, name: heading }).waitFor();
  await settled(tab);
}

/** Until nothing is on its way any more. */
async function settled({ page }: Tab): Promise<void> {
  await page.locator('main .skeleton').first().waitFor({ state: 'detached' });
  await page.waitForFunction("document.querySelectorAll('main .skeleton').length === 0");
}

test('a policy is made, looked at as a picture of 90 days, assigned and changed', async () => {
  const tab = await scene.signedIn('admin', '/admin/policies');
  const { page } = tab;
  await page.getByRole('link', { name: 'New policy' }).click();
  await page.getByLabel('Name').fill(policyName);
  await page.getByLabel('Description').fill('Every night');
  await page.getByLabel('Interval').fill('6h');
  await tab.assertAccessible('the form of a policy');
  await tab.picture('admin-new-policy');
  await page.getByRole('button', { name: 'Make the policy' }).click();
  await page.getByRole('heading', { level: 1, name: policyName }).waitFor();
  await settled(tab);
  const bars = await page.locator('.chart svg .bar.increment').count();
  assert.equal(bars, 90);
  await tab.assertAccessible('a simulation');
  await tab.picture('admin-policy-simulation');
  await page.getByRole('link', { name: 'Assignments' }).click();
  await page.getByRole('button', { name: 'Assign' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Assigned to').selectOption('instance');
  await dialog.getByLabel('Name or id of the instance').fill(instance.id);
  await tab.assertAccessible('the dialog of an assignment');
  await tab.picture('admin-policy-assign');
  await dialog.getByRole('button', { name: 'Assign' }).click();
  await page.getByRole('rowheader', { name: instance.id }).waitFor();
  await tab.picture('admin-policy-assignments');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('Interval').fill('often');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').filter({ hasText: 'INPUT_BODY' }).waitFor();
  await tab.picture('admin-policy-refused');
  await page.getByLabel('Interval').fill('12h');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText(`${policyName} is changed.`).waitFor();
  const { policy } = await scene.service.call<{ policy: { schedule: { every: string } } }>(
    'GET',
    `/v1/policies/${policyName}`,
  );
  assert.equal(policy.schedule.every, '12h');
  tab.assertClean();
});

test('who approves sees the plan of what was asked for, and the restore then runs', async () => {
  const id = await ask();
  const tab = await scene.signedIn('admin', '/admin/approvals');
  const { page } = tab;
  await page.getByRole('rowheader').first().waitFor();
  await tab.assertAccessible('the approvals');
  await tab.picture('admin-approvals');
  await page.getByRole('rowheader').getByRole('link').first().click();
  await page.getByRole('heading', { level: 1, name: new RegExp(instance.name) }).waitFor();
  await page.locator('.plan').waitFor();
  await tab.assertAccessible('a plan to approve');
  await tab.picture('admin-approval');
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('dialog').getByLabel('Reason (optional)').fill('as agreed');
  await tab.assertAccessible('the dialog of an approval');
  await tab.picture('admin-approve');
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  await page.getByText('as agreed').waitFor();
  const { restore } = await scene.service.call<{ restore: { job_id: string } }>('GET', `/v1/restores/${id}`);
  assert.equal((await scene.service.ended(restore.job_id)).state, 'succeeded');
  tab.assertClean();
});

test('who rejects has to say why', async () => {
  const id = await ask();
  const tab = await scene.signedIn('admin', `/admin/approvals/${id}`);
  const { page } = tab;
  await page.getByRole('button', { name: 'Reject' }).click();
  const dialog = page.getByRole('dialog');
  assert.equal(await dialog.getByRole('button', { name: 'Reject' }).isDisabled(), true);
  await dialog.getByLabel('Reason (shown to who asked)').fill('not on a Friday');
  await dialog.getByRole('button', { name: 'Reject' }).click();
  await page.getByText('not on a Friday').waitFor();
  const { restore } = await scene.service.call<{ restore: { state: string } }>('GET', `/v1/restores/${id}`);
  assert.equal(restore.state, 'rejected');
  tab.assertClean();
});

test('what tenants may restore is set on the project’s page', async () => {
  const projectId = await scene.users.projectId('tenant');
  const tab = await scene.signedIn('admin', '/admin/projects');
  const { page } = tab;
  await page.getByRole('link', { name: 'tenant', exact: true }).waitFor();
  await settled(tab);
  await tab.assertAccessible('the projects');
  await tab.picture('admin-projects');
  await page.getByRole('link', { name: 'tenant', exact: true }).click();
  await page.getByRole('checkbox', { name: 'In place' }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  await settled(tab);
  await tab.assertAccessible('a project');
  await tab.picture('admin-project');
  const { project } = await scene.service.call<{ project: { approval_modes: string[] } }>(
    'GET',
    `/v1/projects/${projectId}`,
  );
  assert.deepEqual(project.approval_modes.sort(), ['image', 'in-place']);
  tab.assertClean();
});

test('every other page is there, accessible, and breaks no policy', async () => {
  const tab = await scene.signedIn('admin', '/admin/overview');
  const pages: [name: string, path: string, heading: string | RegExp][] = [
    ['overview', 'overview', 'Overview'],
    ['policies', 'policies', 'Policies'],
    ['policy-sources', `policies/${policyName}?tab=sources`, policyName],
    ['stores', 'stores', 'Stores'],
    ['jobs', 'jobs', 'Jobs'],
    ['job', `jobs/${backupJobId}`, /^Backup/],
    ['audit', 'audit', 'Audit'],
    ['reconciliations', 'reconcile', 'Reconciliation'],
    ['nothing', 'jobs?state=cancelled&kind=rebuild', 'Jobs'],
    ['unknown-job', 'jobs/00000000-0000-4000-8000-000000000000', 'Job'],
    ['no-such-page', 'nonsense', /./],
  ];
  for (const [name, path, heading] of pages) {
    await go(tab, path, heading);
    await tab.assertAccessible(name);
    await tab.picture(`admin-${name}`);
  }
  const { page } = tab;
  await go(tab, 'jobs', 'Jobs');
  await tab.show('light', 'narrow');
  await page.getByLabel('Order').selectOption('Took, descending');
  await page.waitForURL(/sort=duration%3Adesc/);
  await page.getByRole('rowheader').first().waitFor();
  await tab.assertAccessible('jobs with a choice of their order');
  await tab.show('light', 'wide');
  const took = page.getByRole('columnheader', { name: 'Took' });
  assert.equal(await took.getAttribute('aria-sort'), 'descending');
  await go(tab, 'stores', 'Stores');
  await page.getByRole('rowheader').first().getByRole('link').click();
  await page.locator('.chart svg').waitFor();
  await page.getByText('As a table').click();
  const figures = await page.locator('.chart-table tbody tr').count();
  assert.ok(figures >= 2, 'the scheduler noted today, and there is now');
  await tab.assertAccessible('a store');
  await tab.picture('admin-store');
  await page.getByRole('button', { name: 'Verify everything now' }).click();
  await tab.picture('admin-verify');
  await page.getByRole('dialog').getByRole('button', { name: 'Begin' }).click();
  await page.getByRole('heading', { level: 1, name: /^Verification/ }).waitFor();
  await go(tab, 'reconcile', 'Reconciliation');
  await page.getByRole('rowheader').first().getByRole('link').click();
  await page.getByRole('heading', { name: 'Findings' }).waitFor();
  await settled(tab);
  await tab.assertAccessible('the findings of a reconciliation');
  await tab.picture('admin-findings');
  tab.assertClean();
});

test('the same in Chinese', async () => {
  const tab = await scene.signedIn('admin', '/admin/overview', { locale: 'zh-CN' });
  const pages: [name: string, path: string, heading: string][] = [
    ['overview', 'overview', '概览'],
    ['projects', 'projects', '项目'],
    ['jobs', 'jobs', '任务'],
    ['policy', `policies/${policyName}`, policyName],
    ['audit', 'audit', '审计'],
  ];
  for (const [name, path, heading] of pages) {
    await go(tab, path, heading);
    assert.equal(await tab.page.locator('html').getAttribute('lang'), 'zh-CN');
    await tab.picture(`admin-zh-${name}`);
  }
  await go(tab, 'reconcile', '核对');
  await tab.page.getByRole('rowheader').first().getByRole('link').click();
  await tab.page.getByText('移除文件夹').waitFor();
  await tab.page.getByText('请再次备份其源').waitFor();
  await settled(tab);
  assert.equal(
    await tab.page.locator('main table [lang=en]').count(),
    0,
    'the findings have no English left',
  );
  await tab.picture('admin-zh-findings');
  await tab.page.locator('main a[href*="/admin/jobs/"]').click();
  await tab.page.locator('.steps li').first().waitFor();
  assert.deepEqual(await tab.page.locator('.steps [lang=en]').allInnerTexts(), []);
  await tab.picture('admin-zh-reconcile-job');
  tab.assertClean();
});

test('a tenant reads its pages in Chinese, hover titles and the service’s sentences too', async () => {
  const tab = await scene.signedIn('tenant', '/instances', { locale: 'zh-CN' });
  const { page } = tab;
  for (const [name, path] of [
    ['instances', `instances?name=${instance.name}`],
    ['instance', `instances/${instance.id}`],
    ['restore-plan', `points/${pointId}/restore`],
  ] as const) {
    await page.goto(`${scene.url}/portal/${path}`);
    if (name === 'restore-plan') {
      await page.getByRole('radio', { name: /替换云硬盘/ }).check();
      await page.locator('.plan').waitFor();
    } else await page.locator('main .badge[title]').first().waitFor();
    await settled(tab);
    assert.deepEqual(await page.locator('main [lang=en]').allInnerTexts(), [], path);
    for (const title of await page.evaluate<string[]>(titlesOfBadges)) assert.match(title, /\p{Script=Han}/u);
    await tab.picture(`zh-${name}`);
  }
  tab.assertClean();
});

test('a reader of the system sees everything and is offered no change', async () => {
  const reader = await scene.users.create('e2e-auditor', { projects: ['other'], system: 'reader' });
  const tab = await scene.tab('/admin/policies');
  const { page } = tab;
  await fillSignIn(page, reader.name, reader.password);
  await page.locator('.topbar, .choices').first().waitFor();
  if ((await page.locator('.choices').count()) === 0) await page.locator('.topbar .scope').click();
  await page.getByRole('button', { name: 'Whole system' }).click();
  await page.locator('.topbar .scope', { hasText: 'Whole system' }).waitFor();
  await go(tab, 'policies', 'Policies');
  await page.getByRole('rowheader', { name: policyName }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'New policy' }).count(), 0);
  await go(tab, 'reconcile', 'Reconciliation');
  assert.equal(await page.getByRole('button', { name: 'Dry run' }).count(), 0);
  tab.assertClean();
});

test('a tenant is shown nothing of it', async () => {
  const tab = await scene.signedIn('tenant', '/admin/overview');
  const { page } = tab;
  await page.locator('main h1').waitFor();
  assert.equal(await page.getByText('Running jobs').count(), 0);
  assert.equal(await page.locator('.sider').getByRole('link', { name: 'Audit' }).count(), 0);
  tab.assertClean();
});
