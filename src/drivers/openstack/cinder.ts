import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { readAnswer, readRow } from './answer.ts';
import { createCinderBackends, type CinderBackends } from './cinder-backends.ts';
import { createVolumeChanges, type VolumeChanges } from './cinder-changes.ts';
import { withKeyId } from './cinder-encryption.ts';
import { volumeSchema, type Volume } from './cinder-volume.ts';
import { hasStatus, unknownMarker } from './http-error.ts';
import type { SupportedMicroversions } from './microversion.ts';
import { roomIn } from './nova-offers.ts';
import { collect, listRows } from './pagination.ts';
import { segment, type CallOptions, type ServiceClient } from './service-client.ts';
import { waitFor, type WaitOptions, type WaitTools } from './wait.ts';

/** 3.59 came with Train; 3.70 is the newest that was tried (Zed). 3.64 and later show encryption_key_id. */
export const cinderMicroversions: SupportedMicroversions = { name: 'volume', min: '3.59', max: '3.70' };

export interface VolumePageFilter extends VolumeFilter {
  limit: number;
  marker?: string | undefined;
  /** `key:direction`; newest first when undefined. */
  sort?: `${'name' | 'size' | 'status'}:${'asc' | 'desc'}` | undefined;
}

export interface VolumeFilter {
  /** Every project, for an admin; Cinder silently gives anybody else their own. */
  allProjects?: boolean;
  projectId?: string | undefined;
  name?: string | undefined;
  /** Volumes that carry all of these. */
  metadata?: Record<string, string>;
  /** Rows a request; by default as many as Cinder gives. */
  pageSize?: number;
}

export interface VolumePage {
  volumes: Volume[];
  /** Marker of the page that follows; undefined on the last one. */
  nextMarker: string | undefined;
}

export interface VolumeSnapshot {
  id: string;
  name: string;
  volumeId: string;
  status: string;
}

/** Cinder's volumes; https://docs.openstack.org/api-ref/block-storage/v3/. An admin reaches those of every project. */
export interface Cinder extends VolumeChanges, CinderBackends {
  /** Throws NOTFOUND_VOLUME. */
  getVolume(volumeId: string, call?: CallOptions): Promise<Volume>;
  /** All volumes with this id or exactly this name. */
  findVolumes(nameOrId: string, filter?: VolumeFilter, call?: CallOptions): Promise<Volume[]>;
  listVolumes(filter?: VolumeFilter, call?: CallOptions): AsyncGenerator<Volume, void, undefined>;
  listVolumesPage(filter: VolumePageFilter, call?: CallOptions): Promise<VolumePage>;
  /** Cinder's own snapshots of a volume: they would go along with a renamed image. */
  listSnapshots(volumeId: string, call?: CallOptions): Promise<VolumeSnapshot[]>;
  /** What is left of the project's quota; undefined means that nothing limits it. */
  volumeRoom(call?: CallOptions): Promise<{ volumes: number | undefined; volumeGib: number | undefined }>;
  /** Until it has one of these statuses; throws OPENSTACK_VOLUME_ERROR when it ends in an error instead. */
  waitForVolume(volumeId: string, statuses: readonly string[], wait: WaitOptions): Promise<Volume>;
  waitForVolumeGone(volumeId: string, wait: WaitOptions): Promise<void>;
}

/** `projectId` gives the project of the client's token: Cinder names a volume's project to admins only. */
export function createCinder(
  service: ServiceClient,
  projectId: (call?: CallOptions) => Promise<string>,
  tools: WaitTools,
): Cinder {
  const getVolume: Cinder['getVolume'] = async (volumeId, call) => {
    const schema = z.object({ volume: volumeSchema(await projectId(call)) });
    const path = `/volumes/${segment(volumeId)}`;
    const response = await service
      .request({ ...call, method: 'GET', path, expected: [200] })
      .catch((error: unknown) => {
        throw hasStatus(error, 404) ? volumeNotFound(volumeId, error) : error;
      });
    return await withKeyId(service, readAnswer(schema, response).volume, call);
  };
  const listVolumes: Cinder['listVolumes'] = async function* (filter = {}, call = {}) {
    const schema = volumeSchema(await projectId(call));
    const query = {
      all_tenants: filter.allProjects === true ? 1 : undefined,
      project_id: filter.projectId,
      name: filter.name,
      limit: filter.pageSize,
      // A Python dictionary, of which JSON with plain strings is one.
      metadata: filter.metadata === undefined ? undefined : JSON.stringify(filter.metadata),
    };
    for await (const { row, response } of listRows(
      service,
      { ...call, path: '/volumes/detail', query },
      'volumes',
    )) {
      yield readRow(schema, row, response);
    }
  };
  return {
    ...createVolumeChanges(service, async (volume, response) =>
      readRow(volumeSchema(await projectId()), volume, response),
    ),
    ...createCinderBackends(service),
    getVolume,
    listVolumes,
    listVolumesPage: async (filter, call) => fetchPage(service, await projectId(call), filter, call),
    findVolumes: (nameOrId, filter, call) => findVolumes({ getVolume, listVolumes }, nameOrId, filter, call),
    listSnapshots: (volumeId, call) => listSnapshots(service, volumeId, call),
    volumeRoom: async (call) => {
      const response = await service.request({ ...call, method: 'GET', path: '/limits', expected: [200] });
      const { absolute } = readAnswer(limitsSchema, response).limits;
      return {
        volumes: roomIn(absolute.maxTotalVolumes, absolute.totalVolumesUsed),
        volumeGib: roomIn(absolute.maxTotalVolumeGigabytes, absolute.totalGigabytesUsed),
      };
    },
    waitForVolume: (volumeId, statuses, wait) =>
      waitFor(tools, `volume ${volumeId} to become ${statuses.join(' or ')}`, wait, async () => {
        const volume = await getVolume(volumeId, { signal: wait.signal });
        if (statuses.includes(volume.status)) return volume;
        if (!volume.status.startsWith('error')) return undefined;
        throw await volumeFailed(service, volume, statuses, wait);
      }),
    waitForVolumeGone: async (volumeId, wait) => {
      await waitFor(tools, `volume ${volumeId} to be deleted`, wait, async () => {
        const status = await statusUnlessGone(getVolume, volumeId, wait);
        if (status === 'error_deleting') throw volumeStuck(volumeId);
        return status === undefined ? true : undefined;
      });
    },
  };
}

