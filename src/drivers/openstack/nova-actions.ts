import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { readAnswer } from './answer.ts';
import { hasStatus } from './http-error.ts';
import type { Server } from './nova-server.ts';
import type { HttpResponse } from './request.ts';
import { segment, type CallOptions, type ServiceClient } from './service-client.ts';
import { waitFor, type WaitOptions, type WaitTools } from './wait.ts';

/** What a restore does with whole servers. */
export interface ServerActions {
  /** Asks for it; a server that is already stopped is fine. */
  stopServer(serverId: string, call?: CallOptions): Promise<void>;
  /** Asks for it; a server that already runs is fine. */
  startServer(serverId: string, call?: CallOptions): Promise<void>;
  /** Asks for it; throws with status 409 unless the server is active and nothing else is done with it. */
  pauseServer(serverId: string, call?: CallOptions): Promise<void>;
  /** Asks for it; throws with status 409 unless the server is paused and nothing else is done with it. */
  unpauseServer(serverId: string, call?: CallOptions): Promise<void>;
  /** What was done with it, newest first: `pause`, `unpause`, `stop`, ... and the id of the user who asked for it. */
  listActions(serverId: string, call?: CallOptions): Promise<{ action: string; userId: string }[]>;
  /** Until the server has this status and Nova does nothing with it; throws OPENSTACK_INSTANCE_ERROR on ERROR. */
  waitForServer(serverId: string, status: string, wait: WaitOptions): Promise<Server>;
  /** Until the server is gone. */
  waitForServerGone(serverId: string, wait: WaitOptions): Promise<void>;
  /** Keeps the tenant from starting or deleting it meanwhile; an admin still may. */
  lockServer(serverId: string, reason: string, call?: CallOptions): Promise<void>;
  unlockServer(serverId: string, call?: CallOptions): Promise<void>;
  /** `server` and scheduler hints (`group` for a server group) as in the API reference; gives the new id. */
  createServer(
    server: Record<string, unknown>,
    schedulerHints?: Record<string, unknown>,
    call?: CallOptions,
  ): Promise<string>;
  /** Asks for it; a server that is gone is fine. */
  deleteServer(serverId: string, call?: CallOptions): Promise<void>;
  /** Console text, newest lines; as a proof that a guest runs. */
  consoleOutput(serverId: string, lines: number, call?: CallOptions): Promise<string>;
}

type Act = (serverId: string, body: Record<string, unknown>, call?: CallOptions) => Promise<HttpResponse>;

export function createServerActions(
  service: ServiceClient,
  tools: WaitTools,
  getServer: (serverId: string, call?: CallOptions) => Promise<Server>,
): ServerActions {
  const act: Act = (serverId, body, call) =>
    service.request({
      ...call,
      method: 'POST',
      path: `/servers/${segment(serverId)}/action`,
      body,
      expected: [200, 202, 204],
    });
  return {
    stopServer: (serverId, call) => switchPower(act, getServer, serverId, 'os-stop', call),
    startServer: (serverId, call) => switchPower(act, getServer, serverId, 'os-start', call),
    pauseServer: async (serverId, call) => {
      await act(serverId, { pause: null }, call);
    },
    unpauseServer: async (serverId, call) => {
      await act(serverId, { unpause: null }, call);
    },
    listActions: async (serverId, call) => {
      const path = `/servers/${segment(serverId)}/os-instance-actions`;
      const response = await service.request({ ...call, method: 'GET', path, expected: [200] });
      return readAnswer(actionsSchema, response);
    },
    waitForServer: (serverId, status, wait) =>
      waitFor(tools, `instance ${serverId} to become ${status}`, wait, async () =>
        settledServer(await getServer(serverId, { signal: wait.signal }), status),
      ),
    waitForServerGone: async (serverId, wait) => {
      await waitFor(tools, `instance ${serverId} to be deleted`, wait, () =>
        getServer(serverId, { signal: wait.signal }).then(
          () => undefined,
          (error: unknown) => goneOrThrow(error),
        ),
      );
    },
    lockServer: async (serverId, reason, call) => {
      await act(serverId, { lock: { locked_reason: reason } }, call);
    },
    unlockServer: async (serverId, call) => {
      await act(serverId, { unlock: null }, call);
    },
    createServer: async (server, schedulerHints, call) => {
      const hints = schedulerHints === undefined ? {} : { 'OS-SCH-HNT:scheduler_hints': schedulerHints };
      const userData = server['user_data'];
      const response = await service.request({
        ...call,
        method: 'POST',
        path: '/servers',
        body: { server, ...hints },
        expected: [202],
        // I10: what Nova finds wrong it repeats, and user data often holds passwords.
        ...(typeof userData === 'string' ? { secrets: [userData] } : {}),
      });
      return readAnswer(z.object({ server: z.object({ id: z.string() }) }), response).server.id;
    },
    deleteServer: async (serverId, call) => {
      await service.request({
        ...call,
        method: 'DELETE',
        path: `/servers/${segment(serverId)}`,
        expected: [204, 404],
      });
    },
    consoleOutput: async (serverId, lines, call) => {
      const response = await act(serverId, { 'os-getConsoleOutput': { length: lines } }, call);
      return readAnswer(z.object({ output: z.string() }), response).output;
    },
  };
}

/** GET /servers/{id}/os-instance-actions; Nova has the newest first (nova/db/main/api.py, actions_get). */
const actionsSchema = z
  .object({ instanceActions: z.array(z.object({ action: z.string(), user_id: z.string().nullish() })) })
  .transform(({ instanceActions }) =>
    instanceActions.map((row) => ({ action: row.action, userId: row.user_id ?? '' })),
  );

/** Nova answers 409 to a start of what runs; a repeated step must not fail on its own success (I9). */
async function switchPower(
  act: Act,
  getServer: (serverId: string, call?: CallOptions) => Promise<Server>,
  serverId: string,
  action: 'os-start' | 'os-stop',
  call?: CallOptions,
): Promise<void> {
  try {
    await act(serverId, { [action]: null }, call);
  } catch (error) {
    if (!hasStatus(error, 409)) throw error;
    const { state } = await getServer(serverId, call);
    if (state.vmState !== (action === 'os-start' ? 'active' : 'stopped') || state.taskState !== undefined)
      throw error;
  }
}

function settledServer(server: Server, wanted: string): Server | undefined {
  const { status, taskState, fault } = server.state;
  if (status === wanted && taskState === undefined) return server;
  if (status !== 'ERROR' || wanted === 'ERROR') return undefined;
  throw new AppError(
    'OPENSTACK_INSTANCE_ERROR',
    `Instance ${server.description.id} went to ERROR while it should become ${wanted}: ${fault ?? 'Nova gives no reason'}. See the log of nova-compute on ${server.description.host ?? 'its host'}.`,
    { details: { instanceId: server.description.id, wanted } },
  );
}

function goneOrThrow(error: unknown): true {
  if (hasStatus(error, 404)) return true;
  throw error;
}
