/** Approvals, audit, coverage and volumes, behind the one face that the API shows. */
import type { Clock } from '../base/clock.ts';
import { notFound } from '../domain/access.ts';
import type { Catalog } from '../drivers/catalog/catalog.ts';
import type { KeystoneAdmin } from '../drivers/openstack/keystone-admin.ts';
import type { Queue } from '../drivers/queue/queue.ts';
import type { ApprovalOperations } from '../workflows/approvals/approval-operations.ts';
import { askForApproval, mustBeApproved } from '../workflows/approvals/ask.ts';
import {
  approveRestore,
  expireApprovals,
  rejectRestore,
  withdrawRestore,
} from '../workflows/approvals/decide.ts';
import {
  changeProject,
  listProjectNames,
  listProjects,
  showProject,
} from '../workflows/approvals/projects.ts';
import { listAudit } from '../workflows/audit/list-audit.ts';
import { listCoverage, summarizeCoverage, type CoverageDeps } from '../workflows/coverage/coverage.ts';
import type { InventoryDeps } from '../workflows/inventory/deps.ts';
import { listInstances } from '../workflows/inventory/list-instances.ts';
import { listDisks } from '../workflows/inventory/list-disks.ts';
import { listStorePage, showStore, type StoresSeen } from '../workflows/inventory/list-stores.ts';
import { listVolumes, showVolume } from '../workflows/inventory/list-volumes.ts';
import { unknownProtection } from '../workflows/protections.ts';
import type { Operations, Restore } from '../workflows/operations.ts';
import { listRestores, showRestore } from '../workflows/restore/list-restores.ts';
import type { RestoreGate } from '../workflows/restore/request.ts';
import { showOverview, showStoreUsage } from '../workflows/watch/overview.ts';

export interface AccessDeps {
  inventory: InventoryDeps;
  catalog: Catalog;
  queue: Queue;
  clock: Clock;
  /** Names projects to administrators; without one they are told by their ids. */
  identity?: Pick<KeystoneAdmin, 'findProjects' | 'listProjects'> | undefined;
  /** How long a restore waits for an approval, hours. */
  approvalHours?: number | undefined;
  /** After which a run's point is missed, minutes. */
  graceMinutes?: number | undefined;
  cancelJob: Operations['cancelJob'];
  stores?: StoresSeen | undefined;
}

export type AccessOperations = Pick<
  Operations,
  | 'approvals'
  | 'audit'
  | 'coverage'
  | 'disks'
  | 'overview'
  | 'listRestores'
  | 'showRestore'
  | 'listStores'
  | 'showStore'
  | 'listVolumes'
  | 'showVolume'
>;

const usualHours = 72;
const usualGraceMinutes = 60;

export function restoreGate({ catalog, approvalHours = usualHours }: AccessDeps): RestoreGate {
  return {
    needsApproval: (caller, projectId, mode) => mustBeApproved({ catalog }, caller, projectId, mode),
    ask: (caller, restore) => askForApproval({ catalog, approvalHours }, caller, restore),
  };
}

export function createAccessOperations(deps: AccessDeps): AccessOperations {
  const { inventory, catalog, clock, graceMinutes = usualGraceMinutes } = deps;
  const watching = { catalog, clock, graceMinutes };
  const listing = { ...inventory, catalog, clock };
  const coverage: CoverageDeps = {
    listInstances: async (caller, { projectId, allProjects, ...page }) => {
      const filter = { ...page, projectId, allProjects, name: undefined };
      const { items, nextMarker } = await listInstances(listing, caller, filter);
      const unknown = unknownProtection(clock.now());
      return {
        items: items.map((item) => ({
          ...unknown,
          ...item,
          protection: item.protection ?? unknown.protection,
        })),
        nextMarker,
      };
    },
    listVolumes: (caller, filter) => listVolumes(listing, caller, { ...filter, name: undefined }),
  };
  return {
    approvals: createApprovals(deps),
    audit: { list: (caller, filter) => listAudit(catalog, caller, filter) },
    coverage: {
      list: (caller, filter) => listCoverage(coverage, caller, filter),
      summarize: (caller, scope) => summarizeCoverage(coverage, caller, scope),
    },
    disks: { list: (caller, filter) => listDisks(catalog, caller, filter) },
    overview: {
      show: (caller) => showOverview(watching, caller),
      storeUsage: (caller, nameOrId, since) => showStoreUsage(watching, caller, nameOrId, since),
    },
    listRestores: async (caller, filter) => {
      await expireApprovals({ catalog });
      return await listRestores(catalog, caller, filter);
    },
    showRestore: async (caller, restoreId) => {
      await expireApprovals({ catalog });
      return await showRestore(catalog, caller, restoreId);
    },
    listStores: (caller, filter) => listStorePage({ catalog, stores: deps.stores }, caller, filter),
    showStore: (caller, nameOrId) => showStore({ catalog, stores: deps.stores }, caller, nameOrId),
    listVolumes: (caller, filter) => listVolumes(listing, caller, filter),
    showVolume: (caller, nameOrId) => showVolume(listing, caller, nameOrId),
  };
}

function createApprovals({
  catalog,
  queue,
  identity = idsOnly,
  approvalHours = usualHours,
  cancelJob,
}: AccessDeps): ApprovalOperations<Restore> {
  const deps = { catalog, queue, identity, approvalHours };
  return {
    approve: async (caller, id, reason) => {
      await approveRestore(deps, caller, id, reason);
      return await showRestore(catalog, caller, id);
    },
    reject: async (caller, id, reason) => {
      await rejectRestore(deps, caller, id, reason);
      return await showRestore(catalog, caller, id);
    },
    cancel: async (caller, id, reason) => {
      const { jobId } = await showRestore(catalog, caller, id);
      if (jobId === null) await withdrawRestore(deps, caller, id, reason);
      else await cancelJob(caller, jobId);
      return await showRestore(catalog, caller, id);
    },
    listProjectNames: (caller, filter) => listProjectNames(deps, caller, filter),
    listProjects: (caller, page) => listProjects(deps, caller, page),
    showProject: (caller, nameOrId) => showProject(deps, caller, nameOrId),
    changeProject: (caller, nameOrId, change) => changeProject(deps, caller, nameOrId, change),
  };
}

const idsOnly: Pick<KeystoneAdmin, 'findProjects' | 'listProjects'> = {
  listProjects: () => Promise.resolve([]),
  findProjects: (nameOrId) => Promise.reject(notFound(`project "${nameOrId}"`)),
};
