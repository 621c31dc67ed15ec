import {
  restoreStates,
  type InstanceChoices,
  type PointSelector,
  type RestoreRequest,
} from '../../../domain/restore.ts';
import { AppError } from '../../../base/errors.ts';
import type { ApiDeps } from '../api-deps.ts';
import { nextLinks } from '../pagination.ts';
import { jobSchema, presentJob } from '../resources/job.ts';
import { plannedRestoreSchema, presentPlannedRestore } from '../resources/planned-restore.ts';
import { presentRestore, restoreMode, restoreSchema } from '../resources/restore.ts';
import { route, type RouteTable } from '../route.ts';
import { idParams, links, nameOrId, pageQuery, sortBy, uuid } from '../schemas/common.ts';
import { restoreBody } from '../schemas/requests.ts';
import { z } from '../zod.ts';

const listQuery = z.strictObject({
  ...pageQuery,
  state: z.enum(restoreStates).optional(),
  mode: restoreMode.optional(),
  point_id: uuid.optional(),
  source_id: nameOrId
    .optional()
    .openapi({ description: 'Id of the instance, volume or image that the points are of.' }),
  project_id: nameOrId.optional(),
  sort: sortBy(['created_at', 'mode', 'undo_until']),
});

export function addRestoreRoutes(table: RouteTable, deps: ApiDeps): void {
  const { operations, publicUrl } = deps;
  addPlanRoutes(table, deps);
  route(table, {
    method: 'post',
    path: '/v1/restores',
    operationId: 'requestRestore',
    summary: 'Bring a recovery point back',
    description:
      'Where the project asks for an approval, the restore is `pending` and has no job until an administrator approves it.',
    tag: 'restores',
    body: restoreBody,
    status: 202,
    response: z.strictObject({ restore: restoreSchema }),
    handle: async ({ caller, body }) => ({
      restore: presentRestore(await operations.requestRestore(caller, toRequest(body))),
    }),
  });

  route(table, {
    method: 'get',
    path: '/v1/restores',
    operationId: 'listRestores',
    summary: 'List restores, newest first',
    tag: 'restores',
    query: listQuery,
    response: z.strictObject({ restores: z.array(restoreSchema), links }),
    handle: async ({ caller, query, http }) => {
      const { limit, marker, state, mode } = query;
      const { point_id: pointId, source_id: sourceId, project_id: projectId, sort } = query;
      const filter = { limit, marker, state, mode, pointId, sourceId, projectId, sort };
      const page = await operations.listRestores(caller, filter);
      return { restores: page.items.map(presentRestore), links: nextLinks(http, page, publicUrl) };
    },
  });

  route(table, {
    method: 'get',
    path: '/v1/restores/{id}',
    operationId: 'showRestore',
    summary: 'Show a restore and what it made',
    tag: 'restores',
    params: idParams,
    response: z.strictObject({ restore: restoreSchema }),
    handle: async ({ caller, params }) => ({
      restore: presentRestore(await operations.showRestore(caller, params.id)),
    }),
  });

  route(table, {
    method: 'post',
    path: '/v1/restores/{id}/undo',
    operationId: 'undoRestore',
    summary: 'Take back a restore that succeeded',
    description:
      'For the modes in-place and replace, until `undo_until`: what was there before is in its place again, and what ' +
      'was written since the restore is lost.',
    tag: 'restores',
    params: idParams,
    status: 202,
    response: z.strictObject({ job: jobSchema }),
    handle: async ({ caller, params }) => ({
      job: presentJob(await operations.requestUndo(caller, params.id), caller.isAdmin),
    }),
  });
}

/** What would be done, before anything is. */
function addPlanRoutes(table: RouteTable, { operations }: ApiDeps): void {
  route(table, {
    method: 'post',
    path: '/v1/restore-plans',
    operationId: 'planRestore',
    summary: 'Show what a restore would do',
    description:
      'Takes what `POST /v1/restores` takes, and changes nothing. What stands against the restore is listed, all of ' +
      'it, with status 200; the restore itself would be refused with it.',
    tag: 'restores',
    body: restoreBody,
    response: z.strictObject({ restore_plan: plannedRestoreSchema }),
    handle: async ({ caller, body }) => ({
      restore_plan: presentPlannedRestore(await operations.planRestore(caller, toRequest(body))),
    }),
  });

  route(table, {
    method: 'get',
    path: '/v1/restores/{id}/plan',
    operationId: 'planWaitingRestore',
    summary: 'Show what approving a restore would begin',
    description:
      'For a restore that waits for an approval: the plan as `POST /v1/restore-plans` gives it, of what was asked for.',
    tag: 'restores',
    params: idParams,
    response: z.strictObject({ restore_plan: plannedRestoreSchema }),
    handle: async ({ caller, params }) => ({
      restore_plan: presentPlannedRestore(await operations.planWaitingRestore(caller, params.id)),
    }),
  });
}

function toRequest(body: z.output<typeof restoreBody>): RestoreRequest {
  return {
    point: toSelector(body.point),
    mode: body.mode,
    disks: body.disks,
    name: body.name,
    plain: body.plain,
    ...(body.instance === undefined ? {} : { instance: toChoices(body.instance) }),
  };
}

function toChoices(choices: z.output<typeof restoreBody>['instance']): InstanceChoices {
  const { flavor, networks, key_name: keyName, availability_zone: availabilityZone } = choices ?? {};
  return { flavor, networks, keyName, availabilityZone };
}

function toSelector(point: z.output<typeof restoreBody>['point']): PointSelector {
  if (point.id !== undefined) return { pointId: point.id };
  const at = point.at === undefined || point.at === 'latest' ? 'latest' : new Date(point.at);
  for (const sourceKind of ['instance', 'volume', 'image'] as const) {
    const nameOrId = point[sourceKind];
    if (nameOrId !== undefined) return { sourceKind, nameOrId, at };
  }
  throw new AppError('BUG_SELECTOR', 'the schema let a point without a source through');
}
