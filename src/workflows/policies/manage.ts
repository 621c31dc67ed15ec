/** Policies as administrators write and tenants read them. */
import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { authorize, isAllowed, notFound, visibleProject, type Caller } from '../../domain/access.ts';
import type { CycleRule } from '../../domain/chain.ts';
import { simulatePolicy, type SimulatedDay } from '../../domain/policy-simulation.ts';
import { assertPolicyName, assertPolicySpec, type Policy } from '../../domain/policy.ts';
import { assertStoreName, type StoreNames } from '../../domain/store-names.ts';
import type { Catalog, CatalogTransaction } from '../../drivers/catalog/catalog.ts';
import { auditEntry } from '../audit-entry.ts';
import type {
  PolicyChangeRequest,
  PolicyListRequest,
  PolicyPage,
  PolicyRequest,
  SimulationRequest,
} from './policy-operations.ts';

export interface ManageDeps {
  catalog: Pick<Catalog, 'policies' | 'transaction'>;
  clock: Clock;
  configuredCycle: CycleRule;
  /** Of this service. */
  stores: Pick<StoreNames, 'names'>;
  /** Lets others have their turn between the days of a long simulation. */
  yieldTurn(): Promise<void>;
}

/** Enough for a year of hourly backups; and work for some seconds at most. */
const mostRuns = 10_000;
const mostWeighed = 2_000_000;
const runsOfTurn = 20;

export async function listPolicies(
  { catalog }: Pick<ManageDeps, 'catalog'>,
  caller: Caller,
  { limit, ...filter }: PolicyListRequest,
): Promise<PolicyPage<Policy>> {
  const visibleTo = visibleProject(caller);
  const rows = await catalog.policies.list({ ...filter, visibleTo, limit: limit + 1 });
  return pageOf(rows, limit);
}

export function pageOf<T extends { id: string }>(rows: readonly T[], limit: number): PolicyPage<T> {
  const items = rows.slice(0, limit);
  return { items, nextMarker: rows.length > limit ? items.at(-1)?.id : undefined };
}

/** I7: to a tenant a policy that is neither published nor assigned in its project does not exist. */
export async function findPolicy(
  { catalog }: Pick<ManageDeps, 'catalog'>,
  caller: Caller,
  nameOrId: string,
): Promise<Policy> {
  const policy = await catalog.policies.find(nameOrId);
  const what = whatIs(nameOrId);
  if (policy === undefined) throw notFound(what);
  if (caller.seesAll) return policy;
  const { projectId } = caller;
  if (projectId === undefined || !isAllowed(caller, 'read', projectId)) throw notFound(what);
  if (policy.published) return policy;
  const assigned = await catalog.policies.assignments({ policyId: policy.id, projectId, limit: 1 });
  if (assigned.length === 0) throw notFound(what);
  return policy;
}

function whatIs(nameOrId: string): string {
  return `policy ${JSON.stringify(nameOrId)}`;
}

export async function createPolicy(
  { catalog, stores }: Pick<ManageDeps, 'catalog' | 'stores'>,
  caller: Caller,
  request: PolicyRequest,
): Promise<Policy> {
  authorize(caller, 'administer', null, 'policies');
  assertPolicyName(request.name);
  assertPolicySpec(request.spec);
  assertStoreName(stores, request.spec.store);
  return await catalog.transaction(async (tx) => {
    const policy = await tx.policies.insert({ id: newId(), ...request });
    await audit(tx, caller, 'policy.create', policy, { ...request });
    return policy;
  });
}

export async function changePolicy(
  deps: Pick<ManageDeps, 'catalog' | 'stores'>,
  caller: Caller,
  nameOrId: string,
  { spec, ...rest }: PolicyChangeRequest,
): Promise<Policy> {
  const before = await findPolicy(deps, caller, nameOrId);
  authorize(caller, 'administer', null, whatIs(nameOrId));
  const after = { ...before.spec, ...spec };
  assertPolicySpec(after);
  // One whose store was taken out of the configuration can still be changed otherwise.
  assertStoreName(deps.stores, spec.store);
  return await deps.catalog.transaction(async (tx) => {
    const policy = await tx.policies.update(before.id, { ...defined(rest), spec: after });
    if (policy === undefined) throw notFound(whatIs(nameOrId));
    await audit(tx, caller, 'policy.change', policy, { ...rest, spec: after });
    return policy;
  });
}

function defined<T extends object>(change: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(change).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** Its points stay, and so do jobs that it started. */
export async function removePolicy(
  deps: Pick<ManageDeps, 'catalog'>,
  caller: Caller,
  nameOrId: string,
  force: boolean,
): Promise<Policy> {
  const policy = await findPolicy(deps, caller, nameOrId);
  authorize(caller, 'administer', null, whatIs(nameOrId));
  const { id: policyId, name } = policy;
  const [assignment] = await deps.catalog.policies.assignments({ policyId, limit: 1 });
  const [source] = await deps.catalog.policies.sources({ policyId, limit: 1 });
  if (!force && (assignment !== undefined || source !== undefined)) {
    throw new AppError(
      'CONFLICT_POLICY_IN_USE',
      `policy "${name}" protects something, which would be backed up no more; unassign it first, or say --yes (force)`,
      { details: { policyId } },
    );
  }
  await deps.catalog.transaction(async (tx) => {
    await tx.policies.delete(policyId);
    await audit(tx, caller, 'policy.delete', policy, {});
  });
  return policy;
}

export async function simulate(
  deps: ManageDeps,
  caller: Caller,
  nameOrId: string,
  { days, from, sourceId }: SimulationRequest,
): Promise<SimulatedDay[]> {
  const { spec } = await findPolicy(deps, caller, nameOrId);
  const simulation = simulatePolicy(sourceId === undefined ? { ...spec, spreadMinutes: 0 } : spec, {
    sourceId: sourceId ?? '',
    from: from ?? deps.clock.now(),
    days,
    configuredCycle: deps.configuredCycle,
  });
  const simulated: SimulatedDay[] = [];
  let [runs, weighed] = [0, 0];
  for (const step of simulation) {
    if (typeof step === 'number') {
      runs += 1;
      weighed += step;
    } else {
      simulated.push(step);
    }
    if (runs > mostRuns || weighed > mostWeighed)
      throw new AppError('INPUT_SIMULATION', 'so many backups take too long to simulate; ask for fewer days');
    if (runs % runsOfTurn === 0) await deps.yieldTurn();
  }
  return simulated;
}

export async function audit(
  tx: CatalogTransaction,
  caller: Caller,
  action: string,
  { id, name }: Policy,
  facts: Record<string, unknown>,
): Promise<void> {
  const projectId = typeof facts['projectId'] === 'string' ? facts['projectId'] : null;
  await tx.audit.append(
    auditEntry(caller, { action, target: { policyId: id, policy: name, ...facts }, projectId }),
  );
}
