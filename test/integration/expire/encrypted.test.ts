import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { makeStateDir, startTestService, type TestService } from '../../support/service.ts';
import { ChainScene, checkStore } from './chain-scene.ts';

let scratch: ScratchCloud;
let stateDir: string;
let service: TestService;

before(async () => {
  scratch = await ScratchCloud.open('fold-encrypted');
  stateDir = await makeStateDir();
  const keyFile = join(stateDir, 'master.key');
  await writeFile(keyFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  service = await startTestService({ stateDir, env: { EMBERKEEP_ENCRYPTION_KEY_FILE: keyFile } });
});
after(async () => {
  await service.stop();
  await scratch.close();
  await rm(stateDir, { recursive: true, force: true });
});

test('links of an encrypted chain are folded, and every point that stays restores to its bytes', async () => {
  const scene = await ChainScene.make(service, scratch, 3);
  await scene.delete(0, 2);
  const links = await service.drivers.catalog.expiry.linksOf([scene.diskKey]);
  assert.ok(links.every(({ manifest }) => manifest.codec.encryption !== 'none'));
  assert.equal((await scene.takePoint()).kind, 'increment');
  await scene.checkRestored();
  await checkStore(service, [scene]);
});
