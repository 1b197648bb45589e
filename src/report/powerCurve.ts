import * as Plot from "@observablehq/plot";
import { AXIS, dots, GRID, remark, xTitle, yTitle } from "./marks.ts";
import { plain } from "./numbers.ts";
import { type Canvas, ink, svgText } from "./svg.ts";

export interface PowerCurveData {
  readonly title: string;
  /** What the y axis shows. */
  readonly text: string;
  readonly powers: readonly number[];
  readonly values: readonly number[];
  readonly chosen: number;
  /** A line to reach. */
  readonly limit?: number | undefined;
  /** Logarithmic, for values over orders of magnitude; those not above 0 are left out. */
  readonly log?: boolean | undefined;
}

const MARGIN = { left: 56, right: 22, top: 40, bottom: 48 };

/** A number of the scan against the soft-thresholding power, the one taken marked. Returns an SVG file. */
export function powerCurve(canvas: Canvas, data: PowerCurveData): string {
  const { powers, values, chosen, limit, log = false } = data;
  const points = powers
    .map((power, i) => ({ power, value: values[i]! }))
    .filter(({ value }) => Number.isFinite(value) && (!log || value > 0));
  const sizes = points.map(({ value }) => value);
  const [low, high] = [Math.min(0, ...sizes), Math.max(limit ?? 0, ...sizes)];
  const linear = { domain: [low - 0.02 * (high - low), high + 0.06 * (high - low || 1)], axis: null };
  const logarithmic = {
    type: "log" as const,
    domain: [0.8 * Math.min(...sizes), 1.3 * Math.max(...sizes)],
    axis: null,
  };
  const at = points.filter(({ power }) => power === chosen);
  const plot = Plot.plot({
    document: canvas.document,
    width: 520,
    height: 340,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { domain: [Math.min(...powers) - 0.6, Math.max(...powers) + 0.6], axis: null },
    y: log ? logarithmic : linear,
    marks: [
      Plot.gridY({ ...GRID, ticks: 5 }),
      Plot.axisY({ ...AXIS, ticks: 5, tickFormat: (value: number) => String(Number(value.toPrecision(3))) }),
      yTitle(data.text, MARGIN.left),
      ...(limit === undefined ? [] : [Plot.ruleY([limit], { stroke: ink.accent, strokeDasharray: "4 3" })]),
      Plot.line(points, { x: "power", y: "value", stroke: ink.mid, strokeWidth: 1.5 }),
      dots(
        points.map(({ power }) => power),
        sizes,
        { colour: ink.deep, radius: 3 },
      ),
      dots(
        at.map(({ power }) => power),
        at.map(({ value }) => value),
        { colour: ink.accent, radius: 4.5 },
      ),
      Plot.axisX(
        powers.filter((power) => (power <= 10 ? power % 2 === 0 || power === 1 : power % 4 === 0)),
        { ...AXIS },
      ),
      xTitle("Soft-thresholding power"),
      ...at.map(({ power, value }) => remark(`power ${power}: ${plain(value)}`)),
    ],
  });
  return svgText(plot, data.title);
}
