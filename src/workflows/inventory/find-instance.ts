import { AppError } from '../../base/errors.ts';
import { notFound, type Caller } from '../../domain/access.ts';
import type { Server } from '../../drivers/openstack/nova-server.ts';
import type { InventoryDeps } from './deps.ts';

/** The one instance of this name or id that the caller may see; several of one name are named in the error. */
export async function findInstance(
  { nova }: Pick<InventoryDeps, 'nova'>,
  caller: Caller,
  nameOrId: string,
): Promise<Server> {
  const what = `instance "${nameOrId}"`;
  const scope = caller.isAdmin ? { allProjects: true } : { allProjects: true, projectId: ownProject(caller) };
  const found = await nova.findServers(nameOrId, scope);
  const own = found.filter(({ description }) => description.projectId === caller.projectId);
  // An administrator's own project comes first, as it does for the openstack command.
  const candidates = own.length > 0 ? own : found;
  const [only] = candidates;
  if (only === undefined) throw notFound(what);
  if (candidates.length > 1) throw ambiguous(what, candidates);
  return only;
}

export function ownProject(caller: Caller): string {
  if (caller.projectId !== undefined) return caller.projectId;
  throw new AppError(
    'INPUT_NO_PROJECT',
    'your token has no project; sign in with a project, or as administrator',
  );
}

function ambiguous(what: string, candidates: Server[]): AppError {
  const list = candidates.map(
    ({ description, state }) => `${description.id} (project ${description.projectId}, ${state.status})`,
  );
  return new AppError(
    'INPUT_AMBIGUOUS',
    `${what} is the name of ${candidates.length} instances; use one of their ids: ${list.join(', ')}`,
    {
      details: { candidates: candidates.map(({ description }) => description.id) },
    },
  );
}
