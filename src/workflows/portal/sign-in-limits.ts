import { AppError } from '../../base/errors.ts';
import type { AttemptLimit, SignInAttemptStatements } from '../../drivers/catalog/sign-in-attempts.ts';

/** Attempts that fail; one that succeeds costs nothing. */
const ofAddress: AttemptLimit = { perSecond: 1 / 5, burst: 20 };
const ofUser: AttemptLimit = { perSecond: 1 / 15, burst: 10 };

/** By then every bucket has drained. */
export const forgottenAfterSeconds = 3600;

/**
 * Slows down who guesses, by address and by the user that is guessed at. Counted in the catalog, so that it holds over all
 * replicas and through restarts. An attempt counts before it is made: many at once do not slip through.
 *
 * @returns what takes it back, for one that succeeded.
 * @throws LIMIT_SIGN_IN.
 */
export async function takeAttempt(
  attempts: SignInAttemptStatements,
  address: string,
  user: string,
): Promise<() => Promise<void>> {
  const counted = [
    [`address ${networkOf(address)}`, ofAddress],
    [`user ${user}`, ofUser],
  ] as const;
  const giveBack = async (): Promise<void> => {
    for (const [key] of counted) await attempts.giveBack(key);
  };
  const waits: number[] = [];
  for (const [key, limit] of counted) waits.push(await attempts.take(key, limit));
  const seconds = Math.ceil(Math.max(...waits));
  if (seconds === 0) return giveBack;
  // One that is refused is not made: who goes on trying has to wait no longer for it.
  await giveBack();
  throw new AppError('LIMIT_SIGN_IN', `too many attempts to sign in; try again in ${seconds} s`, {
    details: { retryAfterSeconds: seconds },
  });
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
