import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { Caller } from '../../domain/access.ts';

const requestIdPattern = /^req-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Takes a well-formed x-openstack-request-id from the caller or makes one; every answer carries it. */
export const assignRequestId: RequestHandler = (request, response, next) => {
  const given = request.get('x-openstack-request-id');
  const requestId = given !== undefined && requestIdPattern.test(given) ? given : `req-${randomUUID()}`;
  response.locals['requestId'] = requestId;
  response.setHeader('x-openstack-request-id', requestId);
  next();
};

export function requestIdOf(response: Response): string {
  return response.locals['requestId'] as string;
}

export function callerOf(response: Response): Caller | undefined {
  return response.locals['caller'] as Caller | undefined;
}

export function setCaller(response: Response, caller: Caller): void {
  response.locals['caller'] = caller;
}
