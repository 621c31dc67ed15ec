import { pinoHttp } from 'pino-http';
import type { Logger } from 'pino';
import type { Request, RequestHandler, Response } from 'express';
import { toAppError } from '../../base/errors.ts';
import { callerOf, requestIdOf } from './request-context.ts';

/** Asked every few seconds by machines: they would drown the rest. */
const healthPaths: readonly string[] = ['/livez', '/readyz', '/healthcheck'];

/**
 * One line a request. Only method, path and address of the request are written: no header, query or body can bring
 * a token or a password into the log (I10).
 */
export function logRequests(logger: Logger): RequestHandler {
  return pinoHttp<Request, Response>({
    logger,
    genReqId: (_request, response) => requestIdOf(response),
    quietReqLogger: true,
    wrapSerializers: false,
    customAttributeKeys: { reqId: 'requestId', responseTime: 'durationMs' },
    serializers: { req: () => undefined, res: () => undefined },
    autoLogging: { ignore: (request) => healthPaths.includes(request.path) },
    customLogLevel: (_request, response, error) => levelOf(response.statusCode, error ?? response.err),
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request failed',
    customSuccessObject: (request, response, fields: Record<string, unknown>) => ({
      ...factsOf(request, response),
      durationMs: fields['durationMs'],
    }),
    customErrorObject: (request, response, error, fields: Record<string, unknown>) => ({
      ...factsOf(request, response),
      durationMs: fields['durationMs'],
      errorCode: toAppError(error).code,
      // A stack helps only where the service is at fault.
      ...(response.statusCode >= 500 ? { err: error } : { errorMessage: error.message }),
    }),
  }) as RequestHandler;
}

function factsOf(request: Request, response: Response): Record<string, unknown> {
  const caller = callerOf(response);
  return {
    method: request.method,
    path: request.originalUrl.split('?', 1)[0],
    status: response.statusCode,
    address: request.ip,
    userId: caller?.userId,
    projectId: caller?.projectId,
  };
}

function levelOf(status: number, error: Error | undefined): 'info' | 'warn' | 'error' {
  if (error !== undefined) {
    const { code } = toAppError(error);
    if (code.startsWith('INTEGRITY_') || code.startsWith('BUG_')) return 'error';
  }
  return status >= 500 || status === 429 ? 'warn' : 'info';
}
