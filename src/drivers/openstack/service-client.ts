import { AppError } from '../../base/errors.ts';
import { hasStatus } from './http-error.ts';
import {
  microversionHeaders,
  negotiateMicroversion,
  readVersionDocument,
  type Microversion,
  type MicroversionRange,
  type SupportedMicroversions,
} from './microversion.ts';
import type { Http, HttpRequest, HttpResponse, Method } from './request.ts';
import type { AuthToken, TokenSession } from './token-session.ts';

/** Options that every call takes. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Of one attempt. */
  timeoutMs?: number | undefined;
}

export type Query = Record<string, string | number | boolean | undefined>;

export interface ServiceRequest extends CallOptions {
  method: Method;
  /** Below the service's base URL, beginning with a slash; ids in it must be passed through `segment`. */
  path: string;
  query?: Query;
  body?: unknown;
  expected: readonly number[];
  repeatable?: boolean;
  headers?: Record<string, string>;
  secrets?: string[];
}

export interface ServiceClient {
  request(request: ServiceRequest): Promise<HttpResponse>;
  /** What was negotiated; throws OPENSTACK_MICROVERSION when the service is too old or too new. */
  microversion(options?: CallOptions): Promise<Microversion>;
}

export interface ServiceClientOptions {
  http: Http;
  session: TokenSession;
  serviceType: string;
  /** Base URL for a token's scope, without a slash at the end. */
  endpoint: (token: AuthToken) => string;
  microversions?: SupportedMicroversions;
  /** Ranges by version document, shared by the clients of one cloud. */
  ranges: Map<string, Promise<MicroversionRange>>;
}

export function createServiceClient(options: ServiceClientOptions): ServiceClient {
  const { microversions } = options;
  return {
    request: (request) => withToken(options, request, (token) => sendAs(options, token, request)),
    microversion: (call = {}) => {
      if (microversions === undefined) {
        throw new AppError('BUG_NO_MICROVERSIONS', `The ${options.serviceType} client has no microversions.`);
      }
      return withToken(options, call, (token) => negotiated(options, microversions, token, call));
    },
  };
}

/** Runs a call with a token, and once more with a new one when the service refused the first. */
async function withToken<T>(
  { session, serviceType }: ServiceClientOptions,
  { signal }: CallOptions,
  call: (token: AuthToken) => Promise<T>,
): Promise<T> {
  const first = await session.token(signal);
  try {
    return await call(first);
  } catch (error) {
    if (!hasStatus(error, 401)) throw error;
    session.reject(first);
  }
  try {
    return await call(await session.token(signal));
  } catch (error) {
    if (!hasStatus(error, 401)) throw error;
    throw new AppError(
      'AUTH_REFUSED_BY_SERVICE',
      `The ${serviceType} service refuses even a fresh token: check its [keystone_authtoken] settings and that it uses the same Keystone.`,
      { cause: error },
    );
  }
}

async function sendAs(
  options: ServiceClientOptions,
  token: AuthToken,
  request: ServiceRequest,
): Promise<HttpResponse> {
  const { microversions } = options;
  const version =
    microversions === undefined ? {} : await versionHeaders(options, microversions, token, request);
  const { path, query, headers, ...rest } = request;
  const http: HttpRequest = {
    ...rest,
    url: withQuery(`${options.endpoint(token)}${path}`, query),
    serviceType: options.serviceType,
    headers: { ...version, ...headers, 'X-Auth-Token': token.value },
  };
  try {
    return await options.http.send(http);
  } catch (error) {
    // An upgrade under our feet: the next call negotiates again.
    if (hasStatus(error, 406)) options.ranges.clear();
    throw error;
  }
}

async function versionHeaders(
  options: ServiceClientOptions,
  microversions: SupportedMicroversions,
  token: AuthToken,
  call: CallOptions,
): Promise<Record<string, string>> {
  return microversionHeaders(microversions.name, await negotiated(options, microversions, token, call));
}

async function negotiated(
  options: ServiceClientOptions,
  ours: SupportedMicroversions,
  token: AuthToken,
  call: CallOptions,
): Promise<Microversion> {
  const { url, major } = versionRoot(options.endpoint(token), ours);
  let range = options.ranges.get(url);
  if (range === undefined) {
    range = fetchRange(options, url, major, token, call);
    options.ranges.set(url, range);
    range.catch(() => options.ranges.delete(url));
  }
  return negotiateMicroversion(ours, await range, url);
}

async function fetchRange(
  { http, serviceType }: ServiceClientOptions,
  url: string,
  major: string,
  token: AuthToken,
  { timeoutMs }: CallOptions,
): Promise<MicroversionRange> {
  const headers = { 'X-Auth-Token': token.value };
  const response = await http.send({
    method: 'GET',
    url,
    serviceType,
    headers,
    expected: [200, 300],
    timeoutMs,
  });
  return readVersionDocument(response, major);
}

/** The version document stands at the version's root: an endpoint may have a project id behind it, or no version. */
function versionRoot(endpoint: string, ours: SupportedMicroversions): { url: string; major: string } {
  const match = /^(.*\/(v\d+(?:\.\d+)?))(?:\/[^/]*)?$/.exec(endpoint);
  const fallback = ours.name === 'compute' ? 'v2.1' : 'v3.0';
  return { url: `${match?.[1] ?? endpoint}/`, major: match?.[2] ?? fallback };
}

/** A text as one path segment: a name or id from outside must not reach another resource. */
export function segment(text: string): string {
  // encodeURIComponent leaves dots, and `..` would climb.
  return /^\.+$/.test(text) ? text.replaceAll('.', '%2E') : encodeURIComponent(text);
}

function withQuery(url: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.append(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? url : `${url}?${text}`;
}
