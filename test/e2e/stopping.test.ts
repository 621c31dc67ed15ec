/** A backup that runs is stopped from its page in real Chromium, and what is said of it, in Chinese too. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { rbd } from '../support/rbd-image.ts';
import type { BackupJob } from '../support/service.ts';
import { imageOf, PortalScene, type SceneInstance } from './portal-scene.ts';

const mib = 1024 * 1024;
/** Of a job, ms. */
const jobPatience = { timeout: 180_000 };

let scene: PortalScene;
let instance: SceneInstance;
let first: BackupJob;
/** Address of the page of the job that is stopped. */
let stopped: string;

before(async () => {
  // Slow enough to be stopped: 96 MiB take 24 s and more.
  scene = await PortalScene.open('portal-stop', 'limits: { bandwidth_mib: 4 }');
  instance = await scene.instance('web');
  await scene.fill(instance.dataId, 1);
  first = await scene.service.backup({ instance: instance.id });
});
after(() => scene.close());

async function snapshots(): Promise<string[]> {
  const lists = await Promise.all(
    [instance.rootId, instance.dataId].map((id) => rbd('snap', 'ls', '--format=json', imageOf(id))),
  );
  return lists.flatMap((text) => (JSON.parse(text) as { name: string }[]).map(({ name }) => name));
}

test('a backup that is stopped from its page undoes what it began', async () => {
  const before = await snapshots();
  await scene.fill(instance.rootId, 2, 96 * mib);
  const tab = await scene.signedIn('tenant', `/instances/${instance.id}`);
  const { page } = tab;
  await page.getByRole('button', { name: 'Back up now' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Back up now' }).click();
  await page.waitForURL(/\/portal\/jobs\//);
  await page.getByText(/[KMG]iB of .*[KMG]iB/).waitFor(jobPatience);
  await page.getByRole('button', { name: 'Stop it' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('The job stops, and undoes what it began.').waitFor();
  await tab.assertAccessible('the question before a job is stopped');
  await dialog.getByRole('button', { name: 'Stop it' }).click();
  await page.getByText('cancelled', { exact: true }).first().waitFor(jobPatience);
  await page.getByText('what the failed backup had made was removed').waitFor(jobPatience);
  assert.equal(await page.getByRole('button', { name: 'Stop it' }).count(), 0);
  await tab.assertAccessible('a job that was stopped');
  const { points } = await scene.service.call<{ points: { id: string }[] }>(
    'GET',
    `/v1/points?source=${instance.id}`,
  );
  assert.deepEqual(
    points.map(({ id }) => id),
    [first.result.point_id],
  );
  assert.deepEqual(await snapshots(), before, 'I4');
  stopped = new URL(page.url()).pathname.replace('/portal', '');
  tab.assertClean();
});

test('what the jobs noted is said in Chinese', async () => {
  const tab = await scene.signedIn('tenant', stopped, { locale: 'zh-CN' });
  const { page } = tab;
  await page.getByText('已移除失败的备份所创建的内容').waitFor();
  await page.goto(`${scene.url}/portal/jobs/${first.id}`);
  await page
    .getByText(/：全量（该磁盘没有可以接续的完整恢复点），数据 /)
    .first()
    .waitFor();
  const english = await page.locator('.steps [lang=en]').allInnerTexts();
  assert.deepEqual(english, [], 'left in English');
  await tab.assertAccessible('a job in Chinese');
  tab.assertClean();
});
