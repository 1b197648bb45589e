import * as Plot from "@observablehq/plot";
import { wholeTicks } from "./leadDistance.ts";
import { AXIS, dots, GRID, remark, xTitle, yTitle } from "./marks.ts";
import { count } from "./numbers.ts";
import { type Canvas, ink, svgText } from "./svg.ts";

export interface TitrationCurveData {
  readonly components: readonly number[];
  readonly egenes: readonly number[];
  readonly elbow: number;
  readonly maximum: number;
  readonly chosen: number;
  readonly title?: string;
}

const MARGIN = { left: 50, right: 22, top: 40, bottom: 48 };

/** eGenes against the number of expression components, the numbers that stand out marked. Returns an SVG file. */
export function titrationCurve(canvas: Canvas, data: TitrationCurveData): string {
  const { components, egenes, elbow, maximum, chosen } = data;
  const points = components.map((number, i) => ({ number, egenes: egenes[i]! }));
  const last = Math.max(1, ...components);
  const most = Math.max(1, ...egenes);
  const marks = [
    ...marked(points, [
      [elbow, "elbow"],
      [maximum, "maximum"],
      [chosen, "chosen"],
    ]),
  ];
  const plot = Plot.plot({
    document: canvas.document,
    width: 520,
    height: 380,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { domain: [-0.03 * last, 1.03 * last], axis: null },
    y: { domain: [0, most * 1.14], axis: null },
    marks: [
      Plot.gridY(wholeTicks(most, 5), GRID),
      Plot.axisY(wholeTicks(most, 5), { ...AXIS, tickFormat: count }),
      yTitle("eGenes", MARGIN.left),
      Plot.ruleX(
        points.filter(({ number }) => number === chosen),
        { x: "number", y1: 0, y2: "egenes", stroke: ink.accent, strokeDasharray: "4 3" },
      ),
      Plot.line(points, { x: "number", y: "egenes", stroke: ink.mid, strokeWidth: 1.5 }),
      dots(components, egenes, { colour: ink.deep, radius: 3 }),
      dots(
        marks.map(({ number }) => number),
        marks.map(({ egenes: y }) => y),
        { colour: ink.accent, radius: 4 },
      ),
      Plot.text(marks, {
        ...{ x: "number", y: "egenes", text: "text", dy: -14, fill: ink.accent, fontSize: 11.5 },
      }),
      Plot.ruleY([0], { stroke: ink.line }),
      Plot.axisX(wholeTicks(last, 7), { ...AXIS, tickFormat: count }),
      xTitle("Expression components in the model"),
      remark(`${count(chosen)} chosen`),
    ],
  });
  return svgText(plot, data.title ?? `eGenes against the number of expression components, ${chosen} chosen`);
}

interface Mark {
  readonly number: number;
  readonly egenes: number;
  readonly text: string;
}

/** The points that have a name, those with several once. */
function marked(
  points: readonly { readonly number: number; readonly egenes: number }[],
  names: readonly (readonly [number, string])[],
): Mark[] {
  return points.flatMap(({ number, egenes }) => {
    const text = names.flatMap(([at, name]) => (at === number ? [name] : [])).join(", ");
    return text === "" ? [] : [{ number, egenes, text }];
  });
}
