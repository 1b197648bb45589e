import { useMemo } from "preact/hooks";
import { panRange, type Range, sameRange, within, zoomRange } from "./raster/viewport.ts";
import { useStretch } from "./useStretch.ts";

/** How an axis goes where it is told to: at once, as under a finger, or gliding, as after a key. */
export type Pace = "show" | "moveTo";

/** An axis that is moved; each act returns the stretch that it goes to. */
export interface Axis {
  readonly range: Range;
  /** By a share of what is shown. */
  readonly pan: (by: number, pace: Pace) => Range;
  /** Around `at`, a share of what is shown; nothing moves where nothing is left to zoom. */
  readonly zoom: (factor: number, at: number, pace: Pace) => Range;
  /** To a part of what is shown, by the shares where it begins and ends. */
  readonly part: (from: number, to: number) => Range;
  readonly all: () => Range;
}

/** Of the axis from 0 to `length`, of which at least `least` is shown; `kept` and `keep` as {@link useStretch} has them. */
export function useAxis(
  length: number,
  least: number,
  kept: Range | undefined,
  keep: (range: Range | undefined) => void,
): Axis {
  const bounds = useMemo((): Range => [0, length], [length]);
  const { range, ...go } = useStretch(bounds, kept, keep);
  const [low, high] = range;
  const to = (next: Range, pace: Pace): Range => {
    if (!sameRange(next, range)) go[pace](next);
    return next;
  };
  return {
    range,
    pan: (by, pace) => to(panRange(range, by * (high - low), bounds), pace),
    zoom: (factor, at, pace) => to(zoomRange(range, factor, at, bounds, least), pace),
    part: (from, until) => {
      const start = low + from * (high - low);
      const size = Math.max(least, (until - from) * (high - low));
      return to(within([start, start + size], bounds), "moveTo");
    },
    all: () => to(bounds, "moveTo"),
  };
}
