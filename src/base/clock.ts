/** The one source of time for everything that must be testable. */
export interface Clock {
  /** The current instant, UTC. */
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
