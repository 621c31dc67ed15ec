import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttachmentDescription } from '../../../domain/disk.ts';
import type { InstanceDescription } from '../../../domain/instance.ts';
import type { RestoreDiskPlan } from '../plan.ts';
import { serverBody } from './server-body.ts';

const recorded: InstanceDescription = {
  id: 'i',
  name: 'web-01',
  projectId: 'p',
  status: 'ACTIVE',
  userData: 'cGFzc3dvcmQ=',
  configDrive: true,
  flavor: {
    originalName: 'm1.small',
    vcpus: 1,
    ramMib: 64,
    diskGib: 0,
    ephemeralGib: 0,
    swapMib: 0,
    extraSpecs: {},
  },
  metadata: { team: 'blue', emberkeep_restore: 'an earlier one' },
  tags: ['web'],
  securityGroups: ['default'],
  serverGroups: [],
  ports: [],
};

const plan = {
  projectId: 'p',
  name: 'web-01-again',
  flavorId: '42',
  flavorName: 'm1.small',
  ports: [],
  notes: [],
  asked: false,
};

function disk(name: string, attachment: Partial<AttachmentDescription>): RestoreDiskPlan {
  const location = { cluster: 'ceph', pool: 'volumes', image: name };
  return {
    disk: {
      key: `volume:${name}`,
      kind: 'volume',
      location,
      attachment: { instanceId: 'i', deleteOnTermination: false, isRoot: false, ...attachment },
    },
    linkIds: [],
    sizeBytes: 1,
    objectSizeBytes: 1,
    fresh: location,
    imported: true,
    volume: {
      projectId: 'p',
      name,
      sizeGib: 1,
      volumeType: 'ceph',
      cinderHost: 'h',
      location,
      bootable: false,
      metadata: {},
      imageMetadata: {},
      moved: true,
      newVolumeId: `new-${name}`,
    },
    notes: [],
  };
}

const disks = [
  disk('late', { device: '/dev/vdaa' }),
  disk('nameless', {}),
  disk('data', { device: '/dev/vdz', tag: 'data', deleteOnTermination: true, bootIndex: 1 }),
  disk('root', { device: '/dev/vdb', isRoot: true, bootIndex: 0 }),
];

test('disks come in the order of booting and of devices, with all that hung them on the instance', () => {
  const body = serverBody(recorded, plan, disks, { restoreId: 'r', portIds: [] });
  const common = { source_type: 'volume', destination_type: 'volume' };
  assert.deepEqual(body['block_device_mapping_v2'], [
    {
      ...common,
      uuid: 'new-root',
      boot_index: 0,
      delete_on_termination: false,
      device_name: '/dev/vdb',
    },
    {
      ...common,
      uuid: 'new-data',
      boot_index: 1,
      delete_on_termination: true,
      device_name: '/dev/vdz',
      tag: 'data',
    },
    {
      ...common,
      uuid: 'new-late',
      boot_index: -1,
      delete_on_termination: false,
      device_name: '/dev/vdaa',
    },
    { ...common, uuid: 'new-nameless', boot_index: -1, delete_on_termination: false },
  ]);
});

test('the mark of this restore takes the place of an earlier one, the rest is as recorded or as planned', () => {
  const { block_device_mapping_v2: devices, ...body } = serverBody(
    recorded,
    { ...plan, availabilityZone: 'az2' },
    disks,
    { restoreId: 'r', portIds: ['p1', 'p2'] },
  );
  assert.ok(Array.isArray(devices));
  assert.deepEqual(body, {
    name: 'web-01-again',
    flavorRef: '42',
    networks: [{ port: 'p1' }, { port: 'p2' }],
    metadata: { team: 'blue', emberkeep_restore: 'r' },
    tags: ['web'],
    config_drive: true,
    user_data: 'cGFzc3dvcmQ=',
    availability_zone: 'az2',
  });
});

test('an instance that had no network gets none', () => {
  assert.equal(serverBody(recorded, plan, disks, { restoreId: 'r', portIds: [] })['networks'], 'none');
});
