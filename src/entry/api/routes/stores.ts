import { storeStates, type StoreSummary } from '../../../workflows/inventory/list-stores.ts';
import type { ApiDeps } from '../api-deps.ts';
import { nextLinks } from '../pagination.ts';
import { route, type RouteTable } from '../route.ts';
import { bytes, links, nameOrId, optionalLimit, sortBy, timestamp } from '../schemas/common.ts';
import { z } from '../zod.ts';

const storeSchema = z
  .strictObject({
    id: z.string().nullable().openapi({ description: 'null for one that was never there.' }),
    name: z.string().nullable().openapi({ description: 'null for one that the service has no more.' }),
    default: z.boolean().openapi({ description: 'What names no store goes here.' }),
    state: z.enum(storeStates).openapi({
      description: 'unconfigured: points are known in it, but the service has it no more.',
    }),
    url: z.string().openapi({ description: 'Where it is, without credentials.' }),
    description: z.string().nullable(),
    links: z.number().int().min(0),
    stored_bytes: bytes.openapi({ description: 'Of the segments and indexes of its links.' }),
    total_bytes: bytes.nullable().openapi({ description: 'Of the file system that a directory is on.' }),
    free_bytes: bytes.nullable(),
    created_at: timestamp.nullable(),
  })
  .openapi('Store');

export function addStoreRoutes(table: RouteTable, { operations, publicUrl }: ApiDeps): void {
  route(table, {
    method: 'get',
    path: '/v1/stores',
    operationId: 'listStores',
    summary: 'List the stores that points are in (administrators, and the system)',
    description: 'Those of the configuration, the default one first, then others that points are known in.',
    tag: 'cluster',
    query: z.strictObject({
      limit: optionalLimit,
      marker: nameOrId.optional().openapi({
        description: 'Id of the last store of the page before; its name where it has no id.',
      }),
      state: z.enum(storeStates).optional(),
      sort: sortBy(
        ['name', 'links', 'stored_bytes', 'free_bytes', 'created_at'],
        'The default one first when left out. What has no value comes last.',
      ),
    }),
    response: z.strictObject({ stores: z.array(storeSchema), links }),
    handle: async ({ caller, query, http }) => {
      const { limit, marker, state, sort } = query;
      const page = await operations.listStores(caller, { limit, marker, state, sort });
      return { stores: page.items.map(presentStore), links: nextLinks(http, page, publicUrl) };
    },
  });

  route(table, {
    method: 'get',
    path: '/v1/stores/{name_or_id}',
    operationId: 'showStore',
    summary: 'Show a store (administrators, and the system)',
    tag: 'cluster',
    params: z.strictObject({ name_or_id: nameOrId }),
    response: z.strictObject({ store: storeSchema }),
    handle: async ({ caller, params }) => ({
      store: presentStore(await operations.showStore(caller, params.name_or_id)),
    }),
  });
}

function presentStore(store: StoreSummary): z.input<typeof storeSchema> {
  return {
    id: store.id ?? null,
    name: store.name ?? null,
    default: store.isDefault,
    state: store.state,
    url: store.url,
    description: store.description ?? null,
    links: store.links,
    stored_bytes: store.storedBytes,
    total_bytes: store.totalBytes ?? null,
    free_bytes: store.freeBytes ?? null,
    created_at: store.createdAt?.toISOString() ?? null,
  };
}
