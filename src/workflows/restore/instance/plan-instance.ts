/** What the new instance will be, and everything that stands in its way, before the first disk is touched. */
import type { InstanceDescription } from '../../../domain/instance.ts';
import type { PointDisk, PointManifest } from '../../../domain/manifest.ts';
import type { InstanceChoices } from '../../../domain/restore.ts';
import { describeDifference, describeSizes, isSameFlavor, rankFlavors } from './choose-flavor.ts';
import { choosePorts } from './choose-ports.ts';
import type { BorrowedKeyPair, InstanceCloud } from './deps.ts';
import type { Findings } from '../findings.ts';
import { checkProject, checkRoom } from '../check-project.ts';
import type { InstancePlan } from './plan.ts';

type Flavor = Awaited<ReturnType<InstanceCloud['flavors']>>[number];

export interface InstanceOptions {
  restoreId: string;
  name: string | undefined;
  /** Whose key pair it may get. */
  callerUserId?: string | undefined;
  instance?: InstanceChoices | undefined;
}

/** What is to be made anew, and from which of its disks. */
export interface PointedInstance {
  point: PointManifest;
  instance: InstanceDescription;
  disks: readonly PointDisk[];
}

interface Wish {
  cloud: InstanceCloud;
  instance: InstanceDescription;
  options: InstanceOptions;
  findings: Findings;
}

/** undefined when something stands against it, which the findings have then. */
export async function planInstance(
  cloud: InstanceCloud,
  options: InstanceOptions,
  { point, instance, disks }: PointedInstance,
  findings: Findings,
): Promise<InstancePlan | undefined> {
  const { projectId } = instance;
  if (!(await checkProject(cloud, { projectId, whose: `instance ${instance.name}` }, findings)))
    return undefined;
  const wish: Wish = { cloud, instance, options, findings };
  const name = await chooseName(wish, point);
  const flavor = await chooseFlavor(wish);
  const availabilityZone = await chooseZone(wish);
  const serverGroupId = await chooseServerGroup(wish);
  const keyPair = await chooseKeyPair(wish);
  const ports = await choosePorts({
    cloud,
    projectId,
    restoreId: options.restoreId,
    recorded: instance.ports,
    networks: options.instance?.networks,
    securityGroups: instance.securityGroups,
    findings,
  });
  if (flavor === undefined) return undefined;
  await checkRoom(cloud, { projectId, flavor, disks, code: 'CONFLICT_INSTANCE_PLAN' }, findings);
  return {
    projectId,
    name,
    flavorId: flavor.id,
    flavorName: flavor.originalName,
    ...(availabilityZone === undefined ? {} : { availabilityZone }),
    ...(serverGroupId === undefined ? {} : { serverGroupId }),
    ...(keyPair === undefined ? {} : { keyPair }),
    ports,
    notes: findings.notes,
    asked: false,
  };
}

/** Nova takes any name twice; people and our own search by name do not. */
async function chooseName(
  { cloud, instance, options, findings }: Wish,
  point: PointManifest,
): Promise<string> {
  const wanted = options.name ?? instance.name;
  if (!(await cloud.isNameTaken(instance.projectId, wanted))) return wanted;
  if (options.name !== undefined) {
    findings.problem(`the project has an instance named ${wanted}`, 'choose another --name');
    return wanted;
  }
  const stamp = point.takenAt.slice(0, 16).replace(/[-:]/g, '');
  const other = `${wanted.slice(0, 240)}-${stamp}`;
  findings.note(`the project has an instance named ${wanted}; the new one is named ${other}`);
  return other;
}

async function chooseFlavor(wish: Wish): Promise<Flavor | undefined> {
  const { cloud, instance, options, findings } = wish;
  const { flavor: recorded, projectId } = instance;
  const offered = await cloud.flavors(projectId);
  const wanted = options.instance?.flavor;
  if (wanted !== undefined) {
    const byName = offered.filter(({ id, originalName }) => id === wanted || originalName === wanted);
    const flavor = await firstUsable(wish, byName);
    if (flavor === undefined)
      findings.problem(
        `flavor "${wanted}" was not found, or is not for this project`,
        'see `openstack flavor list` of the project',
      );
    return flavor;
  }
  const flavor = await firstUsable(wish, rankFlavors(recorded, offered));
  if (flavor === undefined) {
    findings.problem(
      `flavor ${recorded.originalName} is gone, and no other has ${describeSizes(recorded)}`,
      'name one with --flavor',
    );
    return undefined;
  }
  const difference = describeDifference(recorded, flavor);
  if (!isSameFlavor(recorded, flavor)) {
    findings.note(
      `flavor ${recorded.originalName} (${describeSizes(recorded)}) is gone or changed; ${flavor.originalName} is used${difference === '' ? '' : `: ${difference}`}`,
    );
  } else if (difference !== '') findings.note(`flavor ${flavor.originalName} was changed: ${difference}`);
  return flavor;
}

async function firstUsable(
  { cloud, instance }: Wish,
  flavors: readonly Flavor[],
): Promise<Flavor | undefined> {
  for (const flavor of flavors) if (await cloud.mayUseFlavor(instance.projectId, flavor)) return flavor;
  return undefined;
}

async function chooseZone({ cloud, instance, options, findings }: Wish): Promise<string | undefined> {
  const wanted = options.instance?.availabilityZone;
  const zone = wanted ?? instance.availabilityZone;
  if (zone === undefined || (await cloud.zones(instance.projectId)).includes(zone)) return zone;
  if (wanted === undefined) findings.note(`availability zone ${zone} is gone or down; Nova chooses another`);
  else
    findings.problem(
      `availability zone "${zone}" was not found, or is down`,
      'see `openstack availability zone list --compute`, or leave it out',
    );
  return undefined;
}

/** Nova takes one server group. */
async function chooseServerGroup({ cloud, instance, findings }: Wish): Promise<string | undefined> {
  const [groupId] = instance.serverGroups;
  if (groupId === undefined || (await cloud.hasServerGroup(instance.projectId, groupId))) return groupId;
  findings.note(`server group ${groupId} is gone; the instance is in none`);
  return undefined;
}

async function chooseKeyPair({
  cloud,
  instance,
  options,
  findings,
}: Wish): Promise<BorrowedKeyPair | undefined> {
  const wanted = options.instance?.keyName;
  const name = wanted ?? instance.keyName;
  if (name === undefined) return undefined;
  const owners = [wanted === undefined ? instance.userId : undefined, options.callerUserId];
  const userIds = owners.filter((userId) => userId !== undefined);
  const found = await cloud.findKeyPair(instance.projectId, name, userIds);
  if (found !== undefined) return found;
  if (wanted !== undefined)
    findings.problem(`you have no key pair "${name}"`, 'see `openstack keypair list`, or leave it out');
  else
    findings.note(
      `key pair ${name} is gone; Nova gives the instance none (its disks have what was put there)`,
    );
  return undefined;
}
