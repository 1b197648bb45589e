import * as Plot from "@observablehq/plot";
import { wholeTicks } from "./leadDistance.ts";
import { AXIS, dots, GRID, remark, xTitle, yTitle } from "./marks.ts";
import { count, counted, shorten } from "./numbers.ts";
import type { Picture } from "./picture.ts";
import { type Canvas, ink, svgText } from "./svg.ts";

/** Pictures of a run's quality page: what a reviewer looks at before the results. */

const WIDTH = 520;
const MARGIN = { left: 54, right: 22, top: 40, bottom: 48 };
const SIDES = {
  marginLeft: MARGIN.left,
  marginRight: MARGIN.right,
  marginTop: MARGIN.top,
  marginBottom: MARGIN.bottom,
};

export interface EffectFrequencyData {
  /** Frequency of the effect allele and slope, a lead a row. */
  readonly af: Float64Array;
  readonly slope: Float64Array;
  /** Least minor allele frequency tested: where the axis is marked. */
  readonly least?: number | undefined;
  readonly title?: string | undefined;
}

const FREQUENCY_BINS = 10;

/**
 * Size of the leads' effects against minor allele frequency, with the median of each tenth of the leads. Rare alleles need large effects to be
 * found, so it falls to the right; single huge effects at the left edge are errors more often than biology. Places are those of the leads.
 */
export function effectByFrequency(canvas: Canvas, data: EffectFrequencyData): Picture {
  const height = 340;
  const maf = data.af.map((af) => Math.min(af, 1 - af));
  const size = data.slope.map(Math.abs);
  const shown = [...maf.keys()].filter((i) => maf[i]! >= 0 && Number.isFinite(size[i]));
  const most = shown.reduce((top, i) => Math.max(top, size[i]!), 0);
  const medians = binMedians(shown, maf, size);
  const plot = Plot.plot({
    ...{ document: canvas.document, width: WIDTH, height, ...SIDES },
    x: { domain: [0, 0.5], axis: null },
    y: { domain: [0, most > 0 ? most * 1.06 : 1], axis: null },
    marks: [
      Plot.gridY({ ...GRID, ticks: 5 }),
      Plot.axisY({ ...AXIS, ticks: 5 }),
      yTitle("Size of the effect (|slope|)", MARGIN.left),
      dots(
        shown.map((i) => maf[i]!),
        shown.map((i) => size[i]!),
        { colour: ink.mid, radius: shown.length > 1_000 ? 1.6 : 2.4, opacity: 0.7 },
      ),
      data.least === undefined || !(data.least > 0 && data.least <= 0.5)
        ? null
        : Plot.ruleX([data.least], { stroke: ink.muted, strokeDasharray: "4 3" }),
      Plot.line(medians, { x: "maf", y: "size", stroke: ink.accent, strokeWidth: 2.2 }),
      Plot.axisX({ ...AXIS, ticks: 6 }),
      xTitle("Minor allele frequency of the lead variant"),
      remark(shown.length === 0 ? "no leads" : `${counted(shown.length, "lead")}; line: medians`),
    ],
  });
  const place = (axis: "x" | "y", values: Float64Array) => {
    const scale = plot.scale(axis);
    const drawn = new Set(shown);
    return values.map((value, i) => (drawn.has(i) ? Number(scale?.apply(value)) : Number.NaN));
  };
  return {
    svg: svgText(plot, data.title ?? "Size of the effects against allele frequency"),
    ...{ width: WIDTH, height, x: place("x", maf), y: place("y", size) },
  };
}

/** Medians of both axes of each tenth of the leads by frequency. */
function binMedians(
  shown: readonly number[],
  maf: Float64Array,
  size: Float64Array,
): { maf: number; size: number }[] {
  const order = [...shown].sort((a, b) => maf[a]! - maf[b]! || a - b);
  const bins = Math.min(FREQUENCY_BINS, Math.floor(order.length / 5));
  const middle = (rows: readonly number[], values: Float64Array) =>
    rows.map((i) => values[i]!).sort((a, b) => a - b)[rows.length >> 1]!;
  return Array.from({ length: bins }, (_, bin) => {
    const rows = order.slice(
      Math.floor((bin * order.length) / bins),
      Math.floor(((bin + 1) * order.length) / bins),
    );
    return { maf: middle(rows, maf), size: middle(rows, size) };
  });
}

export interface SignShareData {
  /** `all genes`, `minor allele below 5%`, ...: positive slopes of how many. */
  readonly groups: readonly { readonly text: string; readonly positive: number; readonly total: number }[];
  readonly title?: string | undefined;
}

const Z = 1.959963984540054;

