/** A point that is verified and one that is damaged, and who may only look, in real Chromium. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { BackupJob } from '../support/service.ts';
import { flipByte } from '../support/flip-byte.ts';
import type { Tab } from './chromium.ts';
import { fillSignIn, PortalScene, type SceneInstance } from './portal-scene.ts';

/** Of a job, ms. */
const jobPatience = { timeout: 180_000 };

let scene: PortalScene;
let instance: SceneInstance;
let backup: BackupJob;
let tab: Tab;

before(async () => {
  scene = await PortalScene.open('portal-care');
  instance = await scene.instance('mail');
  await scene.fill(instance.dataId, 1);
  await scene.fill(instance.rootId, 2);
  backup = await scene.service.backup({ instance: instance.id });
  tab = await scene.signedIn('tenant');
});
after(() => scene.close());

/** How many ways to a restore a page offers. */
function restoreLinks({ page }: Tab): Promise<number> {
  return page
    .locator('main')
    .getByRole('link', { name: /^Restore( the .*)?$/ })
    .count();
}

test('a point is verified from its page, which then says so', async () => {
  const { page } = tab;
  await page.goto(`${scene.url}/portal/points/${backup.result.point_id}`);
  await page.getByRole('button', { name: 'Verify' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: /^full/ }).check();
  await tab.assertAccessible('the dialog of a verification');
  await tab.picture('verify');
  await dialog.getByRole('button', { name: 'Verify' }).click();
  await page.waitForURL(/\/portal\/jobs\//);
  await page.getByText('1 point is intact.').waitFor(jobPatience);
  await tab.picture('job-verify');
  await page.getByRole('link', { name: 'Recovery point' }).click();
  await page.locator('.page-head').getByText('verified', { exact: true }).waitFor();
  tab.assertClean();
});

test('I8: a byte that has changed in the store is found, and the point is shown as damaged wherever it stands', async () => {
  const { page } = tab;
  const [disk] = backup.result.disks;
  assert.ok(disk);
  await flipByte(scene.service.config.storeDirectory, disk.link_id);
  await page.goto(`${scene.url}/portal/points/${backup.result.point_id}`);
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Verify' }).click();
  await page.waitForURL(/\/portal\/jobs\//);
  await page
    .getByRole('alert')
    .getByText(/damaged/)
    .waitFor(jobPatience);
  await tab.assertAccessible('a verification that found damage');
  await tab.picture('job-damaged');
  await page.goto(`${scene.url}/portal/points/${backup.result.point_id}`);
  await page.locator('.page-head').getByText('damaged', { exact: true }).first().waitFor();
  await page.getByRole('alert').waitFor();
  assert.equal(await restoreLinks(tab), 0);
  await tab.assertAccessible('a damaged point');
  await tab.picture('point-damaged');
  await page.goto(`${scene.url}/portal/instances/${instance.id}`);
  await page.locator('.timeline table').getByText('damaged', { exact: true }).first().waitFor();
  assert.equal(await restoreLinks(tab), 0);
  await page.getByRole('button', { name: /damaged/ }).waitFor();
  await tab.assertAccessible('a timeline with a damaged point');
  await tab.picture('timeline-damaged');
  // Whoever has the wizard's address by heart.
  await page.goto(`${scene.url}/portal/points/${backup.result.point_id}/restore`);
  await page.getByText('This point is damaged').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Restore now' }).count(), 0);
  await tab.assertAccessible('the wizard of a damaged point');
  await tab.picture('restore-damaged');
  tab.assertClean();
});

test('a reader sees the project and is offered nothing that would be refused', async () => {
  const sound = await scene.service.backup({ instance: instance.id });
  const reader = await scene.users.create('e2e-reader', { projects: ['tenant'], role: 'reader' });
  const view = await scene.tab();
  const { page } = view;
  await fillSignIn(page, reader.name, reader.password);
  await page.locator('.topbar').waitFor();
  const pages: [path: string, text: string | RegExp][] = [
    [`/instances?name=${instance.name}`, instance.name],
    // Its newest point: after the damage one disk begins anew, the other goes on.
    [`/instances/${instance.id}`, /^(full|increment|mixed)/],
    [`/instances/${instance.id}/policy`, /olicy/],
    ['/volumes', /olume/],
    [`/points/${sound.result.point_id}`, 'not verified yet'],
    [`/points/${sound.result.point_id}/restore`, 'Your role may look, and not restore'],
    [`/jobs/${sound.id}`, 'succeeded'],
  ];
  for (const [path, text] of pages) {
    await page.goto(`${scene.url}/portal${path}`);
    await page.locator('main').getByText(text).filter({ visible: true }).first().waitFor();
    await page.locator('main .skeleton').first().waitFor({ state: 'detached' });
    const offered = await page
      .locator('main')
      .getByRole('button', { name: /Back up|Verify|Restore|Assign|Stop|Undo/ })
      .allInnerTexts();
    assert.deepEqual(offered, [], path);
    assert.equal(await restoreLinks(view), 0, path);
  }
  await page.goto(`${scene.url}/portal/instances/${instance.id}`);
  await page.getByRole('table', { name: 'Recovery points', exact: true }).waitFor();
  await view.assertAccessible('an instance to who may only look');
  await view.picture('reader');
  view.assertClean();
});

interface StoredPoint {
  id: string;
  state: string;
  stored_bytes: number;
}

function idsOf(points: readonly StoredPoint[]): string[] {
  return points.map(({ id }) => id);
}

test('points are put in order by a head or, on a narrow screen, by a choice, and filtered; the address keeps both', async () => {
  const { page } = tab;
  const table = page.getByRole('table', { name: 'Recovery points', exact: true });
  await scene.fill(instance.dataId, 9, 3 * 1024 * 1024);
  const bigger = await scene.service.backup({ instance: instance.id });
  const { points } = await scene.service.call<{ points: StoredPoint[] }>(
    'GET',
    `/v1/points?source=${instance.id}`,
  );
  const ascending = points.toReversed().toSorted((a, b) => a.stored_bytes - b.stored_bytes);
  assert.equal(ascending.at(-1)?.id, bigger.result.point_id);
  const inOrder = async (ids: readonly string[]): Promise<void> => {
    for (const [index, id] of ids.entries())
      await table.locator(`tbody tr:nth-child(${index + 1}) a[href="/portal/points/${id}"]`).waitFor();
    await table.locator(`tbody tr:nth-child(${ids.length + 1})`).waitFor({ state: 'detached' });
  };
  await page.goto(`${scene.url}/portal/instances/${instance.id}`);
  await inOrder(idsOf(points));
  const head = table.getByRole('columnheader', { name: 'Stored' });
  assert.equal(await head.getAttribute('aria-sort'), 'none');
  assert.equal(await page.getByLabel('Order').isVisible(), false, 'there are heads');
  // By the keyboard.
  await head.getByRole('button').focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/sort=stored_bytes%3Aasc/);
  await inOrder(idsOf(ascending));
  assert.equal(await head.getAttribute('aria-sort'), 'ascending');
  await page.keyboard.press('Enter');
  await page.waitForURL(/sort=stored_bytes%3Adesc/);
  await inOrder(idsOf(ascending.toReversed()));
  assert.equal(await head.getAttribute('aria-sort'), 'descending');
  await page.reload();
  await inOrder(idsOf(ascending.toReversed()));
  await tab.assertAccessible('points in the order of what they store');
  await tab.picture('timeline-sorted');
  await tab.show('light', 'narrow');
  const order = page.getByLabel('Order');
  assert.equal(await order.inputValue(), 'stored_bytes:desc');
  await order.selectOption('Stored, ascending');
  await inOrder(idsOf(ascending));
  await tab.assertAccessible('points with a choice of their order');
  await tab.show('light', 'wide');
  await page.getByLabel('State').selectOption('Restorable');
  await page.waitForURL(/state=complete/);
  await inOrder(idsOf(ascending.filter(({ state }) => state === 'complete')));
  tab.assertClean();
});
