import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Range, sameRange, within } from "./raster/viewport.ts";

export interface Stretch {
  readonly range: Range;
  /** Shows a stretch at once. */
  readonly show: (range: Range) => void;
  /** Moves there within a moment, at once for those who want less motion. */
  readonly moveTo: (range: Range) => void;
}

const MOVE_MS = 220;
const SETTLE_MS = 200;

/**
 * The stretch of an axis that is shown. `kept` is what the page remembers (undefined: all of it), which is followed when it changes, and told
 * by `keep` once nothing has moved for a moment.
 */
export function useStretch(
  bounds: Range,
  kept: Range | undefined,
  keep: (range: Range | undefined) => void,
): Stretch {
  const asked = kept === undefined ? bounds : within(kept, bounds);
  const [range, setRange] = useState<Range>(asked);
  const now = useRef(range);
  const told = useRef<Range>(asked);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const frame = useRef(0);
  const put = useCallback(
    (next: Range) => {
      now.current = next;
      setRange(next);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        told.current = next;
        keep(sameRange(next, bounds) ? undefined : next);
      }, SETTLE_MS);
    },
    [bounds[0], bounds[1], keep],
  );
  const show = useCallback(
    (next: Range) => {
      cancelAnimationFrame(frame.current);
      put(next);
    },
    [put],
  );
  const moveTo = useCallback(
    (next: Range) => {
      cancelAnimationFrame(frame.current);
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) return put(next);
      const from = now.current;
      const start = performance.now();
      const step = (time: number): void => {
        const done = Math.min(1, Math.max(0, (time - start) / MOVE_MS));
        const eased = done * (2 - done);
        put(
          done === 1 ? next : [from[0] + eased * (next[0] - from[0]), from[1] + eased * (next[1] - from[1])],
        );
        if (done < 1) frame.current = requestAnimationFrame(step);
      };
      frame.current = requestAnimationFrame(step);
    },
    [put],
  );
  useEffect(() => {
    if (sameRange(asked, told.current)) return;
    told.current = asked;
    clearTimeout(timer.current);
    now.current = asked;
    setRange(asked);
  }, [asked[0], asked[1]]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      cancelAnimationFrame(frame.current);
    },
    [],
  );
  return { range, show, moveTo };
}
