import type { ChromosomeSpan } from "../../../engine/protocol.ts";
import type { Stretch } from "./stretch.ts";

export interface Tick {
  /** Pixels from the axis' start. */
  readonly at: number;
  readonly text: string;
}

/** A chromosome's share of the axis in view, in pixels. */
export interface Shade {
  readonly from: number;
  readonly to: number;
  readonly odd: boolean;
}

/** Names of chromosomes while several are in view; positions in Mb within one. `gap`: pixels a name needs. */
export function genomeTicks(
  spans: readonly ChromosomeSpan[],
  [x0, x1]: Stretch,
  pixels: number,
  gap = 34,
): { readonly ticks: readonly Tick[]; readonly title: string } {
  const scale = pixels / (x1 - x0);
  const seen = spans.filter(({ offset, first, last }) => offset + last - first >= x0 && offset <= x1);
  const [only] = seen;
  if (only !== undefined && seen.length === 1) {
    return { ticks: positionTicks(only, x0, x1, scale), title: `Position on chromosome ${only.name} (Mb)` };
  }
  let free = Number.NEGATIVE_INFINITY;
  const ticks = seen.flatMap((span) => {
    const from = Math.max(x0, span.offset);
    const to = Math.min(x1, span.offset + span.last - span.first);
    const at = ((from + to) / 2 - x0) * scale;
    if (at < free) return [];
    free = at + Math.max(14, Math.min(gap, 9 * span.name.length + 6));
    return [{ at, text: span.name }];
  });
  return { ticks, title: "Position by chromosome" };
}

function positionTicks(span: ChromosomeSpan, x0: number, x1: number, scale: number): Tick[] {
  const rough = (x1 - x0) / Math.max(2, ((x1 - x0) * scale) / 110);
  const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const digits = Math.max(0, 6 - Math.floor(Math.log10(step)));
  const base = span.first - span.offset;
  const ticks: Tick[] = [];
  const last = Math.min(span.last, x1 + base);
  for (let at = Math.ceil(Math.max(span.first, x0 + base) / step) * step; at <= last; at += step)
    ticks.push({ at: (at - base - x0) * scale, text: (at / 1e6).toFixed(Math.min(6, digits)) });
  return ticks;
}

/** Round values from `low` to `high`, about `number` of them. */
export function valueTicks(low: number, high: number, pixels: number, number = 6): Tick[] {
  const rough = Math.max(1e-9, (high - low) / number);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const ticks: Tick[] = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step)
    ticks.push({
      at: pixels - ((value - low) * pixels) / (high - low),
      text: String(Number(value.toFixed(6))),
    });
  return ticks;
}

/** The chromosomes in view, every other one shaded. */
export function shades(spans: readonly ChromosomeSpan[], [x0, x1]: Stretch, pixels: number): Shade[] {
  const scale = pixels / (x1 - x0);
  return spans.flatMap((span, i) => {
    const from = Math.max(0, (span.offset - x0) * scale);
    const to = Math.min(pixels, (span.offset + span.last - span.first - x0) * scale);
    return to <= 0 || from >= pixels ? [] : [{ from, to, odd: i % 2 === 1 }];
  });
}

/** The chromosome and position of a place on the axis. */
export function placeOf(
  spans: readonly ChromosomeSpan[],
  x: number,
): { readonly chromosome: string; readonly position: number } {
  const span = spans.findLast(({ offset }) => offset <= x) ?? spans[0];
  if (span === undefined) return { chromosome: "", position: Number.NaN };
  return { chromosome: span.name, position: Math.round(span.first + x - span.offset) };
}

/** The length of the whole axis. */
export function axisLength(spans: readonly ChromosomeSpan[]): number {
  const last = spans[spans.length - 1];
  return last === undefined ? 1 : Math.max(1, last.offset + last.last - last.first);
}
