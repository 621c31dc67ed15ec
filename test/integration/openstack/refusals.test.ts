/** Each refusal of Cinder and Nova that a backup, a restore or an undo can meet, provoked, and told with what helps. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AppError } from '../../../src/base/errors.ts';
import { newId } from '../../../src/base/ids.ts';
import type { OpenStack, OpenStackClients } from '../../../src/drivers/openstack/openstack.ts';
import { createRestoreCloud, type ManagedVolume } from '../../../src/drivers/openstack/restore-cloud.ts';
import { Cleanup, devcloud, openCloud, patience, rbd } from '../../support/devcloud.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';

const cleanup = new Cleanup();
let scratch: ScratchCloud;
let member: OpenStack;
let owner: OpenStackClients;
let serverId: string;
let rootId: string;
let dataId: string;
let looseId: string;
/** In pool backups. */
let image: string;
/** A project whose quota has no room. */
let fullProject: string;

before(async () => {
  scratch = await ScratchCloud.open('refusals');
  member = openCloud('devcloud-tenant');
  cleanup.add(() => scratch.close());
  cleanup.add(() => {
    member.close();
    return Promise.resolve();
  });
  owner = scratch.owner();
  [rootId, dataId, looseId] = await Promise.all([
    scratch.volume({ bootable: true }),
    scratch.volume(),
    scratch.volume(),
  ]);
  serverId = await scratch.instance({ disks: [{ volumeId: rootId }, { volumeId: dataId }] });
  [, image] = (await scratch.image('backups', 1024 ** 3)).split('/') as [string, string];
  fullProject = await projectWithoutRoom();
});
after(() => cleanup.run());

async function projectWithoutRoom(): Promise<string> {
  const { identity, keystone } = openAdmin();
  const { id } = await identity.createProject({
    name: scratch.name('full'),
    domainId: 'default',
    description: '',
  });
  cleanup.add(() => identity.deleteProject(id));
  const cinder = keystone.service('block-storage');
  const path = `/os-quota-sets/${id}`;
  const body = { quota_set: { volumes: 0 } };
  await cinder.request({ method: 'PUT', path, body, expected: [200] });
  cleanup.add(() => cinder.request({ method: 'DELETE', path, expected: [200] }));
  return id;
}

function openAdmin(): OpenStack {
  const admin = openCloud('devcloud-admin');
  cleanup.add(() => {
    admin.close();
    return Promise.resolve();
  });
  return admin;
}

function manage(
  change: Partial<ManagedVolume>,
  imageName = image,
  openstack = scratch.admin,
): Promise<string> {
  const cloud = createRestoreCloud(openstack, { locate: () => undefined, timeoutMs: patience.timeoutMs });
  const volume: ManagedVolume = {
    projectId: scratch.projectId(),
    name: scratch.name('managed'),
    volumeType: 'ceph-backups',
    cinderHost: devcloud().cinderHosts['ceph-backups'],
    bootable: false,
    metadata: {},
    ...change,
  };
  return cloud.manageVolume(volume, imageName);
}

interface Refusal {
  what: string;
  provoke: () => Promise<unknown>;
  code: string;
  /** What is to be done. */
  help: RegExp;
}

