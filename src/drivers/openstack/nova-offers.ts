import { z } from 'zod';
import type { FlavorDescription } from '../../domain/instance.ts';
import { readAnswer, readRow } from './answer.ts';
import { hasStatus } from './http-error.ts';
import type { HttpResponse } from './request.ts';
import { collect, listRows } from './pagination.ts';
import { segment, type CallOptions, type Query, type ServiceClient } from './service-client.ts';

/** A flavor that servers can be made of now. */
export interface Flavor extends FlavorDescription {
  id: string;
  /** A private one is for the projects that it was given to. */
  isPublic: boolean;
}

export interface KeyPair {
  name: string;
  type: 'ssh' | 'x509';
  publicKey: string;
}

/** What is left of a project's quota; undefined means that nothing limits it. */
export interface ComputeRoom {
  instances: number | undefined;
  cores: number | undefined;
  ramMib: number | undefined;
}

/** What Nova has to make servers of, as the client's project may use it. */
export interface NovaOffers {
  /** Public and private ones alike, without those that are disabled. */
  listFlavors(call?: CallOptions): Promise<Flavor[]>;
  /** Projects that a private flavor was given to. */
  flavorProjects(flavorId: string, call?: CallOptions): Promise<string[]>;
  /** Names of those where something can be started. */
  listZones(call?: CallOptions): Promise<string[]>;
  hasServerGroup(groupId: string, call?: CallOptions): Promise<boolean>;
  computeRoom(call?: CallOptions): Promise<ComputeRoom>;
  /** Of another user only for an admin; of the client's own user when none is named. */
  findKeyPair(name: string, userId?: string, call?: CallOptions): Promise<KeyPair | undefined>;
  /** For the client's own user; false when that has one of this name already. */
  importKeyPair(keyPair: KeyPair, call?: CallOptions): Promise<boolean>;
  /** Of the client's own user; one that is gone is fine. */
  deleteKeyPair(name: string, call?: CallOptions): Promise<void>;
}

const flavorSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    vcpus: z.number(),
    ram: z.number(),
    disk: z.number(),
    'OS-FLV-EXT-DATA:ephemeral': z.number().nullish(),
    swap: z.number().nullish(),
    'OS-FLV-DISABLED:disabled': z.boolean().nullish(),
    'os-flavor-access:is_public': z.boolean().nullish(),
    extra_specs: z.record(z.string(), z.string()).nullish(),
  })
  .transform((row) => ({
    isDisabled: row['OS-FLV-DISABLED:disabled'] ?? false,
    flavor: {
      id: row.id,
      originalName: row.name,
      vcpus: row.vcpus,
      ramMib: row.ram,
      diskGib: row.disk,
      ephemeralGib: row['OS-FLV-EXT-DATA:ephemeral'] ?? 0,
      swapMib: row.swap ?? 0,
      extraSpecs: row.extra_specs ?? {},
      isPublic: row['os-flavor-access:is_public'] ?? true,
    },
  }));

const accessSchema = z.object({ flavor_access: z.array(z.object({ tenant_id: z.string() })) });
const zonesSchema = z.object({
  availabilityZoneInfo: z.array(
    z.object({ zoneName: z.string(), zoneState: z.object({ available: z.boolean() }) }),
  ),
});
const limitsSchema = z.object({
  limits: z.object({
    absolute: z.object({
      maxTotalInstances: z.number(),
      maxTotalCores: z.number(),
      maxTotalRAMSize: z.number(),
      totalInstancesUsed: z.number(),
      totalCoresUsed: z.number(),
      totalRAMUsed: z.number(),
    }),
  }),
});
const keyPairSchema = z.object({
  keypair: z.object({ name: z.string(), type: z.enum(['ssh', 'x509']).nullish(), public_key: z.string() }),
});

export function createNovaOffers(service: ServiceClient): NovaOffers {
  const get = (path: string, call?: CallOptions, query: Query = {}): Promise<HttpResponse> =>
    service.request({ ...call, method: 'GET', path, query, expected: [200] });
  return {
    listFlavors: async (call) => {
      // `none` is Nova's word for public and private ones alike; others than admins get the public ones whatever they say.
      const request = { ...call, path: '/flavors/detail', query: { is_public: 'none' } };
      const rows = await collect(listRows(service, request, 'flavors'));
      return rows
        .map(({ row, response }) => readRow(flavorSchema, row, response))
        .flatMap(({ flavor, isDisabled }) => (isDisabled ? [] : [flavor]));
    },
    flavorProjects: async (flavorId, call) => {
      const response = await get(`/flavors/${segment(flavorId)}/os-flavor-access`, call);
      return readAnswer(accessSchema, response).flavor_access.map((row) => row.tenant_id);
    },
    listZones: async (call) =>
      readAnswer(zonesSchema, await get('/os-availability-zone', call)).availabilityZoneInfo.flatMap(
        (zone) => (zone.zoneState.available ? [zone.zoneName] : []),
      ),
    hasServerGroup: async (groupId, call) =>
      (await unlessMissing(get(`/os-server-groups/${segment(groupId)}`, call))) !== undefined,
    computeRoom: async (call) => {
      const { absolute } = readAnswer(limitsSchema, await get('/limits', call)).limits;
      return {
        instances: roomIn(absolute.maxTotalInstances, absolute.totalInstancesUsed),
        cores: roomIn(absolute.maxTotalCores, absolute.totalCoresUsed),
        ramMib: roomIn(absolute.maxTotalRAMSize, absolute.totalRAMUsed),
      };
    },
    findKeyPair: async (name, userId, call) => {
      const response = await unlessMissing(get(`/os-keypairs/${segment(name)}`, call, { user_id: userId }));
      if (response === undefined) return undefined;
      const { keypair } = readAnswer(keyPairSchema, response);
      return { name: keypair.name, type: keypair.type ?? 'ssh', publicKey: keypair.public_key.trim() };
    },
    importKeyPair: async ({ name, type, publicKey }, call) => {
      const response = await service.request({
        ...call,
        method: 'POST',
        path: '/os-keypairs',
        body: { keypair: { name, type, public_key: publicKey } },
        expected: [200, 201, 409],
      });
      return response.status !== 409;
    },
    deleteKeyPair: async (name, call) => {
      const path = `/os-keypairs/${segment(name)}`;
      await service.request({ ...call, method: 'DELETE', path, expected: [202, 204, 404] });
    },
  };
}

/** Nova and Cinder say -1 for no limit. */
export function roomIn(limit: number, used: number): number | undefined {
  return limit < 0 ? undefined : Math.max(0, limit - used);
}

async function unlessMissing(answer: Promise<HttpResponse>): Promise<HttpResponse | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}
