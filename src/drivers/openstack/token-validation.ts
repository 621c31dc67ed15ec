import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { readAnswer } from './answer.ts';
import { hasStatus } from './http-error.ts';
import { tokenSchema, type TokenInfo } from './keystone-auth.ts';
import type { CallOptions, ServiceClient } from './service-client.ts';
import { isTokenText } from './token-session.ts';

export type ValidateToken = (token: string, options?: CallOptions) => Promise<TokenInfo>;

export interface ValidationOptions {
  identity: ServiceClient;
  clock: Clock;
  /** How long an answer is believed; a revoked token lives on for at most this long. Default and ceiling 60 s. */
  cacheMs?: number | undefined;
  /** Tokens remembered at most (I11). */
  cacheSize?: number | undefined;
}

interface Remembered {
  info: TokenInfo;
  untilMs: number;
}

const longestCacheMs = 60_000;

/**
 * Asks Keystone about other people's tokens. Throws AUTH_TOKEN_INVALID for a token that Keystone does not know (any
 * more), FORBIDDEN_TOKEN_VALIDATION when our own user may not ask. The cache knows tokens by their sha256 only (I10).
 */
export function createTokenValidator(options: ValidationOptions): ValidateToken {
  const cacheMs = Math.min(options.cacheMs ?? longestCacheMs, longestCacheMs);
  const cacheSize = options.cacheSize ?? 2000;
  const cache = new Map<string, Remembered>();

  return async (token, call = {}) => {
    const key = createHash('sha256').update(token).digest('hex');
    const nowMs = options.clock.now().getTime();
    const known = cache.get(key);
    if (known !== undefined && nowMs < known.untilMs) return known.info;
    cache.delete(key);
    const info = await askKeystone(options.identity, token, call);
    // Whether it has expired is Keystone's to say: when our clock is off, it is only asked each time.
    cache.set(key, { info, untilMs: Math.min(nowMs + cacheMs, info.expiresAt.getTime()) });
    for (const oldest of cache.keys()) {
      if (cache.size <= cacheSize) break;
      cache.delete(oldest);
    }
    return info;
  };
}

async function askKeystone(identity: ServiceClient, token: string, call: CallOptions): Promise<TokenInfo> {
  if (!isTokenText(token)) throw invalidToken();
  try {
    const response = await identity.request({
      ...call,
      method: 'GET',
      // Without OpenStack-Identity-Access-Rules Keystone hides application credentials that are limited by access
      // rules: we do not enforce those, so their tokens must not work here.
      path: '/auth/tokens?nocatalog',
      headers: { 'X-Subject-Token': token },
      secrets: [token],
      expected: [200],
    });
    return readAnswer(tokenSchema, response).info;
  } catch (error) {
    if (hasStatus(error, 404, 400)) throw invalidToken(error);
    if (hasStatus(error, 403)) {
      throw new AppError(
        'FORBIDDEN_TOKEN_VALIDATION',
        'The service user may not validate tokens: give it the role admin or service on its project (openstack role add).',
        { cause: error },
      );
    }
    throw error;
  }
}

function invalidToken(cause?: unknown): AppError {
  return new AppError('AUTH_TOKEN_INVALID', 'The token is unknown, expired or revoked: sign in again.', {
    cause,
  });
}
