import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import { startFakeOpenStack } from '../../../test/support/fake-openstack.ts';
import { readAnswer } from './answer.ts';
import { volumeSchema } from './cinder-volume.ts';
import { tokenSchema } from './keystone-auth.ts';
import { attachmentsSchema, describeAttachment } from './nova-attachments.ts';
import { interfacesSchema, serverSchema } from './nova-server.ts';
import { createOpenStack } from './openstack.ts';
import type { HttpResponse } from './request.ts';
import { z } from 'zod';

function recorded(name: string): HttpResponse {
  const text = readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8');
  const label = { method: 'GET', url: `http://cloud/${name}`, serviceType: 'test' };
  return { status: 200, headers: {}, body: JSON.parse(text) as unknown, label };
}

const oneServer = z.object({ server: serverSchema });
const serverId = '2d43af1d-3dc0-4dc9-b2fc-2df50fa6e8dd';
const rootId = '42266f8e-a456-4306-8e21-36efd52822c5';
const dataId = '4e4051e9-ae6c-4d51-ac7e-8226054d3ca6';
const tenantProject = '122d12d440674bd782825d5bc797f3e9';

test('a server as an admin sees it', () => {
  const { server } = readAnswer(oneServer, recorded('server-admin'));
  assert.deepEqual(server, {
    description: {
      id: serverId,
      name: 'os-rec-web',
      projectId: tenantProject,
      userId: '2c2b94e110324ee3bfb7e7f4bc24208f',
      status: 'ACTIVE',
      host: 'devcloud-fake',
      availabilityZone: 'fake',
      userData: 'I2Nsb3VkLWNvbmZpZwo=',
      configDrive: true,
      flavor: {
        originalName: 'm1.nano',
        vcpus: 1,
        ramMib: 64,
        diskGib: 0,
        ephemeralGib: 0,
        swapMib: 0,
        extraSpecs: {},
      },
      metadata: { role: 'web' },
      tags: ['blue', 'prod'],
      securityGroups: [],
      serverGroups: [],
      ports: [],
    },
    state: {
      status: 'ACTIVE',
      vmState: 'active',
      taskState: undefined,
      powerState: 'running',
      locked: false,
      fault: undefined,
    },
    rootDeviceName: '/dev/sda',
    volumes: [
      { volumeId: rootId, deleteOnTermination: false },
      { volumeId: dataId, deleteOnTermination: true },
    ],
    hypervisorHostname: 'devcloud-fake',
    createdAt: new Date('2026-11-22T18:51:14Z'),
  });
});

test('a server as its owner sees it, without host, root device and user data', () => {
  const { server } = readAnswer(oneServer, recorded('server-tenant'));
  assert.equal(server.description.host, undefined);
  assert.equal(server.description.userData, undefined);
  assert.equal(server.rootDeviceName, undefined);
  assert.deepEqual(server.description.tags, ['blue', 'prod']);
});

test('attachments are the same before and after compute 2.89, but for the ids that it added', () => {
  const before = readAnswer(attachmentsSchema, recorded('attachments-2.88'));
  const after = readAnswer(attachmentsSchema, recorded('attachments-2.93'));
  assert.deepEqual(
    before,
    after.map((row) => ({ ...row, attachmentId: undefined, bdmUuid: undefined })),
  );
  assert.ok(after.every((row) => row.attachmentId !== undefined && row.bdmUuid !== undefined));
});

test('the root is found by its device for an admin, and by its first place for others', () => {
  const rows = readAnswer(attachmentsSchema, recorded('attachments-2.93'));
  for (const name of ['server-admin', 'server-tenant']) {
    const { server } = readAnswer(oneServer, recorded(name));
    assert.deepEqual(
      rows.map((row) => describeAttachment(server, row)),
      [
        {
          instanceId: serverId,
          device: '/dev/sda',
          tag: 'root',
          deleteOnTermination: false,
          isRoot: true,
          bootIndex: 0,
        },
        { instanceId: serverId, device: '/dev/sdc', tag: 'data', deleteOnTermination: true, isRoot: false },
      ],
    );
  }
});

test('a server that boots from an image has no root among its volumes', () => {
  const { server } = readAnswer(oneServer, recorded('server-tenant'));
  const [row] = readAnswer(attachmentsSchema, recorded('attachments-2.93'));
  assert.ok(row);
  const description = { ...server.description, imageId: 'image-1' };
  assert.equal(describeAttachment({ description, rootDeviceName: undefined }, row).isRoot, false);
  assert.equal(describeAttachment({ description, rootDeviceName: '/dev/vda' }, row).isRoot, false);
});

test('ports, and none', () => {
  assert.deepEqual(readAnswer(interfacesSchema, recorded('os-interface')), []);
  // From the API reference (os-interface); the recorded cloud has no networks.
  const body = {
    interfaceAttachments: [
      {
        fixed_ips: [{ ip_address: '192.168.1.3', subnet_id: 'f8a6e8f8-c2ec-497c-9f23-da9616de54ef' }],
        mac_addr: 'fa:16:3e:4c:2c:30',
        net_id: '3cb9bc59-5699-4588-a4b1-b87f96708bc6',
        port_id: 'ce531f90-199f-48c0-816c-13e38010b442',
        port_state: 'ACTIVE',
        tag: null,
      },
    ],
  };
  assert.deepEqual(readAnswer(interfacesSchema, { ...recorded('os-interface'), body }), [
    {
      portId: 'ce531f90-199f-48c0-816c-13e38010b442',
      networkId: '3cb9bc59-5699-4588-a4b1-b87f96708bc6',
      macAddress: 'fa:16:3e:4c:2c:30',
      fixedIps: [{ subnetId: 'f8a6e8f8-c2ec-497c-9f23-da9616de54ef', ipAddress: '192.168.1.3' }],
    },
  ]);
});

