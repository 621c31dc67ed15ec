/** The histories of fold.test.ts over a store in a directory. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { FilesystemStore } from '../../src/drivers/store/filesystem-store.ts';
import { noMasterKeys } from '../../src/drivers/store/master-key.ts';
import { foldHistory, runFoldHistory } from './fold-history.ts';
import { HistoryScene } from './history-scene.ts';
import { testKeys } from './test-keys.ts';

const numRuns = Number(process.env['EMBERKEEP_STORE_HISTORIES'] ?? '20');

test('any history in a directory restores to what the image was', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(foldHistory, fc.boolean(), async (steps, isEncrypted) => {
      const root = await mkdtemp(join(tmpdir(), 'ek-histories-'));
      try {
        const keys = isEncrypted ? testKeys() : noMasterKeys;
        const scene = await HistoryScene.open({ keys, into: await FilesystemStore.open(root) });
        await runFoldHistory(scene, steps);
      } finally {
        await rm(root, { recursive: true });
      }
    }),
    { numRuns },
  );
});
