import * as Plot from "@observablehq/plot";
import { AXIS, GRID, remark, xTitle, yTitle } from "./marks.ts";
import { type Canvas, type ColourName, ink, svgText } from "./svg.ts";

/** What becomes of a component. */
export type ComponentUse = "used" | "not used" | "set aside";

export interface ScreeData {
  /** Share of all variance, the largest component first. */
  readonly share: ArrayLike<number>;
  readonly use: (component: number) => ComponentUse;
  /** Components before the bend of the curve; 0: no bend. */
  readonly elbow: number;
  readonly title: string;
}

const COLOUR: Readonly<Record<ComponentUse, ColourName>> = {
  used: "deep",
  "not used": "band",
  "set aside": "accent",
};
const MARGIN = { left: 50, right: 22, top: 40, bottom: 48 };

/** The share of variance of each component as bars, coloured by what becomes of it. Returns an SVG file. */
export function scree(canvas: Canvas, data: ScreeData): string {
  const bars = Array.from({ length: data.share.length }, (_, k) => ({
    from: k + 0.56,
    to: k + 1.44,
    share: 100 * data.share[k]!,
    use: data.use(k),
  }));
  const most = Math.max(1e-9, ...bars.map(({ share }) => share));
  const plot = Plot.plot({
    document: canvas.document,
    width: 520,
    height: 340,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { domain: [0.4, Math.max(1, bars.length) + 0.6], axis: null },
    y: { domain: [0, most * 1.06], axis: null },
    marks: [
      Plot.gridY({ ...GRID, ticks: 5 }),
      Plot.axisY({ ...AXIS, ticks: 5 }),
      yTitle("Share of variance (%)", MARGIN.left),
      ...(["used", "not used", "set aside"] as const).map((use) =>
        Plot.rectY(
          bars.filter((bar) => bar.use === use),
          { x1: "from", x2: "to", y: "share", fill: ink[COLOUR[use]] },
        ),
      ),
      ...(data.elbow > 0
        ? [Plot.ruleX([data.elbow + 0.5], { stroke: ink.accent, strokeDasharray: "4 3" })]
        : []),
      Plot.ruleY([0], { stroke: ink.line }),
      Plot.axisX(ticksOf(bars.length), { ...AXIS }),
      xTitle("Component"),
      remark(data.elbow > 0 ? `bends after ${data.elbow}` : "no bend"),
    ],
  });
  return svgText(plot, data.title);
}

/** 1, 5, 10, ...: every component where there are few. */
function ticksOf(components: number): number[] {
  const step = components <= 12 ? 1 : components <= 40 ? 5 : 10;
  const whole = Array.from({ length: Math.floor(components / step) }, (_, i) => (i + 1) * step);
  return step === 1 ? whole : [1, ...whole];
}
