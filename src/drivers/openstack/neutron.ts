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
  projectId: string;
  /** With everybody, or with the client's project (Neutron's RBAC policies): Neutron answers for the one who asks. */
  isShared: boolean;
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
  securityGroupIds: string[];
  portSecurity: boolean;
  /** `normal`, `direct`, ... */
  vnicType: string;
  allowedAddressPairs: { ipAddress: string; macAddress?: string }[];
}

export interface PortFilter {
  id?: string;
  name?: string;
  networkId?: string;
  macAddress?: string;
  ipAddress?: string;
  deviceId?: string;
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
  /** As the network has it when undefined; without it, no groups. */
  portSecurity?: boolean | undefined;
  vnicType?: string | undefined;
  allowedAddressPairs?: { ipAddress: string; macAddress?: string | undefined }[] | undefined;
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
    project_id: z.string().nullish(),
    tenant_id: z.string().nullish(),
    shared: z.boolean().nullish(),
  })
  .transform((row): Network => ({
    id: row.id,
    name: row.name ?? '',
    hasPortSecurity: row.port_security_enabled ?? true,
    subnetIds: row.subnets ?? [],
    projectId: row.project_id ?? row.tenant_id ?? '',
    isShared: row.shared ?? false,
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
    security_groups: z.array(z.string()).nullish(),
    port_security_enabled: z.boolean().nullish(),
    'binding:vnic_type': z.string().nullish(),
    allowed_address_pairs: z
      .array(z.object({ ip_address: z.string(), mac_address: z.string().nullish() }))
      .nullish(),
  })
  .transform((row): Port => ({
    id: row.id,
    name: row.name ?? '',
    projectId: row.project_id ?? row.tenant_id ?? '',
    networkId: row.network_id,
    macAddress: row.mac_address,
    fixedIps: (row.fixed_ips ?? []).map((ip) => ({ subnetId: ip.subnet_id, ipAddress: ip.ip_address })),
    deviceId: row.device_id === '' ? undefined : (row.device_id ?? undefined),
    securityGroupIds: row.security_groups ?? [],
    portSecurity: row.port_security_enabled ?? true,
    vnicType: row['binding:vnic_type'] ?? 'normal',
    allowedAddressPairs: (row.allowed_address_pairs ?? []).map(({ ip_address: ipAddress, mac_address }) => ({
      ipAddress,
      ...(mac_address === null || mac_address === undefined ? {} : { macAddress: mac_address }),
    })),
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
    listPorts: ({ id, name, networkId, macAddress, ipAddress, deviceId }, call) =>
      list(
        'ports',
        'ports',
        portSchema,
        {
          id,
          name,
          network_id: networkId,
          mac_address: macAddress,
          device_id: deviceId,
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

function portBody(port: NewPort): object {
  const { name, networkId, macAddress, fixedIps, securityGroupIds, portSecurity, vnicType } = port;
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
    ...(portSecurity === undefined ? {} : { port_security_enabled: portSecurity }),
    ...(vnicType === undefined ? {} : { 'binding:vnic_type': vnicType }),
    ...(port.allowedAddressPairs === undefined
      ? {}
      : {
          allowed_address_pairs: port.allowedAddressPairs.map(({ ipAddress, macAddress: mac }) => ({
            ip_address: ipAddress,
            ...(mac === undefined ? {} : { mac_address: mac }),
          })),
        }),
  };
}
