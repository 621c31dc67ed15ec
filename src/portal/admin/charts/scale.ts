/** Where values lie in a picture. Pure. */

/** A round figure that is at least `value`, of 1, 2 or 5 times a power of `base`: 1024 for bytes, 10 for counts. */
export function niceMax(value: number, base: 10 | 1024): number {
  if (value <= 0) return 1;
  const steps = base === 10 ? [1, 2, 5] : [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
  for (let power = base === 10 ? 10 ** Math.floor(Math.log10(value)) : 1; ; power *= base) {
    const found = steps.map((step) => step * power).find((step) => step >= value);
    if (found !== undefined) return found;
  }
}

export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** From a value between two others to a place between two others. */
export function place(
  value: number,
  [low, high]: readonly [number, number],
  from: number,
  to: number,
): number {
  return high === low ? from : from + ((value - low) / (high - low)) * (to - from);
}

/** The corners of a line, for the `points` of a polyline. */
export function linePoints(
  values: readonly { x: number; y: number }[],
  { xs, max, frame }: { xs: readonly [number, number]; max: number; frame: Frame },
): string {
  const { left, top, width, height } = frame;
  return values
    .map(({ x, y }) => {
      const across = place(x, xs, left, left + width);
      const up = place(y, [0, max], top + height, top);
      return `${across.toFixed(1)},${up.toFixed(1)}`;
    })
    .join(' ');
}

export interface Share<K extends string> {
  key: K;
  count: number;
  /** In the whole, 0 to 100. */
  from: number;
  width: number;
}

/** Parts of a bar, one after the other; what is there at all is wide enough to be seen. */
export function shares<K extends string>(counts: readonly (readonly [key: K, count: number])[]): Share<K>[] {
  const least = 1.5;
  const there = counts.filter(([, count]) => count > 0);
  const total = there.reduce((sum, [, count]) => sum + count, 0);
  const wide = there.map(([, count]) => Math.max(least, (count / total) * 100));
  const all = wide.reduce((sum, width) => sum + width, 0);
  let from = 0;
  return there.map(([key, count], index) => {
    const width = ((wide[index] ?? 0) / all) * 100;
    const share = { key, count, from, width };
    from += width;
    return share;
  });
}
