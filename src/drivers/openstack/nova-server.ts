import { z } from 'zod';
import type { InstanceDescription, PortDescription } from '../../domain/instance.ts';

/** A server as Nova shows it: what a rebuild needs, and the state that it is in now. */
export interface Server {
  description: InstanceDescription;
  state: ServerState;
  /** Device that the server boots from, `/dev/vda`; undefined when our user is not admin. */
  rootDeviceName: string | undefined;
  /** Volumes that hang on it, in Nova's order. */
  volumes: { volumeId: string; deleteOnTermination: boolean }[];
  hypervisorHostname: string | undefined;
  createdAt: Date;
}

export interface ServerState {
  /** ACTIVE, SHUTOFF, ERROR, SHELVED_OFFLOADED, ... */
  status: string;
  vmState: string;
  /** What Nova is doing with it just now; undefined when nothing. */
  taskState: string | undefined;
  powerState: PowerState;
  locked: boolean;
  /** What Nova says of a server in ERROR. */
  fault: string | undefined;
}

export type PowerState = 'unknown' | 'running' | 'paused' | 'shutdown' | 'crashed' | 'suspended';

/** nova/objects/fields.py, InstancePowerState. */
const powerStates: Record<number, PowerState> = {
  0: 'unknown',
  1: 'running',
  3: 'paused',
  4: 'shutdown',
  6: 'crashed',
  7: 'suspended',
};

const textMap = z.record(z.string(), z.string());

/** GET /servers/{id} and a row of /servers/detail at compute 2.79 to 2.93; fields of other projects are admin only. */
const rawServer = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullish(),
  status: z.string(),
  tenant_id: z.string(),
  user_id: z.string().nullish(),
  created: z.string(),
  key_name: z.string().nullish(),
  config_drive: z.union([z.string(), z.boolean()]).nullish(),
  image: z.union([z.literal(''), z.object({ id: z.string() })]).nullish(),
  flavor: z.object({
    original_name: z.string(),
    vcpus: z.number(),
    ram: z.number(),
    disk: z.number(),
    ephemeral: z.number(),
    swap: z.number(),
    extra_specs: textMap.nullish(),
  }),
  metadata: textMap.nullish(),
  tags: z.array(z.string()).nullish(),
  security_groups: z.array(z.object({ name: z.string() })).nullish(),
  server_groups: z.array(z.string()).nullish(),
  locked: z.boolean().nullish(),
  fault: z.object({ message: z.string().nullish() }).nullish(),
  'OS-EXT-STS:vm_state': z.string().nullish(),
  'OS-EXT-STS:task_state': z.string().nullish(),
  'OS-EXT-STS:power_state': z.number().nullish(),
  'OS-EXT-AZ:availability_zone': z.string().nullish(),
  'OS-EXT-SRV-ATTR:host': z.string().nullish(),
  'OS-EXT-SRV-ATTR:hypervisor_hostname': z.string().nullish(),
  'OS-EXT-SRV-ATTR:root_device_name': z.string().nullish(),
  'OS-EXT-SRV-ATTR:user_data': z.string().nullish(),
  'os-extended-volumes:volumes_attached': z
    .array(z.object({ id: z.string(), delete_on_termination: z.boolean().nullish() }))
    .nullish(),
});

export const serverSchema = rawServer.transform((raw): Server => ({
  description: describe(raw),
  state: {
    status: raw.status,
    vmState: raw['OS-EXT-STS:vm_state'] ?? raw.status.toLowerCase(),
    taskState: raw['OS-EXT-STS:task_state'] ?? undefined,
    powerState: powerStates[raw['OS-EXT-STS:power_state'] ?? 0] ?? 'unknown',
    locked: raw.locked ?? false,
    fault: raw.fault?.message ?? undefined,
  },
  rootDeviceName: raw['OS-EXT-SRV-ATTR:root_device_name'] ?? undefined,
  volumes: (raw['os-extended-volumes:volumes_attached'] ?? []).map((volume) => ({
    volumeId: volume.id,
    deleteOnTermination: volume.delete_on_termination ?? false,
  })),
  hypervisorHostname: raw['OS-EXT-SRV-ATTR:hypervisor_hostname'] ?? undefined,
  createdAt: new Date(raw.created),
}));

function describe(raw: z.output<typeof rawServer>): InstanceDescription {
  const { flavor } = raw;
  return {
    id: raw.id,
    name: raw.name,
    projectId: raw.tenant_id,
    status: raw.status,
    ...optional('description', raw.description),
    ...optional('userId', raw.user_id),
    ...optional('host', raw['OS-EXT-SRV-ATTR:host']),
    ...optional('availabilityZone', raw['OS-EXT-AZ:availability_zone']),
    ...optional('keyName', raw.key_name),
    ...optional('userData', raw['OS-EXT-SRV-ATTR:user_data']),
    configDrive: raw.config_drive === true || raw.config_drive === 'True',
    ...optional('imageId', typeof raw.image === 'object' ? raw.image?.id : undefined),
    flavor: {
      originalName: flavor.original_name,
      vcpus: flavor.vcpus,
      ramMib: flavor.ram,
      diskGib: flavor.disk,
      ephemeralGib: flavor.ephemeral,
      swapMib: flavor.swap,
      extraSpecs: flavor.extra_specs ?? {},
    },
    metadata: raw.metadata ?? {},
    tags: raw.tags ?? [],
    // One row for each port: the same group appears as often as there are ports.
    securityGroups: [...new Set((raw.security_groups ?? []).map(({ name }) => name))],
    serverGroups: raw.server_groups ?? [],
    ports: [],
  };
}

/** A field only when there is something to say; Nova says "" and null for nothing. */
function optional<K extends string>(key: K, value: string | null | undefined): Partial<Record<K, string>> {
  return value === undefined || value === null || value === '' ? {} : ({ [key]: value } as Record<K, string>);
}

/** Rows of GET /servers/{id}/os-interface. */
export const interfacesSchema = z
  .object({
    interfaceAttachments: z.array(
      z.object({
        port_id: z.string(),
        net_id: z.string(),
        mac_addr: z.string(),
        fixed_ips: z.array(z.object({ subnet_id: z.string(), ip_address: z.string() })).nullish(),
      }),
    ),
  })
  .transform(({ interfaceAttachments }): PortDescription[] =>
    interfaceAttachments.map((row) => ({
      portId: row.port_id,
      networkId: row.net_id,
      macAddress: row.mac_addr,
      fixedIps: (row.fixed_ips ?? []).map((ip) => ({ subnetId: ip.subnet_id, ipAddress: ip.ip_address })),
    })),
  );
