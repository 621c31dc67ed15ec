import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newId } from '../base/ids.ts';
import {
  decodeLinkManifest,
  decodePointManifest,
  decodeStoreMarker,
  encodeManifest,
} from './manifest-codec.ts';
import type { LinkManifest, PointManifest } from './manifest.ts';

const linkId = newId();

const link: LinkManifest = {
  format: 'emberkeep-link',
  version: 1,
  linkId,
  pointId: newId(),
  diskKey: 'image:main/volumes/x',
  kind: 'full',
  chainId: linkId,
  parentLinkId: null,
  depth: 0,
  fullReason: 'the first one',
  createdAt: '2026-11-22T18:00:00.000Z',
  source: {
    clusterId: 'f',
    cluster: 'main',
    pool: 'volumes',
    image: 'x',
    imageId: '10',
    sizeBytes: 2 ** 40,
    objectSizeBytes: 4194304,
    features: ['layering'],
  },
  fromSnapshot: null,
  toSnapshot: { name: 'with "quotes" and \n a line', id: 4 },
  codec: { compression: 'zstd', encryption: 'none' },
  segments: { count: 1, maxPlainBytes: 8388608, plainBytes: 40, storedBytes: 50 },
  index: { key: `links/${linkId}/index.zst`, storedBytes: 90, sha256: 'ab'.repeat(32), extents: 0 },
  content: { dataBytes: 0, zeroBytes: 0 },
};

const point: PointManifest = {
  format: 'emberkeep-point',
  version: 1,
  pointId: newId(),
  storeId: newId(),
  kind: 'instance',
  sourceId: newId(),
  sourceName: 'web-01 ü',
  projectId: 'p',
  takenAt: '2026-11-22T18:00:00.000Z',
  spreadMs: 5,
  consistency: 'crash',
  instance: {
    id: newId(),
    name: 'web-01',
    description: 'the shop',
    projectId: 'p',
    status: 'ACTIVE',
    imageId: 'i',
    imageProperties: { hw_disk_bus: 'scsi' },
    flavor: {
      originalName: 'm1',
      vcpus: 1,
      ramMib: 1,
      diskGib: 0,
      ephemeralGib: 0,
      swapMib: 0,
      extraSpecs: { 'hw:x': 'y' },
    },
    metadata: { a: 'b' },
    tags: ['t'],
    securityGroups: ['default'],
    serverGroups: [],
    ports: [
      { portId: 'p', networkId: 'n', macAddress: 'fa:16', fixedIps: [{ subnetId: 's', ipAddress: '::1' }] },
      {
        portId: 'q',
        networkId: 'n',
        macAddress: 'fa:17',
        fixedIps: [],
        details: {
          securityGroups: [{ id: 'g', name: 'web' }],
          portSecurity: true,
          vnicType: 'direct',
          allowedAddressPairs: [{ ipAddress: '10.0.0.9' }, { ipAddress: '::9', macAddress: 'fa:18' }],
        },
      },
    ],
  },
  disks: [
    {
      disk: {
        key: 'volume:v',
        kind: 'volume',
        location: { cluster: 'main', pool: 'volumes', image: 'volume-v' },
        volume: {
          id: 'v',
          name: '',
          projectId: 'p',
          sizeGib: 1,
          bootable: true,
          encrypted: false,
          multiattach: false,
          metadata: {},
          imageMetadata: { os: 'x' },
        },
        attachment: { instanceId: 'i', deleteOnTermination: false, isRoot: true, bootIndex: -1 },
      },
      linkId,
      sizeBytes: 1,
    },
  ],
};

const name = 'links/x/manifest.json';

/** Encoded as `link`, with one member changed, and a right checksum. */
function changedLink(change: Record<string, unknown>): Buffer {
  return encodeManifest({ ...link, ...change });
}

test('a point of a paused instance keeps for how long', () => {
  const paused: PointManifest = { ...point, consistency: 'paused', pausedMs: 812 };
  assert.deepEqual(decodePointManifest(encodeManifest(paused), 'p'), paused);
});

test('what is encoded decodes to the same', () => {
  assert.deepEqual(decodeLinkManifest(encodeManifest(link), name), link);
  assert.deepEqual(decodePointManifest(encodeManifest(point), name), point);
  const marker = {
    format: 'emberkeep-store',
    version: 1,
    storeId: newId(),
    createdAt: link.createdAt,
  } as const;
  assert.deepEqual(decodeStoreMarker(encodeManifest(marker), name), marker);
});

test('a text that looks like the checksum line does not confuse it', () => {
  const tricky = { ...link, diskKey: `  "manifestSha256": "${'0'.repeat(64)}"\n}\n` };
  assert.deepEqual(decodeLinkManifest(encodeManifest(tricky), name), tricky);
});

test('any flipped bit and any cut is found', () => {
  const bytes = encodeManifest(link);
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    assert.throws(() => decodeLinkManifest(changed, name), {
      code: /^(INTEGRITY_MANIFEST_|STORE_NEWER_FORMAT)/,
    });
    assert.throws(() => decodeLinkManifest(bytes.subarray(0, at), name), { code: /^INTEGRITY_MANIFEST_/ });
  }
});

