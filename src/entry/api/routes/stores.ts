import type { ApiDeps } from '../api-deps.ts';
import { route, type RouteTable } from '../route.ts';
import { timestamp } from '../schemas/common.ts';
import { z } from '../zod.ts';

const storeSchema = z
  .strictObject({
    id: z.string(),
    url: z.string().openapi({ description: 'Where it is, without credentials.' }),
    description: z.string().nullable(),
    created_at: timestamp,
  })
  .openapi('Store');

export function addStoreRoutes(table: RouteTable, { operations }: ApiDeps): void {
  route(table, {
    method: 'get',
    path: '/v1/stores',
    operationId: 'listStores',
    summary: 'List the stores that points are in (administrators, and the system)',
    tag: 'cluster',
    response: z.strictObject({ stores: z.array(storeSchema) }),
    handle: async ({ caller }) => ({
      stores: (await operations.listStores(caller)).map(({ id, url, description, createdAt }) => ({
        id,
        url,
        description: description ?? null,
        created_at: createdAt.toISOString(),
      })),
    }),
  });
}
