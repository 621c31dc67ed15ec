import { AppError } from '../../base/errors.ts';
import type { AttachmentDescription } from '../../domain/disk.ts';
import { readAnswer, readRow } from './answer.ts';
import { hasStatus, unknownMarker } from './http-error.ts';
import type { SupportedMicroversions } from './microversion.ts';
import {
  attachmentSchema,
  attachmentsSchema,
  describeAttachment,
  type VolumeAttachment,
} from './nova-attachments.ts';
import { createServerActions, type ServerActions } from './nova-actions.ts';
import { createNovaOffers, type NovaOffers } from './nova-offers.ts';
import { interfacesSchema, serverSchema, type Server, type ServerState } from './nova-server.ts';
import { collect, listRows } from './pagination.ts';
import { segment, type CallOptions, type Query, type ServiceClient } from './service-client.ts';
import type { WaitTools } from './wait.ts';
import { z } from 'zod';

/** 2.79 (Train) brought delete_on_termination to attachments; 2.93 is the newest that was tried (Zed). */
export const novaMicroversions: SupportedMicroversions = { name: 'compute', min: '2.79', max: '2.93' };

export interface ServerFilter {
  /** Every project, for an admin; else the client's own. */
  allProjects?: boolean;
  projectId?: string | undefined;
  name?: string | undefined;
  /** Part of the name, in upper or lower case; not with `name`. */
  search?: string | undefined;
  /** As Nova writes it, such as ACTIVE. */
  status?: string | undefined;
}

export interface ServerSort {
  key: 'display_name' | 'created_at' | 'vm_state';
  direction: 'asc' | 'desc';
}

export interface ServerPage {
  servers: Server[];
  /** Marker of the page that follows; undefined on the last one. */
  nextMarker: string | undefined;
}

export interface AttachRequest {
  volumeId: string;
  device?: string | undefined;
  tag?: string | undefined;
  deleteOnTermination?: boolean | undefined;
}

/** Nova's servers and the volumes on them; https://docs.openstack.org/api-ref/compute/. */
export interface Nova extends ServerActions, NovaOffers {
  /** All servers with this id or exactly this name, oldest first: more than one when a name is ambiguous. */
  findServers(nameOrId: string, filter?: ServerFilter, call?: CallOptions): Promise<Server[]>;
  /** With its ports and server groups; throws NOTFOUND_INSTANCE. */
  getServer(serverId: string, call?: CallOptions): Promise<Server>;
  /** What it is doing, in one request; throws NOTFOUND_INSTANCE. */
  getServerState(serverId: string, call?: CallOptions): Promise<ServerState>;
  /** Without ports and server groups, which only getServer fetches. `name` is matched exactly. */
  listServers(filter?: ServerFilter, call?: CallOptions): AsyncGenerator<Server, void, undefined>;
  /** Without anything about them, so that it is cheap. */
  listServerIds(filter?: ServerFilter, call?: CallOptions): AsyncGenerator<string, void, undefined>;
  listServersPage(
    filter: ServerFilter & { limit: number; marker?: string | undefined; sort?: ServerSort | undefined },
    call?: CallOptions,
  ): Promise<ServerPage>;
  listVolumeAttachments(serverId: string, call?: CallOptions): Promise<VolumeAttachment[]>;
  /** The volumes on a server as a backup records them, the root first. */
  describeAttachments(
    server: Server,
    call?: CallOptions,
  ): Promise<{ volumeId: string; attachment: AttachmentDescription }[]>;
  /** Asks for it; Attachments.attach waits for its end too. */
  attachVolume(serverId: string, request: AttachRequest, call?: CallOptions): Promise<VolumeAttachment>;
  /** Asks for it; a volume that is not attached (any more) is fine. Nova refuses to detach a root device. */
  detachVolume(serverId: string, volumeId: string, call?: CallOptions): Promise<void>;
}

