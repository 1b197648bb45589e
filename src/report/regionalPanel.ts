import * as Plot from "@observablehq/plot";
import { type Label, placeLabels } from "./labels.ts";
import { LD_CLASSES, LD_ORDER, ldClass } from "./ldColours.ts";
import { AXIS, dots, GRID, svgElement, yTitle } from "./marks.ts";
import { count, shorten } from "./numbers.ts";
import { type Canvas, type ColourName, fixed, ink } from "./svg.ts";

/** Associations of a stretch of a chromosome, one variant a row. */
export interface AssociationData {
  readonly start: number;
  readonly end: number;
  readonly id: readonly string[];
  readonly position: Int32Array;
  /** Negative; NaN of variants without a result, which are not drawn. */
  readonly log10P: Float64Array;
  /** With the lead; NaN where it is not known. */
  readonly r2?: Float64Array | undefined;
  /** Rows of the variants drawn as a diamond and as a ring in colour, with their names; -1 is none. */
  readonly lead: number;
  readonly chosen?: number | undefined;
  /** Number of the credible set that each variant is in; 0 is none. */
  readonly set?: Int32Array | undefined;
  /** Colours are those of the sets in place of r2. */
  readonly bySet?: boolean | undefined;
  readonly threshold?: { readonly log10P: number; readonly text: string } | undefined;
  /** Centimorgans a megabase from each position to the next. */
  readonly recombination?: { readonly position: Int32Array; readonly rate: Float64Array } | undefined;
  /** Of the y axis; default `−log₁₀ p`. */
  readonly label?: string | undefined;
}

/** Where a panel lies on its sheet; pixels. */
export interface PanelBox {
  readonly width: number;
  readonly left: number;
  readonly right: number;
  /** Of the frame, and its height. */
  readonly top: number;
  readonly height: number;
  /** Bases that stand behind the points as a faint band: the gene's body. */
  readonly band?: readonly [number, number] | undefined;
  readonly bottomAxis: boolean;
}

