import createClient from 'openapi-fetch';
import type { paths } from './schema.d.ts';
import { errorOfAnswer, type ApiError } from './api-error.ts';

const changing = new Set(['POST', 'PATCH', 'PUT', 'DELETE']);

/** What the client asks of the session: which token its changes carry, and whom to tell that it is over. */
export interface SessionPort {
  csrfToken(): string | undefined;
  onExpired(): void;
  /** The token was not the session's any more: another tab has changed it. */
  onChanged(): void;
}

let port: SessionPort = {
  csrfToken: () => undefined,
  onExpired: () => undefined,
  onChanged: () => undefined,
};

export function bindSession(session: SessionPort): void {
  port = session;
}

/**
 * The API, as its document promises it: what is not in there does not compile. Answers come through `take`.
 * The session's cookie goes with every request by itself; the Keystone token stays with the service.
 */
export const api = createClient<paths>({
  baseUrl: '/portal/api',
  credentials: 'same-origin',
  headers: { Accept: 'application/json' },
});

api.use({
  onRequest: ({ request }) => {
    const token = port.csrfToken();
    if (changing.has(request.method) && token !== undefined) request.headers.set('X-CSRF-Token', token);
    return request;
  },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a call that went well. @throws {ApiError} for every other one. */
export async function take<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok && data !== undefined) return data;
  throw refusal(response, error);
}

/** The error of an answer; tells the session's keeper when it is over. */
export function refusal(response: Response, body: unknown): ApiError {
  const error = errorOfAnswer(
    response.status,
    body,
    response.headers.get('x-openstack-request-id') ?? undefined,
  );
  if (error.type === 'AUTH_SESSION') port.onExpired();
  if (error.type === 'FORBIDDEN_CSRF') port.onChanged();
  return error;
}

/** Where the next page of a list begins; undefined on the last one. */
export function nextMarker(links: readonly { rel: string; href: string }[]): string | undefined {
  const next = links.find(({ rel }) => rel === 'next');
  return next === undefined
    ? undefined
    : (new URL(next.href, 'http://portal').searchParams.get('marker') ?? undefined);
}
