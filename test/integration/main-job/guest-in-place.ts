/**
 * A real guest in qemu whose console and files show that a restore in place, root disk included, is what it says. One file for
 * each kind of root disk calls it: a guest takes minutes.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { WireJob } from '../../../src/entry/cli/wire.ts';
import { consoleOf, createGuest, guest } from '../../support/guest.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startTestService, succeeded, type TestService } from '../../support/service.ts';

let scratch: ScratchCloud;
let service: TestService;
const guests: string[] = [];

async function viewOf(instanceId: string) {
  const { nova, cinder } = scratch.owner();
  const server = await nova.getServer(instanceId);
  const attachments = await nova.describeAttachments(server);
  const volumes = await Promise.all(attachments.map(({ volumeId }) => cinder.getVolume(volumeId)));
  return { description: server.description, state: server.state, attachments, volumes };
}

async function newGuest(name: string, ...args: string[]): Promise<string> {
  guests.push(name);
  return (await createGuest(name, '--text', 'ROOT ONE', '--data-text', 'DATA ONE', ...args)).instance;
}

/** Everything that was said at the point is overwritten, in a guest that runs, and booted once. */
async function overwrite(name: string): Promise<void> {
  await guest('write', name, 'data', '256M', '4M', '0xee');
  await guest('put-file', name, 'data', 'test.txt=encrypted', '--force');
  await guest('set-text', `${name}:root`, 'ROOT TWO');
  await guest('set-text', `${name}:data`, 'DATA TWO');
  await guest('reboot', name);
  assertSays(await consoleOf(name, 'data: DATA TWO'), 'TWO');
}

function assertSays(lines: string[], which: string): void {
  assert.deepEqual(lines.slice(-2), [`ROOT ${which}`, `data: DATA ${which}`], lines.join('\n'));
}

async function undo(restoreId: string): Promise<void> {
  const { job } = await service.call<{ job: WireJob }>('POST', `/v1/restores/${restoreId}/undo`);
  succeeded(await service.ended(job.id));
}

/** Call it once at the top of a test file. */
export function testGuestInPlace(root: 'volume' | 'nova'): void {
  before(async () => {
    scratch = await ScratchCloud.open(`inpl-${root}`);
    service = await startTestService();
  });
  after(async () => {
    await service.stop();
    for (const name of guests) await guest('delete', name);
    await scratch.close();
  });

  test(`a guest whose root is of ${root === 'nova' ? 'Nova' : 'Cinder'} boots what it had at the point, and after the undo what it had before`, async () => {
    const name = scratch.name(root);
    const flavor = root === 'nova' ? ['--flavor', 'm1.disk'] : [];
    const id = await newGuest(name, '--file', 'test.txt=precious', '--root', root, ...flavor);
    assertSays(await consoleOf(name, 'data: DATA ONE'), 'ONE');
    const { result: backup } = await service.backup({ instance: id });
    await overwrite(name);
    const view = await viewOf(id);

    const { result } = await service.restore({ point: { id: backup.point_id }, mode: 'in-place' });
    assert.equal(result.disks.length, 2);
    assertSays(await consoleOf(name, 'data: DATA ONE'), 'ONE');
    assert.equal(await guest('cat', name, 'test.txt'), 'precious\n');
    assert.deepEqual(await viewOf(id), view, 'Nova and Cinder show the same ids, and all else');

    await undo(result.restore_id);
    assertSays(await consoleOf(name, 'data: DATA TWO'), 'TWO');
    assert.equal(await guest('cat', name, 'test.txt'), 'encrypted\n');
    assert.deepEqual(await viewOf(id), view);
    assert.deepEqual(await scratch.freshImages(result.restore_id), []);
  });
}