/** The 95% interval of a share (Wilson 1927); [0, 1] of none. */
export function shareInterval(positive: number, total: number): [number, number] {
  if (!(total > 0)) return [0, 1];
  const p = positive / total;
  const middle = (p + (Z * Z) / (2 * total)) / (1 + (Z * Z) / total);
  const half = (Z / (1 + (Z * Z) / total)) * Math.sqrt((p * (1 - p)) / total + (Z * Z) / (4 * total * total));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** Share of slopes above 0 with its 95% interval: about half of alleles that were named at random. Places: one a group. */
export function signShare(canvas: Canvas, data: SignShareData): Picture {
  const left = 190;
  const { groups } = data;
  const height = 96 + 30 * Math.max(1, groups.length);
  const rows = groups.map(({ text, positive, total }, row) => {
    const [low, high] = shareInterval(positive, total);
    return { text, total, row: row + 0.5, share: positive / total, low, high };
  });
  const known = rows.filter(({ total }) => total > 0);
  const percent = (share: number) => `${Math.round(100 * share)}%`;
  const plot = Plot.plot({
    ...{ document: canvas.document, width: WIDTH, height, ...SIDES, marginLeft: left, marginRight: 60 },
    x: { domain: [0, 1], axis: null },
    y: { domain: [Math.max(1, rows.length), 0], range: [height - MARGIN.bottom, MARGIN.top], axis: null },
    marks: [
      Plot.gridX({ ...GRID, ticks: 5 }),
      Plot.ruleX([0.5], { stroke: ink.muted, strokeDasharray: "4 3" }),
      Plot.ruleY(known, { y: "row", x1: "low", x2: "high", stroke: ink.deep, strokeWidth: 1.6 }),
      dots(
        known.map(({ share }) => share),
        known.map(({ row }) => row),
        { colour: ink.deep, radius: 4 },
      ),
      Plot.text(["leads"], {
        ...{ frameAnchor: "top-left", dx: -10, dy: -16, textAnchor: "end", fill: ink.muted, fontSize: 11.5 },
      }),
      ...labels(rows, left),
      Plot.text(rows, {
        ...{ y: "row", frameAnchor: "right", dx: 50, textAnchor: "end", fill: ink.muted, fontSize: 11.5 },
        text: ({ share, total }) => (total > 0 ? `${(100 * share).toFixed(1)}%` : "–"),
      }),
      Plot.axisX({ ...AXIS, ticks: 5, tickFormat: percent }),
      Plot.text(["Share of slopes above 0, with its 95% interval"], {
        ...{ frameAnchor: "bottom", dy: 38, dx: (60 - left) / 2, fill: ink.muted, fontSize: 11.5 },
      }),
    ],
  });
  const [x, y] = [plot.scale("x"), plot.scale("y")];
  const at = (scale: Plot.Scale | undefined, value: number, total: number) =>
    total > 0 ? Number(scale?.apply(value)) : Number.NaN;
  return {
    svg: svgText(plot, data.title ?? "Share of positive slopes"),
    ...{ width: WIDTH, height },
    x: Float64Array.from(rows, ({ share, total }) => at(x, share, total)),
    y: Float64Array.from(rows, ({ row, total }) => at(y, row, total)),
  };
}

function labels(
  rows: readonly { readonly text: string; readonly total: number; readonly row: number }[],
  left: number,
): Plot.Markish[] {
  return [
    Plot.text(rows, {
      ...{
        y: "row",
        frameAnchor: "left",
        dx: -left + 12,
        textAnchor: "start",
        fill: ink.ink,
        fontSize: 11.5,
      },
      text: ({ text }) => shorten(text, 20),
    }),
    Plot.text(rows, {
      ...{ y: "row", frameAnchor: "left", dx: -10, textAnchor: "end", fill: ink.muted, fontSize: 11.5 },
      text: ({ total }) => count(total),
    }),
  ];
}

export interface FrequencyData {
  /** Of the variants tested; which allele is counted does not matter. */
  readonly af: Float64Array;
  readonly title?: string | undefined;
}

const BINS = 25;

/** Counts by minor allele frequency, and as many as a population of constant size would have in each bin (1 / f + 1 / (1 - f), Fu 1995). Places: middles of the bins. */
export function frequencyHistogram(canvas: Canvas, data: FrequencyData): Picture {
  const height = 340;
  const bins = frequencyBins(data.af);
  const most = Math.max(
    1,
    ...bins.map((bin) => Math.max(bin.count, Number.isNaN(bin.expected) ? 0 : bin.expected)),
  );
  const ticks = wholeTicks(most, 5);
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  const plot = Plot.plot({
    ...{ document: canvas.document, width: WIDTH, height, ...SIDES },
    x: { domain: [0, 0.5], axis: null },
    y: { domain: [0, most * 1.06], axis: null },
    marks: [
      Plot.gridY(ticks, GRID),
      Plot.axisY(ticks, { ...AXIS, tickFormat: count }),
      yTitle("Variants", MARGIN.left),
      Plot.rectY(bins, { x1: "from", x2: "to", y: "count", fill: ink.mid, insetLeft: 0.5, insetRight: 0.5 }),
      Plot.line(
        bins.filter((bin) => !Number.isNaN(bin.expected)),
        {
          x: (bin: FrequencyBin) => (bin.from + bin.to) / 2,
          y: "expected",
          stroke: ink.accent,
          strokeWidth: 2,
        },
      ),
      Plot.ruleY([0], { stroke: ink.line }),
      Plot.axisX({ ...AXIS, ticks: 6 }),
      xTitle("Minor allele frequency"),
      remark(total === 0 ? "no variants" : "— expected of a neutral population"),
    ],
  });
  const [x, y] = [plot.scale("x"), plot.scale("y")];
  return {
    svg: svgText(plot, data.title ?? `Allele frequencies of ${counted(total, "variant")}`),
    ...{ width: WIDTH, height },
    x: Float64Array.from(bins, (bin) => Number(x?.apply((bin.from + bin.to) / 2))),
    y: Float64Array.from(bins, (bin) => Number(y?.apply(bin.count))),
  };
}

export interface FrequencyBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** NaN below the first bin that is full: the filter of a map cuts there. */
  readonly expected: number;
}

