import { AppError } from '../../base/errors.ts';
import type { InstanceDescription, PortDescription } from '../../domain/instance.ts';
import type { InventoryDeps } from './deps.ts';

/** What Nova does not say of its ports: whose rules they follow, and how they hang on the network. */
export async function describePorts(
  { neutron }: Pick<InventoryDeps, 'neutron'>,
  { id, projectId, ports }: InstanceDescription,
): Promise<PortDescription[]> {
  if (neutron === undefined || ports.length === 0) return ports;
  try {
    const details = await neutron.listPorts({ deviceId: id });
    const names = new Map(
      (await neutron.listSecurityGroups(projectId)).map((group) => [group.id, group.name]),
    );
    return ports.map((port) => {
      const found = details.find((detail) => detail.id === port.portId);
      if (found === undefined) return port;
      const { securityGroupIds, portSecurity, vnicType, allowedAddressPairs } = found;
      const securityGroups = securityGroupIds.map((groupId) => ({
        id: groupId,
        name: names.get(groupId) ?? '',
      }));
      return { ...port, details: { securityGroups, portSecurity, vnicType, allowedAddressPairs } };
    });
  } catch (error) {
    // A cloud may keep its Neutron from us; its ports are then made by what Nova says.
    if (error instanceof AppError && error.code === 'OPENSTACK_NO_ENDPOINT') return ports;
    throw error;
  }
}
