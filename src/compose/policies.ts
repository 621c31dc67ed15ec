/** Policies: what the API does with them, and what the scheduler needs. */
import { setImmediate } from 'node:timers/promises';
import { systemClock, type Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Caller } from '../domain/access.ts';
import type { CycleRule } from '../domain/chain.ts';
import type { StoreNames } from '../domain/store-names.ts';
import type { Catalog } from '../drivers/catalog/catalog.ts';
import type { Nova } from '../drivers/openstack/nova.ts';
import type { Queue } from '../drivers/queue/queue.ts';
import { submitBackup } from '../workflows/backup/request.ts';
import type { Now } from '../workflows/expire/deps.ts';
import { requestExpiration } from '../workflows/expire/request.ts';
import type { InventoryDeps } from '../workflows/inventory/deps.ts';
import { findInstance } from '../workflows/inventory/find-by-name.ts';
import { resolveTargets } from '../workflows/inventory/resolve-target.ts';
import { assignPolicy, listAssignments, listSources, unassignPolicy } from '../workflows/policies/assign.ts';
import type { ReportError, TickDeps } from '../workflows/policies/deps.ts';
import {
  changePolicy,
  createPolicy,
  findPolicy,
  listPolicies,
  removePolicy,
  simulate,
} from '../workflows/policies/manage.ts';
import { serviceCaller } from '../workflows/policies/policy-caller.ts';
import type { PolicyOperations } from '../workflows/policies/policy-operations.ts';
import { earlierNow } from './earlier-now.ts';

export interface PolicyOperationDeps {
  inventory: Pick<InventoryDeps, 'nova'>;
  catalog: Catalog;
  cycle: CycleRule;
  stores: StoreNames;
}

export function createPolicyOperations({
  inventory,
  catalog,
  cycle,
  stores,
}: PolicyOperationDeps): PolicyOperations {
  const deps = {
    catalog,
    clock: systemClock,
    configuredCycle: cycle,
    stores,
    yieldTurn,
    findInstance: async (caller: Caller, nameOrId: string) =>
      (await findInstance(inventory, caller, nameOrId)).description,
  };
  return {
    list: (caller, page) => listPolicies(deps, caller, page),
    show: (caller, nameOrId) => findPolicy(deps, caller, nameOrId),
    create: (caller, policy) => createPolicy(deps, caller, policy),
    change: (caller, nameOrId, change) => changePolicy(deps, caller, nameOrId, change),
    remove: (caller, nameOrId, force) => removePolicy(deps, caller, nameOrId, force),
    listAssignments: (caller, nameOrId, page) => listAssignments(deps, caller, nameOrId, page),
    assign: (caller, nameOrId, request) => assignPolicy(deps, caller, nameOrId, request),
    unassign: (caller, nameOrId, id) => unassignPolicy(deps, caller, nameOrId, id),
    listSources: (caller, nameOrId, page) => listSources(deps, caller, nameOrId, page),
    simulate: (caller, nameOrId, request) => simulate(deps, caller, nameOrId, request),
  };
}

async function yieldTurn(): Promise<void> {
  await setImmediate();
}

export interface SchedulerDeps {
  inventory: InventoryDeps;
  nova: Pick<Nova, 'listServers' | 'getServer'>;
  catalog: Catalog;
  queue: Queue;
  cycle: CycleRule;
  stores: Pick<StoreNames, 'defaultName'>;
  onError: ReportError;
  /** None unless told. */
  retryMinutes?: readonly number[];
  clock?: Clock;
  /** Of expiries; the earlier of this host's clock and the database's unless told. */
  ageNow?: Now;
}

export function tickDeps({
  inventory,
  nova,
  catalog,
  queue,
  cycle,
  stores,
  onError,
  retryMinutes = [],
  clock = systemClock,
  ageNow = earlierNow(catalog),
}: SchedulerDeps): TickDeps {
  return {
    clock,
    catalog,
    configuredCycle: cycle,
    retryMinutes,
    defaultStore: stores.defaultName,
    yieldTurn,
    onError,
    listInstances: async function* () {
      for await (const { description } of nova.listServers({ allProjects: true })) yield description;
    },
    instanceExists: async (id) => {
      try {
        await nova.getServer(id);
        return true;
      } catch (error) {
        if (error instanceof AppError && error.code === 'NOTFOUND_INSTANCE') return false;
        throw error;
      }
    },
    listPool: (pool) => resolveTargets(inventory, serviceCaller, { kind: 'pool', ...pool }),
    submitBackup: (caller, { cycle: rule, ...backup }, alongside) =>
      submitBackup({ catalog, queue }, caller, { ...backup, forceFull: false, cycle: rule }, alongside),
    requestExpiration: (caller, request) =>
      // A policy brings its own rules.
      requestExpiration({ catalog, queue, now: ageNow, retention: {} }, caller, request),
  };
}
