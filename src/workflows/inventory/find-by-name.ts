/** Names or ids of instances and volumes to the one thing meant, as far as the caller may look. */
import { AppError } from '../../base/errors.ts';
import { notFound, type Caller } from '../../domain/access.ts';
import type { Volume } from '../../drivers/openstack/cinder-volume.ts';
import type { Server } from '../../drivers/openstack/nova-server.ts';
import type { InventoryDeps } from './deps.ts';

/** The one instance of this name or id that the caller may see; several of one name are named in the error. */
export async function findInstance(
  { nova }: Pick<InventoryDeps, 'nova'>,
  caller: Caller,
  nameOrId: string,
): Promise<Server> {
  return onlyOne('instance', nameOrId, caller, await nova.findServers(nameOrId, visibleTo(caller)));
}

/** As findInstance, for volumes. */
export async function findVolume(
  { cinder }: Pick<InventoryDeps, 'cinder'>,
  caller: Caller,
  nameOrId: string,
): Promise<Volume> {
  return onlyOne('volume', nameOrId, caller, await cinder.findVolumes(nameOrId, visibleTo(caller)));
}

export function ownProject(caller: Caller): string {
  if (caller.projectId !== undefined) return caller.projectId;
  throw new AppError(
    'INPUT_NO_PROJECT',
    'your token has no project; sign in with one, or name what you mean by its project',
  );
}

/** The service user looks, and it may look everywhere: what the caller may see is our filter (I7). */
function visibleTo(caller: Caller): { allProjects: true; projectId?: string } {
  return caller.seesAll ? { allProjects: true } : { allProjects: true, projectId: ownProject(caller) };
}

/** An administrator's own project comes first, as it does for the openstack command. */
function onlyOne<T extends { description: { id: string; projectId: string } }>(
  noun: string,
  nameOrId: string,
  caller: Caller,
  found: T[],
): T {
  const own = found.filter(({ description }) => description.projectId === caller.projectId);
  const candidates = own.length > 0 ? own : found;
  const [only] = candidates;
  if (only === undefined) throw notFound(`${noun} "${nameOrId}"`);
  if (candidates.length === 1) return only;
  const ids = candidates.map(({ description }) => description.id);
  const list = candidates.map(({ description: { id, projectId } }) => `${id} (project ${projectId})`);
  throw new AppError(
    'INPUT_AMBIGUOUS',
    `${noun} "${nameOrId}" is the name of ${candidates.length} ${noun}s; use one of their ids: ${list.join(', ')}`,
    { details: { candidates: ids } },
  );
}
