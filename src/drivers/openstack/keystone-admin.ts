import { z } from 'zod';
import { readAnswer } from './answer.ts';
import { hasStatus } from './http-error.ts';
import type { HttpResponse } from './request.ts';
import { segment, type CallOptions, type Query, type ServiceClient } from './service-client.ts';

export interface Project {
  id: string;
  name: string;
  domainId: string;
  enabled: boolean;
}

export interface Named {
  id: string;
  name: string;
}

export interface CatalogService extends Named {
  type: string;
}

export interface RegisteredEndpoint {
  id: string;
  interface: string;
  region: string | undefined;
  url: string;
}

/** Where a user gets a role. `inherited`: in every project below the domain or project, not in it itself. */
export type RoleTarget =
  | { kind: 'project'; id: string; inherited?: boolean }
  | { kind: 'domain'; id: string; inherited?: boolean }
  | { kind: 'system' };

/** Projects, users, roles and the catalog; https://docs.openstack.org/api-ref/identity/v3/. */
export interface KeystoneAdmin {
  /** Projects that the client's user has a role in: for choosing one. */
  listOwnProjects(call?: CallOptions): Promise<Project[]>;
  /**
   * Whether the client's user can choose the system. False also where Keystone fails at the question: 22.0.2 does so for a federated
   * user whose groups are in the token (it calls a function that it does not have), and has no token for the system for such a user.
   */
  mayChooseSystem(call?: CallOptions): Promise<boolean>;
  listProjects(filter?: { domainId?: string; name?: string }, call?: CallOptions): Promise<Project[]>;
  /** All projects with this id or name: a name is unique only within its domain. */
  findProjects(nameOrId: string, call?: CallOptions): Promise<Project[]>;
  findDomains(nameOrId: string, call?: CallOptions): Promise<Named[]>;
  findUsers(name: string, domainId: string, call?: CallOptions): Promise<Named[]>;
  findRoles(name: string, call?: CallOptions): Promise<Named[]>;
  findServices(type: string, call?: CallOptions): Promise<CatalogService[]>;
  hasRegion(id: string, call?: CallOptions): Promise<boolean>;
  listEndpoints(serviceId: string, call?: CallOptions): Promise<RegisteredEndpoint[]>;
  createProject(
    project: { name: string; domainId: string; description?: string },
    call?: CallOptions,
  ): Promise<Project>;
  createUser(user: { name: string; domainId: string; password: string }, call?: CallOptions): Promise<Named>;
  createRole(name: string, call?: CallOptions): Promise<Named>;
  createService(
    service: { name: string; type: string; description: string },
    call?: CallOptions,
  ): Promise<CatalogService>;
  createEndpoint(
    endpoint: { serviceId: string; interface: string; region: string | undefined; url: string },
    call?: CallOptions,
  ): Promise<RegisteredEndpoint>;
  updateEndpoint(endpointId: string, url: string, call?: CallOptions): Promise<void>;
  setUserPassword(userId: string, password: string, call?: CallOptions): Promise<void>;
  /** Whether the user was given the role right there, not by a group or from above. */
  hasRole(userId: string, roleId: string, target: RoleTarget, call?: CallOptions): Promise<boolean>;
  /** Giving a role that is there already is fine. */
  grantRole(userId: string, roleId: string, target: RoleTarget, call?: CallOptions): Promise<void>;
  /** Taking a role that is not there is fine. */
  revokeRole(userId: string, roleId: string, target: RoleTarget, call?: CallOptions): Promise<void>;
  deleteUser(userId: string, call?: CallOptions): Promise<void>;
  deleteProject(projectId: string, call?: CallOptions): Promise<void>;
  deleteService(serviceId: string, call?: CallOptions): Promise<void>;
}

const named = z.object({ id: z.string(), name: z.string() });
const project = z
  .object({ id: z.string(), name: z.string(), domain_id: z.string(), enabled: z.boolean() })
  .transform((row): Project => ({
    id: row.id,
    name: row.name,
    domainId: row.domain_id,
    enabled: row.enabled,
  }));
const service = z
  .object({ id: z.string(), name: z.string().nullish(), type: z.string() })
  .transform((row): CatalogService => ({ id: row.id, name: row.name ?? row.type, type: row.type }));
const systemScopes = z.object({ system: z.array(z.object({ all: z.boolean().optional() })) });
const endpoint = z
  .object({ id: z.string(), interface: z.string(), region_id: z.string().nullish(), url: z.string() })
  .transform((row): RegisteredEndpoint => ({
    id: row.id,
    interface: row.interface,
    region: row.region_id ?? undefined,
    url: row.url,
  }));

