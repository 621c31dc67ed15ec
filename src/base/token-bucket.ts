export interface TokenBucketOptions {
  /** Refill, tokens a second. */
  perSecond: number;
  /** What it holds at most, and at the beginning. */
  burst: number;
}

/**
 * The token bucket, on a time that is told: over any span of t seconds no more than `burst + t * perSecond` tokens pass,
 * and none waits longer than that demands. First come, first served.
 */
export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  /** Below zero by what was promised and is not refilled yet. */
  #level: number;
  #nowMs: number | undefined;

  constructor({ perSecond, burst }: TokenBucketOptions) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#level = burst;
  }

  /**
   * Takes tokens, at most as many as the bucket holds, and says how long to wait before they count, ms. A clock that
   * jumps back refills nothing, one that jumps ahead fills the bucket once.
   */
  take(tokens: number, nowMs: number): number {
    const elapsedMs = Math.max(0, nowMs - (this.#nowMs ?? nowMs));
    this.#nowMs = nowMs;
    this.#level = Math.min(this.#burst, this.#level + elapsedMs * this.#perMs) - tokens;
    return this.#level >= 0 ? 0 : -this.#level / this.#perMs;
  }
}
