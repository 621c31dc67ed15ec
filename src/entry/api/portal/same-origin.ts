import type { Request } from 'express';
import { AppError } from '../../../base/errors.ts';
import { isSameToken } from '../../../workflows/portal/session-seal.ts';
import { baseUrl } from '../pagination.ts';

export interface RequestSource {
  /** `Origin` */
  origin: string | undefined;
  /** `Sec-Fetch-Site`, which no script can set. */
  fetchSite: string | undefined;
}

/**
 * Whether a page of ours sent it. Browsers say so themselves over TLS and on the loopback; elsewhere the origin is
 * compared. What says neither is no browser that could be led astray, and is refused to be safe.
 */
export function isSameOrigin({ origin, fetchSite }: RequestSource, own: string): boolean {
  if (fetchSite !== undefined) return fetchSite === 'same-origin';
  return origin !== undefined && originOf(origin) === originOf(own);
}

/** @throws FORBIDDEN_CSRF. */
export function assertSameOrigin(request: Request, publicUrl: string | undefined): void {
  if (isSameOrigin(sourceOf(request), baseUrl(request, publicUrl))) return;
  throw new AppError(
    'FORBIDDEN_CSRF',
    'this request did not come from a page of the portal; open the portal by its own address (portal.public_url)',
  );
}

/** Whether a link elsewhere led here; an address that somebody typed did not. */
export function isLedFromElsewhere(request: Request): boolean {
  const { fetchSite } = sourceOf(request);
  return fetchSite === 'cross-site' || fetchSite === 'same-site';
}

/** @throws FORBIDDEN_CSRF for a change without the session's token. */
export function assertCsrfToken(request: Request, expected: string): void {
  const given = request.get('x-csrf-token');
  if (given !== undefined && isSameToken(given, expected)) return;
  throw new AppError(
    'FORBIDDEN_CSRF',
    given === undefined
      ? 'a change needs the header X-CSRF-Token with the csrf_token of the session'
      : 'the page is out of date: somebody signed in or chose another project in another tab; reload it',
  );
}

export function isChange({ method }: Pick<Request, 'method'>): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

export function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined;
}

function sourceOf(request: Request): RequestSource {
  return { origin: request.get('origin'), fetchSite: request.get('sec-fetch-site') };
}
