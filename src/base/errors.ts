/**
 * Every failure a user can meet is an AppError with a stable code; its family (the part before the first `_`)
 * decides the HTTP status and the exit code at the edge, never here.
 */
export const errorFamilies = [
  'INPUT',
  'AUTH',
  'FORBIDDEN',
  'NOTFOUND',
  'CONFLICT',
  'LIMIT',
  'OPENSTACK',
  'CEPH',
  'STORE',
  'CATALOG',
  'INTEGRITY',
  'CANCELLED',
  'BUG',
] as const;

export type ErrorFamily = (typeof errorFamilies)[number];
export type ErrorCode = `${ErrorFamily}_${string}`;

export interface AppErrorOptions {
  cause?: unknown;
  /** Facts for logs and API clients (never secrets): ids, names, status codes. */
  details?: Record<string, unknown>;
  /** Whether the same call may succeed later without anybody changing anything. INTEGRITY_* never is (I8). */
  retryable?: boolean;
}

export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: Record<string, unknown>;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details ?? {};
    this.retryable = (options.retryable ?? false) && familyOf(code) !== 'INTEGRITY';
  }
}

export function familyOf(code: ErrorCode): ErrorFamily {
  return errorFamilies.find((family) => code.startsWith(`${family}_`)) ?? 'BUG';
}

/** Any thrown value as an AppError; what is not one of ours is a bug and keeps its cause. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AppError('BUG_UNEXPECTED', message, { cause: error });
}

/** The message of an error and of everything that caused it, for one line of output. */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  for (let current: unknown = error; current instanceof Error && parts.length < 5; current = current.cause) {
    if (!parts.includes(current.message)) parts.push(current.message);
  }
  return parts.length > 0 ? parts.join(': ') : String(error);
}
