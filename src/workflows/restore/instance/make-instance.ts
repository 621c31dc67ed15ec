/** The new volumes become an instance; can be killed and called again at any instant (I9). */
import { AppError } from '../../../base/errors.ts';
import { retry } from '../../../base/retry.ts';
import type { RestoreDeps } from '../deps.ts';
import { restoreMark } from '../deps.ts';
import type { RestorePlan } from '../plan.ts';
import type { InstanceCloud } from './deps.ts';
import type { InstancePlan, PortPlan } from './plan.ts';
import { describedInstance } from './select.ts';
import { serverBody } from './server-body.ts';

type Deps = Pick<RestoreDeps, 'instances' | 'catalog'>;

export interface MakeOptions {
  /** With all disks as volumes. */
  plan: RestorePlan;
  instance: InstancePlan;
  signal: AbortSignal;
  /** Writes the plan down, with what was done so far. */
  record: (instance: InstancePlan, step: string) => Promise<void>;
}

/** Returns the new instance's id once it is ACTIVE. */
export async function makeInstance(deps: Deps, options: MakeOptions): Promise<string> {
  const { instance, signal, record } = options;
  const { instances: cloud } = deps;
  let newInstanceId = instance.newInstanceId ?? (await findMade(cloud, options));
  if (newInstanceId === undefined) {
    signal.throwIfAborted();
    // Recorded first: should we die in between, the next attempt and the undo look for it.
    await record({ ...instance, asked: true }, 'making the instance');
    newInstanceId = await create(deps, options);
  }
  if (instance.newInstanceId === undefined)
    await record({ ...instance, asked: true, newInstanceId }, 'instance made');
  await cloud.waitUntilActive(instance.projectId, newInstanceId, signal);
  return newInstanceId;
}

/** What was asked for just before a crash or a lost answer appears a moment later, while Nova checks the request. */
const patience = { attempts: 6, firstDelayMs: 500, maxDelayMs: 4_000 };

async function findMade(
  cloud: InstanceCloud,
  { plan, instance }: Pick<MakeOptions, 'plan' | 'instance'>,
): Promise<string | undefined> {
  if (!instance.asked) return undefined;
  const { projectId, keyPair } = instance;
  const notYet = new AppError('NOTFOUND_INSTANCE', `no instance has the mark of restore ${plan.restoreId}`);
  const found = await retry(
    async () => {
      const id = await cloud.findInstanceByMark(projectId, restoreMark, plan.restoreId);
      if (id === undefined) throw notYet;
      return id;
    },
    { ...patience, shouldRetry: (error) => error === notYet },
  ).catch((error: unknown) => {
    if (error === notYet) return undefined;
    throw error;
  });
  // Not before: Nova may just be about to look the key up.
  if (keyPair !== undefined) await cloud.forgetKeyPair(projectId, keyPair);
  return found;
}

async function create({ instances: cloud, catalog }: Deps, { plan, instance }: MakeOptions): Promise<string> {
  const { restoreId, pointId, disks } = plan;
  const { projectId, ports, serverGroupId, keyPair } = instance;
  const recorded = describedInstance(await catalog.point(pointId));
  const portIds: string[] = [];
  for (const port of ports) portIds.push(await makePort(cloud, projectId, port));
  const server = serverBody(recorded, instance, disks, { restoreId, portIds });
  // No signal: what was asked for must be seen by the undo.
  return await cloud.createInstance({ projectId, server, serverGroupId, keyPair });
}

async function makePort(cloud: InstanceCloud, projectId: string, plan: PortPlan): Promise<string> {
  if (plan.existingId !== undefined) return plan.existingId;
  const [made] = await cloud.ports(projectId, { name: plan.name });
  return made?.id ?? (await cloud.makePort(projectId, plan));
}

/** Removes the instance, its ports and its key; repeatable. Its volumes go with the restore's disks. */
export async function undoInstance(
  { instances: cloud }: Pick<Deps, 'instances'>,
  plan: RestorePlan,
): Promise<void> {
  const { instance } = plan;
  if (instance?.asked !== true) return;
  const { projectId, ports } = instance;
  const instanceId = instance.newInstanceId ?? (await findMade(cloud, { plan, instance }));
  if (instanceId !== undefined) await cloud.deleteInstance(projectId, instanceId);
  for (const { existingId, name } of ports) {
    if (existingId !== undefined) continue;
    for (const { id } of await cloud.ports(projectId, { name })) await cloud.deletePort(projectId, id);
  }
}
