import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linkIdOfSnapshot, snapshotName } from './snapshot-name.ts';

// I12: the pattern that Cinder purges when a volume is deleted (cinder/volume/drivers/rbd.py).
const purgedByCinder = /^backup\.([a-z0-9-]+?)\.snap\.(.+)$/;

test('every name is one that Cinder purges, and leads back to its link', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.date({ min: new Date(0), noInvalidDate: true }), (linkId, at) => {
      const name = snapshotName(linkId, at);
      assert.match(name, purgedByCinder);
      assert.equal(linkIdOfSnapshot(name), linkId);
    }),
  );
});

test('names of others are not taken for ours', () => {
  for (const name of ['snapshot-3c1f', 'backup.web.snap.1', 'backup.3c1f.snap.', 'mine']) {
    assert.equal(linkIdOfSnapshot(name), undefined);
  }
});
