/**
 * Some random histories in a process of their own, run by fold.test.ts: `fold-runs.ts RUNS SEED plain|encrypted`. Outside of
 * Node's test runner, whose hooks on every promise take a fifth of the time. Exit code 1, and fast-check's report with
 * seed and path, when one does not hold.
 */
import fc from 'fast-check';
import { noMasterKeys } from '../../src/drivers/store/master-key.ts';
import { foldHistory, runFoldHistory } from './fold-history.ts';
import { HistoryScene } from './history-scene.ts';
import { testKeys } from './test-keys.ts';

const [runs = '', seed = '', kind = ''] = process.argv.slice(2);
const keys = { plain: () => noMasterKeys, encrypted: testKeys }[kind];
if (keys === undefined) throw new Error(`plain or encrypted, not '${kind}'`);

await fc.assert(
  fc.asyncProperty(foldHistory, async (steps) => {
    await runFoldHistory(await HistoryScene.open({ keys: keys() }), steps);
  }),
  { numRuns: Number(runs), seed: Number(seed) },
);
