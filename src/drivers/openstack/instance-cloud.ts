import { AppError } from '../../base/errors.ts';
import { hasStatus } from './http-error.ts';
import type { Network, NewPort, Port, PortFilter } from './neutron.ts';
import type { Nova } from './nova.ts';
import type { ComputeRoom, Flavor, KeyPair } from './nova-offers.ts';
import type { OpenStack, OpenStackClients } from './openstack.ts';

/** A key pair of somebody who may not be our user, in whose name Nova looks keys up. */
export interface BorrowedKeyPair extends KeyPair {
  /** Our own user has it anyway: nothing is imported for the server, and nothing removed. */
  isOurs: boolean;
}

export interface NewInstance {
  projectId: string;
  /** As in Nova's API reference, all but `key_name`. */
  server: Record<string, unknown>;
  serverGroupId: string | undefined;
  keyPair: BorrowedKeyPair | undefined;
}

export interface ProjectRoom extends ComputeRoom {
  volumes: number | undefined;
  volumeGib: number | undefined;
}

/**
 * What a restore of a whole instance asks of the cloud, each call in the project that it names, which is what makes the
 * new instance the owner's. What is asked for twice after a crash is made once (I9).
 */
export interface InstanceCloud {
  /** undefined when the project is gone. */
  project(projectId: string): Promise<{ name: string; enabled: boolean } | undefined>;
  flavors(projectId: string): Promise<Flavor[]>;
  /** Whether the project may use a flavor; an admin could use any, also on the project's behalf. */
  mayUseFlavor(projectId: string, flavor: Flavor): Promise<boolean>;
  zones(projectId: string): Promise<string[]>;
  hasServerGroup(projectId: string, groupId: string): Promise<boolean>;
  /** The key pair of one of these users, the first one's first. */
  findKeyPair(
    projectId: string,
    name: string,
    userIds: readonly string[],
  ): Promise<BorrowedKeyPair | undefined>;
  isNameTaken(projectId: string, name: string): Promise<boolean>;
  room(projectId: string): Promise<ProjectRoom>;
  /** Those that the project may use. */
  networks(projectId: string, nameOrId: string): Promise<Network[]>;
  ports(projectId: string, filter: PortFilter): Promise<Port[]>;
  securityGroups(projectId: string): Promise<{ id: string; name: string }[]>;

  makePort(projectId: string, port: NewPort): Promise<string>;
  deletePort(projectId: string, portId: string): Promise<void>;
  /** The instance of the project whose metadata has this key and value. */
  findInstanceByMark(projectId: string, key: string, value: string): Promise<string | undefined>;
  /** Asks Nova for it; gives its id. */
  createInstance(instance: NewInstance): Promise<string>;
  /** Removes what a killed createInstance may have left of it. */
  forgetKeyPair(projectId: string, keyPair: BorrowedKeyPair): Promise<void>;
  /** Returns when it is ACTIVE; throws OPENSTACK_INSTANCE_ERROR with Nova's reason. */
  waitUntilActive(projectId: string, instanceId: string, signal?: AbortSignal): Promise<void>;
  /** Returns when it is gone. */
  deleteInstance(projectId: string, instanceId: string): Promise<void>;
}

