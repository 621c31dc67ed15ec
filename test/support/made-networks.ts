/** What tests make in Neutron besides ports, and remove at the end. */
import type { OpenStackClients } from '../../src/drivers/openstack/openstack.ts';
import { Cleanup } from './devcloud.ts';

type Collection = 'networks' | 'subnets' | 'security-groups';

export class MadeNetworks {
  readonly #owner: Pick<OpenStackClients, 'keystone'>;
  readonly #cleanup = new Cleanup();

  constructor(owner: Pick<OpenStackClients, 'keystone'>) {
    this.#owner = owner;
  }

  /** With one subnet. */
  async network(name: string, cidr: string): Promise<{ networkId: string; subnetId: string }> {
    const networkId = await this.#make('networks', 'network', { name });
    const subnet = { network_id: networkId, ip_version: 4, cidr };
    return { networkId, subnetId: await this.#make('subnets', 'subnet', subnet) };
  }

  async securityGroup(name: string): Promise<string> {
    return await this.#make('security-groups', 'security_group', { name });
  }

  /** One that is gone is fine. */
  async remove(collection: Collection, id: string): Promise<void> {
    const service = this.#owner.keystone.service('network');
    await service.request({ method: 'DELETE', path: `/v2.0/${collection}/${id}`, expected: [204, 404] });
  }

  async close(): Promise<void> {
    await this.#cleanup.run();
  }

  async #make(collection: Collection, key: string, wanted: Record<string, unknown>): Promise<string> {
    const service = this.#owner.keystone.service('network');
    const request = { method: 'POST' as const, path: `/v2.0/${collection}`, expected: [201] };
    const { body } = await service.request({ ...request, body: { [key]: wanted } });
    const { id } = (body as Record<string, { id: string }>)[key] ?? { id: '' };
    this.#cleanup.add(() => this.remove(collection, id));
    return id;
  }
}
