/** What the new instance will be, and everything that stands in its way, before the first disk is touched. */
import { AppError } from '../../../base/errors.ts';
import type { InstanceDescription } from '../../../domain/instance.ts';
import type { PointDisk, PointManifest } from '../../../domain/manifest.ts';
import type { InstanceChoices } from '../../../domain/restore.ts';
import { describeDifference, describeSizes, isSameFlavor, rankFlavors } from './choose-flavor.ts';
import { choosePorts } from './choose-ports.ts';
import type { BorrowedKeyPair, InstanceCloud } from './deps.ts';
import { Findings } from './findings.ts';
import type { InstancePlan } from './plan.ts';
import { describedInstance } from './select.ts';

type Flavor = Awaited<ReturnType<InstanceCloud['flavors']>>[number];

const gibBytes = 1024 ** 3;

export interface InstanceOptions {
  restoreId: string;
  name: string | undefined;
  /** Whose key pair it may get. */
  callerUserId?: string | undefined;
  instance?: InstanceChoices | undefined;
}

interface Wish {
  cloud: InstanceCloud;
  instance: InstanceDescription;
  options: InstanceOptions;
  findings: Findings;
}

export async function planInstance(
  cloud: InstanceCloud,
  options: InstanceOptions,
  point: PointManifest,
  disks: readonly PointDisk[],
): Promise<InstancePlan> {
  const instance = describedInstance(point);
  const { projectId } = instance;
  await assertProject(cloud, instance);
  const findings = new Findings();
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
  if (flavor !== undefined) await checkRoom(wish, flavor, disks);
  findings.settle(`instance ${name}, like ${instance.name} (${instance.id}) in point ${point.pointId},`);
  if (flavor === undefined) throw new AppError('BUG_MISSING', 'no flavor, and no problem told');
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

async function assertProject(cloud: InstanceCloud, { name, projectId }: InstanceDescription): Promise<void> {
  const project = await cloud.project(projectId);
  if (project?.enabled === true) return;
  throw new AppError(
    'CONFLICT_PROJECT_GONE',
    project === undefined
      ? `project ${projectId}, which instance ${name} belonged to, is gone, so nothing can be made in it; restore the disks with mode image`
      : `project ${project.name} (${projectId}), which instance ${name} belongs to, is disabled; enable it, or restore the disks with mode image`,
    { details: { projectId } },
  );
}

/** Nova takes any name twice; people and our own search by name do not. */
async function chooseName(
  { cloud, instance, options, findings }: Wish,
  point: PointManifest,
): Promise<string> {
  const wanted = options.name ?? instance.name;
  if (!(await cloud.isNameTaken(instance.projectId, wanted))) return wanted;
  if (options.name !== undefined) {
    findings.problem(`the project has an instance named ${wanted}; choose another --name`);
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
      findings.problem(`flavor "${wanted}" was not found, or is not for this project`);
    return flavor;
  }
  const flavor = await firstUsable(wish, rankFlavors(recorded, offered));
  if (flavor === undefined) {
    findings.problem(
      `flavor ${recorded.originalName} is gone, and no other has ${describeSizes(recorded)}; name one with --flavor`,
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
  else findings.problem(`availability zone "${zone}" was not found, or is down`);
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
  if (wanted !== undefined) findings.problem(`you have no key pair "${name}"`);
  else
    findings.note(
      `key pair ${name} is gone; Nova gives the instance none (its disks have what was put there)`,
    );
  return undefined;
}

async function checkRoom(
  { cloud, instance, findings }: Wish,
  flavor: Flavor,
  disks: readonly PointDisk[],
): Promise<void> {
  const room = await cloud.room(instance.projectId);
  const gib = ({ disk, sizeBytes }: PointDisk): number =>
    Math.max(disk.volume?.sizeGib ?? 1, Math.ceil(sizeBytes / gibBytes));
  const needs = [
    { what: 'instances', left: room.instances, need: 1 },
    { what: 'cores', left: room.cores, need: flavor.vcpus },
    { what: 'MiB of memory', left: room.ramMib, need: flavor.ramMib },
    { what: 'volumes', left: room.volumes, need: disks.length },
    { what: 'GiB of volumes', left: room.volumeGib, need: disks.reduce((sum, disk) => sum + gib(disk), 0) },
  ];
  for (const { what, left, need } of needs) {
    if (left !== undefined && left < need)
      findings.problem(`the project's quota has room for ${left} more ${what}, and ${need} are needed`);
  }
}
