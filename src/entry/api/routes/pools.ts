import type { ApiDeps } from '../api-deps.ts';
import { nextLinks } from '../pagination.ts';
import {
  imageSchema,
  poolSchema,
  presentImage,
  presentPool,
  presentSnapshot,
  snapshotSchema,
} from '../resources/cluster.ts';
import { route, type RouteTable } from '../route.ts';
import { links, nameOrId, pageQuery } from '../schemas/common.ts';
import { z } from '../zod.ts';

const clusterQuery = z.strictObject({
  cluster: nameOrId.optional().openapi({ description: 'The default cluster when left out.' }),
});

/** What the cluster holds, for administrators. */
export function addPoolRoutes(
  table: RouteTable,
  { operations, publicUrl, defaultCluster = 'ceph' }: ApiDeps,
): void {
  route(table, {
    method: 'get',
    path: '/v1/pools',
    operationId: 'listPools',
    summary: 'List the RBD pools',
    tag: 'cluster',
    response: z.strictObject({ pools: z.array(poolSchema) }),
    handle: async ({ caller }) => ({ pools: (await operations.listPools(caller)).map(presentPool) }),
  });

  route(table, {
    method: 'get',
    path: '/v1/pools/{pool}/images',
    operationId: 'listImages',
    summary: 'List the RBD images of a pool',
    tag: 'cluster',
    params: z.strictObject({ pool: nameOrId }),
    query: clusterQuery.extend({
      limit: pageQuery.limit,
      marker: nameOrId.optional().openapi({ description: 'Name of the last image of the page before.' }),
    }),
    response: z.strictObject({ images: z.array(imageSchema), links }),
    handle: async ({ caller, params, query, http }) => {
      const { limit, marker } = query;
      const at = { cluster: query.cluster ?? defaultCluster, pool: params.pool };
      const page = await operations.listImages(caller, { ...at, limit, marker });
      return { images: page.items.map(presentImage), links: nextLinks(http, page, publicUrl) };
    },
  });

  route(table, {
    method: 'get',
    path: '/v1/pools/{pool}/images/{image}/snapshots',
    operationId: 'listSnapshots',
    summary: 'List the snapshots of an RBD image',
    tag: 'cluster',
    params: z.strictObject({ pool: nameOrId, image: nameOrId }),
    query: clusterQuery,
    response: z.strictObject({ snapshots: z.array(snapshotSchema) }),
    handle: async ({ caller, params, query }) => {
      const snapshots = await operations.listSnapshots(caller, {
        cluster: query.cluster ?? defaultCluster,
        pool: params.pool,
        image: params.image,
      });
      return { snapshots: snapshots.map(presentSnapshot) };
    },
  });
}
