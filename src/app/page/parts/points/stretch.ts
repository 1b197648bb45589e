/** The part of an axis that is shown, from `[0]` to `[1]`, and how it moves. */
export type Stretch = readonly [number, number];

/** The narrowest stretch that can be looked at: 200 base pairs. */
const NARROWEST = 200;

/** Within 0 to `length`, no narrower than {@link NARROWEST}. */
export function within([from, to]: Stretch, length: number): Stretch {
  const width = Math.min(length, Math.max(NARROWEST, to - from));
  const start = Math.min(Math.max(0, from), length - width);
  return [start, start + width];
}

/** Narrower by `factor` (wider below 1); what lies at `at` stays where it is. */
export function zoomed([from, to]: Stretch, factor: number, at: number, length: number): Stretch {
  const width = Math.min(length, Math.max(NARROWEST, (to - from) / factor));
  const share = to > from ? (at - from) / (to - from) : 0.5;
  return within([at - share * width, at + (1 - share) * width], length);
}

/** Moved along by `share` of its width. */
export function moved([from, to]: Stretch, share: number, length: number): Stretch {
  const step = share * (to - from);
  return within([from + step, to + step], length);
}

export function isWhole([from, to]: Stretch, length: number): boolean {
  return from <= 0 && to >= length;
}
