import * as Plot from "@observablehq/plot";
import { AXIS, GRID, remark, xTitle, yTitle } from "./marks.ts";
import { bases, count } from "./numbers.ts";
import { type Canvas, ink, svgText } from "./svg.ts";

export interface LeadDistanceData {
  /** Base pairs, a gene each, signed as the tables have it. */
  readonly distance: Float64Array;
  /** Half the width of the axis, in base pairs: the window of the map. */
  readonly window: number;
  /** What distances are measured from, to follow `from the gene's`: `first base`. */
  readonly from: string;
  readonly title?: string;
}

const BINS = 60;
const MARGIN = { left: 50, right: 22, top: 40, bottom: 48 };

/** How far the lead variants lie from their gene. Returns an SVG file. */
export function leadDistance(canvas: Canvas, data: LeadDistanceData): string {
  const bins = distanceBins(data.distance, data.window, BINS);
  const middle = medianSize(data.distance);
  const [unit, scale] = data.window >= 2_000_000 ? ["Mb", 1e6] : ["kb", 1e3];
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  const ticks = wholeTicks(most, 5);
  const plot = Plot.plot({
    document: canvas.document,
    width: 520,
    height: 340,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { domain: [-data.window, data.window], axis: null },
    y: { domain: [0, most * 1.06], axis: null },
    marks: [
      Plot.gridY(ticks, GRID),
      Plot.axisY(ticks, { ...AXIS, tickFormat: count }),
      yTitle("Genes", MARGIN.left),
      Plot.rectY(bins, { x1: "from", x2: "to", y: "count", fill: ink.deep, insetLeft: 0.5, insetRight: 0.5 }),
      Plot.ruleX([0], { stroke: ink.accent, strokeDasharray: "4 3" }),
      Plot.ruleY([0], { stroke: ink.line }),
      Plot.axisX({ ...AXIS, ticks: 9, tickFormat: (at: number) => signedCount(at / scale) }),
      xTitle(`Distance of the lead variant from the gene's ${data.from} (${unit})`),
      remark(reachText(data.distance.length, middle)),
    ],
  });
  return svgText(plot, data.title ?? `Distance of the lead variants from their gene's ${data.from}`);
}

export interface DistanceBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Counts in `bins` bins of equal width from -window to window; what lies beyond goes to the outer bins. */
export function distanceBins(distance: Float64Array, window: number, bins: number): DistanceBin[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of distance) {
    if (Number.isNaN(value)) continue;
    const bin = Math.floor(((value + window) / (2 * window)) * bins);
    const inside = Math.min(bins - 1, Math.max(0, bin));
    counts[inside] = counts[inside]! + 1;
  }
  const width = (2 * window) / bins;
  return counts.map((number, i) => ({
    from: -window + i * width,
    to: -window + (i + 1) * width,
    count: number,
  }));
}

/** Median of |distance|, or NaN when there is none. */
export function medianSize(distance: Float64Array): number {
  const sizes = distance
    .filter((value) => !Number.isNaN(value))
    .map(Math.abs)
    .sort();
  const half = sizes.length >> 1;
  if (sizes.length === 0) return Number.NaN;
  return sizes.length % 2 === 1 ? sizes[half]! : (sizes[half - 1]! + sizes[half]!) / 2;
}

function signedCount(value: number): string {
  const size = Math.abs(value);
  return `${value < 0 ? "−" : ""}${Number.isInteger(size) ? count(size) : size}`;
}

function reachText(leads: number, middle: number): string {
  if (leads === 0) return "no leads";
  return leads === 1 ? `one lead, at ${bases(middle)}` : `half of the leads lie within ${bases(middle)}`;
}

/** About `number` round whole numbers from 0 to `most`: genes come whole. */
export function wholeTicks(most: number, number: number): number[] {
  const least = Math.max(1, most / number);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= least) ?? 10 * power;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}
