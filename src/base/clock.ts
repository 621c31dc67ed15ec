/** The one source of time for everything that must be testable. */
export interface Clock {
  /** The current instant, UTC. */
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/**
 * For how long something takes or may take: it goes on evenly when the host's clock is set forward or back. Its dates are
 * only near the real ones, so never written down or compared with another's.
 */
export const steadyClock: Clock = { now: () => new Date(performance.timeOrigin + performance.now()) };

/** A clock that never shows an instant before the one that is given. */
export function clockFrom(clock: Clock, earliest: Date): Clock {
  return { now: () => new Date(Math.max(clock.now().getTime(), earliest.getTime())) };
}
