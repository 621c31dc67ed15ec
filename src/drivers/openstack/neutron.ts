import { z } from 'zod';
import { readAnswer, readRow } from './answer.ts';
import { collect, listRows } from './pagination.ts';
import { segment, type CallOptions, type Query, type ServiceClient } from './service-client.ts';

export interface Network {
  id: string;
  name: string;
  /** False when ports on it take no security groups. */
  hasPortSecurity: boolean;
  subnetIds: string[];
}

export interface Port {
  id: string;
  name: string;
  projectId: string;
  networkId: string;
  macAddress: string;
  fixedIps: { subnetId: string; ipAddress: string }[];
  /** The server that it belongs to; undefined when it is free. */
  deviceId: string | undefined;
}

export interface PortFilter {
  id?: string;
  name?: string;
  networkId?: string;
  macAddress?: string;
  ipAddress?: string;
}

export interface NewPort {
  name: string;
  networkId: string;
  /** Chosen by Neutron when undefined. */
  macAddress?: string | undefined;
  /** Chosen by Neutron when empty; likewise an address that is left out of one. */
  fixedIps: { subnetId: string; ipAddress?: string | undefined }[];
  /** The project's default group when undefined. */
  securityGroupIds?: string[] | undefined;
}

/** Neutron's networks and ports; https://docs.openstack.org/api-ref/network/v2/. An admin sees those of every project. */
export interface Neutron {
  /** All networks with this id or exactly this name. */
  findNetworks(nameOrId: string, call?: CallOptions): Promise<Network[]>;
  /** Ports that match everything in the filter. */
  listPorts(filter: PortFilter, call?: CallOptions): Promise<Port[]>;
  /** It belongs to the client's project. */
  createPort(port: NewPort, call?: CallOptions): Promise<Port>;
  /** One that is gone is fine. */
  deletePort(portId: string, call?: CallOptions): Promise<void>;
  /** Those of one project. */
  listSecurityGroups(projectId: string, call?: CallOptions): Promise<{ id: string; name: string }[]>;
}

const networkSchema = z
  .object({
    id: z.string(),
    name: z.string().nullish(),
    port_security_enabled: z.boolean().nullish(),
    subnets: z.array(z.string()).nullish(),
  })
  .transform((row): Network => ({
    id: row.id,
    name: row.name ?? '',
    hasPortSecurity: row.port_security_enabled ?? true,
    subnetIds: row.subnets ?? [],
  }));

const portSchema = z
  .object({
    id: z.string(),
    name: z.string().nullish(),
    project_id: z.string().nullish(),
    tenant_id: z.string().nullish(),
    network_id: z.string(),
    mac_address: z.string(),
    fixed_ips: z.array(z.object({ subnet_id: z.string(), ip_address: z.string() })).nullish(),
    device_id: z.string().nullish(),
  })
  .transform((row): Port => ({
    id: row.id,
    name: row.name ?? '',
    projectId: row.project_id ?? row.tenant_id ?? '',
    networkId: row.network_id,
    macAddress: row.mac_address,
    fixedIps: (row.fixed_ips ?? []).map((ip) => ({ subnetId: ip.subnet_id, ipAddress: ip.ip_address })),
    deviceId: row.device_id === '' ? undefined : (row.device_id ?? undefined),
  }));

const groupSchema = z.object({ id: z.string(), name: z.string() });

export function createNeutron(service: ServiceClient): Neutron {
  const list = async <T>(path: string, key: string, schema: z.ZodType<T>, query: Query, call?: CallOptions) =>
    (await collect(listRows(service, { ...call, path: `/v2.0/${path}`, query }, key))).map(
      ({ row, response }) => readRow(schema, row, response),
    );
  return {
    findNetworks: async (nameOrId, call) => {
      const byId = await list('networks', 'networks', networkSchema, { id: nameOrId }, call);
      return byId.length > 0
        ? byId
        : await list('networks', 'networks', networkSchema, { name: nameOrId }, call);
    },
    listPorts: ({ id, name, networkId, macAddress, ipAddress }, call) =>
      list(
        'ports',
        'ports',
        portSchema,
        {
          id,
          name,
          network_id: networkId,
          mac_address: macAddress,
          fixed_ips: ipAddress === undefined ? undefined : `ip_address=${ipAddress}`,
        },
        call,
      ),
    createPort: async (port, call) => {
      const response = await service.request({
        ...call,
        method: 'POST',
        path: '/v2.0/ports',
        body: { port: portBody(port) },
        expected: [201],
      });
      return readAnswer(z.object({ port: portSchema }), response).port;
    },
    deletePort: async (portId, call) => {
      const path = `/v2.0/ports/${segment(portId)}`;
      await service.request({ ...call, method: 'DELETE', path, expected: [204, 404] });
    },
    listSecurityGroups: (projectId, call) =>
      list('security-groups', 'security_groups', groupSchema, { project_id: projectId }, call),
  };
}

function portBody({ name, networkId, macAddress, fixedIps, securityGroupIds }: NewPort): object {
  return {
    name,
    network_id: networkId,
    ...(macAddress === undefined ? {} : { mac_address: macAddress }),
    ...(fixedIps.length === 0
      ? {}
      : {
          fixed_ips: fixedIps.map(({ subnetId, ipAddress }) => ({
            subnet_id: subnetId,
            ...(ipAddress === undefined ? {} : { ip_address: ipAddress }),
          })),
        }),
    ...(securityGroupIds === undefined ? {} : { security_groups: securityGroupIds }),
  };
}
