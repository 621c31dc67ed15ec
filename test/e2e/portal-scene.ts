/** The whole service with its built pages on the real cloud, and browsers that people sign in with. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { CloudCredentials } from '../../src/drivers/openstack/credentials.ts';
import { Cleanup, devcloud, openCloud } from '../support/devcloud.ts';
import { PortalUsers } from '../support/portal-users.ts';
import { changeImage, headSha256, listImages, rbd } from '../support/rbd-image.ts';
import { ScratchCloud } from '../support/scratch-cloud.ts';
import { makeStateDir, startTestService, type TestService } from '../support/service.ts';
import { openTestDatabase } from '../support/test-database.ts';
import { launchChromium, newContext, Tab, type TabOptions } from './chromium.ts';

const mib = 1024 * 1024;
const pages = join(import.meta.dirname, '../../dist/portal/index.html');

export interface SceneInstance {
  id: string;
  name: string;
  rootId: string;
  dataId: string;
}

/** What there is before the service is. */
export interface SceneParts {
  users: PortalUsers;
  cleanup: Cleanup;
}

export interface SceneOptions {
  /** Any free one unless told. */
  port?: number;
  /** Service user's, of a Keystone of its own. */
  credentials?: CloudCredentials;
}

export class PortalScene {
  readonly scratch: ScratchCloud;
  readonly users: PortalUsers;
  readonly browser: Browser;
  #service: TestService;
  readonly #start: (port: number) => Promise<TestService>;
  readonly #cleanup: Cleanup;

  private constructor(parts: {
    scratch: ScratchCloud;
    users: PortalUsers;
    browser: Browser;
    service: TestService;
    start: (port: number) => Promise<TestService>;
    cleanup: Cleanup;
  }) {
    this.scratch = parts.scratch;
    this.users = parts.users;
    this.browser = parts.browser;
    this.#service = parts.service;
    this.#start = parts.start;
    this.#cleanup = parts.cleanup;
  }

  /** @param yaml the configuration, or what makes it once there are users. */
  static async open(
    piece: string,
    yaml: string | ((parts: SceneParts) => Promise<string>) = '{}',
    options: SceneOptions = {},
  ): Promise<PortalScene> {
    if (!existsSync(pages)) throw new Error(`${pages} is missing: npm run build:portal`);
    const cleanup = new Cleanup();
    try {
      const scratch = await ScratchCloud.open(piece);
      cleanup.add(() => scratch.close());
      const users = new PortalUsers(openCloud('devcloud-admin'));
      cleanup.add(() => users.close());
      const database = await openTestDatabase();
      cleanup.add(() => database.close());
      const stateDir = await makeStateDir();
      const config = typeof yaml === 'string' ? yaml : await yaml({ users, cleanup });
      const env = { EMBERKEEP_DATABASE_URL: database.url, EMBERKEEP_CONFIG: await users.configFile(config) };
      const { port: firstPort = 0, ...more } = options;
      const start = (port: number): Promise<TestService> =>
        startTestService({ stateDir, env, port, ...more });
      const service = await start(firstPort);
      const browser = await launchChromium();
      const scene = new PortalScene({ scratch, users, browser, service, start, cleanup });
      cleanup.add(() => scene.#service.stop());
      cleanup.add(() => browser.close());
      return scene;
    } catch (error) {
      await cleanup.run();
      throw error;
    }
  }

  get service(): TestService {
    return this.#service;
  }

  get url(): string {
    return this.#service.service.url;
  }

  /** Another process' worth of a service at the same address, on the same state. */
  async restart(): Promise<void> {
    const { port } = new URL(this.url);
    await this.#service.stop();
    this.#service = await this.#start(Number(port));
  }

  async close(): Promise<void> {
    await this.#cleanup.run();
  }

  /** A browser of its own, at a page of the portal. */
  async tab(path = '/', options: TabOptions = {}): Promise<Tab> {
    const tab = await Tab.open(await newContext(this.browser, options));
    await tab.page.goto(`${this.url}/portal${path}`);
    return tab;
  }

  async signedIn(user: string, path = '/', options: TabOptions = {}): Promise<Tab> {
    const tab = await this.tab(path, options);
    await signIn(tab, user, devcloud().password);
    return tab;
  }

  /** On the host whose instances exist in the API only; both disks begin with known bytes. */
  async instance(what: string): Promise<SceneInstance> {
    const { scratch } = this;
    const [rootId, dataId] = await Promise.all([scratch.volume({ bootable: true }), scratch.volume()]);
    const name = `${scratch.prefix}-${what}`;
    const id = await scratch.instance({ name, disks: [{ volumeId: rootId }, { volumeId: dataId }] });
    return { id, name, rootId, dataId };
  }

  /** What an undo that nobody asked for would keep for days goes at the end. */
  forget(restoreId: string): void {
    this.#cleanup.add(async () => {
      for (const pool of ['volumes', 'backups', 'vms'])
        for (const image of (await listImages(pool)).filter((name) => name.includes(restoreId))) {
          await rbd('snap', 'purge', '--no-progress', `${pool}/${image}`);
          await rbd('rm', '--no-progress', `${pool}/${image}`);
        }
    });
  }

  /** Ids of the volumes that hang on an instance, root first. */
  async volumesOf(instanceId: string): Promise<string[]> {
    const { nova } = this.scratch.owner();
    const attachments = await nova.describeAttachments(await nova.getServer(instanceId));
    return attachments.map(({ volumeId }) => volumeId);
  }

  /** Seeded bytes over the beginning of a volume; gives the checksum of its head. */
  async fill(volumeId: string, seed: number, length = mib): Promise<string> {
    await changeImage(imageOf(volumeId), [{ kind: 'write', offset: 0, length, seed }]);
    return await headSha256(imageOf(volumeId));
  }
}

export function imageOf(volumeId: string): string {
  return `volumes/volume-${volumeId}`;
}

/** The form of the sign-in page; returns when the page behind it is there. */
export async function signIn({ page }: Tab, user: string, password: string): Promise<void> {
  await fillSignIn(page, user, password);
  await page.locator('.topbar').waitFor();
}

export async function fillSignIn(page: Tab['page'], user: string, password: string): Promise<void> {
  await page.locator('input[name=username]').fill(user);
  await page.locator('input[name=password]').fill(password);
  await page.locator('form button[type=submit]').click();
}