export function createInstanceCloud(openstack: OpenStack, { timeoutMs = 600_000 } = {}): InstanceCloud {
  const { identity, inProject } = openstack;
  return {
    project: async (projectId) =>
      (await identity.findProjects(projectId)).find((project) => project.id === projectId),
    flavors: (projectId) => inProject(projectId).nova.listFlavors(),
    mayUseFlavor: async (projectId, { id, isPublic }) =>
      isPublic || (await inProject(projectId).nova.flavorProjects(id)).includes(projectId),
    zones: (projectId) => inProject(projectId).nova.listZones(),
    hasServerGroup: (projectId, groupId) => inProject(projectId).nova.hasServerGroup(groupId),
    findKeyPair: (projectId, name, userIds) => findKeyPair(inProject(projectId), name, userIds),
    isNameTaken: async (projectId, name) => {
      for await (const server of inProject(projectId).nova.listServers({ name }))
        if (server.description.name === name) return true;
      return false;
    },
    room: async (projectId) => {
      const { nova, cinder } = inProject(projectId);
      return { ...(await nova.computeRoom()), ...(await cinder.volumeRoom()) };
    },
    networks: async (projectId, nameOrId) =>
      // I7: an admin sees, and may use, those of every project.
      (await inProject(projectId).neutron.findNetworks(nameOrId)).filter(
        (network) => network.isShared || network.projectId === projectId,
      ),
    ports: (projectId, filter) => inProject(projectId).neutron.listPorts(filter),
    securityGroups: (projectId) => inProject(projectId).neutron.listSecurityGroups(projectId),
    makePort: async (projectId, port) => (await inProject(projectId).neutron.createPort(port)).id,
    deletePort: (projectId, portId) => inProject(projectId).neutron.deletePort(portId),
    findInstanceByMark: async (projectId, key, value) => {
      // Nova lists by name, which the owner may change, but not by metadata.
      for await (const { description } of inProject(projectId).nova.listServers())
        if (description.metadata[key] === value) return description.id;
      return undefined;
    },
    createInstance: (instance) => createInstance(inProject(instance.projectId).nova, instance),
    forgetKeyPair: (projectId, keyPair) => forgetKeyPair(inProject(projectId).nova, projectId, keyPair),
    waitUntilActive: async (projectId, instanceId, signal) => {
      await inProject(projectId).nova.waitForServer(instanceId, 'ACTIVE', { timeoutMs, signal });
    },
    deleteInstance: async (projectId, instanceId) => {
      const { nova } = inProject(projectId);
      await nova.deleteServer(instanceId);
      await nova.waitForServerGone(instanceId, { timeoutMs });
    },
  };
}

async function findKeyPair(
  { nova, keystone }: Pick<OpenStackClients, 'nova' | 'keystone'>,
  name: string,
  userIds: readonly string[],
): Promise<BorrowedKeyPair | undefined> {
  const { userId: ourId } = await keystone.whoAmI();
  for (const userId of new Set(userIds)) {
    const found = await nova.findKeyPair(name, userId);
    if (found === undefined) continue;
    const ours = userId === ourId ? found : await nova.findKeyPair(name);
    return { ...found, isOurs: ours?.publicKey === found.publicKey };
  }
  return undefined;
}

/**
 * Nova looks a key up among those of the user who asks, which is ours, and copies it into the server: somebody else's is
 * imported for that moment, under a name of its own when ours has another key of that name.
 */
async function createInstance(
  nova: Nova,
  { server, serverGroupId, keyPair, projectId }: NewInstance,
): Promise<string> {
  const hints = serverGroupId === undefined ? undefined : { group: serverGroupId };
  const create = (keyName?: string): Promise<string> =>
    nova.createServer({ ...server, ...(keyName === undefined ? {} : { key_name: keyName }) }, hints);
  if (keyPair === undefined) return await create();
  if (keyPair.isOurs) return await create(keyPair.name);
  for (const name of namesFor(keyPair, projectId)) {
    const isNew = await nova.importKeyPair({ ...keyPair, name });
    if (!isNew && (await nova.findKeyPair(name))?.publicKey !== keyPair.publicKey) continue;
    try {
      return await create(name);
    } catch (error) {
      // Another restore with the same key may just have removed it.
      if (!isAboutKey(error)) throw error;
    } finally {
      if (isNew) await nova.deleteKeyPair(name);
    }
  }
  throw new AppError(
    'CONFLICT_KEY_PAIR',
    `our own user has other keys under all names that were tried for key pair ${keyPair.name}; restore with another --key-name, or again later`,
    { retryable: true },
  );
}

function namesFor({ name }: KeyPair, projectId: string): string[] {
  return [name, `${name}-${projectId.slice(0, 8)}`, `${name}-emberkeep`];
}

function isAboutKey(error: unknown): boolean {
  return (
    error instanceof AppError &&
    hasStatus(error, 400) &&
    /key_name|key ?pair/i.test(String(error.details['openstackMessage']))
  );
}

async function forgetKeyPair(nova: Nova, projectId: string, keyPair: BorrowedKeyPair): Promise<void> {
  if (keyPair.isOurs) return;
  for (const name of namesFor(keyPair, projectId)) {
    const found = await nova.findKeyPair(name);
    if (found?.publicKey === keyPair.publicKey) await nova.deleteKeyPair(name);
  }
}
