/** How fast bytes come, from what was told of them lately. Pure. */
export interface Sample {
  /** ms since any fixed instant. */
  atMs: number;
  bytesDone: number;
}

const windowMs = 20_000;

/** The samples that count, with a new one; an attempt that begins anew counts from its beginning. */
export function addSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.bytesDone < last.bytesDone) return [sample];
  // One sample that is older stays: the window has a beginning then.
  const first = samples.findLastIndex(({ atMs }) => atMs <= sample.atMs - windowMs);
  return [...samples.slice(Math.max(0, first)), sample];
}

/** Bytes a second over the last 20 s or so; undefined before there is enough to tell. */
export function rateOf(samples: readonly Sample[]): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.atMs - first.atMs < 1000) return undefined;
  return ((last.bytesDone - first.bytesDone) * 1000) / (last.atMs - first.atMs);
}

/** Seconds until the rest has come at this rate; undefined when that cannot be told. */
export function secondsLeft(
  bytesDone: number,
  bytesTotal: number | undefined,
  bytesPerSecond: number | undefined,
): number | undefined {
  if (bytesTotal === undefined || bytesPerSecond === undefined || bytesPerSecond <= 0) return undefined;
  return Math.max(0, bytesTotal - bytesDone) / bytesPerSecond;
}