/** Counts in 25 bins, and the neutral expectation scaled to what lies above the bin that the filter cuts. */
export function frequencyBins(af: Float64Array): FrequencyBin[] {
  const counts = new Array<number>(BINS).fill(0);
  for (const value of af) {
    const bin = Math.floor(Math.min(value, 1 - value) * 2 * BINS);
    if (value >= 0 && value <= 1) counts[Math.min(BINS - 1, bin)]!++;
  }
  const first = counts.findIndex((number) => number > 0) + 1;
  const spectrum = counts.map((_, bin) => {
    const f = (bin + 0.5) / (2 * BINS);
    return 1 / f + 1 / (1 - f);
  });
  const sum = (values: readonly number[]) => values.slice(first).reduce((all, value) => all + value, 0);
  const scale = sum(counts) / sum(spectrum);
  return counts.map((number, bin) => ({
    ...{ from: bin / (2 * BINS), to: (bin + 1) / (2 * BINS), count: number },
    expected: bin < first || !(scale > 0) ? Number.NaN : scale * spectrum[bin]!,
  }));
}

export interface StatusData {
  /** `tested`, `no variants in the window`, ...: genes of each, in the order drawn. */
  readonly rows: readonly { readonly text: string; readonly genes: number; readonly accent?: boolean }[];
  readonly title?: string | undefined;
}

/** Genes by what became of them. Places: ends of the bars. */
export function genesByStatus(canvas: Canvas, data: StatusData): Picture {
  const left = 210;
  const { rows } = data;
  const height = 84 + 28 * Math.max(1, rows.length);
  const total = rows.reduce((sum, { genes }) => sum + genes, 0);
  const most = rows.reduce((top, { genes }) => Math.max(top, genes), 1);
  const bars = rows.map((row, i) => ({ ...row, y1: i + 0.16, y2: i + 0.84, row: i + 0.5 }));
  const share = (genes: number) => (total > 0 ? ` (${((100 * genes) / total).toFixed(1)}%)` : "");
  const plot = Plot.plot({
    ...{
      document: canvas.document,
      width: WIDTH,
      height,
      ...SIDES,
      marginLeft: left,
      marginRight: 110,
      marginBottom: 20,
    },
    x: { domain: [0, most], axis: null },
    y: { domain: [Math.max(1, rows.length), 0], range: [height - 20, MARGIN.top], axis: null },
    marks: [
      Plot.text([`${counted(total, "gene")} by status`], {
        ...{
          frameAnchor: "top-left",
          dx: 12 - left,
          dy: -18,
          textAnchor: "start",
          fill: ink.muted,
          fontSize: 11.5,
        },
      }),
      Plot.rect(bars, {
        x1: 0,
        x2: "genes",
        y1: "y1",
        y2: "y2",
        fill: ({ accent }) => (accent === true ? ink.accent : ink.deep),
      }),
      Plot.text(bars, {
        ...{
          y: "row",
          frameAnchor: "left",
          dx: 12 - left,
          textAnchor: "start",
          fill: ink.ink,
          fontSize: 11.5,
        },
        text: ({ text }) => shorten(text, 32),
      }),
      Plot.text(bars, {
        ...{ x: "genes", y: "row", dx: 6, textAnchor: "start", fill: ink.muted, fontSize: 11.5 },
        text: ({ genes }) => `${count(genes)}${share(genes)}`,
      }),
    ],
  });
  const [x, y] = [plot.scale("x"), plot.scale("y")];
  return {
    svg: svgText(plot, data.title ?? "Genes by status"),
    ...{ width: WIDTH, height },
    x: Float64Array.from(bars, ({ genes }) => Number(x?.apply(genes))),
    y: Float64Array.from(bars, ({ row }) => Number(y?.apply(row))),
  };
}