const refusals: Refusal[] = [
  {
    what: 'managing without the role admin',
    provoke: () => manage({}, image, member),
    code: 'FORBIDDEN_OPENSTACK',
    help: /give the service's user the role admin, inherited/,
  },
  {
    what: 'managing on a backend that is gone',
    provoke: () => manage({ cinderHost: 'nohost@ceph#ceph' }),
    code: 'OPENSTACK_REJECTED',
    help: /openstack volume service list .* then restore again/,
  },
  {
    what: "managing what is a volume's image already",
    provoke: () =>
      manage({ volumeType: 'ceph', cinderHost: devcloud().cinderHosts.ceph }, `volume-${looseId}`),
    code: 'OPENSTACK_REJECTED',
    help: /took it over meanwhile: find the volume/,
  },
  {
    what: 'managing an image that is gone',
    provoke: () => manage({}, 'no-such-image'),
    code: 'OPENSTACK_VOLUME_ERROR',
    help: /any more, or volume type .* is of another backend\. Check both, then restore again/,
  },
  {
    what: 'managing with the type of another backend',
    provoke: () => manage({ volumeType: 'ceph' }),
    code: 'OPENSTACK_VOLUME_ERROR',
    help: /any more, or volume type .* is of another backend\. Check both, then restore again/,
  },
  {
    what: 'a token of another project than the one that is asked',
    provoke: () =>
      scratch.admin.keystone.service('block-storage').request({
        method: 'GET',
        path: `/../${scratch.projectId('other')}/volumes`,
        expected: [200],
      }),
    code: 'OPENSTACK_REJECTED',
    help: /let it have a role in the owner's project/,
  },
  {
    what: 'deleting a volume that is attached',
    provoke: () => owner.cinder.deleteVolume(dataId),
    code: 'OPENSTACK_REJECTED',
    help: /detach it with `openstack server remove volume`, or wait/,
  },
  {
    what: 'detaching the root disk',
    provoke: () => owner.attachments.detach(serverId, rootId, patience),
    code: 'OPENSTACK_REJECTED',
    help: /restore it with mode in-place/,
  },
  {
    what: 'detaching the root disk of an instance that is off',
    provoke: async () => {
      await owner.nova.stopServer(serverId);
      await owner.nova.waitForServer(serverId, 'SHUTOFF', patience);
      try {
        await owner.attachments.detach(serverId, rootId, patience);
      } finally {
        await owner.nova.startServer(serverId);
        await owner.nova.waitForServer(serverId, 'ACTIVE', patience);
      }
    },
    code: 'OPENSTACK_REJECTED',
    help: /restore it with mode in-place/,
  },
  {
    what: 'attaching what something else works on',
    provoke: async () => {
      await owner.cinder.resetStatus(looseId, 'maintenance');
      try {
        await owner.nova.attachVolume(serverId, { volumeId: looseId, deleteOnTermination: false });
      } finally {
        await owner.cinder.resetStatus(looseId, 'available');
      }
    },
    code: 'OPENSTACK_REJECTED',
    help: /attached elsewhere, or something else works on it: .* detach it or wait/,
  },
  {
    what: 'stopping an instance that is in no state for it',
    provoke: async () => {
      await owner.nova.pauseServer(serverId);
      await owner.nova.waitForServer(serverId, 'PAUSED', patience);
      try {
        await owner.nova.stopServer(serverId);
      } finally {
        await owner.nova.unpauseServer(serverId);
        await owner.nova.waitForServer(serverId, 'ACTIVE', patience);
      }
    },
    code: 'CONFLICT_OPENSTACK',
    help: /start or stop it or wait for what is under way/,
  },
  {
    what: 'stopping what somebody locked, as its owner',
    provoke: async () => {
      await owner.nova.lockServer(serverId, 'a test');
      try {
        await member.nova.stopServer(serverId);
      } finally {
        await owner.nova.unlockServer(serverId);
      }
    },
    code: 'CONFLICT_OPENSTACK',
    help: /`openstack server unlock`, then try again/,
  },
  {
    what: 'a list of volumes whose last one was deleted meanwhile',
    provoke: () =>
      scratch.admin.keystone.service('block-storage').request({
        method: 'GET',
        path: '/volumes/detail',
        query: { marker: newId() },
        expected: [200],
      }),
    code: 'NOTFOUND_OPENSTACK',
    help: /deleted while it was read: try again/,
  },
  {
    what: 'a list of instances whose last one was deleted meanwhile',
    provoke: () =>
      scratch.admin.keystone.service('compute').request({
        method: 'GET',
        path: '/servers/detail',
        query: { marker: newId() },
        expected: [200],
      }),
    code: 'OPENSTACK_REJECTED',
    help: /deleted while it was read: try again/,
  },
  {
    what: 'the instances of all projects without the role admin',
    provoke: () => member.nova.listServersPage({ limit: 1, allProjects: true }),
    code: 'FORBIDDEN_OPENSTACK',
    help: /give the service's user the role admin/,
  },
  {
    what: 'a new volume in a project whose quota is used up',
    provoke: () =>
      scratch.admin.inProject(fullProject).cinder.createVolume({
        name: scratch.name('too-much'),
        sizeGib: 1,
        volumeType: 'ceph',
      }),
    code: 'LIMIT_OPENSTACK_QUOTA',
    help: /delete volumes that are not needed, or raise it/,
  },
  {
    what: 'managing in a project whose quota is used up',
    provoke: () => manage({ projectId: fullProject }),
    code: 'LIMIT_OPENSTACK_QUOTA',
    help: /delete volumes that are not needed, or raise it/,
  },
];

test('each refusal is told with what helps against it, and with what was said', async (t) => {
  for (const { what, provoke, code, help } of refusals) {
    await t.test(what, async () => {
      const error = await provoke().then(
        () => assert.fail('it was not refused'),
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof AppError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, help);
      t.diagnostic(`${what}: ${error.message}`);
    });
  }
  assert.match(rbd('ls', 'backups'), new RegExp(`^${image}$`, 'm'), 'the image was not taken over');
});
