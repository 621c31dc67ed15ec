import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageSpec, poolSpec, snapshotSpec } from './specs.ts';

test('specs are pool/image@snapshot', () => {
  const at = { pool: 'volumes', image: 'volume-1' };
  assert.equal(imageSpec(at), 'volumes/volume-1');
  assert.equal(snapshotSpec(at, 'backup.x.snap.1'), 'volumes/volume-1@backup.x.snap.1');
});

test('a name that could be read as another part of the spec, or as an option, is refused', () => {
  for (const name of ['', 'a b', 'a/b', 'a@b', '-rf', '--pool=other']) {
    assert.throws(() => poolSpec(name), { code: 'INPUT_RBD_NAME' });
    assert.throws(() => imageSpec({ pool: 'p', image: name }), { code: 'INPUT_RBD_NAME' });
    assert.throws(() => snapshotSpec({ pool: 'p', image: 'i' }, name), { code: 'INPUT_RBD_NAME' });
  }
});
