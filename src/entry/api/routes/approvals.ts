import type { ApiDeps } from '../api-deps.ts';
import { presentRestore, restoreSchema } from '../resources/restore.ts';
import { route, type RouteTable } from '../route.ts';
import { idParams, line } from '../schemas/common.ts';
import { z } from '../zod.ts';

const tag = 'restores';
const reason = line.trim().min(1).max(1000);
const decisionBody = z.strictObject({ reason: reason.optional() }).openapi('Decision');
const rejectionBody = z.strictObject({ reason }).openapi('Rejection');
const response = z.strictObject({ restore: restoreSchema });

/** What becomes of restores that wait for an approval. */
export function addApprovalRoutes(table: RouteTable, { operations }: ApiDeps): void {
  const { approvals } = operations;
  route(table, {
    method: 'post',
    path: '/v1/restores/{id}/approve',
    operationId: 'approveRestore',
    summary: 'Let a restore begin that waits for an approval',
    description: 'Administrators only, and never by who asked for it.',
    tag,
    params: idParams,
    body: decisionBody,
    status: 202,
    response,
    handle: async ({ caller, params, body }) => ({
      restore: presentRestore(await approvals.approve(caller, params.id, body.reason)),
    }),
  });

  route(table, {
    method: 'post',
    path: '/v1/restores/{id}/reject',
    operationId: 'rejectRestore',
    summary: 'Refuse a restore that waits for an approval',
    description: 'Administrators only; the reason is shown to who asked for it.',
    tag,
    params: idParams,
    body: rejectionBody,
    response,
    handle: async ({ caller, params, body }) => ({
      restore: presentRestore(await approvals.reject(caller, params.id, body.reason)),
    }),
  });

  route(table, {
    method: 'post',
    path: '/v1/restores/{id}/cancel',
    operationId: 'cancelRestore',
    summary: 'Withdraw a restore that waits, or stop one that runs',
    description:
      'One that waits is withdrawn by who asked for it; one that has a job is cancelled as that job is, and then undoes what it began.',
    tag,
    params: idParams,
    body: decisionBody,
    status: 202,
    response,
    handle: async ({ caller, params, body }) => ({
      restore: presentRestore(await approvals.cancel(caller, params.id, body.reason)),
    }),
  });
}
