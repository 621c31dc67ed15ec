/** What the service said instead of doing it, or that nothing could be heard of it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** The service's stable code, such as `NOTFOUND_RESOURCE`; `NETWORK` when there was no answer. */
  readonly type: string;
  readonly requestId: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    message: string,
    fault: {
      status: number;
      type: string;
      requestId?: string | undefined;
      details?: Record<string, unknown> | undefined;
      cause?: unknown;
    },
  ) {
    super(message, { cause: fault.cause });
    this.status = fault.status;
    this.type = fault.type;
    this.requestId = fault.requestId;
    this.details = fault.details ?? {};
  }
}

/** The error of an answer that is not one of the 2xx: the API's own shape, or what a proxy before it says. */
export function errorOfAnswer(status: number, body: unknown, requestId: string | undefined): ApiError {
  const error = memberOf(body, 'error');
  const message = memberOf(error, 'message');
  const type = memberOf(error, 'type');
  const details = memberOf(error, 'details');
  return new ApiError(typeof message === 'string' ? message : `HTTP ${status}`, {
    status,
    type: typeof type === 'string' ? type : `HTTP_${status}`,
    requestId: textOf(memberOf(error, 'request_id')) ?? requestId,
    details: isRecord(details) ? details : undefined,
  });
}

/** Anything thrown, as an error that a page can show. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  // fetch throws a TypeError for every failure of the network, whatever it was.
  const type = thrown instanceof TypeError ? 'NETWORK' : 'PORTAL';
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ApiError(message, { status: 0, type, cause: thrown });
}

export function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'AbortError';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function memberOf(value: unknown, key: string): unknown {
  return isRecord(value) ? value[key] : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
