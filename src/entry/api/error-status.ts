import { familyOf, type AppError, type ErrorFamily } from '../../base/errors.ts';

/** The one table from error family to HTTP status; a code that needs another status stands in `statusOfCode`. */
const statusOfFamily: Record<ErrorFamily, number> = {
  INPUT: 400,
  AUTH: 401,
  FORBIDDEN: 403,
  NOTFOUND: 404,
  CONFLICT: 409,
  LIMIT: 429,
  OPENSTACK: 502,
  CEPH: 502,
  STORE: 502,
  CATALOG: 503,
  INTEGRITY: 500,
  CANCELLED: 499,
  BUG: 500,
};

const statusOfCode: Record<string, number> = {
  INPUT_METHOD: 405,
  INPUT_BODY_TOO_LARGE: 413,
  INPUT_MEDIA_TYPE: 415,
  OPENSTACK_KEYSTONE_AWAY: 503,
};

const titles: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  499: 'Client Closed Request',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  507: 'Insufficient Storage',
};

export function statusOf({ code }: AppError): number {
  const own = statusOfCode[code];
  if (own !== undefined) return own;
  const family = familyOf(code);
  if (family === 'LIMIT' && /SPACE|FULL/.test(code)) return 507;
  if (['OPENSTACK', 'CEPH', 'STORE'].includes(family) && code.includes('TIMEOUT')) return 504;
  return statusOfFamily[family];
}

export function titleOf(status: number): string {
  return titles[status] ?? 'Error';
}
