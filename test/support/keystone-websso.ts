/**
 * The two pages of a single sign-on that the cloud's Keystone cannot show, having no identity provider: they stand on a site of
 * their own, so that a browser treats what they send as it would Keystone's.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Keystone's own page, as Debian installs it; `[federation] sso_callback_template`. */
const templatePath = '/etc/keystone/sso_callback_template.html';

export interface WebssoOptions {
  /** An unscoped token of who is signed in at the identity provider. */
  tokenOf: () => Promise<string>;
  /** What somebody with bad intentions has put on this very site: a page with a form or a link. */
  pages?: Readonly<Record<string, () => Promise<string>>>;
}

export class KeystoneWebsso {
  readonly #server: Server;
  /** Addresses that may get a token: `[federation] trusted_dashboard`. */
  readonly trustedDashboards = new Set<string>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(options: WebssoOptions): Promise<KeystoneWebsso> {
    const server = createServer((request, response) => {
      keystone.#answer(options, request.url ?? '/').then(
        ({ status, html }) => response.writeHead(status, { 'content-type': 'text/html' }).end(html),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
    const keystone = new KeystoneWebsso(server);
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    return keystone;
  }

  /** Another site than 127.0.0.1, where the portal is: cookies know sites by their host. */
  get origin(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** As `portal.keystone_url` wants it. */
  get url(): string {
    return `${this.origin}/v3`;
  }

  /** Keystone's form with a token in it, as it sends it to a dashboard. */
  async form(dashboard: string, token: string): Promise<string> {
    const template = await readFile(templatePath, 'utf8');
    return template.replaceAll('$host', dashboard).replaceAll('$token', token);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(
    { tokenOf, pages = {} }: WebssoOptions,
    url: string,
  ): Promise<{ status: number; html: string }> {
    const { pathname, searchParams } = new URL(url, this.origin);
    const page = pages[pathname];
    if (page !== undefined) return { status: 200, html: await page() };
    if (pathname !== '/v3/auth/OS-FEDERATION/websso/openid') return { status: 404, html: 'no such page' };
    const dashboard = searchParams.get('origin') ?? '';
    if (!this.trustedDashboards.has(dashboard)) return { status: 401, html: 'not a trusted dashboard' };
    return { status: 200, html: await this.form(dashboard, await tokenOf()) };
  }
}