test('a newer version is refused before anything else of it is looked at', () => {
  const newer = Buffer.from('{"format":"emberkeep-link","version":2}');
  assert.throws(() => decodeLinkManifest(newer, name), {
    code: 'STORE_NEWER_FORMAT',
    details: { version: 2 },
  });
});

test('a codec that came later is no damage', () => {
  for (const codec of [
    { compression: 'lz4', encryption: 'none' },
    { compression: 'zstd', encryption: 'aes' },
    { compression: 'zstd', encryption: { cipher: 'x' } },
  ]) {
    assert.throws(() => decodeLinkManifest(changedLink({ codec }), name), { code: 'STORE_NEWER_FORMAT' });
  }
});

const wrapped = {
  masterKeyId: '94b30513f57c890c',
  nonce: Buffer.alloc(12, 1).toString('base64'),
  wrappedKey: Buffer.alloc(48, 2).toString('base64'),
};

describe('the encryption of a link', () => {
  const withKeys = (dataKeys: unknown, more = {}): Buffer =>
    changedLink({
      codec: { compression: 'zstd', encryption: { cipher: 'aes-256-gcm', dataKeys, ...more } },
    });

  test('is read back as written; what came later is ignored', () => {
    const dataKeys = [
      { number: 1, wrapped: [wrapped, { ...wrapped, masterKeyId: 'other' }] },
      { number: 2, wrapped: [wrapped] },
    ];
    const expected = {
      ...link,
      codec: { compression: 'zstd', encryption: { cipher: 'aes-256-gcm', dataKeys } },
    };
    assert.deepEqual(decodeLinkManifest(withKeys(dataKeys), name), expected);
    const later = dataKeys.map((key) => ({ ...key, rotatedAt: 'x' }));
    assert.deepEqual(decodeLinkManifest(withKeys(later, { note: 1 }), name), expected);
  });

  const wrong: [string, unknown, RegExp][] = [
    ['no list', {}, /dataKeys is not a list/],
    ['no key', [], /number its keys from 1/],
    ['no key of number 1', [{ number: 2, wrapped: [wrapped] }], /number its keys from 1/],
    ['a key twice', [1, 1].map((number) => ({ number, wrapped: [wrapped] })), /number its keys/],
    ['nothing that opens it', [{ number: 1, wrapped: [] }], /a key that nothing can open/],
    ['a short nonce', [{ number: 1, wrapped: [{ ...wrapped, nonce: 'AAAA' }] }], /nonce is not 12 bytes/],
    ['no base64', [{ number: 1, wrapped: [{ ...wrapped, wrappedKey: '!' }] }], /is not 48 bytes/],
  ];
  for (const [what, dataKeys, message] of wrong) {
    test(`with ${what} is refused`, () => {
      assert.throws(() => decodeLinkManifest(withKeys(dataKeys), name), {
        code: 'INTEGRITY_MANIFEST_MALFORMED',
        message,
      });
    });
  }
});

test('members that this version does not know are ignored', () => {
  assert.deepEqual(decodeLinkManifest(changedLink({ addedLater: [1] }), name), link);
});

describe('a manifest that was never valid is refused, and the message says where', () => {
  const cases: [string, Record<string, unknown>, RegExp][] = [
    ['another format', { format: 'emberkeep-point' }, /emberkeep-link/],
    ['no id', { linkId: undefined }, /manifest[.]linkId is not text/],
    ['an id that is no UUID', { pointId: '../x' }, /manifest[.]pointId is not a UUID/],
    ['a negative size', { source: { ...link.source, sizeBytes: -1 } }, /source[.]sizeBytes/],
    ['a size with a fraction', { source: { ...link.source, sizeBytes: 0.5 } }, /source[.]sizeBytes/],
    ['a list that is none', { source: { ...link.source, features: 'layering' } }, /features is not a list/],
    ['a hash that is none', { index: { ...link.index, sha256: 'ab' } }, /index[.]sha256/],
    ['an instant without a zone', { createdAt: '2026-11-22T18:00:00' }, /createdAt/],
    ['a full with a parent', { parentLinkId: newId() }, /contradict/],
    ['a full at a depth', { depth: 1 }, /contradict/],
    [
      'an increment that is a chain by itself',
      {
        kind: 'increment',
        depth: 1,
        parentLinkId: newId(),
        chainId: link.linkId,
        fromSnapshot: { name: 's', id: 1 },
      },
      /contradict/,
    ],
    [
      'an increment without a from-snapshot',
      { kind: 'increment', depth: 1, parentLinkId: newId() },
      /contradict/,
    ],
  ];
  test('a full that was folded, which keeps the id of its chain, is valid', () => {
    const chainId = newId();
    assert.equal(decodeLinkManifest(changedLink({ chainId }), name).chainId, chainId);
  });

  for (const [what, change, message] of cases) {
    test(what, () => {
      assert.throws(() => decodeLinkManifest(changedLink(change), name), {
        code: 'INTEGRITY_MANIFEST_MALFORMED',
        message,
      });
    });
  }

  test('a point without disks, or an instance without its description', () => {
    for (const change of [{ disks: [] }, { instance: undefined }]) {
      const bytes = encodeManifest({ ...point, ...change } as unknown as PointManifest);
      assert.throws(() => decodePointManifest(bytes, name), { code: 'INTEGRITY_MANIFEST_MALFORMED' });
    }
  });
});
