/** A restore that was measured. */
export interface Sample {
  bytes: number;
  durationMs: number;
}

/**
 * How long so many bytes take, by the straight line that lies nearest to the samples: what each restore takes whatever its
 * size, and what each byte takes. Samples of one size tell only their mean. undefined without samples.
 */
export function estimateMs(samples: readonly Sample[], bytes: number): number | undefined {
  if (samples.length === 0) return undefined;
  const meanBytes = mean(samples.map((sample) => sample.bytes));
  const meanMs = mean(samples.map((sample) => sample.durationMs));
  const spread = sum(samples.map((sample) => (sample.bytes - meanBytes) ** 2));
  if (spread === 0) return bytes <= meanBytes || meanBytes === 0 ? meanMs : (meanMs / meanBytes) * bytes;
  const slope =
    sum(samples.map((sample) => (sample.bytes - meanBytes) * (sample.durationMs - meanMs))) / spread;
  const base = meanMs - slope * meanBytes;
  // More bytes take no less time, and none takes less than nothing.
  if (slope <= 0) return meanMs;
  return base >= 0 ? base + slope * bytes : (meanMs / meanBytes) * bytes;
}

export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
