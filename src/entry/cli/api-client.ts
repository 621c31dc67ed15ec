import { AppError, errorFamilies, familyOf, type ErrorCode } from '../../base/errors.ts';
import { readServerSentEvents, type ServerSentEvent } from './server-sent-events.ts';
import type { WireError } from './wire.ts';

const requestTimeoutMs = 120_000;

/** Where a token comes from; `renew` gets another one when the service no longer takes the first. */
export interface TokenSource {
  current: () => Promise<string>;
  renew: () => Promise<string>;
}

export type QueryValues = Record<string, string | number | boolean | undefined>;

export interface ApiClient {
  readonly url: string;
  get: <T>(path: string, query?: QueryValues) => Promise<T>;
  post: <T>(path: string, body?: unknown) => Promise<T>;
  patch: <T>(path: string, body: unknown) => Promise<T>;
  delete: <T>(path: string, query?: QueryValues) => Promise<T>;
  /** Every item of a paged list, page by page, up to `limit`. */
  list: <T>(path: string, key: string, query: QueryValues, limit: number | undefined) => Promise<T[]>;
  events: (path: string, lastEventId: string | undefined) => AsyncIterable<ServerSentEvent>;
}

/** The API over fetch. Throws what the service says as an AppError with the service's own code and request id. */
export function createApiClient(url: string, tokens: TokenSource, lifetime: AbortSignal): ApiClient {
  const request = async (path: string, init: RequestInit): Promise<Response> => {
    const answer = await send(url, path, init, await tokens.current());
    // A wait can outlive its token.
    if (answer.status !== 401) return answer;
    await answer.body?.cancel();
    return await send(url, path, init, await tokens.renew());
  };
  const call = async <T>(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<T> => {
    const answer = await request(path, {
      method,
      signal: AbortSignal.any([lifetime, AbortSignal.timeout(requestTimeoutMs)]),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!answer.ok) throw await errorOf(answer, url);
    return (await readJson(answer, url)) as T;
  };
  const get = <T>(path: string, query: QueryValues = {}): Promise<T> => call('GET', withQuery(path, query));
  return {
    url,
    get,
    post: (path, body) => call('POST', path, body),
    patch: (path, body) => call('PATCH', path, body),
    delete: (path, query = {}) => call('DELETE', withQuery(path, query)),
    list: async <T>(
      path: string,
      key: string,
      query: QueryValues,
      limit: number | undefined,
    ): Promise<T[]> => {
      const items: T[] = [];
      let marker: string | undefined;
      do {
        const wanted = limit === undefined ? 1000 : Math.min(1000, limit - items.length);
        const page = await get<Record<string, unknown>>(path, { ...query, limit: wanted, marker });
        items.push(...(page[key] as T[]));
        marker = nextMarker(page['links']);
      } while (marker !== undefined && (limit === undefined || items.length < limit));
      return items;
    },
    events: async function* (path, lastEventId) {
      const headers: Record<string, string> = { accept: 'text/event-stream' };
      if (lastEventId !== undefined) headers['last-event-id'] = lastEventId;
      const answer = await request(path, { headers, signal: lifetime });
      if (!answer.ok) throw await errorOf(answer, url);
      if (answer.body === null) return;
      try {
        yield* readServerSentEvents(answer.body);
      } catch (error) {
        throw connectionError(error, url);
      }
    },
  };
}

async function send(url: string, path: string, init: RequestInit, token: string): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('x-auth-token', token);
  try {
    return await fetch(url + path, { ...init, headers, redirect: 'error' });
  } catch (error) {
    throw connectionError(error, url);
  }
}

function connectionError(error: unknown, url: string): AppError {
  if (error instanceof Error && error.name === 'AbortError') {
    return new AppError('CANCELLED_BY_USER', 'the request was given up', { cause: error });
  }
  const reason = reasonOf(error);
  return new AppError(
    'OPENSTACK_SERVICE_UNREACHABLE',
    `cannot reach the Emberkeep service at ${url} (${reason}); is it running, and is --endpoint right?`,
    { cause: error, retryable: true },
  );
}

/** fetch says only `fetch failed`; what happened is in its causes. */
function reasonOf(error: unknown): string {
  for (let current = error; current instanceof Error; current = current.cause) {
    const code = 'code' in current && typeof current.code === 'string' ? current.code : undefined;
    if (code === 'ECONNREFUSED') return 'connection refused';
    if (code === 'ENOTFOUND') return 'unknown host';
    if (current.name === 'TimeoutError') return `no answer within ${requestTimeoutMs / 1000} s`;
    if (code !== undefined) return code;
    if (current.cause === undefined) return current.message;
  }
  return 'unknown reason';
}

async function errorOf(answer: Response, url: string): Promise<AppError> {
  const requestId = answer.headers.get('x-openstack-request-id') ?? undefined;
  const body = await readJson(answer, url).catch(() => undefined);
  if (!isWireError(body)) {
    return new AppError(
      'OPENSTACK_SERVICE_ANSWER',
      `${url} answered ${answer.status} ${answer.statusText}, which is no answer of Emberkeep; check --endpoint`,
      { details: { requestId } },
    );
  }
  const { type, message, details } = body.error;
  return new AppError(knownCode(type), message, {
    details: { ...details, requestId },
    retryable: answer.status === 503,
  });
}

/** A newer service may have codes of families that this release does not know. */
function knownCode(type: string): ErrorCode {
  const isKnown = errorFamilies.some((family) => type.startsWith(`${family}_`));
  return isKnown && familyOf(type as ErrorCode) !== 'BUG' ? (type as ErrorCode) : 'BUG_SERVICE';
}

async function readJson(answer: Response, url: string): Promise<unknown> {
  try {
    return await answer.json();
  } catch (error) {
    throw new AppError('OPENSTACK_SERVICE_ANSWER', `${url} did not answer with JSON; check --endpoint`, {
      cause: error,
    });
  }
}

function isWireError(body: unknown): body is WireError {
  const error = body !== null && typeof body === 'object' && 'error' in body ? body.error : undefined;
  return (
    error !== null &&
    typeof error === 'object' &&
    'type' in error &&
    typeof error.type === 'string' &&
    'message' in error &&
    typeof error.message === 'string'
  );
}

function withQuery(path: string, query: QueryValues): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) search.set(key, String(value));
  }
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}

/** Only the marker is taken from the link: its address may be one that only the service's side of a proxy knows. */
function nextMarker(links: unknown): string | undefined {
  const [next] = Array.isArray(links) ? (links as { href: string }[]) : [];
  if (next === undefined) return undefined;
  return new URL(next.href, 'http://localhost').searchParams.get('marker') ?? undefined;
}
