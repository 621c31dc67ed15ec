/** An instance whose root disk was Nova's own, gone and brought back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { patience } from '../../support/devcloud.ts';
import { consoleShows, createGuest } from '../../support/guest.ts';
import { restoredInstance } from '../../support/instances.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startTestService, type TestService } from '../../support/service.ts';

let scratch: ScratchCloud;
let service: TestService;

before(async () => {
  scratch = await ScratchCloud.open('ninst-nova');
  service = await startTestService();
});
after(async () => {
  await service.stop();
  await scratch.close();
});

test("a disk of Nova's own comes back as a volume that boots", async () => {
  const name = scratch.name('nova');
  const args = ['--root', 'nova', '--text', 'NINST NOVA DISK', '--data-text', 'BESIDE IT'];
  const made = await createGuest(name, ...args);
  scratch.adoptInstance(made.instance);
  const { result } = await service.backup({ instance: made.instance });
  const { nova, cinder } = scratch.owner();
  await nova.deleteServer(made.instance);
  await nova.waitForServerGone(made.instance, patience);
  const { id, notes } = restoredInstance(
    scratch,
    await service.restore({ point: { id: result.point_id }, mode: 'instance' }),
  );
  assert.deepEqual(notes, []);
  await consoleShows(nova, id, 'NINST NOVA DISK', 'data: BESIDE IT');
  const server = await nova.getServer(id);
  assert.equal(server.description.imageId, undefined);
  const [root] = await nova.describeAttachments(server);
  assert.ok(root?.attachment.isRoot);
  assert.equal(root.attachment.deleteOnTermination, true, 'it went with its instance, and does so again');
  assert.equal((await cinder.getVolume(root.volumeId)).description.bootable, true);
});
