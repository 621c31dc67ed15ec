import { z } from 'zod';
import { AppError, type ErrorCode } from '../../base/errors.ts';
import { helpAgainst } from './known-answers.ts';

/** What was asked, as errors and their details show it. */
export interface RequestLabel {
  method: string;
  /** Without user info, and with the values of secret query parameters struck out. */
  url: string;
  /** Service type of the catalog: `compute`, `block-storage`, `image`, `identity`. */
  serviceType: string;
  /** Values that must not appear in any message (I10): tokens and passwords that this request carries. */
  secrets: string[];
}

export interface UnexpectedAnswer {
  status: number;
  expected: readonly number[];
  requestId: string | undefined;
  /** Body as received. */
  text: string;
}

const excerptLength = 400;

const requiredMethodsSchema = z
  .preprocess(parsedJson, z.object({ required_auth_methods: z.array(z.array(z.string())) }))
  .transform((body) => body.required_auth_methods);

/**
 * The error of an answer with a status that was not expected: its family says what a caller can do about it, its
 * details carry method, URL, both statuses, x-openstack-request-id and what OpenStack itself said.
 */
export function unexpectedStatus(label: RequestLabel, answer: UnexpectedAnswer): AppError {
  const said = strike(openstackMessage(answer.text), label.secrets);
  const outcome = said === '' ? `status ${answer.status}` : `status ${answer.status}: ${said}`;
  const answered = `${label.method} ${label.url} (${label.serviceType}) answered with ${outcome}`;
  const help = helpAgainst(label, answer.status, said);
  return new AppError(
    codeOf(answer.status, said),
    help === undefined ? `${answered}${advice(answer.status)}` : `${help} (${answered})`,
    {
      details: {
        method: label.method,
        url: label.url,
        serviceType: label.serviceType,
        expectedStatus: answer.expected,
        status: answer.status,
        requestId: answer.requestId,
        openstackMessage: said,
        ...(answer.status === 401 ? missingMethods(answer.text) : {}),
      },
      retryable: answer.status >= 500 || answer.status === 429,
    },
  );
}

/** The HTTP status that an error was made of; undefined when it was not made of an answer. */
export function statusOf(error: unknown): number | undefined {
  const status = error instanceof AppError ? error.details['status'] : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** True for an error made of an answer with this status. */
export function hasStatus(error: unknown, ...statuses: number[]): boolean {
  const status = statusOf(error);
  return status !== undefined && statuses.includes(status);
}

/** No answer came: the connection was refused, lost or timed out. */
export function unreachable(label: RequestLabel, failure: ConnectionFailure): AppError {
  const reason = strike(failure.reason, label.secrets);
  return new AppError(
    failure.timedOut ? 'OPENSTACK_TIMEOUT' : 'OPENSTACK_UNREACHABLE',
    failure.timedOut
      ? `${label.method} ${label.url} (${label.serviceType}) gave no answer in ${failure.timeoutMs} ms: check the service, or raise the timeout.`
      : `The ${label.serviceType} service at ${label.url} cannot be reached (${reason}): check that it runs, the URL in the catalog or in the configuration, and the network in between.`,
    {
      cause: failure.cause,
      details: { method: label.method, url: label.url, serviceType: label.serviceType, reason },
      retryable: true,
    },
  );
}

export interface ConnectionFailure {
  reason: string;
  timedOut: boolean;
  timeoutMs: number;
  cause: Error;
}

/** An answer that is not what the API promises. */
export function badAnswer(label: Omit<RequestLabel, 'secrets'>, what: string, cause?: unknown): AppError {
  return new AppError(
    'OPENSTACK_BAD_ANSWER',
    `${label.method} ${label.url} (${label.serviceType}) answered with ${what}: check that the URL really is that service and not a proxy's page.`,
    { cause, details: { method: label.method, url: label.url, serviceType: label.serviceType } },
  );
}

/** The URL as errors may show it. */
export function shownUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return text.split('?', 1)[0] ?? '';
  }
  url.username = '';
  url.password = '';
  for (const name of url.searchParams.keys()) {
    if (/token|password|secret|signature|key/i.test(name)) url.searchParams.set(name, '***');
  }
  return url.href;
}

/** Strikes out every secret, whatever the other side echoed. */
export function strike(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= 4)
    .reduce((out, secret) => out.replaceAll(secret, '***'), text);
}

function codeOf(status: number, said: string): ErrorCode {
  if (status === 413 || (status === 403 && /quota|limit/i.test(said))) return 'LIMIT_OPENSTACK_QUOTA';
  const codes: Record<number, ErrorCode> = {
    400: 'OPENSTACK_REJECTED',
    401: 'AUTH_REFUSED',
    403: 'FORBIDDEN_OPENSTACK',
    404: 'NOTFOUND_OPENSTACK',
    409: 'CONFLICT_OPENSTACK',
    429: 'LIMIT_OPENSTACK_RATE',
  };
  return codes[status] ?? 'OPENSTACK_UNEXPECTED_STATUS';
}

function advice(status: number): string {
  if (status === 403) return ' (the user lacks a role that this needs)';
  return status >= 500 ? ' (the log of that service has the request id)' : '';
}

function parsedJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

/** Nova and Cinder wrap it as {"badRequest": {"message"}}, Keystone as {"error": {"message"}}, others in HTML. */
function openstackMessage(text: string): string {
  const body = parsedJson(text);
  if (body === undefined) {
    return excerpt(text.replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' '));
  }
  return excerpt(findMessage(body, 0) ?? text);
}

/**
 * With a first factor that is right, Keystone's 401 says which methods together would do; the receipt beside it is a
 * secret and stays unread. https://docs.openstack.org/keystone/latest/admin/multi-factor-authentication.html
 */
function missingMethods(text: string): { requiredAuthMethods?: string[][] } {
  const rules = requiredMethodsSchema.safeParse(text);
  return rules.success ? { requiredAuthMethods: rules.data } : {};
}

function findMessage(value: unknown, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null || depth > 3) return undefined;
  const record = value as Record<string, unknown>;
  const message = record['message'] ?? record['detail'] ?? record['faultstring'];
  if (typeof message === 'string') return message;
  for (const inner of Object.values(record)) {
    const found = findMessage(inner, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > excerptLength ? `${line.slice(0, excerptLength)}...` : line;
}

/** What Nova and Cinder say of a marker that they do not know. */
export function unknownMarker(marker: string, cause: unknown): AppError {
  return new AppError('INPUT_MARKER_UNKNOWN', `There is no entry ${marker} to list after: drop the marker.`, {
    cause,
  });
}
