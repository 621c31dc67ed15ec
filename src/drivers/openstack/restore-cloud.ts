import { AppError } from '../../base/errors.ts';
import { hasStatus } from './http-error.ts';
import type { CinderPool } from './cinder-backends.ts';
import type { Volume } from './cinder-volume.ts';
import type { OpenStack } from './openstack.ts';
import { collect } from './pagination.ts';

export interface RestoreCloudOptions {
  /** Cluster and pool where a Cinder backend keeps its images; undefined for a Ceph that is none of ours. */
  locate: (pool: CinderPool) => { cluster: string; pool: string } | undefined;
  /** How long Nova and Cinder may take over one volume. */
  timeoutMs?: number;
}

export interface ManagedVolume {
  projectId: string;
  name: string;
  description?: string | undefined;
  volumeType: string;
  cinderHost: string;
  availabilityZone?: string | undefined;
  bootable: boolean;
  metadata: Record<string, string>;
}

export type EmptyVolume = Omit<ManagedVolume, 'cinderHost' | 'bootable'> & { sizeGib: number };

export interface AttachPlan {
  instanceId: string;
  volumeId: string;
  device?: string;
  tag?: string;
  deleteOnTermination: boolean;
}

/**
 * What a restore asks of the cloud, each call in the project that it names and each repeatable after a crash (I9).
 * Acting in the owner's project is what makes a new volume the owner's.
 */
export interface OpenStackRestoreCloud {
  listBackends(): Promise<
    {
      host: string;
      backendName: string | undefined;
      location: { cluster: string; pool: string } | undefined;
    }[]
  >;
  volumeTypes(
    projectId: string,
  ): Promise<{ name: string; backendName: string | undefined; encrypted: boolean }[]>;
  findAttachment(
    projectId: string,
    instanceId: string,
    volumeId: string,
  ): Promise<InstanceVolume | undefined>;
  findAttachmentByMark(
    projectId: string,
    instanceId: string,
    mark: VolumeMark,
  ): Promise<InstanceVolume | undefined>;
  instanceStatus(projectId: string, instanceId: string): Promise<string | undefined>;
  volumeStatus(projectId: string, volumeId: string): Promise<string | undefined>;
  findVolumeByMark(projectId: string, key: string, value: string): Promise<string | undefined>;
  manageVolume(volume: ManagedVolume, imageName: string, signal?: AbortSignal): Promise<string>;
  createVolume(volume: EmptyVolume, signal?: AbortSignal): Promise<string>;
  setBootable(projectId: string, volumeId: string, bootable: boolean): Promise<void>;
  setImageMetadata(projectId: string, volumeId: string, metadata: Record<string, string>): Promise<void>;
  deleteVolume(projectId: string, volumeId: string): Promise<void>;
  detachVolume(projectId: string, instanceId: string, volumeId: string, signal?: AbortSignal): Promise<void>;
  attachVolume(projectId: string, request: AttachPlan, signal?: AbortSignal): Promise<void>;
}

export interface VolumeMark {
  key: string;
  value: string;
  /** Preferred when several attached volumes have the mark. */
  device: string | undefined;
}

export interface InstanceVolume {
  volumeId: string;
  device: string | undefined;
  tag: string | undefined;
  deleteOnTermination: boolean;
  isRoot: boolean;
}

export function createRestoreCloud(
  openstack: OpenStack,
  options: RestoreCloudOptions,
): OpenStackRestoreCloud {
  const { timeoutMs = 600_000 } = options;
  const { inProject } = openstack;
  return {
    listBackends: () => listBackends(openstack, options),
    volumeTypes: () => listVolumeTypes(openstack),
    findAttachment: (projectId, instanceId, volumeId) =>
      findAttachment(openstack, projectId, instanceId, volumeId),
    findAttachmentByMark: (projectId, instanceId, mark) =>
      findAttachmentByMark(openstack, projectId, instanceId, mark),
    instanceStatus: (projectId, instanceId) =>
      unlessGone(async () => (await inProject(projectId).nova.getServer(instanceId)).state.status),
    volumeStatus: (projectId, volumeId) =>
      unlessGone(async () => (await inProject(projectId).cinder.getVolume(volumeId)).status),
    findVolumeByMark: (projectId, key, value) =>
      findVolumeByMark(openstack, timeoutMs, projectId, key, value),
    manageVolume: async (volume, imageName, signal) => {
      const client = inProject(volume.projectId).cinder;
      const request = { ...volume, host: volume.cinderHost, imageName };
      const { description } = await client.manageVolume(request, { signal });
      try {
        await client.waitForVolume(description.id, ['available'], { timeoutMs, signal });
      } catch (error) {
        throw isVolumeError(error) ? notManaged(volume, imageName, error) : error;
      }
      return description.id;
    },
    createVolume: async (volume, signal) => {
      const client = inProject(volume.projectId).cinder;
      const { description } = await client.createVolume(volume, { signal });
      await client.waitForVolume(description.id, ['available'], { timeoutMs, signal });
      return description.id;
    },
    setBootable: (projectId, volumeId, bootable) =>
      inProject(projectId).cinder.setBootable(volumeId, bootable),
    setImageMetadata: async (projectId, volumeId, metadata) => {
      if (Object.keys(metadata).length > 0)
        await inProject(projectId).cinder.setImageMetadata(volumeId, metadata);
    },
    deleteVolume: async (projectId, volumeId) => {
      const client = inProject(projectId).cinder;
      try {
        await client.deleteVolume(volumeId);
      } catch (error) {
        // One that was to go with its instance may be going already, which Cinder refuses to be asked for twice.
        if (!hasStatus(error, 400)) throw error;
        const volume = await unlessGone(() => client.getVolume(volumeId));
        if (volume !== undefined && volume.status !== 'deleting') throw error;
      }
      await client.waitForVolumeGone(volumeId, { timeoutMs });
    },
    detachVolume: (projectId, instanceId, volumeId, signal) =>
      inProject(projectId).attachments.detach(instanceId, volumeId, { timeoutMs, signal }),
    attachVolume: async (projectId, { instanceId, ...request }, signal) => {
      await inProject(projectId).attachments.attach(instanceId, request, { timeoutMs, signal });
    },
  };
}

