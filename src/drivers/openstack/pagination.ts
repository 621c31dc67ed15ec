import { AppError } from '../../base/errors.ts';
import { badAnswer } from './http-error.ts';
import type { HttpResponse } from './request.ts';
import type { Query, ServiceClient, ServiceRequest } from './service-client.ts';

/** One row of a list, with the answer it came in for errors about it. */
export interface ListedRow {
  row: unknown;
  response: HttpResponse;
}

/**
 * The rows of a list, page by page, as `<key>_links` with rel=next leads on. Only the query of the link is followed:
 * behind a TLS proxy its scheme or host is often wrong, and a token must not go where an answer says.
 */
export async function* listRows(
  client: ServiceClient,
  request: Omit<ServiceRequest, 'method' | 'expected'>,
  key: string,
): AsyncGenerator<ListedRow, void, undefined> {
  let query: Query = request.query ?? {};
  const seen = new Set<string>();
  for (;;) {
    const response = await client.request({ ...request, method: 'GET', query, expected: [200] });
    const body = (response.body ?? {}) as Record<string, unknown>;
    const rows = body[key];
    if (!Array.isArray(rows)) throw badAnswer(response.label, `no list "${key}"`);
    for (const row of rows as unknown[]) yield { row, response };
    const next = nextQuery(body[`${key}_links`]);
    if (next === undefined || rows.length === 0) return;
    const page = JSON.stringify(next);
    if (seen.has(page)) {
      throw new AppError('OPENSTACK_BAD_ANSWER', `${response.label.url} leads back to a page already read.`);
    }
    seen.add(page);
    query = { ...query, ...next };
  }
}

function nextQuery(links: unknown): Query | undefined {
  if (!Array.isArray(links)) return undefined;
  for (const link of links as { rel?: unknown; href?: unknown }[]) {
    if (link.rel !== 'next' || typeof link.href !== 'string') continue;
    const at = link.href.indexOf('?');
    return at < 0 ? undefined : Object.fromEntries(new URLSearchParams(link.href.slice(at + 1)));
  }
  return undefined;
}

/** All of an async iterable; for lists that are known to be short. */
export async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}
