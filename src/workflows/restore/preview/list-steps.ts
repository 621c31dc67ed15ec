/** What a plan will do, step by step in the order of the run, in words. Made of the plan alone. */
import { humanBytes } from '../../../base/bytes.ts';
import { formatLocation } from '../../../domain/disk.ts';
import type { PlannedDisk, PlannedStep } from '../../../domain/planned-restore.ts';
import type { InstancePlan, PortPlan } from '../instance/plan.ts';
import type { HolderPlan, SwapPlan, WriteBackPlan } from '../in-place/plan.ts';
import type { ReplacementPlan, RestoreDiskPlan, RestorePlan, VolumePlan } from '../plan.ts';

export interface StepFacts {
  /** One for each disk of the plan, in its order. */
  disks: readonly PlannedDisk[];
  undoDays: number;
  /** How long the instance is off, in words; undefined when nobody knows. */
  offFor: string | undefined;
  /** The same, in seconds. */
  offSeconds: number | undefined;
  /** The point's, for people. */
  instance: { id: string; name: string } | undefined;
}

/** `web-01 (6ee1...)` */
function instanceOf(id: string, { instance }: StepFacts): string {
  return instance?.id === id ? `${instance.name} (${id})` : id;
}

export function listSteps(plan: RestorePlan, facts: StepFacts): PlannedStep[] {
  return [
    ...plan.disks.map((disk, index) => importStep(disk, facts.disks[index])),
    ...(plan.mode === 'in-place'
      ? inPlaceSteps(plan, facts)
      : plan.disks.flatMap((disk) => volumeSteps(disk, facts))),
    ...(plan.instance === undefined ? [] : instanceSteps(plan.instance, plan.disks)),
  ];
}

/** `volume:6ee1 (/dev/vdb)` */
export function nameOf({ key, attachment }: RestoreDiskPlan['disk']): string {
  return attachment?.device === undefined ? key : `${key} (${attachment.device})`;
}

function importStep({ disk, fresh }: RestoreDiskPlan, bytes: PlannedDisk | undefined): PlannedStep {
  const { readBytes = 0, writtenBytes = 0, sizeBytes = 0 } = bytes ?? {};
  const [read, written] = [humanBytes(readBytes), humanBytes(writtenBytes)];
  return {
    kind: 'import',
    code: 'import-disk',
    params: { readBytes, writtenBytes, sizeBytes, pool: fresh.pool, disk: nameOf(disk) },
    text: `Read ${read} from the store and write ${written} into a new image of ${humanBytes(sizeBytes)} in pool ${fresh.pool}, with ${nameOf(disk)} as it was at the point`,
    diskKey: disk.key,
  };
}

function moveStep({ disk, fresh }: RestoreDiskPlan, pool: string): PlannedStep[] {
  if (pool === fresh.pool) return [];
  const text = `Move the new image of ${nameOf(disk)} from pool ${fresh.pool} to pool ${pool}`;
  const params = { disk: nameOf(disk), from: fresh.pool, to: pool };
  return [{ kind: 'move', code: 'move-image', params, text, diskKey: disk.key }];
}

function volumeSteps(plan: RestoreDiskPlan, facts: StepFacts): PlannedStep[] {
  const { disk, volume, replacement } = plan;
  if (volume === undefined) return [];
  const isPlain = volume.encryptionKeyId === undefined;
  const { name, sizeGib, volumeType, bootable, projectId } = volume;
  const make: PlannedStep = {
    kind: 'make',
    code: isPlain ? 'make-volume' : 'make-encrypted-volume',
    params: { disk: nameOf(disk), name, sizeGib, type: volumeType, bootable, project: projectId },
    text: (isPlain ? describeVolume : describeEncrypted)(volume, nameOf(disk)),
    diskKey: disk.key,
  };
  const steps = [...moveStep(plan, volume.location.pool), make];
  return replacement === undefined ? steps : [...steps, ...replaceSteps(plan, volume, replacement, facts)];
}

