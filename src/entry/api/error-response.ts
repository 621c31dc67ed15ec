import type { ErrorRequestHandler, Response } from 'express';
import { AppError, familyOf, toAppError } from '../../base/errors.ts';
import { statusOf, titleOf } from './error-status.ts';
import { callerOf, requestIdOf } from './request-context.ts';
import { shownDetails } from './shown-details.ts';

export interface ErrorBody {
  error: {
    /** HTTP status, as OpenStack's services say it. */
    code: number;
    title: string;
    message: string;
    /** Our stable code, such as `NOTFOUND_RESOURCE`. */
    type: string;
    details: Record<string, unknown>;
    request_id: string;
  };
}

/**
 * An error as the API shows it. A bug's own message may hold anything, so it stays in the log.
 */
export function errorBody(thrown: unknown, requestId: string, isAdmin: boolean): ErrorBody {
  const error = toAppError(thrown);
  const status = statusOf(error);
  const family = familyOf(error.code);
  const message =
    family === 'BUG'
      ? `the service failed unexpectedly; report request id ${requestId} to its operator`
      : error.message;
  const details = shownDetails(error.code, error.details, isAdmin);
  return {
    error: {
      code: status,
      title: titleOf(status),
      message,
      type: error.code,
      details,
      request_id: requestId,
    },
  };
}

/** A restart or failover of the database takes some seconds. */
const retryAfterSeconds = 5;

export function sendError(response: Response, thrown: unknown): void {
  const error = toAppError(thrown);
  const body = errorBody(error, requestIdOf(response), callerOf(response)?.isAdmin ?? false);
  // pino-http writes the line of this request with `err`: the only place where a failure is logged.
  response.err = error;
  if (body.error.code === 401) response.setHeader('WWW-Authenticate', 'Keystone');
  const waitSeconds = error.details['retryAfterSeconds'];
  if (typeof waitSeconds === 'number') response.setHeader('Retry-After', String(waitSeconds));
  else if (body.error.code === 503) response.setHeader('Retry-After', String(retryAfterSeconds));
  response.status(body.error.code).json(body);
}

export const handleError: ErrorRequestHandler = (thrown: unknown, _request, response, next) => {
  if (response.headersSent) {
    next(thrown);
    return;
  }
  sendError(response, fromHttpLibrary(thrown));
};

/** Errors that express and its body parser raise themselves, as ours. */
function fromHttpLibrary(thrown: unknown): unknown {
  if (thrown instanceof AppError || !(thrown instanceof Error)) return thrown;
  const type = 'type' in thrown ? thrown.type : undefined;
  switch (type) {
    case 'entity.parse.failed':
      return new AppError('INPUT_JSON', `the body is not valid JSON: ${thrown.message}`, { cause: thrown });
    case 'entity.too.large':
      return new AppError('INPUT_BODY_TOO_LARGE', 'the body is too large; send at most 256 KiB', {
        cause: thrown,
      });
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new AppError('INPUT_MEDIA_TYPE', 'send the body as JSON in UTF-8', { cause: thrown });
    case 'request.aborted':
    case 'request.size.invalid':
      return new AppError('INPUT_BODY', 'the body ended early; send it again', { cause: thrown });
    default:
  }
  if (thrown instanceof URIError) {
    return new AppError('INPUT_URL', 'the path is not correctly percent-encoded', { cause: thrown });
  }
  return thrown;
}
