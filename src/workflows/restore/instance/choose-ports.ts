/** The network ports of the new instance: those that outlived the old one, else new ones as like them as can be had. */
import type { PortDescription } from '../../../domain/instance.ts';
import type { InstanceCloud } from './deps.ts';
import type { Findings } from '../findings.ts';
import type { PortPlan } from './plan.ts';

type Group = Awaited<ReturnType<InstanceCloud['securityGroups']>>[number];
type Network = Awaited<ReturnType<InstanceCloud['networks']>>[number];

export interface PortChoice {
  cloud: InstanceCloud;
  projectId: string;
  restoreId: string;
  recorded: readonly PortDescription[];
  /** Names or ids of networks instead; undefined means as recorded. */
  networks: readonly string[] | undefined;
  /** Names, as the instance had them. */
  securityGroups: readonly string[];
  findings: Findings;
}

export async function choosePorts(choice: PortChoice): Promise<PortPlan[]> {
  const { recorded, networks, restoreId } = choice;
  const wanted = networks ?? recorded.map(({ networkId }) => networkId);
  if (wanted.length === 0) return [];
  const groups = await choice.cloud.securityGroups(choice.projectId);
  const plans: PortPlan[] = [];
  for (const [index, nameOrId] of wanted.entries()) {
    const name = portName(restoreId, index);
    const like = networks === undefined ? recorded[index] : undefined;
    const plan = await choosePort(choice, { name, nameOrId, like, groups });
    if (plan !== undefined) plans.push(plan);
  }
  return plans;
}

/** Of the n-th port; it holds the restore's id, so that a stray one is known. */
export function portName(restoreId: string, index: number): string {
  return `restore-${restoreId}-${index}`;
}

interface WantedPort {
  name: string;
  nameOrId: string;
  like: PortDescription | undefined;
  groups: readonly Group[];
}

async function choosePort(choice: PortChoice, wanted: WantedPort): Promise<PortPlan | undefined> {
  const { cloud, projectId, findings } = choice;
  const { name, nameOrId, like, groups } = wanted;
  const kept = like === undefined ? undefined : await findKept(choice, like);
  if (kept !== undefined) return { ...kept, name };
  const [network, another] = await cloud.networks(projectId, nameOrId);
  if (network === undefined || another !== undefined) {
    if (another === undefined) findings.problem(...describeMissing(nameOrId, like));
    else findings.problem(`network "${nameOrId}" is the name of several networks`, 'use an id');
    return undefined;
  }
  return {
    name,
    networkId: network.id,
    ...(like === undefined ? { fixedIps: [] } : await chooseAddresses(choice, network, like)),
    ...chooseFilters(choice, groups, network, like),
  };
}

/** A port that was not made by Nova stays when its instance goes. */
async function findKept(
  { cloud, projectId }: PortChoice,
  { portId }: PortDescription,
): Promise<Omit<PortPlan, 'name'> | undefined> {
  const [port] = await cloud.ports(projectId, { id: portId });
  if (port === undefined || port.deviceId !== undefined || port.projectId !== projectId) return undefined;
  const { id: existingId, networkId, macAddress, fixedIps } = port;
  return { existingId, networkId, macAddress, fixedIps };
}

async function chooseAddresses(
  { cloud, projectId, findings }: PortChoice,
  { id: networkId, name, subnetIds }: Network,
  { macAddress, fixedIps }: PortDescription,
): Promise<Pick<PortPlan, 'macAddress' | 'fixedIps'>> {
  const chosen: PortPlan['fixedIps'] = [];
  for (const { subnetId, ipAddress } of fixedIps) {
    if (!subnetIds.includes(subnetId)) {
      findings.note(`the subnet of ${ipAddress} is gone from network ${name}; it gets another address`);
      continue;
    }
    const [holder] = await cloud.ports(projectId, { networkId, ipAddress });
    if (holder !== undefined)
      findings.note(`${ipAddress} on network ${name} is in use; it gets another address`);
    chosen.push(holder === undefined ? { subnetId, ipAddress } : { subnetId });
  }
  const [owner] = await cloud.ports(projectId, { networkId, macAddress });
  if (owner === undefined) return { macAddress, fixedIps: chosen };
  findings.note(`MAC address ${macAddress} on network ${name} is in use; it gets another one`);
  return { fixedIps: chosen };
}

/** The rules of the port itself where they were recorded; else those of all ports of the instance together. */
function chooseFilters(
  choice: PortChoice,
  groups: readonly Group[],
  network: Network,
  like: PortDescription | undefined,
): Partial<PortPlan> {
  const { vnicType, allowedAddressPairs, portSecurity, securityGroups } = like?.details ?? {};
  const special = vnicType === undefined || vnicType === 'normal' ? {} : { vnicType };
  if (!network.hasPortSecurity) return special;
  if (portSecurity === false) return { ...special, portSecurity };
  const wanted = securityGroups ?? choice.securityGroups.map((name) => ({ id: name, name }));
  const securityGroupIds = findGroups(choice, groups, wanted);
  // Neutron fills in the port's own MAC address, which may be a new one.
  const pairs = (allowedAddressPairs ?? []).map(({ ipAddress, macAddress }) =>
    macAddress === undefined || macAddress === like?.macAddress ? { ipAddress } : { ipAddress, macAddress },
  );
  return {
    ...special,
    ...(pairs.length === 0 ? {} : { allowedAddressPairs: pairs }),
    ...(securityGroupIds.length === 0 ? {} : { securityGroupIds }),
  };
}

/** By id, else by name; when there are none, Neutron gives the project's default group by itself. */
function findGroups({ findings }: PortChoice, known: readonly Group[], wanted: readonly Group[]): string[] {
  return wanted.flatMap(({ id, name }) => {
    const same = known.filter((group) => group.id === id);
    const found = same.length > 0 ? same : known.filter((group) => group.name === name);
    if (found.length === 0) findings.note(`security group ${name === '' ? id : name} is gone`);
    if (found.length > 1)
      findings.note(`security group ${name} is the name of several; none of them is used`);
    return found.length === 1 ? found.map((group) => group.id) : [];
  });
}

/** What is wrong, and what to do. */
function describeMissing(network: string, like: PortDescription | undefined): [string, string] {
  if (like === undefined)
    return [`network "${network}" was not found`, 'see `openstack network list` of the project'];
  const addresses = like.fixedIps.map(({ ipAddress }) => ipAddress).join(', ');
  return [
    `network ${network}, which it was on${addresses === '' ? '' : ` with ${addresses}`}, is gone`,
    'name others with --network',
  ];
}
