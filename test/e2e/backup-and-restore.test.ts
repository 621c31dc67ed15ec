/** A tenant backs up, loses data, and brings it back in Chromium; everything around it is real. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { Tab } from './chromium.ts';
import { imageOf, PortalScene, type SceneInstance } from './portal-scene.ts';
import { headSha256 } from '../support/rbd-image.ts';
import type { BackupJob } from '../support/service.ts';

const mib = 1024 * 1024;
/** Of a job, ms. */
const jobPatience = { timeout: 180_000 };

let scene: PortalScene;
let instance: SceneInstance;
let tab: Tab;
let page: Page;
let backup: BackupJob;
/** Checksum of the data disk's head at the point. */
let atPoint: string;

before(async () => {
  // Slow enough to be watched: 24 MiB take some seconds.
  scene = await PortalScene.open('portal', 'limits: { bandwidth_mib: 4 }');
  instance = await scene.instance('web');
  await scene.fill(instance.dataId, 1, 24 * mib);
  atPoint = await headSha256(imageOf(instance.dataId));
  backup = await scene.service.backup({ instance: instance.id });
  tab = await scene.signedIn('tenant');
  ({ page } = tab);
});
after(() => scene.close());

function pathOf(shown: Page): string {
  return new URL(shown.url()).pathname.replace('/portal', '');
}

/** A page once it shows what it has, looked at and kept as a picture. */
async function show(name: string, path: string, text: RegExp): Promise<void> {
  await page.goto(`${scene.url}/portal${path}`);
  await page.locator('main').getByText(text).filter({ visible: true }).first().waitFor();
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
  await tab.assertAccessible(path);
  await tab.picture(name);
}

async function typeToConfirm(scope: Pick<Page, 'getByLabel'> = page): Promise<void> {
  await scope.getByLabel(`Type ${instance.name} to confirm`).fill(instance.name);
}

