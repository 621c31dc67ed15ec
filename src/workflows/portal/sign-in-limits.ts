import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { TokenBucket, type TokenBucketOptions } from '../../base/token-bucket.ts';

/** Attempts that fail; one that succeeds costs nothing. */
const ofAddress: TokenBucketOptions = { perSecond: 1 / 5, burst: 20 };
const ofUser: TokenBucketOptions = { perSecond: 1 / 15, burst: 10 };

/** Buckets of each kind remembered at most (I11). */
const mostBuckets = 10_000;

/**
 * Slows down who guesses, by address and by the user that is guessed at. Kept in this process: with n replicas an attacker
 * has n times the attempts. Keystone's own lockout ([security_compliance]) counts over all of them.
 */
export class SignInLimits {
  readonly #clock: Clock;
  readonly #addresses = new Map<string, TokenBucket>();
  readonly #users = new Map<string, TokenBucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Counts an attempt before it is made, so that many at once do not slip through.
   *
   * @returns what takes it back, for one that succeeded.
   * @throws LIMIT_SIGN_IN.
   */
  take(address: string, user: string): () => void {
    const buckets = [
      bucketOf(this.#addresses, networkOf(address), ofAddress),
      bucketOf(this.#users, user, ofUser),
    ];
    const takeEach = (tokens: number): number[] =>
      buckets.map((bucket) => bucket.take(tokens, this.#clock.now().getTime()));
    const giveBack = (): void => void takeEach(-1);
    const waitMs = Math.max(...takeEach(1));
    if (waitMs === 0) return giveBack;
    // One that is refused is not made: who goes on trying has to wait no longer for it.
    giveBack();
    const seconds = Math.ceil(waitMs / 1000);
    throw new AppError('LIMIT_SIGN_IN', `too many attempts to sign in; try again in ${seconds} s`, {
      details: { retryAfterSeconds: seconds },
    });
  }
}

/** Those used last stay. */
function bucketOf(buckets: Map<string, TokenBucket>, key: string, options: TokenBucketOptions): TokenBucket {
  const bucket = buckets.get(key) ?? new TokenBucket(options);
  buckets.delete(key);
  buckets.set(key, bucket);
  const [oldest] = buckets.keys();
  if (buckets.size > mostBuckets && oldest !== undefined) buckets.delete(oldest);
  return bucket;
}

/** An address of IPv6 stands for its /64, which one customer has whole. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail = ''] = address.toLowerCase().split('::', 2);
  const [first, last] = [head, tail].map((part) => part.split(':').filter((group) => group !== ''));
  const missing = 8 - (first?.length ?? 0) - (last?.length ?? 0);
  const groups = [...(first ?? []), ...Array<string>(Math.max(0, missing)).fill('0'), ...(last ?? [])];
  return groups.slice(0, 4).join(':');
}