function isVolumeError(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'OPENSTACK_VOLUME_ERROR';
}

/** Cinder says of none of these why; its volume has no size then, and no image hangs on it. */
function notManaged({ volumeType, cinderHost }: ManagedVolume, imageName: string, cause: AppError): AppError {
  return new AppError(
    cause.code,
    `Cinder did not make image ${imageName} a volume. Usual reasons: the image is not in the pool of ${cinderHost} any more, or volume type ${volumeType} is of another backend. Check both, then restore again. ${cause.message}`,
    { cause, details: cause.details },
  );
}

/** Only RBD backends whose cinder-volume is up: a manage request to another would hang in `creating`. */
async function listBackends(
  { cinder }: OpenStack,
  { locate }: RestoreCloudOptions,
): ReturnType<OpenStackRestoreCloud['listBackends']> {
  const services = await cinder.listServices('cinder-volume');
  const up = new Set(services.filter((one) => one.up && one.enabled).map(({ host }) => host));
  return (await cinder.listPools()).flatMap((pool) => {
    const [serviceHost = ''] = pool.name.split('#', 1);
    if (pool.rbd === undefined || !up.has(serviceHost)) return [];
    return [{ host: pool.name, backendName: pool.backendName, location: locate(pool) }];
  });
}

/** Extra specs and encryption are shown to admins only, and types belong to no project. */
async function listVolumeTypes({ cinder }: OpenStack): ReturnType<OpenStackRestoreCloud['volumeTypes']> {
  const types = await Promise.all(
    (await cinder.listVolumeTypes()).map(async ({ id, name, extraSpecs }) => {
      // One that was deleted just now is none.
      const encrypted = await unlessGone(() => cinder.isTypeEncrypted(id));
      return { name, backendName: extraSpecs['volume_backend_name'], encrypted };
    }),
  );
  return types.flatMap(({ encrypted, ...type }) => (encrypted === undefined ? [] : [{ ...type, encrypted }]));
}

async function findAttachment(
  { inProject }: OpenStack,
  projectId: string,
  instanceId: string,
  volumeId: string,
): Promise<InstanceVolume | undefined> {
  const attached = await listAttachments(inProject(projectId), instanceId);
  return attached.find((row) => row.volumeId === volumeId);
}

async function findAttachmentByMark(
  { inProject }: OpenStack,
  projectId: string,
  instanceId: string,
  { key, value, device }: VolumeMark,
): Promise<InstanceVolume | undefined> {
  const client = inProject(projectId);
  const attached = await listAttachments(client, instanceId);
  if (attached.length === 0) return undefined;
  const marked = await collect(client.cinder.listVolumes({ metadata: { [key]: value } }));
  const ids = new Set(marked.map(({ description }) => description.id));
  const found = attached.filter(({ volumeId }) => ids.has(volumeId));
  return found.find((row) => row.device === device) ?? found[0];
}

/** Empty when the instance is gone. */
async function listAttachments(
  { nova }: ReturnType<OpenStack['inProject']>,
  instanceId: string,
): Promise<InstanceVolume[]> {
  const rows = await unlessGone(async () => nova.describeAttachments(await nova.getServer(instanceId)));
  return (rows ?? []).map(({ volumeId, attachment: { device, tag, deleteOnTermination, isRoot } }) => ({
    volumeId,
    device,
    tag,
    deleteOnTermination,
    isRoot,
  }));
}

/** The volume that an earlier attempt had Cinder make, once it is available; one that failed at once is cleared away. */
async function findVolumeByMark(
  { inProject }: OpenStack,
  timeoutMs: number,
  projectId: string,
  key: string,
  value: string,
): Promise<string | undefined> {
  const { cinder } = inProject(projectId);
  const listed = await collect(cinder.listVolumes({ metadata: { [key]: value } }));
  const marked = listed.filter(({ description }) => description.metadata[key] === value);
  for (const volume of marked) {
    const { id, sizeGib } = volume.description;
    if (!volume.status.startsWith('error')) {
      if (volume.status === 'creating' || volume.status === 'managing') {
        await cinder.waitForVolume(id, ['available'], { timeoutMs });
      }
      return id;
    }
    // Cinder renames the image after it has read its size: without a size, no image hangs on this volume.
    if (sizeGib > 0) throw halfManaged(volume);
    await cinder.deleteVolume(id);
    await cinder.waitForVolumeGone(id, { timeoutMs });
  }
  return undefined;
}

function halfManaged({ description, status, imageName }: Volume): AppError {
  return new AppError(
    'CONFLICT_VOLUME_ERROR',
    `Volume ${description.id}, which an earlier attempt made, is in ${status} and may hold the restored image ${imageName}: see the log of cinder-volume, then delete the volume and restore again.`,
    { details: { volumeId: description.id } },
  );
}

async function unlessGone<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}
