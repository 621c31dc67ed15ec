import type { RequestHandler } from 'express';
import { AppError } from '../../base/errors.ts';
import type { ApiDeps } from './api-deps.ts';
import { requestIdOf, setCaller } from './request-context.ts';

/** Turns X-Auth-Token into a Caller; the token itself goes no further (I10). */
export function requireCaller(authenticate: ApiDeps['authenticate']): RequestHandler {
  return async (request, response, next) => {
    const token = request.get('x-auth-token');
    if (token === undefined || token === '') {
      throw new AppError('AUTH_TOKEN_MISSING', 'send a Keystone token in the header X-Auth-Token');
    }
    setCaller(response, await authenticate(token, requestIdOf(response), request.ip ?? 'unknown'));
    next();
  };
}
