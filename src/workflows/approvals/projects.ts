/** What administrators allow the tenants of each project. */
import { AppError } from '../../base/errors.ts';
import { authorize, notFound, type Caller } from '../../domain/access.ts';
import { usualSettings, type ProjectSettings } from '../../domain/project-settings.ts';
import { auditEntry, requesterOf } from '../audit-entry.ts';
import type { Page } from '../page.ts';
import { pageOfWhole } from '../whole-list.ts';
import type { ProjectChange, ProjectName, ProjectNameFilter, ProjectPage } from './approval-operations.ts';
import type { ApprovalDeps } from './deps.ts';

type Deps = Pick<ApprovalDeps, 'catalog' | 'identity'>;

/** Those that something was set for, by id; a tenant's own always. */
export async function listProjects(
  { catalog }: Pick<Deps, 'catalog'>,
  caller: Caller,
  { limit, marker }: ProjectPage,
): Promise<Page<ProjectSettings>> {
  if (!caller.seesAll) {
    const own = caller.projectId ?? '';
    return { items: [(await catalog.projects.get(own)) ?? usualSettings(own)], nextMarker: undefined };
  }
  const rows = await catalog.projects.list({ limit: limit + 1, after: marker });
  const items = rows.slice(0, limit);
  return { items, nextMarker: rows.length > limit ? items.at(-1)?.projectId : undefined };
}

/** By name, so that people need not read ids; from Keystone at once, which knows thousands at most. */
export async function listProjectNames(
  { identity }: Pick<Deps, 'identity'>,
  caller: Caller,
  { search, ...page }: ProjectNameFilter,
): Promise<Page<ProjectName>> {
  authorize(caller, 'inspect', null, 'the names of projects');
  const part = search?.toLowerCase() ?? '';
  const projects = (await identity.listProjects())
    .map(({ id, name, domainId, enabled }) => ({ id, name, domainId, enabled }))
    .filter(({ id, name }) => name.toLowerCase().includes(part) || id.includes(part))
    .sort((one, other) => one.name.localeCompare(other.name, 'en') || (one.id < other.id ? -1 : 1));
  const places = new Map(projects.map(({ id }, place) => [id, place]));
  return pageOfWhole(projects, page, { idOf: ({ id }) => id, keys: { name: ({ id }) => places.get(id) } });
}

export async function showProject(deps: Deps, caller: Caller, nameOrId: string): Promise<ProjectSettings> {
  const projectId = await findProject(deps, caller, nameOrId);
  return (await deps.catalog.projects.get(projectId)) ?? usualSettings(projectId);
}

export async function changeProject(
  deps: Deps,
  caller: Caller,
  nameOrId: string,
  change: ProjectChange,
): Promise<ProjectSettings> {
  authorize(caller, 'administer', null, `project "${nameOrId}"`);
  const projectId = await findProject(deps, caller, nameOrId);
  return await deps.catalog.transaction(async (tx) => {
    const settings = await tx.projects.save(projectId, change, requesterOf(caller));
    const { tenantRestores, approvalModes } = settings;
    const target = { projectId, tenantRestores, approvalModes };
    await tx.audit.append(auditEntry(caller, { action: 'project.change', target, projectId }));
    return settings;
  });
}

/** Tenants name their own; only who sees everything learns from Keystone which others there are (I7). */
async function findProject({ identity }: Deps, caller: Caller, nameOrId: string): Promise<string> {
  const { projectId, projectName } = caller;
  if (projectId !== undefined && [projectId, projectName].includes(nameOrId)) return projectId;
  const what = `project "${nameOrId}"`;
  if (!caller.seesAll) throw notFound(what);
  const found = await identity.findProjects(nameOrId);
  const [only] = found;
  if (only === undefined) throw notFound(what);
  if (found.length === 1) return only.id;
  throw new AppError(
    'INPUT_AMBIGUOUS',
    `there are ${found.length} projects named "${nameOrId}"; use one of their ids: ${found.map(({ id }) => id).join(', ')}`,
  );
}