export function createNova(service: ServiceClient, tools: WaitTools): Nova {
  const getServer: Nova['getServer'] = (serverId, call) => fetchServer(service, serverId, call);
  const getServerState: Nova['getServerState'] = (serverId, call) => fetchState(service, serverId, call);
  const listServers: Nova['listServers'] = (filter, call) => listAll(service, filter, call);
  const listVolumeAttachments: Nova['listVolumeAttachments'] = (serverId, call) =>
    fetchAttachments(service, serverId, call);
  return {
    ...createServerActions(service, tools, getServer),
    ...createNovaOffers(service),
    getServer,
    getServerState,
    listServers,
    listVolumeAttachments,
    listServerIds: (filter, call) => listIds(service, filter, call),
    findServers: (nameOrId, filter, call) => findServers({ getServer, listServers }, nameOrId, filter, call),
    listServersPage: (filter, call) => fetchPage(service, filter, call),
    describeAttachments: async (server, call) =>
      (await listVolumeAttachments(server.description.id, call))
        .map((row) => ({ volumeId: row.volumeId, attachment: describeAttachment(server, row) }))
        .sort((a, b) => Number(b.attachment.isRoot) - Number(a.attachment.isRoot)),
    attachVolume: (serverId, request, call) => attachVolume(service, serverId, request, call),
    detachVolume: async (serverId, volumeId, call) => {
      const path = `/servers/${segment(serverId)}/os-volume_attachments/${segment(volumeId)}`;
      await service.request({ ...call, method: 'DELETE', path, expected: [202, 404] });
    },
  };
}

/** Finds by id first, as the openstack command does; a name may look like an id. */
async function findServers(
  { getServer, listServers }: Pick<Nova, 'getServer' | 'listServers'>,
  nameOrId: string,
  filter: ServerFilter = {},
  call: CallOptions = {},
): Promise<Server[]> {
  if (/^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(nameOrId)) {
    try {
      const server = await getServer(nameOrId, call);
      // An admin gets any id whatever the filter says.
      const { projectId } = server.description;
      return filter.projectId === undefined || filter.projectId === projectId ? [server] : [];
    } catch (error) {
      if (!hasStatus(error, 404)) throw error;
    }
  }
  const matches = await collect(listServers({ ...filter, name: nameOrId }, call));
  matches.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  const [only] = matches;
  return matches.length === 1 && only !== undefined ? [await getServer(only.description.id, call)] : matches;
}

async function fetchServer(
  service: ServiceClient,
  serverId: string,
  call: CallOptions = {},
): Promise<Server> {
  const path = `/servers/${segment(serverId)}`;
  try {
    const response = await service.request({ ...call, method: 'GET', path, expected: [200] });
    const server = readAnswer(z.object({ server: serverSchema }), response).server;
    const interfaces = await service.request({
      ...call,
      method: 'GET',
      path: `${path}/os-interface`,
      expected: [200],
    });
    return {
      ...server,
      description: { ...server.description, ports: readAnswer(interfacesSchema, interfaces) },
    };
  } catch (error) {
    throw unknownServer(serverId, error);
  }
}

async function fetchState(
  service: ServiceClient,
  serverId: string,
  call: CallOptions = {},
): Promise<ServerState> {
  try {
    const path = `/servers/${segment(serverId)}`;
    const response = await service.request({ ...call, method: 'GET', path, expected: [200] });
    return readAnswer(z.object({ server: serverSchema }), response).server.state;
  } catch (error) {
    throw unknownServer(serverId, error);
  }
}

function unknownServer(serverId: string, error: unknown): unknown {
  if (!hasStatus(error, 404)) return error;
  return new AppError(
    'NOTFOUND_INSTANCE',
    `Instance ${serverId} was not found: check the id and the project.`,
    {
      cause: error,
      details: { instanceId: serverId, status: 404 },
    },
  );
}