async function fetchPage(
  service: ServiceClient,
  ownProjectId: string,
  { limit, marker, allProjects, projectId, name, sort }: VolumePageFilter,
  call: CallOptions = {},
): Promise<VolumePage> {
  const all = allProjects === true ? 1 : undefined;
  const query = { all_tenants: all, project_id: projectId, name, limit, marker, sort };
  const response = await service
    .request({ ...call, method: 'GET', path: '/volumes/detail', query, expected: [200] })
    .catch((error: unknown) => {
      throw marker !== undefined && hasStatus(error, 404) ? unknownMarker(marker, error) : error;
    });
  const schema = z.object({
    volumes: z.array(volumeSchema(ownProjectId)),
    volumes_links: z.array(z.object({ rel: z.string() })).nullish(),
  });
  const page = readAnswer(schema, response);
  const hasNext = page.volumes_links?.some(({ rel }) => rel === 'next') ?? false;
  return { volumes: page.volumes, nextMarker: hasNext ? page.volumes.at(-1)?.description.id : undefined };
}

async function findVolumes(
  { getVolume, listVolumes }: Pick<Cinder, 'getVolume' | 'listVolumes'>,
  nameOrId: string,
  filter: VolumeFilter = {},
  call: CallOptions = {},
): Promise<Volume[]> {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(nameOrId)) {
    try {
      const volume = await getVolume(nameOrId, call);
      const { projectId } = volume.description;
      return filter.projectId === undefined || filter.projectId === projectId ? [volume] : [];
    } catch (error) {
      if (!hasStatus(error, 404)) throw error;
    }
  }
  const matches = await collect(listVolumes({ ...filter, name: nameOrId }, call));
  return matches.filter(({ description }) => description.name === nameOrId);
}

const snapshotSchema = z
  .object({ id: z.string(), name: z.string().nullish(), volume_id: z.string(), status: z.string() })
  .transform((row): VolumeSnapshot => ({
    id: row.id,
    name: row.name ?? '',
    volumeId: row.volume_id,
    status: row.status,
  }));

async function listSnapshots(
  service: ServiceClient,
  volumeId: string,
  call: CallOptions = {},
): Promise<VolumeSnapshot[]> {
  const request = { ...call, path: '/snapshots', query: { all_tenants: 1, volume_id: volumeId } };
  const rows = await collect(listRows(service, request, 'snapshots'));
  return rows.map(({ row, response }) => readRow(snapshotSchema, row, response));
}

async function statusUnlessGone(
  getVolume: Cinder['getVolume'],
  volumeId: string,
  { signal }: WaitOptions,
): Promise<string | undefined> {
  try {
    return (await getVolume(volumeId, { signal })).status;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

const limitsSchema = z.object({
  limits: z.object({
    absolute: z.object({
      maxTotalVolumes: z.number(),
      totalVolumesUsed: z.number(),
      maxTotalVolumeGigabytes: z.number(),
      totalGigabytesUsed: z.number(),
    }),
  }),
});

const messagesSchema = z.object({ messages: z.array(z.object({ user_message: z.string() })) });

/** Cinder keeps the reasons of failures as user messages (API reference, "Messages"); the newest comes first. */
async function volumeFailed(
  service: ServiceClient,
  volume: Volume,
  wanted: readonly string[],
  { signal }: WaitOptions,
): Promise<AppError> {
  const { id, host } = volume.description;
  const reason = await service
    .request({ signal, method: 'GET', path: '/messages', query: { resource_uuid: id }, expected: [200] })
    .then((response) => readAnswer(messagesSchema, response).messages[0]?.user_message)
    .catch(() => undefined);
  return new AppError(
    'OPENSTACK_VOLUME_ERROR',
    `Volume ${id} went to ${volume.status} where ${wanted.join(' or ')} was expected: ${reason ?? 'Cinder gives no reason'}. See the log of cinder-volume for ${host ?? 'its backend'}; the volume can be deleted.`,
    { details: { volumeId: id, volumeStatus: volume.status, wanted, host } },
  );
}

function volumeNotFound(volumeId: string, cause: unknown): AppError {
  return new AppError('NOTFOUND_VOLUME', `Volume ${volumeId} was not found: check the id and the project.`, {
    cause,
    details: { volumeId, status: 404 },
  });
}

function volumeStuck(volumeId: string): AppError {
  return new AppError(
    'OPENSTACK_VOLUME_ERROR',
    `Volume ${volumeId} could not be deleted (error_deleting): see the log of cinder-volume.`,
    { details: { volumeId } },
  );
}
