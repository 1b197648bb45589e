/** A stretch of an axis that is shown. */
export type Range = readonly [number, number];

/** `range` made `factor` times as long around `at` (a share of it, 0 to 1), within `bounds` and no shorter than `least`. */
export function zoomRange(
  [low, high]: Range,
  factor: number,
  at: number,
  bounds: Range,
  least: number,
): Range {
  const whole = bounds[1] - bounds[0];
  const length = Math.min(whole, Math.max(Math.min(least, whole), (high - low) * factor));
  const fixed = low + at * (high - low);
  return within([fixed - at * length, fixed + (1 - at) * length], bounds);
}

/** `range` moved by `by`, but not beyond `bounds`. */
export function panRange([low, high]: Range, by: number, bounds: Range): Range {
  return within([low + by, high + by], bounds);
}

/** A stretch as long as `range` in `bounds`, or all of these. */
export function within([low, high]: Range, [first, last]: Range): Range {
  const length = high - low;
  if (!(length < last - first)) return [first, last];
  const start = Math.min(Math.max(low, first), last - length);
  return [start, start + length];
}

/** Stretches that differ by less than a millionth show the same. */
export function sameRange(a: Range | undefined, b: Range | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const close = (a[1] - a[0]) * 1e-6;
  return Math.abs(a[0] - b[0]) <= close && Math.abs(a[1] - b[1]) <= close;
}