test('a backup now is watched to its end, byte by byte', async () => {
  // The page must be there before the backup is through, on a machine that is busy with a cloud's start too: about 24 s.
  await scene.fill(instance.rootId, 3, 96 * mib);
  await page.goto(`${scene.url}/portal/instances`);
  await page.getByRole('link', { name: instance.name }).click();
  await page.getByRole('heading', { name: instance.name }).waitFor();
  await page.getByText('Protected', { exact: true }).first().waitFor();
  await page.getByRole('button', { name: 'Back up now' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Back up now' }).click();
  await page.waitForURL(/\/portal\/jobs\//);
  await page.getByRole('progressbar').waitFor(jobPatience);
  await page.getByText(/[KMG]iB of .*[KMG]iB/).waitFor(jobPatience);
  await tab.assertAccessible('a job under way');
  await tab.picture('job-running');
  await page.getByText('succeeded', { exact: true }).first().waitFor(jobPatience);
  await tab.assertAccessible('a finished job');
  await tab.picture('job');
  await page.getByRole('link', { name: 'Recovery point' }).click();
  await page.waitForURL(/\/portal\/points\//);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.getByRole('link', { name: 'Restore' }).first().waitFor();
  await tab.assertAccessible('a point');
  await tab.picture('point');
  tab.assertClean();
});

test('the lists and the instance show it, and are accessible', async () => {
  const pages: [string, string, RegExp][] = [
    ['instances', `/instances?name=${instance.name}`, /Protected/],
    ['instance', `/instances/${instance.id}`, /full|increment/],
    ['instance-disks', `/instances/${instance.id}/disks`, /volume|GiB/],
    ['instance-policy', `/instances/${instance.id}/policy`, /olicy/],
    ['volumes', '/volumes', /olume/],
    ['jobs', '/jobs', /Backup/],
  ];
  for (const one of pages) await show(...one);
  await page.goto(`${scene.url}/portal/no-such-page`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await tab.assertAccessible('a page that does not exist');
  await tab.picture('not-found');
  tab.assertClean();
});

test('lost data come back on a new volume in the place of the old, and the undo brings that back', async () => {
  const lost = await scene.fill(instance.dataId, 2);
  await page.goto(`${scene.url}/portal/points/${backup.result.point_id}/restore`);
  await page.getByRole('radio', { name: /Replace volumes/ }).check();
  await page.getByText('It can be done. Nothing has been changed yet.').waitFor();
  await page.getByText(/It can be undone for 7 days/).waitFor();
  await tab.assertAccessible('the restore wizard');
  await tab.picture('restore-plan');
  const button = page.getByRole('button', { name: 'Restore now' });
  assert.equal(await button.isDisabled(), true, 'the name is not typed yet');
  await typeToConfirm();
  await button.click();
  await page.waitForURL(/\/portal\/restores\//);
  scene.forget(pathOf(page).split('/')[2] ?? '');
  await page.getByRole('progressbar').waitFor(jobPatience);
  await page.getByRole('button', { name: 'Undo the restore' }).waitFor(jobPatience);
  const [, replaced = ''] = await scene.volumesOf(instance.id);
  assert.notEqual(replaced, instance.dataId);
  assert.equal(await headSha256(imageOf(replaced)), atPoint);
  await tab.assertAccessible('a restore that succeeded');
  await tab.picture('restore');
  await page.getByRole('button', { name: 'Undo the restore' }).click();
  const dialog = page.getByRole('dialog');
  assert.equal(await dialog.getByRole('button', { name: 'Undo the restore' }).isDisabled(), true);
  await typeToConfirm(dialog);
  await tab.assertAccessible('the undo dialog');
  await dialog.getByRole('button', { name: 'Undo the restore' }).click();
  await page.getByText('undone', { exact: true }).first().waitFor(jobPatience);
  assert.deepEqual(await scene.volumesOf(instance.id), [instance.rootId, instance.dataId]);
  assert.equal(await headSha256(imageOf(instance.dataId)), lost);
  await show('restores', '/restores', /undone/);
  tab.assertClean();
});

test('I7: another tenant sees nothing of it, by lists or by address', async () => {
  const stranger = await scene.signedIn('other');
  for (const path of ['/instances', '/volumes', '/jobs', '/restores']) {
    await stranger.page.goto(`${scene.url}/portal${path}`);
    await stranger.page.getByRole('heading', { level: 1 }).waitFor();
    await stranger.page.locator('.skeleton').first().waitFor({ state: 'detached' });
    assert.equal((await stranger.page.content()).includes(scene.scratch.prefix), false, path);
  }
  for (const path of [
    `/instances/${instance.id}`,
    `/points/${backup.result.point_id}`,
    `/jobs/${backup.id}`,
  ]) {
    await stranger.page.goto(`${scene.url}/portal${path}`);
    await stranger.page.getByRole('alert').getByText('Not found', { exact: true }).waitFor();
    assert.equal((await stranger.page.content()).includes(instance.name), false, path);
  }
  await stranger.assertAccessible('what is not found');
  await stranger.picture('foreign');
  stranger.assertClean();
});

test('a restore in place goes on through a restart of the service, and the page finds back to it', async () => {
  await scene.fill(instance.dataId, 4);
  await page.goto(`${scene.url}/portal/points/${backup.result.point_id}/restore`);
  await page.getByRole('radio', { name: /In place/ }).check();
  await page.getByText('It can be done. Nothing has been changed yet.').waitFor();
  await page
    .getByText(/Lost: what was written/)
    .first()
    .waitFor();
  await tab.picture('restore-plan-in-place');
  await typeToConfirm();
  await page.getByRole('button', { name: 'Restore now' }).click();
  await page.waitForURL(/\/portal\/restores\//);
  scene.forget(pathOf(page).split('/')[2] ?? '');
  await page.getByText(/[KMG]iB of .*[KMG]iB/).waitFor(jobPatience);
  // What asks while nobody listens fails; that is no fault of the page.
  tab.expect(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|answer: 503/);
  await scene.restart();
  await page.getByRole('button', { name: 'Undo the restore' }).waitFor(jobPatience);
  assert.deepEqual(await scene.volumesOf(instance.id), [instance.rootId, instance.dataId]);
  assert.equal(await headSha256(imageOf(instance.dataId)), atPoint);
  tab.assertClean();
});
