/** Instances that restores make. */
import type { OpenStackClients } from '../../src/drivers/openstack/openstack.ts';
import type { WireJob } from '../../src/entry/cli/wire.ts';
import type { ScratchCloud } from './scratch-cloud.ts';

/** What a restore says that it made; removed with everything else of the test. */
export function restoredInstance(
  scratch: ScratchCloud,
  { result }: WireJob,
): {
  id: string;
  name: string;
  flavor: string;
  notes: string[];
} {
  const { instance_id: id, ...rest } = result?.['instance'] as {
    instance_id: string;
    name: string;
    flavor: string;
    notes: string[];
  };
  scratch.adoptInstance(id);
  return { id, ...rest };
}

/** Ports that a restore made outlive their instance: call it when that is gone. */
export async function removePortsOf({ neutron }: OpenStackClients, names: readonly string[]): Promise<void> {
  for (const port of await neutron.listPorts({}))
    if (names.some((name) => port.name.includes(name))) await neutron.deletePort(port.id);
}

/**
 * Whatever a restore could have left; equal before and after means that it left nothing. Of the project's ports those that
 * bear the restore's id, since other tests make some at the same time: before it, none.
 */
export async function everything(scratch: ScratchCloud, restoreId?: string): Promise<unknown> {
  const { nova, neutron } = scratch.owner();
  const servers = (await Array.fromAsync(nova.listServers())).map(({ description }) => description);
  const ports = await neutron.listPorts({});
  return {
    servers: servers
      .filter(({ name }) => name.startsWith(scratch.prefix))
      .map(({ id }) => id)
      .toSorted(),
    volumes: (await scratch.volumes()).map(({ id, status }) => `${id} ${status}`).toSorted(),
    ports: restoreId === undefined ? [] : ports.filter(({ name }) => name.includes(restoreId)),
  };
}
