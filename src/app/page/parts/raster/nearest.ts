import { type Dots, firstAbove, firstAtLeast } from "./detail.ts";
import type { Viewport } from "./raster.ts";

/**
 * The point nearest to a place of the frame, no further than `reach` pixels; of equally near ones the strongest. -1: none. Only the columns
 * within reach are looked at.
 */
export function nearestDot(
  dots: Pick<Dots, "x" | "y" | "strength">,
  viewport: Viewport,
  px: number,
  py: number,
  reach: number,
): number {
  const { x0, x1, y0, y1, width, height } = viewport;
  const across = width / (x1 - x0);
  const up = height / (y1 - y0);
  const to = firstAbove(dots.x, x0 + (px + reach) / across);
  let best = -1;
  let least = reach * reach;
  for (let i = firstAtLeast(dots.x, x0 + (px - reach) / across); i < to; i++) {
    const dy = height - (dots.y[i]! - y0) * up - py;
    if (!(dy <= reach && dy >= -reach)) continue;
    const dx = (dots.x[i]! - x0) * across - px;
    const distance = dx * dx + dy * dy;
    if (distance > least) continue;
    if (distance === least && best >= 0 && dots.strength[i]! <= dots.strength[best]!) continue;
    least = distance;
    best = i;
  }
  return best;
}

/** The point of a picture's places nearest to a place in its view box; see {@link nearestDot}. Of equally near ones the last, which is drawn on top. */
export function nearestPlace(
  x: Float64Array,
  y: Float64Array,
  px: number,
  py: number,
  reach: number,
): number {
  let best = -1;
  let least = reach * reach;
  for (let i = 0; i < x.length; i++) {
    const distance = (x[i]! - px) * (x[i]! - px) + (y[i]! - py) * (y[i]! - py);
    if (!(distance <= least)) continue;
    least = distance;
    best = i;
  }
  return best;
}
