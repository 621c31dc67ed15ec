/** The histories of test/histories over Ceph's own S3 gateway, each in a store of its own in one bucket. */
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { newId } from '../../../src/base/ids.ts';
import { noMasterKeys } from '../../../src/drivers/store/master-key.ts';
import { foldHistory, runFoldHistory } from '../../histories/fold-history.ts';
import { HistoryScene } from '../../histories/history-scene.ts';
import { testKeys } from '../../histories/test-keys.ts';
import { ScratchBucket } from '../../support/s3-buckets.ts';

const numRuns = Number(process.env['EMBERKEEP_STORE_HISTORIES'] ?? '3');

let bucket: ScratchBucket;
before(async () => {
  bucket = await ScratchBucket.make();
});
after(() => bucket.remove());

test('any history in a bucket restores to what the image was', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(foldHistory, fc.boolean(), async (steps, isEncrypted) => {
      const into = await bucket.open({ prefix: newId() });
      try {
        const keys = isEncrypted ? testKeys() : noMasterKeys;
        await runFoldHistory(await HistoryScene.open({ keys, into }), steps);
      } finally {
        into.close();
      }
    }),
    { numRuns },
  );
});
