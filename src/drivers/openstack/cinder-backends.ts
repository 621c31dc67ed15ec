import { z } from 'zod';
import { readAnswer } from './answer.ts';
import type { CallOptions, ServiceClient } from './service-client.ts';

/** A cinder-volume process for one backend, or cinder-scheduler and the like. */
export interface CinderService {
  binary: string;
  /** `host@backend` for cinder-volume. */
  host: string;
  availabilityZone: string;
  enabled: boolean;
  up: boolean;
  disabledReason: string | undefined;
}

/** A place where volumes live, as the scheduler sees it. */
export interface CinderPool {
  /** `host@backend#pool`, which is what a volume's host and a manage request name. */
  name: string;
  backendName: string | undefined;
  /** `ceph` for the RBD driver. */
  storageProtocol: string | undefined;
  /** The Ceph pool behind it, from the RBD driver's location_info; undefined for other drivers. */
  rbd: { fsid: string; pool: string } | undefined;
  totalCapacityGib: number | undefined;
  freeCapacityGib: number | undefined;
}

export interface VolumeType {
  id: string;
  name: string;
  isPublic: boolean;
  extraSpecs: Record<string, string>;
}

/** What an administrator configured behind Cinder. Admin only. */
export interface CinderBackends {
  listServices(binary?: string, call?: CallOptions): Promise<CinderService[]>;
  listPools(call?: CallOptions): Promise<CinderPool[]>;
  listVolumeTypes(call?: CallOptions): Promise<VolumeType[]>;
  /** Whether volumes of the type are LUKS encrypted; Cinder refuses to manage an image into such a type. */
  isTypeEncrypted(typeId: string, call?: CallOptions): Promise<boolean>;
}

const servicesSchema = z
  .object({
    services: z.array(
      z.object({
        binary: z.string(),
        host: z.string(),
        zone: z.string(),
        status: z.string(),
        state: z.string(),
        disabled_reason: z.string().nullish(),
      }),
    ),
  })
  .transform(({ services }): CinderService[] =>
    services.map((row) => ({
      binary: row.binary,
      host: row.host,
      availabilityZone: row.zone,
      enabled: row.status === 'enabled',
      up: row.state === 'up',
      disabledReason: row.disabled_reason ?? undefined,
    })),
  );

/** Capacities may be numbers, `infinite` or `unknown`. */
const capacity = z.union([z.number(), z.string()]).nullish();
const poolsSchema = z
  .object({
    pools: z.array(
      z.object({
        name: z.string(),
        capabilities: z
          .object({
            volume_backend_name: z.string().nullish(),
            storage_protocol: z.union([z.string(), z.array(z.string())]).nullish(),
            location_info: z.string().nullish(),
            total_capacity_gb: capacity,
            free_capacity_gb: capacity,
          })
          .nullish(),
      }),
    ),
  })
  .transform(({ pools }): CinderPool[] =>
    pools.map(({ name, capabilities }) => ({
      name,
      backendName: capabilities?.volume_backend_name ?? undefined,
      storageProtocol: [capabilities?.storage_protocol ?? undefined].flat()[0],
      rbd: rbdLocation(capabilities?.location_info),
      totalCapacityGib: gib(capabilities?.total_capacity_gb),
      freeCapacityGib: gib(capabilities?.free_capacity_gb),
    })),
  );

/** cinder/volume/drivers/rbd.py: location_info is `ceph:<ceph.conf>:<fsid>:<user>:<pool>`. */
function rbdLocation(info: string | null | undefined): CinderPool['rbd'] {
  const match = /^[^:]*:.*:([0-9a-f-]{36}):[^:]*:([^:]+)$/.exec(info ?? '');
  const [, fsid, pool] = match ?? [];
  return fsid === undefined || pool === undefined ? undefined : { fsid, pool };
}

function gib(value: number | string | null | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

const typesSchema = z
  .object({
    volume_types: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        is_public: z.boolean().nullish(),
        extra_specs: z.record(z.string(), z.string()).nullish(),
      }),
    ),
  })
  .transform(({ volume_types }): VolumeType[] =>
    volume_types.map((row) => ({
      id: row.id,
      name: row.name,
      isPublic: row.is_public ?? true,
      extraSpecs: row.extra_specs ?? {},
    })),
  );

export function createCinderBackends(service: ServiceClient): CinderBackends {
  return {
    async listServices(binary, call) {
      const response = await service.request({
        ...call,
        method: 'GET',
        path: '/os-services',
        query: { binary },
        expected: [200],
      });
      return readAnswer(servicesSchema, response);
    },
    async listPools(call) {
      const path = '/scheduler-stats/get_pools';
      const response = await service.request({
        ...call,
        method: 'GET',
        path,
        query: { detail: true },
        expected: [200],
      });
      return readAnswer(poolsSchema, response);
    },
    async listVolumeTypes(call) {
      // `None` is Cinder's word for public and private types alike.
      const response = await service.request({
        ...call,
        method: 'GET',
        path: '/types',
        query: { is_public: 'None' },
        expected: [200],
      });
      return readAnswer(typesSchema, response);
    },
    async isTypeEncrypted(typeId, call) {
      const path = `/types/${encodeURIComponent(typeId)}/encryption`;
      const response = await service.request({ ...call, method: 'GET', path, expected: [200] });
      const { encryption_id: id } = readAnswer(z.object({ encryption_id: z.string().nullish() }), response);
      return id !== undefined && id !== null;
    },
  };
}
