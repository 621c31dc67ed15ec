import type { InstanceDescription } from '../../../domain/instance.ts';
import type { InstanceDetail, InstanceSummary } from '../../../workflows/operations.ts';
import { orNull } from '../schemas/common.ts';
import { z } from '../zod.ts';
import { diskSchema, presentDisk } from './disk.ts';
import { pointSchema, presentPoint } from './point.ts';
import { lastPointSchema, presentLastPoint, presentProtection, protectionSchema } from './protection.ts';

const stringMap = z.record(z.string(), z.string());

export const instanceSummarySchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    status: z.string(),
    project_id: z.string(),
    last_point: lastPointSchema,
    protection: orNull(protectionSchema).openapi({ description: 'null for one that is gone from Nova.' }),
  })
  .openapi('InstanceSummary');

export const instanceDescriptionSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    project_id: z.string(),
    user_id: z.string().nullable(),
    status: z.string(),
    host: z.string().nullable().openapi({ description: 'Administrators only.' }),
    availability_zone: z.string().nullable(),
    key_name: z.string().nullable(),
    has_user_data: z.boolean(),
    config_drive: z.boolean(),
    image_id: z.string().nullable(),
    flavor: z.strictObject({
      original_name: z.string(),
      vcpus: z.number(),
      ram_mib: z.number(),
      disk_gib: z.number(),
      ephemeral_gib: z.number(),
      swap_mib: z.number(),
      extra_specs: stringMap,
    }),
    metadata: stringMap,
    tags: z.array(z.string()),
    security_groups: z.array(z.string()),
    server_groups: z.array(z.string()),
    ports: z.array(
      z.strictObject({
        port_id: z.string(),
        network_id: z.string(),
        mac_address: z.string(),
        fixed_ips: z.array(z.strictObject({ subnet_id: z.string(), ip_address: z.string() })),
      }),
    ),
  })
  .openapi('InstanceDescription');

export const instanceSchema = instanceDescriptionSchema
  .extend({
    disks: z.array(diskSchema),
    points: z.array(pointSchema),
    last_point: lastPointSchema,
    protection: protectionSchema,
  })
  .openapi('Instance');

export function presentInstanceSummary(instance: InstanceSummary): z.input<typeof instanceSummarySchema> {
  const { protection } = instance;
  return {
    id: instance.id,
    name: instance.name,
    status: instance.status,
    project_id: instance.projectId,
    last_point: presentLastPoint(instance.lastPoint),
    protection: protection === undefined ? null : presentProtection(protection),
  };
}

/** User data often carries passwords, so only whether there is any is told (I10). */
export function presentInstanceDescription(
  instance: InstanceDescription,
  isAdmin: boolean,
): z.input<typeof instanceDescriptionSchema> {
  const { flavor } = instance;
  return {
    id: instance.id,
    name: instance.name,
    project_id: instance.projectId,
    user_id: instance.userId ?? null,
    status: instance.status,
    host: (isAdmin ? instance.host : undefined) ?? null,
    availability_zone: instance.availabilityZone ?? null,
    key_name: instance.keyName ?? null,
    has_user_data: instance.userData !== undefined && instance.userData !== '',
    config_drive: instance.configDrive ?? false,
    image_id: instance.imageId ?? null,
    flavor: {
      original_name: flavor.originalName,
      vcpus: flavor.vcpus,
      ram_mib: flavor.ramMib,
      disk_gib: flavor.diskGib,
      ephemeral_gib: flavor.ephemeralGib,
      swap_mib: flavor.swapMib,
      extra_specs: flavor.extraSpecs,
    },
    metadata: instance.metadata,
    tags: instance.tags,
    security_groups: instance.securityGroups,
    server_groups: instance.serverGroups,
    ports: instance.ports.map((port) => ({
      port_id: port.portId,
      network_id: port.networkId,
      mac_address: port.macAddress,
      fixed_ips: port.fixedIps.map((ip) => ({ subnet_id: ip.subnetId, ip_address: ip.ipAddress })),
    })),
  };
}

export function presentInstance(detail: InstanceDetail, isAdmin: boolean): z.input<typeof instanceSchema> {
  return {
    ...presentInstanceDescription(detail.instance, isAdmin),
    disks: detail.disks.map((disk) => presentDisk(disk, disk.sizeBytes, isAdmin)),
    points: detail.points.map(presentPoint),
    last_point: presentLastPoint(detail.lastPoint),
    protection: presentProtection(detail.protection),
  };
}
