import * as Plot from "@observablehq/plot";
import { AXIS, GRID, xTitle, yTitle } from "./marks.ts";
import { count, shorten } from "./numbers.ts";
import { type Canvas, ink, svgText } from "./svg.ts";

export interface BarsData {
  readonly title: string;
  /** What the classes are, below the axis. */
  readonly classes: string;
  /** What is counted. */
  readonly text: string;
  readonly labels: readonly string[];
  readonly values: readonly number[];
}

const MARGIN = { left: 56, right: 22, top: 40, bottom: 48 };

/** Numbers of things by class, a bar a class with its number on it. Returns an SVG file. */
export function bars(canvas: Canvas, { title, classes, text, labels, values }: BarsData): string {
  const each = values.map((value, i) => ({ at: i, from: i - 0.42, to: i + 0.42, value }));
  const most = Math.max(1, ...values);
  const plot = Plot.plot({
    document: canvas.document,
    width: 520,
    height: 340,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { domain: [-0.6, labels.length - 0.4], axis: null },
    y: { domain: [0, most * 1.08], axis: null },
    marks: [
      Plot.gridY({ ...GRID, ticks: 5 }),
      Plot.axisY({ ...AXIS, ticks: Math.min(5, most), tickFormat: count }),
      yTitle(text, MARGIN.left),
      Plot.rectY(each, { x1: "from", x2: "to", y: "value", fill: ink.deep }),
      Plot.text(
        each.filter(({ value }) => value > 0),
        {
          x: "at",
          y: "value",
          text: (bar: { value: number }) => count(bar.value),
          dy: -8,
          fill: ink.muted,
          fontSize: 11.5,
        },
      ),
      Plot.ruleY([0], { stroke: ink.line }),
      Plot.axisX([...labels.keys()], { ...AXIS, tickFormat: (i: number) => labels[i] ?? "" }),
      xTitle(classes),
    ],
  });
  return svgText(plot, title);
}

export interface RowBarsData {
  readonly title: string;
  /** What the bars show, above them. */
  readonly text: string;
  /** One a row, the first on top. */
  readonly labels: readonly string[];
  readonly values: readonly number[];
  /** Where bars begin. Default 0. */
  readonly foot?: number | undefined;
}

const ROW = 26;
/** Letters of a label that there is room for. */
const LONGEST = 40;

/** Named numbers as bars from the left, a row each. Returns an SVG file. */
export function rowBars(canvas: Canvas, { title, text, labels, values, foot = 0 }: RowBarsData): string {
  const names = labels.map((label) => shorten(label, LONGEST));
  const left = 24 + 6.6 * Math.max(8, ...names.map((name) => [...name].length));
  const each = values.map((value, i) => ({ from: i - 0.36, to: i + 0.36, value }));
  const most = Math.max(foot + 1e-9, ...values.filter(Number.isFinite));
  const plot = Plot.plot({
    document: canvas.document,
    width: 780,
    height: 66 + ROW * labels.length,
    marginLeft: left,
    marginRight: 22,
    marginTop: 40,
    marginBottom: 26,
    x: { domain: [foot, foot + (most - foot) * 1.04], axis: null },
    y: { domain: [labels.length - 0.5, -0.5], axis: null },
    marks: [
      Plot.gridX({ ...GRID, ticks: 6 }),
      yTitle(text, left),
      Plot.rectX(each, {
        x1: foot,
        x2: (bar: { value: number }) => Math.min(bar.value, most),
        y1: "from",
        y2: "to",
        fill: ink.deep,
      }),
      Plot.ruleX([foot], { stroke: ink.line }),
      Plot.axisY([...names.keys()], { ...AXIS, color: ink.ink, tickFormat: (i: number) => names[i] ?? "" }),
      Plot.axisX({ ...AXIS, ticks: 6 }),
    ],
  });
  return svgText(plot, title);
}

/** How many of `values` lie in each of `bins` equal classes from `low` to `high`, with the classes' middles as labels. */
export function histogram(
  values: Iterable<number>,
  low: number,
  high: number,
  bins: number,
): { readonly labels: string[]; readonly values: number[] } {
  const width = (high - low) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((value - low) / width)));
    counts[bin]!++;
  }
  const labels = counts.map((_, i) => String(Number((low + i * width).toFixed(2))));
  return { labels, values: counts };
}
