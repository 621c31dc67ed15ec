/** Users of the real Keystone for one test file, all removed at its end. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuthToken } from '../../src/drivers/openstack/token-session.ts';
import type { OpenStack } from '../../src/drivers/openstack/openstack.ts';
import { Cleanup, devcloud, projectNamed, uniqueName } from './devcloud.ts';

export interface PortalUser {
  id: string;
  name: string;
  password: string;
}

type Project = 'tenant' | 'other';

export interface PortalUserOptions {
  /** Where it has the role. */
  projects: readonly Project[];
  /** `member` unless told. */
  role?: 'reader' | 'member';
  /** Role on the system. */
  system?: 'reader' | 'admin';
  defaultProject?: Project;
}

export class PortalUsers {
  readonly #admin: OpenStack;
  readonly #cleanup = new Cleanup();

  constructor(admin: OpenStack) {
    this.#admin = admin;
  }

  async create(
    what: string,
    { projects, role = 'member', system, defaultProject }: PortalUserOptions,
  ): Promise<PortalUser> {
    const { identity } = this.#admin;
    const user = { name: uniqueName(what), password: `${what}-password` };
    const { id } = await identity.createUser({ ...user, domainId: 'default' });
    this.#cleanup.add(() => identity.deleteUser(id));
    const roleId = await this.#roleId(role);
    for (const project of projects)
      await identity.grantRole(id, roleId, { kind: 'project', id: await this.projectId(project) });
    if (system !== undefined) await identity.grantRole(id, await this.#roleId(system), { kind: 'system' });
    if (defaultProject !== undefined)
      await this.change(id, { default_project_id: await this.projectId(defaultProject) });
    return { id, ...user };
  }

  projectId(name: Project): Promise<string> {
    return projectNamed(this.#admin, name);
  }

  /** PATCH /v3/users/ID. */
  async change(id: string, user: Record<string, unknown>): Promise<void> {
    await this.send('PATCH', `/users/${id}`, { user });
  }

  /** The secret of a new TOTP credential, in base32. */
  async totpSecret({ id }: PortalUser): Promise<string> {
    const blob = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    const credential = { type: 'totp', blob, user_id: id };
    await this.send('POST', '/credentials', { credential });
    return blob;
  }

  /** One call to Keystone as its administrator; the parsed body. */
  async send(method: string, path: string, body?: unknown): Promise<unknown> {
    return await this.#send(await this.#admin.keystone.token(), method, path, body);
  }

  async unscopedToken(user: PortalUser): Promise<AuthToken> {
    return await this.#token(user, undefined);
  }

  /** Removed with its user. */
  async applicationCredential(user: PortalUser, project: Project): Promise<{ id: string; secret: string }> {
    const token = await this.#token(user, await this.projectId(project));
    const answer = await this.#send(token, 'POST', `/users/${user.id}/application_credentials`, {
      application_credential: { name: uniqueName('portal') },
    });
    const { id, secret } = (answer as { application_credential: { id: string; secret: string } })
      .application_credential;
    return { id, secret };
  }

  /** A configuration file, until the end. */
  async configFile(yaml: string): Promise<string> {
    const directory = await mkdtemp('/tmp/ek-portal-');
    this.#cleanup.add(() => rm(directory, { recursive: true }));
    const path = join(directory, 'emberkeep.yaml');
    await writeFile(path, `${yaml}\n`);
    return path;
  }

  async close(): Promise<void> {
    await this.#cleanup.run();
    this.#admin.close();
  }

  async #roleId(name: string): Promise<string> {
    const [role] = await this.#admin.identity.findRoles(name);
    if (role === undefined) throw new Error(`Keystone has no role ${name}`);
    return role.id;
  }

  #token({ id, password }: PortalUser, projectId: string | undefined): Promise<AuthToken> {
    const scope =
      projectId === undefined
        ? ({ kind: 'unscoped' } as const)
        : ({ kind: 'project', id: projectId } as const);
    return this.#admin.asUser({ kind: 'password', userId: id, password }, scope).keystone.token();
  }

  async #send(token: AuthToken, method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(devcloud().authUrl + path, {
      method,
      headers: { 'x-auth-token': token.value, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = response.status === 204 ? undefined : await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }
}
