import { systemClock } from '../base/clock.ts';
import type { Catalog } from '../drivers/catalog/catalog.ts';
import type { Now } from '../workflows/expire/deps.ts';

/** Two clocks that rarely are wrong together. */
export function earlierNow({ expiry }: Pick<Catalog, 'expiry'>): Now {
  return async () => new Date(Math.min(systemClock.now().getTime(), (await expiry.now()).getTime()));
}