async function* listAll(
  service: ServiceClient,
  filter: ServerFilter = {},
  call: CallOptions = {},
): AsyncGenerator<Server, void, undefined> {
  const request = { ...call, path: '/servers/detail', query: queryOf(filter) };
  for await (const { row, response } of listRows(service, request, 'servers')) {
    const server = readRow(serverSchema, row, response);
    if (isWanted(filter, server)) yield server;
  }
}

async function* listIds(
  service: ServiceClient,
  filter: ServerFilter = {},
  call: CallOptions = {},
): AsyncGenerator<string, void, undefined> {
  const request = { ...call, path: '/servers', query: queryOf(filter) };
  for await (const { row, response } of listRows(service, request, 'servers'))
    yield readRow(z.object({ id: z.string() }), row, response).id;
}

async function fetchPage(
  service: ServiceClient,
  { limit, marker, sort, ...filter }: Parameters<Nova['listServersPage']>[0],
  call: CallOptions = {},
): Promise<ServerPage> {
  const order = { sort_key: sort?.key, sort_dir: sort?.direction };
  const query = { ...queryOf(filter), ...order, limit, marker };
  const response = await service
    .request({ ...call, method: 'GET', path: '/servers/detail', query, expected: [200] })
    .catch((error: unknown) => {
      // 400 "marker [...] not found"
      throw marker !== undefined && hasStatus(error, 400) ? unknownMarker(marker, error) : error;
    });
  const page = readAnswer(pageSchema, response);
  const servers = page.servers.filter((server) => isWanted(filter, server));
  const hasNext = page.servers_links?.some((link) => link.rel === 'next') ?? false;
  return { servers, nextMarker: hasNext ? page.servers.at(-1)?.description.id : undefined };
}

const pageSchema = z.object({
  servers: z.array(serverSchema),
  servers_links: z.array(z.object({ rel: z.string() })).nullish(),
});

function queryOf(filter: ServerFilter): Query {
  return {
    all_tenants: filter.allProjects === true ? 1 : undefined,
    project_id: filter.projectId,
    name: patternOf(filter),
    status: filter.status,
  };
}

function patternOf({ name, search }: ServerFilter): string | undefined {
  if (name !== undefined) return namePattern(name);
  return search === undefined ? undefined : searchPattern(search);
}

/** What Nova's pattern let through beyond what was asked for is left out here. */
function isWanted({ name, search }: ServerFilter, { description }: Server): boolean {
  if (name !== undefined && description.name !== name) return false;
  return search === undefined || description.name.toLowerCase().includes(search.toLowerCase());
}

/**
 * Nova takes the name as a regular expression in its database's dialect, so everything that could be special in any
 * of them becomes "any character"; the exact comparison is ours.
 */
export function namePattern(name: string): string {
  return `^${plain(name)}$`;
}

/** The same for a part of a name: whether letters of either case match is the database's choice, so both are named. */
export function searchPattern(part: string): string {
  return plain(part).replaceAll(/[a-z]/gi, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`);
}

function plain(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_-]/gu, '.');
}

async function fetchAttachments(
  service: ServiceClient,
  serverId: string,
  call: CallOptions = {},
): Promise<VolumeAttachment[]> {
  const path = `/servers/${segment(serverId)}/os-volume_attachments`;
  return readAnswer(
    attachmentsSchema,
    await service.request({ ...call, method: 'GET', path, expected: [200] }),
  );
}

async function attachVolume(
  service: ServiceClient,
  serverId: string,
  { volumeId, device, tag, deleteOnTermination }: AttachRequest,
  call: CallOptions = {},
): Promise<VolumeAttachment> {
  const path = `/servers/${segment(serverId)}/os-volume_attachments`;
  const body = {
    volumeAttachment: {
      volumeId,
      ...(device === undefined ? {} : { device }),
      ...(tag === undefined ? {} : { tag }),
      ...(deleteOnTermination === undefined ? {} : { delete_on_termination: deleteOnTermination }),
    },
  };
  return readAnswer(
    attachmentSchema,
    await service.request({ ...call, method: 'POST', path, body, expected: [200] }),
  );
}
