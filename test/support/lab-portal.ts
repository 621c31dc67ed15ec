/** The portal's server side over a Keystone that knows the people of the lab; pages are a few small files. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../src/base/errors.ts';
import { usualRules } from '../../src/domain/access.ts';
import type { Catalog } from '../../src/drivers/catalog/catalog.ts';
import type { TokenInfo } from '../../src/drivers/openstack/keystone-auth.ts';
import type { PortalDeps } from '../../src/entry/api/portal/portal-deps.ts';
import type { IssuedToken, PortalKeystone } from '../../src/workflows/portal/deps.ts';
import { createPortalOperations } from '../../src/workflows/portal/portal-operations.ts';
import { validateToken } from './lab-identity.ts';
import { makeStateDir } from './state-dir.ts';

export const labPassword = 'right-password';
export const labPasscode = '123456';

/**
 * Users are named as their tokens are; `unscoped-member` is the token of `member` before it has a project. Who is called
 * `careful` needs a passcode and is otherwise `member`.
 */
export class LabKeystone implements PortalKeystone {
  /** Answers nobody who signs in or out. */
  away = false;
  /** In order. */
  readonly revoked: string[] = [];
  readonly #dead = new Set<string>();

  async issue(...[auth, scope]: Parameters<PortalKeystone['issue']>): Promise<IssuedToken> {
    this.#answer();
    const refused = new AppError('AUTH_FAILED', 'Keystone refused it.');
    if (auth.kind === 'application-credential') {
      if (auth.secret !== labPassword) throw refused;
      return this.#tokenOf('member');
    }
    if (auth.kind === 'token') {
      await this.whoIs(auth.token);
      const scoped = await this.#tokenOf(auth.token.replace('unscoped-', ''));
      if (scope.kind === 'default') return await this.#tokenOf(auth.token);
      if (scope.kind === 'project' && scope.id !== scoped.info.projectId) throw refused;
      return scoped;
    }
    if (auth.password !== labPassword || auth.userDomain?.name !== 'Default') throw refused;
    if (auth.userName === 'careful') {
      if (auth.passcode === undefined) throw new AppError('AUTH_PASSCODE_NEEDED', 'a passcode, please');
      if (auth.passcode !== labPasscode) throw refused;
      return await this.#tokenOf('unscoped-member');
    }
    return await this.#tokenOf(`unscoped-${auth.userName ?? ''}`).catch(() => {
      throw refused;
    });
  }

  async whoIs(token: string): Promise<TokenInfo> {
    if (this.#dead.has(token)) throw new AppError('AUTH_TOKEN_INVALID', 'The token is unknown.');
    const info = await validateToken(token.replace('unscoped-', ''));
    return token.startsWith('unscoped-')
      ? { ...info, projectId: undefined, projectName: undefined, system: false, roles: [] }
      : info;
  }

  validate(token: string): Promise<TokenInfo> {
    return this.whoIs(token);
  }

  async projectsOf(token: string): ReturnType<PortalKeystone['projectsOf']> {
    const { projectId, projectName } = await validateToken(token.replace('unscoped-', ''));
    if (projectId === undefined) return [];
    return [{ id: projectId, name: projectName ?? '', domainId: 'd-1', enabled: true }];
  }

  async mayChooseSystem(token: string): Promise<boolean> {
    return (await validateToken(token.replace('unscoped-', ''))).system;
  }

  domainName(domainId: string): Promise<string> {
    return Promise.resolve(`name of ${domainId}`);
  }

  async revoke(token: string): Promise<void> {
    this.#answer();
    await this.whoIs(token);
    this.revoked.push(token);
    this.#dead.add(token);
  }

  #answer(): void {
    if (this.away) throw new AppError('OPENSTACK_UNREACHABLE', 'Keystone cannot be reached.');
  }

  /** A new one of the same name. */
  async #tokenOf(value: string): Promise<IssuedToken> {
    this.#dead.delete(value);
    return { value, info: await this.whoIs(value) };
  }
}

export interface LabPortal {
  deps: PortalDeps;
  keystone: LabKeystone;
  /** What was told to the log beside the answers. */
  errors: string[];
  close(): Promise<void>;
}

export interface LabPortalOptions {
  keystone?: LabKeystone;
  sessionsPerUser?: number;
}

export async function makeLabPortal(
  catalog: Catalog,
  { keystone = new LabKeystone(), sessionsPerUser = 10 }: LabPortalOptions = {},
): Promise<LabPortal> {
  const directory = await makeStateDir();
  const errors: string[] = [];
  await writePages(directory);
  const operations = createPortalOperations({
    keystone,
    catalog,
    rules: usualRules,
    idleMinutes: 60,
    sessionsPerUser,
    onError: (message) => errors.push(message),
  });
  return {
    deps: {
      operations,
      directory,
      defaultDomain: 'Default',
      websso: {
        keystoneUrl: 'https://keystone.example/v3',
        protocols: [{ protocol: 'openid', label: 'Company account' }],
      },
      recheckMs: 50,
    },
    keystone,
    errors,
    close: () => rm(directory, { recursive: true }),
  };
}

export async function writePages(directory: string, title = 'first'): Promise<void> {
  await mkdir(join(directory, 'assets'), { recursive: true });
  await writeFile(join(directory, 'assets/index-abc123.js'), `console.log('${'portal '.repeat(100)}');\n`);
  await writeFile(join(directory, 'assets/logo-abc123.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47]));
  await writeFile(join(directory, 'secret.txt'), 'not for browsers');
  await writeFile(join(directory, 'index.html'), `<!doctype html><title>${title}</title>`);
}
