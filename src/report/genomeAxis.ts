import * as Plot from "@observablehq/plot";
import type { GenomeLayout, GenomeSpan } from "./layout.ts";
import { AXIS, xTitle, yTitle } from "./marks.ts";
import { ink } from "./svg.ts";

/** Axes over a genome: chromosome names under their stretch, or Mb when there is a single chromosome. */

export interface AxisPlace {
  readonly side: "bottom" | "left";
  /** Length of the axis in pixels. */
  readonly pixels: number;
  /** `Variant`, `Gene`: what the positions are of; empty when it goes without saying. */
  readonly what: string;
  /** The plot's left margin, for an axis on the left. */
  readonly left?: number;
}

const SIZE = 10.5;

export function genomeAxis(
  layout: GenomeLayout,
  { side, pixels, what, left = 0 }: AxisPlace,
): Plot.Markish[] {
  const [only] = layout.spans;
  const single = only !== undefined && layout.spans.length === 1 ? only : undefined;
  const subject = what === "" ? "" : `${what}: `;
  const label = single
    ? `${subject}position on chromosome ${single.name} (Mb)`
    : `${subject}position by chromosome`;
  const names = single ? [] : spaced(layout, (span) => room(span.name, side) * (layout.length / pixels));
  const text = { text: (span: GenomeSpan) => span.name, fill: ink.muted, fontSize: SIZE };
  const title = label.charAt(0).toUpperCase() + label.slice(1);
  return side === "bottom"
    ? [
        single ? Plot.axisX(megabaseTicks(single), { ...AXIS, tickFormat: inMegabases(single) }) : null,
        Plot.text(names, { ...text, x: middle, frameAnchor: "bottom", dy: 17 }),
        xTitle(title),
      ]
    : [
        single ? Plot.axisY(megabaseTicks(single), { ...AXIS, tickFormat: inMegabases(single) }) : null,
        Plot.text(names, { ...text, y: middle, frameAnchor: "left", dx: -9, textAnchor: "end" }),
        yTitle(title, left),
      ];
}

/** Middles of the gaps between chromosomes, where a rule may be drawn. */
export function chromosomeEdges(layout: GenomeLayout): number[] {
  return layout.spans.slice(1).map((span, i) => {
    const before = layout.spans[i]!;
    return (before.offset + before.last - before.first + span.offset) / 2;
  });
}

/** Chromosomes whose names, `width` wide in the middle of each, do not run into the one before. */
export function spaced(layout: GenomeLayout, width: (span: GenomeSpan) => number): GenomeSpan[] {
  let free = Number.NEGATIVE_INFINITY;
  return layout.spans.filter((span) => {
    if (middle(span) - width(span) / 2 < free) return false;
    free = middle(span) + width(span) / 2;
    return true;
  });
}

function middle(span: GenomeSpan): number {
  return span.offset + (span.last - span.first) / 2;
}

function room(name: string, side: AxisPlace["side"]): number {
  return side === "bottom" ? 6.6 * name.length + 3 : 12;
}

/** Axis coordinates of round positions on a chromosome, about ten of them. */
function megabaseTicks(span: GenomeSpan): number[] {
  const rough = Math.max(1, (span.last - span.first) / 10);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let at = Math.ceil(span.first / step) * step; at <= span.last; at += step) ticks.push(at - span.first);
  return ticks;
}

function inMegabases(span: GenomeSpan): (x: number) => string {
  return (x) => String(Number(((span.first + x) / 1e6).toFixed(4)));
}