function describeVolume(
  { name, sizeGib, volumeType, projectId, bootable }: VolumePlan,
  disk: string,
): string {
  return `Make the new image of ${disk} a Cinder volume "${name}" of ${sizeGib} GiB, type ${volumeType}${bootable ? ', bootable' : ''}, in project ${projectId}`;
}

function describeEncrypted(
  { name, sizeGib, volumeType, projectId, bootable }: VolumePlan,
  disk: string,
): string {
  return `Make an encrypted Cinder volume "${name}" of ${sizeGib} GiB, type ${volumeType}${bootable ? ', bootable' : ''}, in project ${projectId}, and put the new image of ${disk} in the place of its own`;
}

function replaceSteps(
  { disk }: RestoreDiskPlan,
  { name }: VolumePlan,
  replacement: ReplacementPlan,
  facts: StepFacts,
): PlannedStep[] {
  const { instanceId, oldVolumeId: volumeId, device, tag, deleteOnTermination } = replacement;
  const instance = instanceOf(instanceId, facts);
  const detach: PlannedStep[] = [
    {
      kind: 'detach',
      code: 'detach-volume',
      params: { volume: volumeId, instance },
      text: `Detach volume ${volumeId} from instance ${instance}; a guest that does not let go of it fails the restore, which then puts everything back`,
      diskKey: disk.key,
      instanceId,
      volumeId,
    },
  ];
  const place = [
    device === undefined ? undefined : `at ${device}`,
    tag === undefined ? undefined : `with tag ${tag}`,
    deleteOnTermination ? 'deleted together with the instance' : 'not deleted together with the instance',
  ];
  return [
    ...(replacement.oldWasAttached ? detach : []),
    {
      kind: 'attach',
      code: 'attach-volume',
      params: { name, instance, device, tag, deleted: deleteOnTermination },
      text: `Attach volume "${name}" to instance ${instance} in its place: ${place.filter((part) => part !== undefined).join(', ')}`,
      diskKey: disk.key,
      instanceId,
    },
    {
      kind: 'keep',
      code: 'keep-volume',
      params: { volume: volumeId },
      text: `Keep volume ${volumeId} as it is, attached to nothing, until somebody deletes it`,
      diskKey: disk.key,
      volumeId,
    },
  ];
}

function inPlaceSteps({ disks, holder, coHolders = [] }: RestorePlan, facts: StepFacts): PlannedStep[] {
  const moves = disks.flatMap((disk) =>
    disk.swap === undefined ? [] : moveStep(disk, disk.swap.staged.pool),
  );
  const exchange = disks.flatMap((disk) => [
    ...(disk.swap === undefined ? [] : swapSteps(disk, disk.swap, facts.undoDays)),
    ...(disk.writeBack === undefined ? [] : writeBackSteps(disk, disk.writeBack, facts.undoDays)),
  ]);
  const holders = [...(holder === undefined ? [] : [holder]), ...coHolders];
  return [
    ...moves,
    ...holders.map((one) => stopStep(one, facts)),
    ...exchange,
    ...holders.map((one) => startStep(one, facts)),
  ];
}

function stopStep({ instanceId, wasRunning, wasLocked }: HolderPlan, facts: StepFacts): PlannedStep {
  const instance = instanceOf(instanceId, facts);
  const off = facts.offFor === undefined ? 'for how long is not known' : `for roughly ${facts.offFor}`;
  const lock = wasLocked ? '' : ', and lock it meanwhile';
  const text = wasRunning
    ? `Stop instance ${instance}, which runs now, ${off}${lock}`
    : `See that instance ${instance}, which is off now, stays off${lock}`;
  const code = wasRunning ? 'stop-instance' : 'keep-instance-off';
  const params = { instance, off: facts.offSeconds, lock: !wasLocked };
  return { kind: 'stop', code, params, text, instanceId };
}

function startStep({ instanceId, wasRunning }: HolderPlan, facts: StepFacts): PlannedStep {
  const instance = instanceOf(instanceId, facts);
  return wasRunning
    ? {
        kind: 'start',
        code: 'start-instance',
        params: { instance },
        text: `Start instance ${instance} again`,
        instanceId,
      }
    : {
        kind: 'leave-off',
        code: 'leave-instance-off',
        params: { instance },
        text: `Leave instance ${instance} off, as it is now`,
        instanceId,
      };
}

