import * as Plot from "@observablehq/plot";
import { AXIS, dots, GRID, remark, xTitle, yTitle } from "./marks.ts";
import { shorten } from "./numbers.ts";
import { type Canvas, ink, svgText } from "./svg.ts";

export interface PcScatterData {
  /** A number a sample on either axis. */
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** `Genotype PC1 (1.2%)`. */
  readonly xText: string;
  readonly yText: string;
  /** Samples drawn in the accent colour and named, by index. */
  readonly outliers: readonly { readonly sample: number; readonly name: string }[];
  /** What makes an outlier: `6 SD`. */
  readonly limit: string;
  readonly title?: string;
}

/** Outliers named in the plot; the others are coloured only. */
const NAMED = 12;
const MARGIN = { left: 58, right: 22, top: 40, bottom: 48 };

/** Samples on two principal components. Returns an SVG file. */
export function pcScatter(canvas: Canvas, data: PcScatterData): string {
  const { x, y, outliers } = data;
  const far = outliers.map(({ sample, name }) => ({ x: x[sample]!, y: y[sample]!, name }));
  const isFar = new Set(outliers.map(({ sample }) => sample));
  const near = Array.from({ length: x.length }, (_, i) => i).filter((i) => !isFar.has(i));
  const toLeft = (at: number): boolean => at > middle(x);
  const label = (left: boolean) =>
    Plot.text(
      far.slice(0, NAMED).filter((dot) => toLeft(dot.x) === left),
      {
        ...{ x: "x", y: "y", fill: ink.accent, fontSize: 11.5 },
        text: (dot: { name: string }) => shorten(dot.name, 20),
        textAnchor: left ? "end" : "start",
        dx: left ? -8 : 8,
      },
    );
  const plot = Plot.plot({
    document: canvas.document,
    width: 520,
    height: 420,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { domain: padded(x), axis: null },
    y: { domain: padded(y), axis: null },
    marks: [
      Plot.gridX({ ...GRID, ticks: 6 }),
      Plot.gridY({ ...GRID, ticks: 6 }),
      dots(
        near.map((i) => x[i]!),
        near.map((i) => y[i]!),
        { colour: ink.deep, radius: 2.6, opacity: 0.65 },
      ),
      dots(
        far.map((dot) => dot.x),
        far.map((dot) => dot.y),
        { colour: ink.accent, radius: 3.4 },
      ),
      label(true),
      label(false),
      Plot.axisY({ ...AXIS, ticks: 6 }),
      yTitle(data.yText, MARGIN.left),
      Plot.axisX({ ...AXIS, ticks: 6 }),
      xTitle(data.xText),
      remark(far.length === 0 ? `none beyond ${data.limit}` : `${far.length} beyond ${data.limit}`),
    ],
  });
  return svgText(plot, data.title ?? `${data.xText} against ${data.yText}, ${x.length} samples`);
}

function extent(values: ArrayLike<number>): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  return low <= high ? [low, high] : [0, 1];
}

function middle(values: ArrayLike<number>): number {
  const [low, high] = extent(values);
  return (low + high) / 2;
}

/** The range of the values with a little room on either side. */
function padded(values: ArrayLike<number>): [number, number] {
  const [low, high] = extent(values);
  const room = 0.05 * (high - low) || 1;
  return [low - room, high + room];
}
