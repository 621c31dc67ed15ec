import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideLink, type ChainFacts } from './chain.ts';
import type { LinkManifest } from './manifest.ts';

const takenAt = new Date('2026-11-20T10:00:00Z');
const head = {
  linkId: 'link-2',
  depth: 1,
  source: { clusterId: 'fsid', pool: 'volumes', imageId: 'image-1' },
  toSnapshot: { name: 'backup.link-2.snap.1', id: 7 },
} as LinkManifest;

const continuing: ChainFacts = {
  head,
  chainStartedAt: takenAt,
  chainIncrements: 1,
  chainFault: undefined,
  image: { clusterId: 'fsid', pool: 'volumes', imageId: 'image-1' },
  snapshots: [{ name: 'backup.link-2.snap.1', id: 7 }],
  cycle: { maxIncrements: 3, maxDays: 3 },
  forceFull: false,
  now: new Date('2026-11-22T10:00:00Z'),
};

test('goes on with the chain while everything is as it was', () => {
  const decision = decideLink(continuing);
  assert.deepEqual(decision, { kind: 'increment', parent: head, from: head.toSnapshot });
});

test('folded increments do not count for the length of a cycle', () => {
  const decision = decideLink({ ...continuing, head: { ...head, depth: 300 } });
  assert.equal(decision.kind, 'increment');
});

const breaks: [string, Partial<ChainFacts>][] = [
  ['requested', { forceFull: true }],
  ['first', { head: undefined }],
  ['chain-damaged', { chainFault: 'segment 3 is missing' }],
  ['cycle-length', { chainIncrements: 3 }],
  ['cycle-length', { cycle: { maxIncrements: 0, maxDays: 3 } }],
  ['cycle-age', { now: new Date('2026-11-23T10:00:00Z') }],
  ['cycle-age', { chainStartedAt: undefined }],
  ['cluster-changed', { image: { ...continuing.image, clusterId: 'another' } }],
  ['image-moved', { image: { ...continuing.image, pool: 'fast' } }],
  ['image-recreated', { image: { ...continuing.image, imageId: 'image-2' } }],
  ['snapshot-missing', { snapshots: [] }],
  ['snapshot-missing', { snapshots: [{ name: 'backup.link-2.snap.2', id: 7 }] }],
  ['snapshot-recreated', { snapshots: [{ name: 'backup.link-2.snap.1', id: 8 }] }],
];
for (const [reason, change] of breaks) {
  test(`starts a new chain: ${reason} (${Object.keys(change).join()})`, () => {
    const decision = decideLink({ ...continuing, ...change });
    assert.equal(decision.kind === 'full' && decision.reason, reason);
  });
}

test('the last increment that the cycle allows is still one', () => {
  assert.equal(decideLink({ ...continuing, head: { ...head, depth: 2 } }).kind, 'increment');
});