function swapSteps({ disk }: RestoreDiskPlan, { target }: SwapPlan, undoDays: number): PlannedStep[] {
  const volumeId = disk.volume?.id;
  const what = volumeId === undefined ? 'the disk' : `volume ${volumeId}`;
  return [
    {
      kind: 'swap',
      code: 'swap-image',
      params: { image: formatLocation(target), volume: volumeId },
      text: `Put the new image in the place of ${formatLocation(target)}: ${what} keeps its id, its type and where it is attached`,
      diskKey: disk.key,
      volumeId,
    },
    {
      kind: 'keep',
      code: 'keep-image',
      params: { days: undoDays, disk: nameOf(disk) },
      text: `Keep the image that is there now, as emberkeep-undo-..., for ${untilUndone(disk, undoDays)}`,
      diskKey: disk.key,
    },
  ];
}

function writeBackSteps(
  { disk }: RestoreDiskPlan,
  { target }: WriteBackPlan,
  undoDays: number,
): PlannedStep[] {
  const volumeId = disk.volume?.id;
  return [
    {
      kind: 'keep',
      code: 'keep-snapshot',
      params: { image: formatLocation(target), days: undoDays, disk: nameOf(disk) },
      text: `Take a snapshot of ${formatLocation(target)} and keep it for ${untilUndone(disk, undoDays)}`,
      diskKey: disk.key,
    },
    {
      kind: 'write-back',
      code: 'write-back',
      params: { image: formatLocation(target) },
      text: `Write into ${formatLocation(target)} itself what differs from the new image, and read all of it back: the snapshots and clones on it stay; what is off stays off while that lasts`,
      diskKey: disk.key,
      volumeId,
    },
  ];
}

function untilUndone(disk: RestoreDiskPlan['disk'], undoDays: number): string {
  return `${undoDays} days after the end: until then \`emberkeep restore undo\` brings back what is on ${nameOf(disk)} now`;
}

function instanceSteps(instance: InstancePlan, disks: readonly RestoreDiskPlan[]): PlannedStep[] {
  const { name, flavorName, projectId, availabilityZone, keyPair, ports } = instance;
  const facts = [
    `flavor ${flavorName}`,
    `${disks.length} ${disks.length === 1 ? 'volume' : 'volumes'}`,
    ports.length === 0 ? 'no network' : `${ports.length} ${ports.length === 1 ? 'port' : 'ports'}`,
    keyPair === undefined ? 'no key pair' : `key pair ${keyPair.name}`,
    availabilityZone === undefined ? 'any availability zone' : `availability zone ${availabilityZone}`,
  ];
  return [
    ...ports.map(portStep),
    {
      kind: 'make',
      code: 'make-instance',
      params: {
        name,
        project: projectId,
        flavor: flavorName,
        volumes: disks.length,
        ports: ports.length,
        keyPair: keyPair?.name,
        zone: availabilityZone,
      },
      text: `Make instance "${name}" in project ${projectId} and boot it: ${facts.join(', ')}`,
    },
  ];
}

function portStep({ existingId, networkId, macAddress, fixedIps }: PortPlan): PlannedStep {
  if (existingId !== undefined)
    return {
      kind: 'attach',
      code: 'use-port',
      params: { port: existingId },
      text: `Use port ${existingId}, which is still there, with its addresses`,
    };
  const addresses = fixedIps.flatMap(({ ipAddress }) => (ipAddress === undefined ? [] : [ipAddress]));
  const parts = [
    addresses.length === 0 ? 'whatever address is free' : `address ${addresses.join(', ')}`,
    macAddress === undefined ? 'a new MAC address' : `MAC address ${macAddress}`,
  ];
  return {
    kind: 'make',
    code: 'make-port',
    params: { network: networkId, addresses: addresses.join(', '), mac: macAddress },
    text: `Make a port on network ${networkId} with ${parts.join(' and ')}`,
  };
}
