/** What policies are assigned to: by administrators to anything, by tenants to what is theirs. */
import { newId } from '../../base/ids.ts';
import { authorize, isAllowed, notFound, visibleProject, type Caller } from '../../domain/access.ts';
import type { PolicyAssignment, PolicySelector, PolicySource } from '../../domain/policy-assignment.ts';
import { audit, findPolicy, pageOf, type ManageDeps } from './manage.ts';
import type {
  AssignmentListRequest,
  AssignmentRequest,
  PolicyPage,
  SourceListRequest,
} from './policy-operations.ts';

export interface AssignDeps extends Pick<ManageDeps, 'catalog'> {
  /** The instance that the caller means; throws NOTFOUND_RESOURCE for those that it may not see. */
  findInstance(caller: Caller, nameOrId: string): Promise<{ id: string; projectId: string }>;
}

/** A tenant sees those of its own project; another one's does not exist (I7). */
export async function listAssignments(
  deps: Pick<ManageDeps, 'catalog'>,
  caller: Caller,
  nameOrId: string,
  { limit, projectId, ...rest }: AssignmentListRequest,
): Promise<PolicyPage<PolicyAssignment>> {
  const { id: policyId } = await findPolicy(deps, caller, nameOrId);
  const filter = { ...rest, policyId, ...projectOnly(caller, projectId), limit: limit + 1 };
  return pageOf(await deps.catalog.policies.assignments(filter), limit);
}

export async function listSources(
  deps: Pick<ManageDeps, 'catalog'>,
  caller: Caller,
  nameOrId: string,
  { limit, projectId, ...rest }: SourceListRequest,
): Promise<PolicyPage<PolicySource>> {
  const { id: policyId } = await findPolicy(deps, caller, nameOrId);
  const filter = { ...rest, policyId, ...projectOnly(caller, projectId), limit: limit + 1 };
  return pageOf(await deps.catalog.policies.sources(filter), limit);
}

function projectOnly(caller: Caller, wanted: string | undefined): { projectId?: string } {
  if (wanted !== undefined) authorize(caller, 'read', wanted, `project "${wanted}"`);
  const projectId = wanted ?? visibleProject(caller);
  return projectId === undefined ? {} : { projectId };
}

export async function assignPolicy(
  deps: AssignDeps,
  caller: Caller,
  nameOrId: string,
  request: AssignmentRequest,
): Promise<PolicyAssignment> {
  const policy = await findPolicy(deps, caller, nameOrId);
  if (!policy.published && !caller.seesAll) throw notFound(`policy ${JSON.stringify(nameOrId)}`);
  const { selector, projectId } = await select(deps, caller, request);
  return await deps.catalog.transaction(async (tx) => {
    const assignment = await tx.policies.assign({
      id: newId(),
      policyId: policy.id,
      selector,
      projectId,
      byAdmin: caller.isAdmin,
    });
    await audit(tx, caller, 'policy.assign', policy, { selector, projectId });
    return assignment;
  });
}

interface Selected {
  selector: PolicySelector;
  projectId: string | undefined;
}

async function select(deps: AssignDeps, caller: Caller, request: AssignmentRequest): Promise<Selected> {
  const { to } = request;
  switch (to.kind) {
    case 'instance': {
      const { id, projectId } = await deps.findInstance(caller, to.nameOrId);
      authorize(caller, 'backup', projectId, `instance "${to.nameOrId}"`);
      return { selector: { kind: 'instance', instanceId: id }, projectId };
    }
    case 'project': {
      const projectId = to.projectId ?? caller.projectId ?? '';
      authorize(caller, 'backup', projectId, `project "${projectId}"`);
      return { selector: { kind: 'project', projectId }, projectId };
    }
    case 'pool':
      authorize(caller, 'administer', null, `pool ${to.pool}`);
      return { selector: to, projectId: undefined };
    case 'metadata':
    case 'tag': {
      const projectId = request.projectId ?? (caller.isAdmin ? undefined : (caller.projectId ?? ''));
      authorize(caller, 'backup', projectId ?? null, `project "${projectId ?? ''}"`);
      return { selector: to, projectId };
    }
  }
}

/** What an administrator assigned, only an administrator takes away. */
export async function unassignPolicy(
  deps: Pick<ManageDeps, 'catalog'>,
  caller: Caller,
  nameOrId: string,
  assignmentId: string,
): Promise<PolicyAssignment> {
  const policy = await findPolicy(deps, caller, nameOrId);
  const assignment = await deps.catalog.policies.assignment(assignmentId);
  const what = `assignment "${assignmentId}" of policy "${nameOrId}"`;
  const isVisible =
    assignment?.policyId === policy.id && isAllowed(caller, 'read', assignment.projectId ?? null);
  if (assignment === undefined || !isVisible) throw notFound(what);
  authorize(caller, assignment.byAdmin ? 'administer' : 'backup', assignment.projectId ?? null, what);
  await deps.catalog.transaction(async (tx) => {
    await tx.policies.unassign(assignment.id);
    const { selector, projectId } = assignment;
    await audit(tx, caller, 'policy.unassign', policy, { selector, projectId });
  });
  return assignment;
}
