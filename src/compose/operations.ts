/** The workflows behind the one face that the API shows. */
import { systemClock } from '../base/clock.ts';
import { sleep } from '../base/retry.ts';
import type { CycleRule } from '../domain/chain.ts';
import type { RetentionRules } from '../domain/retention.ts';
import type { Catalog } from '../drivers/catalog/catalog.ts';
import type { Queue } from '../drivers/queue/queue.ts';
import { requestBackup } from '../workflows/backup/request.ts';
import { requestExpiration } from '../workflows/expire/request.ts';
import type { InventoryDeps } from '../workflows/inventory/deps.ts';
import { listImages, listPools, listSnapshots } from '../workflows/inventory/list-ceph.ts';
import { listInstances, showInstance } from '../workflows/inventory/list-instances.ts';
import { listPoints, showPoint } from '../workflows/inventory/list-points.ts';
import { resolveTargets } from '../workflows/inventory/resolve-target.ts';
import { cancelJob, findJob, listJobs, toJob, watchJob } from '../workflows/jobs/list-jobs.ts';
import type { Operations } from '../workflows/operations.ts';
import { requestRestore } from '../workflows/restore/request.ts';
import { listFindings } from '../workflows/reconcile/list-findings.ts';
import { requestReconciliation } from '../workflows/reconcile/request.ts';
import { requestUndo } from '../workflows/restore/undo-job/request.ts';
import { requestRebuild } from '../workflows/rebuild/request.ts';
import { requestVerification } from '../workflows/verify/request.ts';
import type { StoresSeen } from '../workflows/inventory/list-stores.ts';
import { createAccessOperations, restoreGate, type AccessDeps } from './access.ts';
import { earlierNow } from './earlier-now.ts';
import { createPolicyOperations } from './policies.ts';
import type { RestorePlans } from './restore-plans.ts';

export interface OperationDeps {
  inventory: InventoryDeps;
  catalog: Catalog;
  queue: Queue;
  cycle: CycleRule;
  stores: StoresSeen;
  /** Which points an expiry keeps that brings no rules of its own. */
  retention?: RetentionRules;
  identity?: AccessDeps['identity'];
  approvalHours?: AccessDeps['approvalHours'];
  graceMinutes?: AccessDeps['graceMinutes'];
}

export function createOperations({
  inventory,
  catalog,
  queue,
  cycle,
  stores,
  retention = {},
  identity,
  approvalHours,
  graceMinutes,
}: OperationDeps): Omit<Operations, keyof RestorePlans> {
  const listing = { ...inventory, catalog };
  const backups = {
    catalog,
    queue,
    cycle,
    stores,
    resolveTargets: resolveTargets.bind(undefined, inventory),
  };
  const cancel: Operations['cancelJob'] = async (caller, jobId) => {
    const job = await cancelJob(catalog, caller, jobId);
    await queue.cancel(jobId, { ended: job.state === 'cancelled' });
    return job;
  };
  const access: AccessDeps = {
    inventory,
    catalog,
    queue,
    clock: systemClock,
    cancelJob: cancel,
    stores,
    identity,
    approvalHours,
    graceMinutes,
  };
  const gate = restoreGate(access);
  return {
    ...createAccessOperations(access),
    listInstances: (caller, filter) => listInstances(listing, caller, filter),
    showInstance: (caller, nameOrId) => showInstance(listing, caller, nameOrId),
    requestBackup: (caller, request) => requestBackup(backups, caller, request),
    listPoints: (caller, filter) => listPoints(catalog, caller, filter),
    showPoint: (caller, pointId) => showPoint(catalog, caller, pointId),
    requestRestore: (caller, request) => requestRestore({ catalog, queue, gate }, caller, request),
    requestUndo: (caller, restoreId) =>
      requestUndo({ catalog, queue, gate, clock: systemClock }, caller, restoreId),
    requestExpiration: (caller, request) =>
      requestExpiration({ catalog, queue, now: earlierNow(catalog), retention }, caller, request),
    requestRebuild: (caller, request) => requestRebuild({ catalog, queue, stores }, caller, request),
    requestReconciliation: (caller, request) => requestReconciliation({ catalog, queue }, caller, request),
    requestVerification: (caller, request) => requestVerification({ catalog, queue }, caller, request),
    policies: createPolicyOperations({ inventory, catalog, cycle, stores }),
    listJobs: (caller, filter) => listJobs(catalog, caller, filter),
    findings: { list: (caller, jobId, filter) => listFindings(catalog, caller, jobId, filter) },
    showJob: async (caller, jobId) => toJob(await findJob(catalog, caller, jobId)),
    cancelJob: cancel,
    watchJob: (caller, jobId, after, signal) => watchJob({ ...catalog, sleep }, caller, jobId, after, signal),
    listPools: (caller) => listPools(inventory, caller),
    listImages: (caller, pool) => listImages(inventory, caller, pool),
    listSnapshots: (caller, image) => listSnapshots(inventory, caller, image),
  };
}
