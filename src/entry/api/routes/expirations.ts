import { AppError } from '../../../base/errors.ts';
import type { ExpirationRequest } from '../../../domain/expiration.ts';
import type { ApiDeps } from '../api-deps.ts';
import { expirationSchema, presentExpiration } from '../resources/expiration.ts';
import { route, type RouteTable } from '../route.ts';
import { idParams } from '../schemas/common.ts';
import { expirationBody, pointDeletionQuery, rulesOf } from '../schemas/expiration-request.ts';
import { z } from '../zod.ts';

export function addExpirationRoutes(table: RouteTable, { operations }: ApiDeps): void {
  route(table, {
    method: 'post',
    path: '/v1/expirations',
    operationId: 'requestExpiration',
    summary: 'Delete points that no rule keeps',
    description:
      'Starts one job for each source and store with something to delete, and says which points go and why the others stay. With dry_run nothing is started.',
    tag: 'points',
    body: expirationBody,
    status: 202,
    response: z.strictObject({ expirations: z.array(expirationSchema) }),
    handle: async ({ caller, body }) => {
      const expirations = await operations.requestExpiration(caller, {
        of: selectorOf(body),
        store: body.store,
        rules: rulesOf(body.keep),
        strategy: body.strategy,
        allowNewest: body.allow_newest,
        dryRun: body.dry_run,
      });
      return { expirations: expirations.map((each) => presentExpiration(each, caller.isAdmin)) };
    },
  });

  route(table, {
    method: 'delete',
    path: '/v1/points/{id}',
    operationId: 'deletePoint',
    summary: 'Delete a recovery point',
    description: 'Starts a job that deletes it and folds the links that only it needed into later ones.',
    tag: 'points',
    params: idParams,
    query: pointDeletionQuery,
    status: 202,
    response: z.strictObject({ expiration: expirationSchema }),
    handle: async ({ caller, params, query }) => {
      const [expiration] = await operations.requestExpiration(caller, {
        of: { points: [params.id] },
        rules: {},
        strategy: 'fold',
        allowNewest: query.allow_newest,
        dryRun: query.dry_run,
      });
      if (expiration === undefined) throw new AppError('BUG_EXPIRATION', 'a point belongs to no source');
      return { expiration: presentExpiration(expiration, caller.isAdmin) };
    },
  });
}

function selectorOf({ source, points }: z.output<typeof expirationBody>): ExpirationRequest['of'] {
  if (points !== undefined) return { points };
  return source === undefined ? 'all' : { source };
}
