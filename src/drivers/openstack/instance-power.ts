/** Instances off and on, and volumes as they are now: what a restore in place asks of Nova and Cinder. */
import type { Volume } from './cinder-volume.ts';
import { hasStatus } from './http-error.ts';
import type { ServerState } from './nova-server.ts';
import type { OpenStack, OpenStackClients } from './openstack.ts';

export interface InstancePower {
  /** undefined when it is gone. */
  instanceState(projectId: string, instanceId: string): Promise<ServerState | undefined>;
  /** Keeps the tenant from starting or deleting it; Nova lets an admin, as the service is, do both. */
  lockInstance(projectId: string, instanceId: string, reason: string): Promise<void>;
  unlockInstance(projectId: string, instanceId: string): Promise<void>;
  /** Returns when Nova says SHUTOFF; one that is off already is fine. */
  stopInstance(projectId: string, instanceId: string): Promise<void>;
  /** Returns when Nova says ACTIVE; one that runs already is fine. */
  startInstance(projectId: string, instanceId: string): Promise<void>;
  /** The volume and the names of Cinder's own snapshots of it; undefined when it is gone. */
  volumeNow(
    projectId: string,
    volumeId: string,
  ): Promise<{ volume: Volume; snapshots: string[] } | undefined>;
}

/** No signal: a stop or start that was asked for happens anyway, and whoever undoes it must see its end. */
export function createInstancePower(
  { inProject }: Pick<OpenStack, 'inProject'>,
  { timeoutMs = 600_000 }: { timeoutMs?: number } = {},
): InstancePower {
  return {
    instanceState: (projectId, instanceId) =>
      unlessGone(async () => (await inProject(projectId).nova.getServer(instanceId)).state),
    lockInstance: (projectId, instanceId, reason) => inProject(projectId).nova.lockServer(instanceId, reason),
    unlockInstance: (projectId, instanceId) => inProject(projectId).nova.unlockServer(instanceId),
    stopInstance: (projectId, instanceId) =>
      switchTo(inProject(projectId).nova, instanceId, 'SHUTOFF', timeoutMs),
    startInstance: (projectId, instanceId) =>
      switchTo(inProject(projectId).nova, instanceId, 'ACTIVE', timeoutMs),
    volumeNow: (projectId, volumeId) =>
      unlessGone(async () => {
        const { cinder } = inProject(projectId);
        const volume = await cinder.getVolume(volumeId);
        const snapshots = await cinder.listSnapshots(volumeId);
        return { volume, snapshots: snapshots.map(({ name, id }) => (name === '' ? id : name)) };
      }),
  };
}

type Power = 'SHUTOFF' | 'ACTIVE';

/** Nova refuses to stop or start what it is still starting or stopping, as it may be for an attempt that died. */
const underWay: Partial<Record<string, Power>> = { 'powering-off': 'SHUTOFF', 'powering-on': 'ACTIVE' };

async function switchTo(
  nova: OpenStackClients['nova'],
  instanceId: string,
  wanted: Power,
  timeoutMs: number,
): Promise<void> {
  const { taskState = '' } = (await nova.getServer(instanceId)).state;
  const next = underWay[taskState];
  if (next !== undefined) await nova.waitForServer(instanceId, next, { timeoutMs });
  if (next === wanted) return;
  await (wanted === 'ACTIVE' ? nova.startServer(instanceId) : nova.stopServer(instanceId));
  await nova.waitForServer(instanceId, wanted, { timeoutMs });
}

async function unlessGone<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}
