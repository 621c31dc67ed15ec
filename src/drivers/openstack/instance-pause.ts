import { AppError } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import type { Sleep } from '../../base/retry.ts';
import { hasStatus } from './http-error.ts';
import type { ServerState } from './nova-server.ts';
import type { OpenStack, OpenStackClients } from './openstack.ts';
import { waitFor } from './wait.ts';

/**
 * Nova's pause: the guest's processors stand still, its memory and disks stay as they are. Each call acts in the project
 * that it names and can be repeated (I9). Asked of Nova are POST /servers/{id}/action with `pause` and `unpause`.
 */
export interface InstancePauses {
  /** ACTIVE, PAUSED, SHUTOFF, ... */
  status(projectId: string, instanceId: string): Promise<string>;
  /** True once it stands still; false when Nova refuses, or its host fails, and it runs on. */
  pause(projectId: string, instanceId: string, signal?: AbortSignal): Promise<boolean>;
  /** True when it stood still until now and runs again; false when somebody else had ended the pause before. */
  unpause(projectId: string, instanceId: string): Promise<boolean>;
  /** Whether it is paused, and our own user was the last to ask for that; false when it is gone. */
  isPausedByUs(projectId: string, instanceId: string): Promise<boolean>;
  /** As unpause, but only when the pause that it is in was asked for by our own user. */
  unpauseOurs(projectId: string, instanceId: string): Promise<boolean>;
}

export interface InstancePauseOptions {
  clock: Clock;
  sleep: Sleep;
  /** How long Nova may take over one pause or unpause; 60 s when undefined. */
  timeoutMs?: number;
}

type Nova = OpenStackClients['nova'];

/** The guest stands still meanwhile, so Nova is asked often. */
const firstPauseMs = 50;

export function createInstancePauses(
  openstack: Pick<OpenStack, 'inProject'>,
  { timeoutMs = 60_000, ...tools }: InstancePauseOptions,
): InstancePauses {
  /** What it is in once Nova does nothing with it. */
  const settled = (nova: Nova, instanceId: string, signal?: AbortSignal): Promise<ServerState> =>
    waitFor(tools, `instance ${instanceId} to be at rest`, { timeoutMs, firstPauseMs, signal }, async () => {
      const state = await nova.getServerState(instanceId, { signal });
      return state.taskState === undefined ? state : undefined;
    });

  async function unpause(projectId: string, instanceId: string): Promise<boolean> {
    const { nova } = openstack.inProject(projectId);
    for (;;) {
      try {
        await nova.unpauseServer(instanceId);
        const { status } = await settled(nova, instanceId);
        if (status !== 'PAUSED') return true;
        throw stillPaused(instanceId);
      } catch (error) {
        if (!hasStatus(error, 409)) throw error;
      }
      // Nova is still at the pause that we asked for, or it is not paused.
      if ((await settled(nova, instanceId)).status !== 'PAUSED') return false;
    }
  }

  async function isPausedByUs(projectId: string, instanceId: string): Promise<boolean> {
    const { nova, keystone } = openstack.inProject(projectId);
    if ((await settled(nova, instanceId)).status !== 'PAUSED') return false;
    const { userId } = await keystone.whoAmI();
    const actions = await nova.listActions(instanceId);
    const last = actions.find(({ action }) => ['pause', 'unpause'].includes(action));
    return last?.action === 'pause' && last.userId === userId;
  }

  return {
    status: async (projectId, instanceId) =>
      (await openstack.inProject(projectId).nova.getServerState(instanceId)).status,
    pause: async (projectId, instanceId, signal) => {
      const { nova } = openstack.inProject(projectId);
      try {
        await nova.pauseServer(instanceId, { signal });
      } catch (error) {
        if (!hasStatus(error, 409)) throw error;
        return false;
      }
      // Nova says what it does from the moment that it has said yes: at rest and not paused means that its host failed.
      return (await settled(nova, instanceId, signal)).status === 'PAUSED';
    },
    unpause,
    isPausedByUs: async (projectId, instanceId) => {
      try {
        return await isPausedByUs(projectId, instanceId);
      } catch (error) {
        if (hasStatus(error, 404)) return false;
        throw error;
      }
    },
    unpauseOurs: async (projectId, instanceId) =>
      (await isPausedByUs(projectId, instanceId)) && (await unpause(projectId, instanceId)),
  };
}

function stillPaused(instanceId: string): AppError {
  return new AppError(
    'OPENSTACK_UNPAUSE_FAILED',
    `Instance ${instanceId} is still paused although Nova was asked to let it run again: see the log of nova-compute on its host, then run: openstack server unpause ${instanceId}`,
    { details: { instanceId }, retryable: true },
  );
}
