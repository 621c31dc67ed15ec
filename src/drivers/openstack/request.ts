import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import { AppError } from '../../base/errors.ts';
import { retry, throwIfCancelled, type Backoff, type Sleep } from '../../base/retry.ts';
import { connectionError } from './connection-error.ts';
import type { TlsOptions } from './credentials.ts';
import { createAgents, type Agents } from './http-agents.ts';
import { badAnswer, hasStatus, shownUrl, unexpectedStatus, type RequestLabel } from './http-error.ts';
import { retryAfterMs } from './retry-after.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpRequest {
  method: Method;
  url: string;
  serviceType: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  expected: readonly number[];
  /** Whole attempt, from the first byte sent to the last received. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
  /** A POST that may safely be executed twice (a token may); GET, HEAD, PUT and DELETE always may. */
  repeatable?: boolean;
  /** Values in headers or body that no message may show (I10). */
  secrets?: string[];
}

export interface HttpResponse {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Parsed JSON; undefined for an empty body. */
  body: unknown;
  /** For errors about what the body holds. */
  label: Omit<RequestLabel, 'secrets'>;
}

export interface Http {
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): void;
}

export interface HttpOptions {
  tls?: TlsOptions;
  userAgent?: string;
  timeoutMs?: number;
  backoff?: Backoff;
  /** A server that asks for a longer pause than this is given up on. */
  maxRetryAfterMs?: number;
  sleep?: Sleep;
  random?: () => number;
}

const defaultBackoff: Backoff = { attempts: 5, firstDelayMs: 500, maxDelayMs: 10_000 };
const maxBodyBytes = 64 * 1024 * 1024;

/** The one place that speaks HTTP to OpenStack. Failures are AppErrors that hold no token, header or password (I10). */
export function createHttp(options: HttpOptions = {}): Http {
  const agents = createAgents(options.tls);
  const client = axios.create({
    // axios would obey HTTP_PROXY even for a loopback address; clouds are reached directly.
    proxy: false,
    // A redirect would carry X-Auth-Token to another host.
    maxRedirects: 0,
    maxContentLength: maxBodyBytes,
    validateStatus: () => true,
    responseType: 'text',
    transformResponse: (data: unknown) => data,
    headers: { Accept: 'application/json', 'User-Agent': options.userAgent ?? 'emberkeep' },
  });
  return {
    send: (request) => sendWithRetries(client, agents, options, request),
    close: () => agents.all.forEach((agent) => agent.destroy()),
  };
}

function sendWithRetries(
  client: AxiosInstance,
  agents: Agents,
  options: HttpOptions,
  request: HttpRequest,
): Promise<HttpResponse> {
  const maxRetryAfterMs = options.maxRetryAfterMs ?? 60_000;
  return retry(() => sendOnce(client, agents, options, request), {
    ...(options.backoff ?? defaultBackoff),
    ...(options.sleep === undefined ? {} : { sleep: options.sleep }),
    ...(options.random === undefined ? {} : { random: options.random }),
    signal: request.signal,
    shouldRetry: (error) => {
      if (!(error instanceof AppError) || !error.retryable || !mayRepeat(request, error)) return false;
      const pauseMs = error.details['retryAfterMs'];
      if (typeof pauseMs !== 'number') return true;
      return pauseMs <= maxRetryAfterMs && pauseMs;
    },
  });
}

/** What was refused was not executed; a POST that may have been executed is not sent again. */
function mayRepeat(request: HttpRequest, error: AppError): boolean {
  const harmless = request.repeatable ?? !['POST', 'PATCH'].includes(request.method);
  return harmless || error.details['sent'] === false || hasStatus(error, 429, 503);
}

async function sendOnce(
  client: AxiosInstance,
  agents: Agents,
  options: HttpOptions,
  request: HttpRequest,
): Promise<HttpResponse> {
  const timeoutMs = request.timeoutMs ?? options.timeoutMs ?? 60_000;
  const label = labelOf(request);
  const deadline = AbortSignal.timeout(timeoutMs);
  // A kept-alive connection that the server closes just now fails as if the request had been lost; what must not be
  // repeated therefore gets a connection of its own.
  const { httpAgent, httpsAgent } = request.method === 'GET' ? agents.reused : agents.fresh;
  let response: AxiosResponse<string>;
  try {
    response = await client.request<string>({
      method: request.method,
      url: request.url,
      headers: {
        ...request.headers,
        ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      data: request.body === undefined ? undefined : JSON.stringify(request.body),
      httpAgent,
      httpsAgent,
      signal: request.signal === undefined ? deadline : AbortSignal.any([request.signal, deadline]),
    });
  } catch (error) {
    throwIfCancelled(request.signal);
    throw connectionError(label, error, deadline.aborted ? timeoutMs : undefined);
  }
  return readResponse(label, request, response);
}

function readResponse(
  label: RequestLabel,
  request: HttpRequest,
  response: AxiosResponse<string>,
): HttpResponse {
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  const text = typeof response.data === 'string' ? response.data : '';
  const { status } = response;
  if (!request.expected.includes(status)) {
    const requestId = headers['x-openstack-request-id'] ?? headers['x-compute-request-id'];
    const error = unexpectedStatus(label, { status, expected: request.expected, requestId, text });
    const pauseMs = retryAfterMs(headers['retry-after'], headers['date']);
    if (pauseMs !== undefined) error.details['retryAfterMs'] = pauseMs;
    throw error;
  }
  const shown = { method: label.method, url: label.url, serviceType: label.serviceType };
  if (text.trim() === '') return { status, headers, body: undefined, label: shown };
  try {
    return { status, headers, body: JSON.parse(text) as unknown, label: shown };
  } catch (error) {
    // A failure that the caller expects may be told by the page of a web server in front of the service.
    if (status >= 500) return { status, headers, body: undefined, label: shown };
    throw badAnswer(label, 'a body that is not JSON', error);
  }
}

function labelOf(request: HttpRequest): RequestLabel {
  const token = request.headers?.['X-Auth-Token'];
  return {
    method: request.method,
    url: shownUrl(request.url),
    serviceType: request.serviceType,
    secrets: [...(request.secrets ?? []), ...(token === undefined ? [] : [token])],
  };
}
