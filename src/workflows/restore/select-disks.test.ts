import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PointDisk } from '../../domain/manifest.ts';
import type { RestoreMode } from '../../domain/restore.ts';
import { Findings } from './findings.ts';
import { gatherDisks } from './select-disks.ts';

function selectDisks(all: readonly PointDisk[], mode: RestoreMode, wanted: readonly string[]): PointDisk[] {
  const findings = new Findings();
  const disks = gatherDisks(all, mode, wanted, findings);
  findings.settle('the restore');
  return disks;
}

function volumeDisk(
  id: string,
  name: string,
  device: string,
  change: { isRoot?: boolean; encrypted?: boolean; encryptionKeyId?: string } = {},
): PointDisk {
  return {
    linkId: `link-${id}`,
    sizeBytes: 1,
    disk: {
      key: `volume:${id}`,
      kind: 'volume',
      location: { cluster: 'ceph', pool: 'volumes', image: `volume-${id}` },
      volume: {
        id,
        name,
        projectId: 'p',
        sizeGib: 1,
        bootable: false,
        encrypted: change.encrypted ?? false,
        ...(change.encryptionKeyId === undefined ? {} : { encryptionKeyId: change.encryptionKeyId }),
        multiattach: false,
        metadata: {},
        imageMetadata: {},
      },
      attachment: { instanceId: 'i', device, deleteOnTermination: false, isRoot: change.isRoot ?? false },
    },
  };
}

const root = volumeDisk('r', 'web-root', '/dev/sda', { isRoot: true });
const data = volumeDisk('d', 'web-data', '/dev/sdb');
const bare: PointDisk = {
  linkId: 'link-b',
  sizeBytes: 1,
  disk: {
    key: 'image:ceph/rbd/bare',
    kind: 'image',
    location: { cluster: 'ceph', pool: 'rbd', image: 'bare' },
  },
};

test('image and volume take every disk, replace the data volumes', () => {
  assert.deepEqual(selectDisks([root, data], 'image', []), [root, data]);
  assert.deepEqual(selectDisks([root, data], 'volume', []), [root, data]);
  assert.deepEqual(selectDisks([root, data], 'replace', []), [data]);
  assert.deepEqual(selectDisks([root, data], 'instance', []), [root, data]);
});

test('in-place takes every disk, encrypted ones too, whose key stays where it is', () => {
  const encrypted = volumeDisk('e', 'e', '/dev/sdb', { encrypted: true });
  assert.deepEqual(selectDisks([root, encrypted, bare], 'in-place', []), [root, encrypted, bare]);
});

test('an encrypted volume with the key of all comes back as a volume too', () => {
  const encrypted = volumeDisk('e', 'e', '/dev/sdb', {
    encrypted: true,
    encryptionKeyId: '00000000-0000-0000-0000-000000000000',
  });
  for (const mode of ['volume', 'replace', 'instance'] as const)
    assert.ok(selectDisks([root, encrypted], mode, []).includes(encrypted), mode);
});

test('a disk is found by key, volume id, name and device', () => {
  for (const name of ['volume:d', 'd', 'web-data', '/dev/sdb', 'sdb']) {
    assert.deepEqual(selectDisks([root, data], 'image', [name, name]), [data]);
  }
});

const refusals: [string, string, PointDisk[], RestoreMode, string[]][] = [
  ['a new instance without its root', 'INPUT_NO_ROOT', [root, data], 'instance', ['sdb']],
  ['an unknown disk', 'INPUT_DISK', [root, data], 'image', ['sdz']],
  [
    'a name of two disks',
    'INPUT_DISK',
    [volumeDisk('1', 'same', '/dev/sdb'), volumeDisk('2', 'same', '/dev/sdc')],
    'image',
    ['same'],
  ],
  ['replacing the root disk', 'INPUT_ROOT_DISK', [root, data], 'replace', ['sda']],
  ['replacing where there is only a root disk', 'INPUT_NO_DISK', [root], 'replace', []],
  ['replacing a bare image', 'INPUT_NOT_ATTACHED', [bare], 'replace', ['image:ceph/rbd/bare']],
  [
    'an encrypted volume as a volume',
    'INPUT_ENCRYPTED',
    [volumeDisk('e', 'e', '/dev/sdb', { encrypted: true })],
    'volume',
    [],
  ],
];
for (const [what, code, disks, mode, wanted] of refusals) {
  test(`${what} is refused with ${code}`, () => {
    assert.throws(() => selectDisks(disks, mode, wanted), { code });
  });
}
