import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Disk } from '../../../domain/disk.ts';
import type { VolumeNow } from './deps.ts';
import { examineDisk, refuseDependents } from './examine-disk.ts';

type Deps = Parameters<typeof examineDisk>[0];

const gib = 1024 ** 3;
const location = { cluster: 'ceph', pool: 'volumes', image: 'volume-v' };
const ours = 'backup.6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f.snap.1763830000';

const disk: Disk & { volume: NonNullable<Disk['volume']> } = {
  key: 'volume:v',
  kind: 'volume',
  location,
  volume: {
    id: 'v',
    name: 'data',
    projectId: 'p',
    sizeGib: 1,
    bootable: false,
    encrypted: false,
    multiattach: false,
    metadata: {},
    imageMetadata: {},
  },
  attachment: { instanceId: 'i', deleteOnTermination: false, isRoot: false },
};
const volume: VolumeNow = {
  status: 'in-use',
  sizeGib: 1,
  multiattach: false,
  encryptionKeyId: undefined,
  metadata: {},
  attachedTo: ['i'],
  snapshots: [],
  location,
};

interface Scene {
  volume?: VolumeNow | undefined;
  imageBytes?: number | undefined;
  features?: string[];
  snapshots?: string[];
  children?: string[];
}

/** What the development cloud does not show: other Cinders, keys, mirrors. */
function cloudWith(scene: Scene): Deps {
  const { imageBytes = gib, features = [], snapshots = [ours], children = [] } = scene;
  const image = { imageId: 'id', sizeBytes: imageBytes, objectSizeBytes: 1, features };
  return {
    backupsPool: { cluster: 'ceph', pool: 'backups' },
    cloud: { volumeNow: () => Promise.resolve('volume' in scene ? scene.volume : volume) },
    rbd: {
      findImage: () => Promise.resolve(imageBytes === 0 ? undefined : image),
      listSnapshots: () =>
        Promise.resolve(
          snapshots.map((name, id) => ({ id, name, sizeBytes: 1, protected: false, createdText: '' })),
        ),
      listChildren: () => Promise.resolve(children),
    },
  } as unknown as Deps;
}

function examine(scene: Scene, change: Partial<Disk> = {}, pointBytes = gib) {
  return examineDisk(cloudWith(scene), { disk: { ...disk, ...change }, projectId: 'p', pointBytes });
}

test('a disk that may be swapped: where it is now, whose, and how large what takes its place must be', async () => {
  const moved = { ...location, pool: 'fast' };
  const extended = { ...volume, sizeGib: 3, location: moved };
  assert.deepEqual(await examine({ volume: extended, features: ['layering'] }), {
    location: moved,
    imageId: 'id',
    features: ['layering'],
    wantedBytes: 3 * gib,
    instanceId: 'i',
    otherInstanceIds: [],
    dependents: [],
  });
  const detached = { ...volume, status: 'available', attachedTo: [] };
  assert.equal((await examine({ volume: detached })).instanceId, undefined);
  // A LUKS header makes the image larger than Cinder says.
  assert.equal((await examine({ imageBytes: gib + 4096 }, {}, gib + 4096)).wantedBytes, gib + 4096);
});

test('a bare image gets the size of the point', async () => {
  const bare: Disk = { key: 'image:ceph/rbd/a', kind: 'image', location };
  const options = { disk: bare, projectId: undefined, pointBytes: 5 };
  for (const imageBytes of [4, 6])
    assert.equal((await examineDisk(cloudWith({ imageBytes }), options)).wantedBytes, 5);
});

const refusals: [string, string, Scene, Partial<Disk>?, number?][] = [
  ['a volume that is gone', 'CONFLICT_DISK_GONE', { volume: undefined }],
  ['an image that is gone', 'CONFLICT_DISK_GONE', { imageBytes: 0 }],
  [
    'a volume of several instances, none of them the point’s',
    'CONFLICT_DISK_BUSY',
    { volume: { ...volume, multiattach: true, attachedTo: ['a', 'b'] } },
  ],
  ['one on another instance', 'CONFLICT_DISK_BUSY', { volume: { ...volume, attachedTo: ['other'] } }],
  ['one that Cinder is at', 'CONFLICT_DISK_BUSY', { volume: { ...volume, status: 'extending' } }],
  [
    'one that is reserved',
    'CONFLICT_DISK_BUSY',
    { volume: { ...volume, status: 'reserved', attachedTo: [] } },
  ],
  ['a mirrored image', 'CONFLICT_DISK_BUSY', { features: ['journaling'] }],
  [
    'an image on another cluster',
    'CONFLICT_DISK_BUSY',
    { volume: { ...volume, location: { ...location, cluster: 'far' } } },
  ],
  [
    'another encryption key',
    'CONFLICT_DISK_KEY',
    { volume: { ...volume, encryptionKeyId: 'new' } },
    { volume: { ...disk.volume, encrypted: true, encryptionKeyId: 'old' } },
  ],
  ['a volume that became smaller', 'CONFLICT_DISK_SIZE', {}, {}, gib + 1],
];
for (const [what, code, scene, change, pointBytes] of refusals) {
  test(`${what} is refused with ${code}`, async () => {
    await assert.rejects(examine(scene, change, pointBytes), { code });
  });
}

test('a point of a lone volume does not stop the instance that has the volume now', async () => {
  const { key, kind, volume: recorded } = disk;
  const lone: Disk = { key, kind, location, volume: recorded };
  await assert.rejects(
    examineDisk(cloudWith({}), { disk: lone, projectId: 'p', pointBytes: gib }),
    /attached to instance i; detach it, or restore a point of that instance/,
  );
});

test('an encrypted volume whose key is the same may be swapped', async () => {
  const encrypted = { ...disk.volume, encrypted: true, encryptionKeyId: 'key' };
  await examine({ volume: { ...volume, encryptionKeyId: 'key' } }, { volume: encrypted });
  const fixed = { ...volume, encryptionKeyId: '00000000-0000-0000-0000-000000000000' };
  await examine({ volume: fixed }, { volume: { ...disk.volume, encrypted: true } });
});

test('what a swap would tear off is told, with names', async () => {
  const cinders = { volume: { ...volume, snapshots: ['nightly'] }, snapshots: [ours, 'snapshot-1'] };
  assert.deepEqual((await examine(cinders)).dependents, ["snapshot nightly of Cinder's"]);
  const others = await examine({ snapshots: [ours, 'by-hand'], children: ['volumes/volume-c'] });
  assert.deepEqual(others.dependents, ['snapshot by-hand', 'clone volumes/volume-c']);
  assert.throws(() => refuseDependents(disk, others), {
    code: 'CONFLICT_DISK_DEPENDENTS',
    message: /snapshot by-hand, clone volumes\/volume-c would be torn off/,
  });
});

test('a volume of several instances tells all of them, the point’s own first', async () => {
  const shared = { ...volume, multiattach: true, attachedTo: ['a', 'i', 'b'] };
  const { instanceId, otherInstanceIds } = await examine({ volume: shared });
  assert.deepEqual([instanceId, otherInstanceIds], ['i', ['a', 'b']]);
});
