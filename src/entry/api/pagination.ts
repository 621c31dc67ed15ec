import type { Request } from 'express';
import type { Page } from '../../workflows/operations.ts';

export interface Link {
  rel: 'next';
  href: string;
}

/** Where clients reach the service: configured, or as they themselves addressed it. */
export function baseUrl(request: Request, publicUrl: string | undefined): string {
  // What is no host is not sent back.
  const host = /^[\w.:[\]-]{1,255}$/.exec(request.get('host') ?? '')?.[0] ?? 'localhost';
  const url = publicUrl ?? `${request.protocol}://${host}`;
  return url.replace(/\/+$/, '');
}

/** The link to the next page: this request again with another marker. */
export function nextLinks(request: Request, page: Page<unknown>, publicUrl: string | undefined): Link[] {
  if (page.nextMarker === undefined) return [];
  const [path = '', search = ''] = request.originalUrl.split('?', 2);
  const query = new URLSearchParams(search);
  query.set('marker', page.nextMarker);
  return [{ rel: 'next', href: `${baseUrl(request, publicUrl)}${path}?${query.toString()}` }];
}