export function createKeystoneAdmin(identity: ServiceClient): KeystoneAdmin {
  const get = (path: string, query: Query, call?: CallOptions): Promise<HttpResponse> =>
    identity.request({ ...call, method: 'GET', path, query, expected: [200] });
  const list = async <T>(
    key: string,
    schema: z.ZodType<T>,
    query: Query,
    call?: CallOptions,
    path = `/${key}`,
  ) => readList(key, schema, await get(path, query, call));
  const make = async <T>(
    key: string,
    schema: z.ZodType<T>,
    body: Record<string, unknown>,
    call?: CallOptions,
    secrets: string[] = [],
  ) => {
    const path = `/${key}s`;
    const request = { ...call, path, body: { [key]: body }, secrets, expected: [200, 201] };
    return readOne(key, schema, await identity.request({ ...request, method: 'POST' }));
  };
  const change = async (path: string, body: unknown, call?: CallOptions, secrets: string[] = []) => {
    await identity.request({
      ...call,
      method: 'PATCH',
      path,
      body,
      secrets,
      expected: [200],
      repeatable: true,
    });
  };
  const remove = async (path: string, call?: CallOptions) => {
    await identity.request({ ...call, method: 'DELETE', path, expected: [204, 404] });
  };
  const byIdOrName = async <T>(key: string, schema: z.ZodType<T>, nameOrId: string, call?: CallOptions) => {
    try {
      return [readOne(key, schema, await get(`/${key}s/${segment(nameOrId)}`, {}, call))];
    } catch (error) {
      if (!hasStatus(error, 404, 403)) throw error;
    }
    return await list(`${key}s`, schema, { name: nameOrId }, call);
  };
  return {
    listOwnProjects: (call) => list('projects', project, {}, call, '/auth/projects'),
    mayChooseSystem: (call) => mayChooseSystem(identity, call),
    listProjects: (filter = {}, call) =>
      list('projects', project, { domain_id: filter.domainId, name: filter.name }, call),
    findProjects: (nameOrId, call) => byIdOrName('project', project, nameOrId, call),
    findDomains: (nameOrId, call) => byIdOrName('domain', named, nameOrId, call),
    findUsers: (name, domainId, call) => list('users', named, { name, domain_id: domainId }, call),
    findRoles: (name, call) => list('roles', named, { name }, call),
    findServices: (type, call) => list('services', service, { type }, call),
    hasRegion: async (id, call) => {
      const request = { ...call, path: `/regions/${segment(id)}`, expected: [200, 404] };
      return (await identity.request({ ...request, method: 'GET' })).status !== 404;
    },
    listEndpoints: (serviceId, call) => list('endpoints', endpoint, { service_id: serviceId }, call),
    createProject: ({ name, domainId, description }, call) =>
      make('project', project, { name, domain_id: domainId, description: description ?? '' }, call),
    createUser: ({ name, domainId, password }, call) =>
      make('user', named, { name, domain_id: domainId, password }, call, [password]),
    createRole: (name, call) => make('role', named, { name }, call),
    createService: (body, call) => make('service', service, body, call),
    createEndpoint: ({ serviceId, region, ...body }, call) =>
      make('endpoint', endpoint, { ...body, service_id: serviceId, region_id: region ?? null }, call),
    updateEndpoint: (endpointId, url, call) =>
      change(`/endpoints/${segment(endpointId)}`, { endpoint: { url } }, call),
    setUserPassword: (userId, password, call) =>
      change(`/users/${segment(userId)}`, { user: { password } }, call, [password]),
    ...roleCalls(identity, remove),
    deleteUser: (userId, call) => remove(`/users/${segment(userId)}`, call),
    deleteProject: (projectId, call) => remove(`/projects/${segment(projectId)}`, call),
    deleteService: (serviceId, call) => remove(`/services/${segment(serviceId)}`, call),
  };
}

function roleCalls(
  identity: ServiceClient,
  remove: (path: string, call?: CallOptions) => Promise<void>,
): Pick<KeystoneAdmin, 'hasRole' | 'grantRole' | 'revokeRole'> {
  return {
    hasRole: async (userId, roleId, target, call) => {
      const request = { ...call, path: rolePath(userId, roleId, target), expected: [200, 204, 404] };
      return (await identity.request({ ...request, method: 'HEAD' })).status !== 404;
    },
    grantRole: async (userId, roleId, target, call) => {
      await identity.request({
        ...call,
        method: 'PUT',
        path: rolePath(userId, roleId, target),
        expected: [204],
      });
    },
    revokeRole: (userId, roleId, target, call) => remove(rolePath(userId, roleId, target), call),
  };
}

/** Inherited roles have an API of their own: OS-INHERIT. */
function rolePath(userId: string, roleId: string, target: RoleTarget): string {
  const rest = `users/${segment(userId)}/roles/${segment(roleId)}`;
  if (target.kind === 'system') return `/system/${rest}`;
  const path = `${target.kind}s/${segment(target.id)}/${rest}`;
  return target.inherited === true ? `/OS-INHERIT/${path}/inherited_to_projects` : `/${path}`;
}

function readList<T>(key: string, schema: z.ZodType<T>, response: HttpResponse): T[] {
  const body = readAnswer(z.record(z.string(), z.unknown()), response);
  return readAnswer(z.array(schema), { ...response, body: body[key] });
}

function readOne<T>(key: string, schema: z.ZodType<T>, response: HttpResponse): T {
  const body = readAnswer(z.record(z.string(), z.unknown()), response);
  return readAnswer(schema, { ...response, body: body[key] });
}

async function mayChooseSystem(identity: ServiceClient, call: CallOptions | undefined): Promise<boolean> {
  const request = { ...call, path: '/auth/system', expected: [200, 500] };
  const answer = await identity.request({ ...request, method: 'GET' });
  if (answer.status === 500) return false;
  return readAnswer(systemScopes, answer).system.some(({ all }) => all === true);
}