export interface RegionalPanel {
  readonly plot: Element;
  /** Places of the variants on the sheet; NaN of those that are not drawn. */
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Outlines of credible sets, told apart by shape: paths around 0, 0. */
export const SET_SHAPES: readonly string[] = [
  "M-5.5,0a5.5,5.5 0 1 0 11,0a5.5,5.5 0 1 0 -11,0z",
  "M-5,-5h10v10h-10z",
  "M0,-6.5L6,4.5H-6z",
  "M0,6.5L6,-4.5H-6z",
  "M0,-7L7,0L0,7L-7,0z",
];

/** A diamond around 0, 0: the lead. */
export const DIAMOND = "M0,-6.5L6.5,0L0,6.5L-6.5,0z";

/** Bases below the points, for the axis under the lowest panel. */
const AXIS_ROOM = 46;
/** The scale of recombination reaches this far at least, so that a quiet region looks quiet. */
const LEAST_RATE = 20;

/** Height of a panel with everything around its frame. */
export function panelHeight({ top, height, bottomAxis }: PanelBox): number {
  return top + height + (bottomAxis ? AXIS_ROOM : 12);
}

/** Draws the associations of a region: points by position, coloured by r2, over the recombination rate. */
export function regionalPanel(canvas: Canvas, data: AssociationData, box: PanelBox): RegionalPanel {
  const [start, end] = region(data);
  const high = heightOf(data);
  const recombination = rateLine(data, start, end);
  const drawn = Array.from(data.position, (at, i) => at >= start && at <= end && data.log10P[i]! <= 0);
  const heights = Float64Array.from(data.log10P, (value) => Math.min(high, -value));
  const shown = Array.from(drawn.keys()).filter((i) => drawn[i]);
  const radius = shown.length > 2_000 ? 1.9 : shown.length > 500 ? 2.5 : 3.3;
  const rateTicks = recombination === undefined ? [] : Array.from({ length: 5 }, (_, i) => i);
  const plot = Plot.plot({
    document: canvas.document,
    width: box.width,
    height: panelHeight(box),
    marginLeft: box.left,
    marginRight: box.right,
    marginTop: box.top,
    marginBottom: box.bottomAxis ? AXIS_ROOM : 12,
    x: { domain: [start, end], axis: null },
    y: { domain: [0, high], axis: null },
    marks: [
      box.band === undefined
        ? null
        : Plot.rectX([box.band], {
            x1: ([from]: readonly [number, number]) => Math.max(start, from),
            x2: ([, to]: readonly [number, number]) => Math.min(end, to),
            fill: ink.grid,
            fillOpacity: 0.6,
          }),
      Plot.gridY({ ...GRID, ticks: 5 }),
      Plot.axisY({ ...AXIS, ticks: 5 }),
      yTitle(data.label ?? "−log₁₀ p", box.left),
      recombination === undefined
        ? null
        : [
            Plot.line(recombination.points, {
              x: "position",
              y: (point: RatePoint) => (point.rate / recombination.top) * high,
              curve: "step-after",
              stroke: ink.pale,
              strokeWidth: 1.1,
            }),
            Plot.axisY(
              rateTicks.map((i) => (high * i) / 4),
              {
                ...AXIS,
                anchor: "right",
                tickFormat: (at: number) => String(Math.round((at / high) * recombination.top * 10) / 10),
              },
            ),
          ],
      Plot.ruleY([0], { stroke: ink.line }),
      data.threshold === undefined || !(-data.threshold.log10P >= 0) || -data.threshold.log10P > high
        ? null
        : Plot.ruleY([-data.threshold.log10P], { stroke: ink.accent, strokeDasharray: "5 4" }),
      headings(data, box, recombination !== undefined),
      ...pointMarks(data, shown, heights, radius),
      named(data, box, drawn, heights),
      box.bottomAxis ? positionAxis(start, end) : null,
    ],
  });
  const x = plot.scale("x");
  const y = plot.scale("y");
  const place = (scale: Plot.Scale | undefined, value: number, i: number) =>
    drawn[i] === true ? Number(scale?.apply(value)) : Number.NaN;
  return {
    plot,
    x: Float64Array.from(data.position, (at, i) => place(x, at, i)),
    y: heights.map((at, i) => place(y, at, i)),
  };
}

/** A stretch of at least some bases, whatever is asked. */
export function region({ start, end }: Pick<AssociationData, "start" | "end">): [number, number] {
  return end > start ? [start, end] : [start - 500, start + 500];
}

/** Up to the strongest variant and the threshold, with room for a name above it. */
function heightOf({ log10P, position, threshold, ...given }: AssociationData): number {
  const [start, end] = region(given);
  let most = threshold === undefined || !(threshold.log10P <= 0) ? 0 : -threshold.log10P;
  log10P.forEach((value, i) => {
    const inside = position[i]! >= start && position[i]! <= end;
    if (inside && value > Number.NEGATIVE_INFINITY && -value > most) most = -value;
  });
  return Math.max(2, most * 1.16);
}

interface RatePoint {
  readonly position: number;
  readonly rate: number;
}

function rateLine({ recombination }: AssociationData, start: number, end: number) {
  if (recombination === undefined) return undefined;
  const { position, rate } = recombination;
  const points: RatePoint[] = [];
  let before: RatePoint | undefined;
  position.forEach((at, i) => {
    const point = { position: at, rate: rate[i]! };
    if (at < start) before = point;
    else if (at <= end && Number.isFinite(point.rate)) points.push(point);
  });
  // The rate of a stretch that begins outside holds on inside.
  if (before !== undefined && Number.isFinite(before.rate)) points.unshift({ ...before, position: start });
  const last = points[points.length - 1];
  if (last === undefined) return undefined;
  points.push({ ...last, position: end });
  const most = points.reduce((top, point) => Math.max(top, point.rate), LEAST_RATE);
  return { points, top: roundUp(most) };
}

/** The next of 20, 40, 60, 80, 100, 200, 400, ...: a quarter of it is a round number. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return (
    [1, 2, 4, 6, 8, 10].map((factor) => factor * power).find((round) => round >= value * 0.999) ?? 10 * power
  );
}

/** What the line and the axis on the right are, above the frame. */
function headings({ threshold }: AssociationData, box: PanelBox, withRate: boolean): Plot.Markish[] {
  const style = { frameAnchor: "top-right", textAnchor: "end", dy: -18, fontSize: 11.5 } as const;
  const right = box.right - 12;
  return [
    withRate ? Plot.text(["Recombination (cM/Mb)"], { ...style, dx: right, fill: ink.muted }) : null,
    threshold === undefined
      ? null
      : Plot.text([`– –  ${shorten(threshold.text, 40)}`], {
          ...style,
          dx: withRate ? right - 150 : 0,
          fill: ink.accent,
        }),
  ];
}

/** Of credible sets, one after the other, and again from the first. */
const SET_COLOURS: readonly ColourName[] = ["accent", "navy", "green", "amber", "purple"];

export function setColour(set: number): ColourName {
  return SET_COLOURS[(set - 1) % SET_COLOURS.length]!;
}

/** Variants of no set first, so that those of sets lie above them. */
function setLayers(
  { position, set, lead }: AssociationData,
  shown: readonly number[],
  heights: Float64Array,
  radius: number,
): Plot.Markish[] {
  const number = (i: number): number => set?.[i] ?? 0;
  const numbers = [...new Set(shown.map(number))].sort((a, b) => a - b);
  return numbers.map((own) => {
    const rows = shown.filter((i) => i !== lead && number(i) === own);
    return dots(
      rows.map((i) => position[i]!),
      rows.map((i) => heights[i]!),
      {
        colour: ink[own === 0 ? "stone" : setColour(own)],
        radius: own === 0 ? radius : radius + 0.8,
        among: shown.length,
      },
    );
  });
}

function pointMarks(
  data: AssociationData,
  shown: readonly number[],
  heights: Float64Array,
  radius: number,
): Plot.Markish[] {
  const { position, set } = data;
  const layers =
    data.bySet === true ? setLayers(data, shown, heights, radius) : ldLayers(data, shown, heights, radius);
  const outlined = shown.filter((i) => (set?.[i] ?? 0) > 0);
  return [...layers, outlines(outlined, (i) => setShape(set![i]!), position, heights)];
}

function ldLayers(
  { position, r2, lead }: AssociationData,
  shown: readonly number[],
  heights: Float64Array,
  radius: number,
): Plot.Markish[] {
  return LD_ORDER.map((level) => {
    const rows = shown.filter(
      (i) => i !== lead && (r2 === undefined ? level === 0 : ldClass(r2[i]) === level),
    );
    const colour = r2 === undefined ? ink.deep : ink[LD_CLASSES[level]!.colour];
    return dots(
      rows.map((i) => position[i]!),
      rows.map((i) => heights[i]!),
      { colour, radius: level === 0 || r2 === undefined ? radius : radius + 0.4, among: shown.length },
    );
  });
}

/** The shape of a set's outline. */
export function setShape(set: number): string {
  return SET_SHAPES[(set - 1) % SET_SHAPES.length] ?? SET_SHAPES[0]!;
}

/** Outlines of single points, on a hairline of paper so that they stand out of a cloud. */
function outlines(
  rows: readonly number[],
  shape: (row: number) => string,
  position: Int32Array,
  heights: Float64Array,
): Plot.RenderFunction {
  return (_index, scales, _values, _dimensions, { document }) => {
    const group = svgElement(document, "g", { fill: "none", stroke: ink.ink, "stroke-width": 1.3 });
    for (const i of rows) {
      const at = `translate(${fixed(Number(scales.x?.(position[i])))} ${fixed(Number(scales.y?.(heights[i])))})`;
      group.append(svgElement(document, "path", { d: shape(i), transform: at }));
    }
    return rows.length === 0 ? null : group;
  };
}

/** The lead and the variant that is chosen, with their names. */
function named(
  { id, position, lead, chosen = -1 }: AssociationData,
  box: PanelBox,
  drawn: readonly boolean[],
  heights: Float64Array,
): Plot.RenderFunction {
  return (_index, scales, _values, _dimensions, { document }) => {
    const group = svgElement(document, "g", { "font-size": 11.5, "stroke-linejoin": "round" });
    const rows = [lead, chosen].filter((row, i) => drawn[row] === true && (i === 0 || row !== lead));
    const labels = rows.map((row): Label => {
      const [x, y] = [Number(scales.x?.(position[row])), Number(scales.y?.(heights[row]))];
      return { text: shorten(id[row] ?? "", 36), x, y };
    });
    if (drawn[chosen] === true) {
      const at = { cx: Number(scales.x?.(position[chosen])), cy: Number(scales.y?.(heights[chosen])) };
      const ring = { fill: "none", stroke: ink.accent, "stroke-width": 2 };
      group.append(svgElement(document, "circle", { ...at, r: 8, ...ring }));
    }
    if (drawn[lead] === true) {
      const at = `translate(${fixed(labels[0]!.x)} ${fixed(labels[0]!.y)})`;
      const style = { fill: ink.purple, stroke: ink.paper, "stroke-width": 1 };
      group.append(svgElement(document, "path", { d: DIAMOND, transform: at, ...style }));
    }
    const frame = {
      left: box.left,
      right: box.width - box.right,
      top: box.top - 12,
      bottom: box.top + box.height,
    };
    const halo = { fill: ink.ink, "paint-order": "stroke", stroke: ink.paper, "stroke-width": 3 };
    const spread = labels.map((label) => ({ ...label, x: label.x, y: label.y }));
    for (const label of placeLabels(spread, frame)) {
      const beside = label.anchor === "start" ? 4 : label.anchor === "end" ? -4 : 0;
      const place = { x: label.textX + beside, y: label.textY, "text-anchor": label.anchor };
      const text = svgElement(document, "text", { ...place, ...halo });
      text.textContent = label.text;
      group.append(text);
    }
    return group;
  };
}

/** Mb along the bottom, as many places as tell the ticks apart. */
function positionAxis(start: number, end: number): Plot.Markish {
  const bases = end - start < 2_000;
  const places = Math.max(0, Math.min(6, Math.ceil(-Math.log10((end - start) / 1e6 / 8))));
  return Plot.axisX({
    ...AXIS,
    tickPadding: 10,
    ticks: 8,
    tickFormat: (at: number) => (bases ? count(at) : (at / 1e6).toFixed(places)),
  });
}