const oneVolume = z.object({ volume: volumeSchema('own-project') });

test('volumes as an admin sees them', () => {
  const root = readAnswer(oneVolume, recorded('volume-root-admin')).volume;
  assert.equal(root.description.bootable, true);
  assert.deepEqual(root.description.imageMetadata, {
    hw_disk_bus: 'scsi',
    hw_scsi_model: 'virtio-scsi',
    min_disk: '1',
  });
  assert.deepEqual(readAnswer(oneVolume, recorded('volume-data-admin')).volume, {
    description: {
      id: dataId,
      name: 'os-rec-data',
      description: 'for the fixtures',
      projectId: tenantProject,
      sizeGib: 2,
      volumeType: 'ceph',
      host: 'devcloud@ceph#ceph',
      availabilityZone: 'nova',
      bootable: false,
      encrypted: false,
      multiattach: false,
      metadata: { purpose: 'data' },
      imageMetadata: {},
    },
    status: 'in-use',
    nameId: undefined,
    imageName: `volume-${dataId}`,
    migrationStatus: undefined,
    attachments: [
      {
        serverId,
        attachmentId: '56f6ec33-869b-4ece-a75b-588ea6cb6690',
        device: '/dev/sdc',
        host: 'devcloud-fake',
      },
    ],
    snapshotId: undefined,
    sourceVolumeId: undefined,
    createdAt: new Date('2026-11-22T18:51:13Z'),
  });
});

test('a migrated volume keeps its id, but its image is named by name_id', () => {
  const response = recorded('volume-data-admin');
  const { volume: row } = response.body as { volume: Record<string, unknown> };
  const moved = { volume: { ...row, 'os-vol-mig-status-attr:name_id': 'other-id' } };
  const { volume } = readAnswer(oneVolume, { ...response, body: moved });
  assert.deepEqual([volume.nameId, volume.imageName], ['other-id', 'volume-other-id']);
});

test('to its owner Cinder says the project too, and otherwise it can only be their own', () => {
  const response = recorded('volume-data-tenant');
  const { volume } = readAnswer(oneVolume, response);
  assert.equal(volume.description.projectId, tenantProject);
  assert.equal(volume.description.host, undefined);
  const { volume: row } = response.body as { volume: Record<string, unknown> };
  const bare = { volume: { ...row, 'os-vol-tenant-attr:tenant_id': undefined } };
  assert.equal(
    readAnswer(oneVolume, { ...response, body: bare }).volume.description.projectId,
    'own-project',
  );
});

test('a token says who bears it', () => {
  const { info, catalog } = readAnswer(tokenSchema, recorded('token-project'));
  assert.equal(info.userName, 'tenant');
  assert.deepEqual(
    [info.projectId, info.projectName, info.domainId, info.system],
    [tenantProject, 'tenant', undefined, false],
  );
  assert.deepEqual(info.roles.toSorted(), ['member', 'reader']);
  assert.ok(catalog.some((entry) => entry.type === 'volumev3' && entry.endpoints.length > 0));
});

test('what is not as the API promises is named, its value is not', () => {
  const response = recorded('server-admin');
  const { server } = response.body as { server: Record<string, unknown> };
  const broken = { ...response, body: { server: { ...server, metadata: { password: 4711 } } } };
  assert.throws(
    () => readAnswer(oneServer, broken),
    (error: unknown) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, 'OPENSTACK_BAD_ANSWER');
      assert.match(error.message, /unexpected "server\.metadata\.password"/);
      assert.doesNotMatch(error.message, /4711/);
      return true;
    },
  );
});

test('backends: services, pools with the Ceph pool behind them, types', async () => {
  const fake = await startFakeOpenStack({ password: 'hunter2-secret' });
  const openstack = createOpenStack({ credentials: fake.credentials() });
  try {
    fake.on('GET', '/volume/v3/home/os-services', { body: recorded('cinder-services').body });
    fake.on('GET', '/volume/v3/home/scheduler-stats/get_pools', { body: recorded('cinder-pools').body });
    fake.on('GET', '/volume/v3/home/types', { body: recorded('volume-types').body });
    const services = await openstack.cinder.listServices();
    assert.deepEqual(
      services.filter(({ up, enabled }) => up && enabled).map(({ binary, host }) => `${binary} ${host}`),
      ['cinder-volume devcloud@ceph', 'cinder-volume devcloud@ceph-backups', 'cinder-scheduler devcloud'],
    );
    const pools = await openstack.cinder.listPools();
    const fsid = '99799c54-5d58-4465-a88d-8ae687a48c27';
    assert.deepEqual(
      pools.map(({ name, rbd, storageProtocol }) => [name, storageProtocol, rbd]),
      [
        ['devcloud@ceph#ceph', 'ceph', { fsid, pool: 'volumes' }],
        ['devcloud@ceph-backups#ceph-backups', 'ceph', { fsid, pool: 'backups' }],
      ],
    );
    const types = await openstack.cinder.listVolumeTypes();
    assert.equal(types.find(({ name }) => name === 'ceph')?.extraSpecs['volume_backend_name'], 'ceph');
  } finally {
    openstack.close();
    await fake.close();
  }
});
