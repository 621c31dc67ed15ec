/** POST requests that may come again with the same Idempotency-Key: docs/adr/0028-idempotency.md. */
import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { AppError } from '../../base/errors.ts';
import type { Caller } from '../../domain/access.ts';
import type { IdempotencyStatements, KeptRequest, KeyOwner } from '../../drivers/catalog/idempotency.ts';

export interface IdempotencyPort extends IdempotencyStatements {
  /** Whether the request with this id, since that instant, has changed anything. */
  hadEffect(requestId: string, since: Date): Promise<boolean>;
}

/** After so long without an answer the first request is taken for cut off: its service was killed. */
const cutOffMs = 120_000;

/** The caller's key; undefined when the request has none. @throws INPUT_HEADER. */
export function idempotencyKeyOf(http: Request): string | undefined {
  const key = http.get('idempotency-key');
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new AppError(
    'INPUT_HEADER',
    'Idempotency-Key must be 1 to 255 printable ASCII characters without spaces, such as a UUID',
  );
}

export interface KeyedRequest {
  key: string;
  caller: Caller;
  http: Request;
  response: Response;
  status: number;
}

/**
 * Runs it once for a key, and answers a repeat as the first was answered. What failed without changing anything may be
 * tried again with the same key.
 *
 * @throws CONFLICT_IDEMPOTENCY_KEY, CONFLICT_IDEMPOTENCY_UNDER_WAY, CONFLICT_IDEMPOTENCY_LOST.
 */
export async function once(
  port: IdempotencyPort,
  { key, caller, http, response, status }: KeyedRequest,
  run: () => Promise<object>,
): Promise<{ status: number; body: object }> {
  const { requestId } = caller;
  const owner: KeyOwner = { caller: `${caller.userId} ${caller.projectId ?? 'system'}`, key };
  const fingerprint = fingerprintOf(http);
  const begun = new Date();
  const kept = await beginOrTakeOver(port, { ...owner, fingerprint, requestId });
  if (kept !== undefined) {
    response.setHeader('Idempotency-Replayed', 'true');
    return kept;
  }
  try {
    const body = await run();
    await port.finish(owner, status, body as Record<string, unknown>);
    return { status, body };
  } catch (error) {
    if (!(await port.hadEffect(requestId, begun))) await port.release(owner);
    throw error;
  }
}

async function beginOrTakeOver(
  port: IdempotencyPort,
  request: KeyOwner & { fingerprint: string; requestId: string },
): Promise<{ status: number; body: object } | undefined> {
  const kept = await port.begin(request);
  if (kept === undefined) return undefined;
  if (kept.fingerprint !== request.fingerprint) {
    throw new AppError(
      'CONFLICT_IDEMPOTENCY_KEY',
      'this Idempotency-Key was used for another request; take a new key for each request that is not a repeat',
    );
  }
  if (kept.answer !== undefined && kept.status !== undefined)
    return { status: kept.status, body: kept.answer };
  await refuseUnfinished(port, kept);
  await port.release(request);
  return await beginOrTakeOver(port, request);
}

/** Nothing is done twice: only where the first request certainly did nothing may the repeat begin. */
async function refuseUnfinished(port: IdempotencyPort, { createdAt, requestId }: KeptRequest): Promise<void> {
  if (Date.now() - createdAt.getTime() < cutOffMs) {
    throw new AppError(
      'CONFLICT_IDEMPOTENCY_UNDER_WAY',
      'the first request with this Idempotency-Key is still being worked on; ask again in a few seconds',
    );
  }
  if (!(await port.hadEffect(requestId, createdAt))) return;
  throw new AppError(
    'CONFLICT_IDEMPOTENCY_LOST',
    `the first request with this Idempotency-Key (${requestId}) was done, but its answer is lost; look for what it made, in the jobs or in the audit trail`,
    { details: { firstRequestId: requestId } },
  );
}

function fingerprintOf(http: Request): string {
  const body = JSON.stringify(http.body ?? null);
  return createHash('sha256').update(`${http.method} ${http.originalUrl}\n${body}`).digest('hex');
}
