/** Histories of changes, backups, deletions of any point, folds, and crashes between any two changes of the store. */
import { test } from 'node:test';
import fc from 'fast-check';
import { noMasterKeys, type MasterKeys } from '../../src/drivers/store/master-key.ts';
import { foldHistory, runFoldHistory } from './fold-history.ts';
import { HistoryScene } from './history-scene.ts';
import { testKeys } from './test-keys.ts';

/** CI runs 10,000 (.ci/run). */
const histories = Number(process.env['EMBERKEEP_HISTORIES'] ?? '1000');

const kinds: [string, () => MasterKeys, number][] = [
  ['not encrypted', () => noMasterKeys, histories],
  ['encrypted', testKeys, Math.ceil(histories / 5)],
];
for (const [what, keys, numRuns] of kinds) {
  test(`any history restores to what the image was, ${what}`, { timeout: 2_400_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(foldHistory, async (steps) => {
        await runFoldHistory(await HistoryScene.open({ keys: keys() }), steps);
      }),
      { numRuns },
    );
  });
}
