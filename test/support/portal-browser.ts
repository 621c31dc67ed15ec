/** What a browser keeps and sends: cookies, Origin, and the session's CSRF token. No pages are run. */
import assert from 'node:assert/strict';

export interface PortalAnswer {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed body; undefined for what is not JSON. */
  body: PortalBody | undefined;
}

export interface PortalBody {
  session?: WirePortalSession | null;
  error?: { code: number; type: string; message: string; request_id: string };
  [key: string]: unknown;
}

export interface WirePortalSession {
  user: { id: string; name: string; domain: { id: string; name: string } };
  scope: { type: string; project?: { id: string; name: string } };
  roles: string[];
  rights: { change: boolean; administer: boolean; see_all_projects: boolean };
  projects: { id: string; name: string; domain: { id: string; name: string } }[];
  system: boolean;
  csrf_token: string;
  expires_at: string;
  restricted: boolean;
}

export interface PortalCall {
  body?: unknown;
  headers?: Record<string, string>;
}

export class PortalBrowser {
  readonly cookies = new Map<string, string>();
  csrfToken: string | undefined;
  #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** The same browser at another replica. */
  at(url: string): PortalBrowser {
    const other = new PortalBrowser(url);
    for (const [name, value] of this.cookies) other.cookies.set(name, value);
    other.csrfToken = this.csrfToken;
    return other;
  }

  async call(method: string, path: string, { body, headers = {} }: PortalCall = {}): Promise<PortalAnswer> {
    const response = await this.open(method, path, { body, headers });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').startsWith('application/json');
    const parsed = isJson ? (JSON.parse(text) as PortalBody) : undefined;
    if (parsed?.session !== undefined) this.csrfToken = parsed.session?.csrf_token;
    return { status: response.status, headers: response.headers, text, body: parsed };
  }

  /** An answer whose body is not read yet. */
  async open(method: string, path: string, { body, headers = {} }: PortalCall = {}): Promise<Response> {
    const changes = method !== 'GET' && method !== 'HEAD';
    const response = await fetch(`${this.#url}/portal${path}`, {
      method,
      redirect: 'manual',
      headers: {
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(changes ? { origin: this.#url } : {}),
        ...(changes && this.csrfToken !== undefined ? { 'x-csrf-token': this.csrfToken } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie);
    return response;
  }

  #keep(cookie: string): void {
    const [pair = ''] = cookie.split(';', 1);
    const at = pair.indexOf('=');
    if (cookie.includes('Max-Age=0')) this.cookies.delete(pair.slice(0, at));
    else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }

  async signIn(user: string, password: string, more: Record<string, unknown> = {}): Promise<PortalAnswer> {
    const body = { method: 'password', user, domain: 'Default', password, ...more };
    return await this.call('POST', '/auth/session', { body });
  }
}

export function sessionIn({ status, text, body }: PortalAnswer): WirePortalSession {
  assert.ok(status < 300, text);
  assert.ok(body?.session, text);
  return body.session;
}

export function assertPortalError(answer: PortalAnswer, status: number, type: string): void {
  assert.deepEqual([answer.status, answer.body?.error?.type], [status, type], answer.text);
  assert.equal(answer.body?.error?.request_id, answer.headers.get('x-openstack-request-id'));
}
