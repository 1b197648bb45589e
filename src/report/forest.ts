import * as Plot from "@observablehq/plot";
import { AXIS, svgElement } from "./marks.ts";
import { count, pValue, shorten, signed } from "./numbers.ts";
import type { Picture } from "./picture.ts";
import { type Canvas, fixed, ink, svgText } from "./svg.ts";

export interface ForestRow {
  readonly cohort: string;
  readonly samples: number;
  /** NaN where the cohort has none: its row stays, empty. */
  readonly slope: number;
  readonly slopeSe: number;
  readonly log10P?: number | undefined;
}

export interface ForestData {
  readonly rows: readonly ForestRow[];
  readonly effectAllele: string;
  /** Of interactions: the context by whose unit effects change. */
  readonly context?: string | undefined;
  /** Adds the fixed-effects mean and I2 below the cohorts. */
  readonly summary?: boolean | undefined;
  readonly title?: string | undefined;
}

/** Cohorts taken together, with the spread between them. */
export interface FixedEffect {
  readonly cohorts: number;
  readonly slope: number;
  readonly slopeSe: number;
  /** Cochran's Q, and the share of variation between cohorts that chance does not explain, 0 to 1; NaN of a single cohort. */
  readonly q: number;
  readonly i2: number;
}

const WIDTH = 760;
const LEFT = 210;
const RIGHT = 240;
const TOP = 64;
const ROW = 30;
const BOTTOM = 56;
/** Half a 95% interval in standard errors. */
const HALF = 1.959963984540054;
/** Side of the largest square. */
const SQUARE = 15;

/**
 * Effects by cohort with their 95% intervals; the area of a square is the cohort's weight (1 / se2). An interval that is much longer than
 * the rest is cut, which an arrow says. Places are those of the cohorts' effects.
 */
export function forestPlot(canvas: Canvas, data: ForestData): Picture {
  const { rows } = data;
  const fixedEffect = data.summary === true ? combineFixed(rows) : undefined;
  const lines = rows.length + (fixedEffect === undefined ? 0 : 1);
  const height = TOP + BOTTOM + ROW * Math.max(1, lines);
  const domain = effectRange(rows);
  const weights = weightsOf(rows);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => (total > 0 ? weight / total : 0));
  const plot = Plot.plot({
    ...{ document: canvas.document, width: WIDTH, height },
    ...{ marginLeft: LEFT, marginRight: RIGHT, marginTop: TOP, marginBottom: BOTTOM },
    x: { domain, axis: null },
    y: { domain: [Math.max(1, lines), 0], range: [height - BOTTOM, TOP], axis: null },
    marks: [
      Plot.gridX({ stroke: ink.grid, strokeOpacity: 1, ticks: 5 }),
      Plot.ruleX([0], { stroke: ink.muted, strokeDasharray: "4 3" }),
      Plot.axisX({ ...AXIS, ticks: 5 }),
      Plot.text([axisText(data)], {
        ...{ frameAnchor: "bottom", dy: 40, fill: ink.muted, fontSize: 11.5 },
      }),
      heading(data.title ?? "Effect by cohort"),
      columns(rows, shares),
      intervals(rows, shares),
      fixedEffect === undefined ? null : summaryRow(fixedEffect, rows.length),
      rows.length === 0
        ? Plot.text(["no cohorts to compare"], { frameAnchor: "middle", fill: ink.muted, fontSize: 12 })
        : null,
    ],
  });
  const [x, y] = [plot.scale("x"), plot.scale("y")];
  const known = (row: ForestRow) => Number.isFinite(row.slope);
  return {
    svg: svgText(plot, `${data.title ?? "Effect by cohort"}: ${rows.map(({ cohort }) => cohort).join(", ")}`),
    width: WIDTH,
    height,
    x: Float64Array.from(rows, (row) => (known(row) ? Number(x?.apply(row.slope)) : Number.NaN)),
    y: Float64Array.from(rows, (row, i) => (known(row) ? Number(y?.apply(i + 0.5)) : Number.NaN)),
  };
}

/**
 * The inverse-variance mean of the cohorts that have an effect and a standard error, with Cochran's Q and I2
 * (Higgins and Thompson 2002: max(0, (Q - (k - 1)) / Q)). undefined where none has.
 */
export function combineFixed(rows: readonly ForestRow[]): FixedEffect | undefined {
  const weights = weightsOf(rows);
  const used = rows
    .map((row, i) => ({ slope: row.slope, weight: weights[i]! }))
    .filter((row) => row.weight > 0);
  if (used.length === 0) return undefined;
  const total = used.reduce((sum, { weight }) => sum + weight, 0);
  const slope = used.reduce((sum, row) => sum + (row.weight / total) * row.slope, 0);
  const q = used.reduce((sum, row) => sum + row.weight * (row.slope - slope) * (row.slope - slope), 0);
  const more = used.length - 1;
  return {
    ...{ cohorts: used.length, slope, slopeSe: 1 / Math.sqrt(total) },
    ...(more === 0 ? { q: Number.NaN, i2: Number.NaN } : { q, i2: q > more ? (q - more) / q : 0 }),
  };
}

/** 1 / se2; 0 of cohorts without an effect. */
function weightsOf(rows: readonly ForestRow[]): number[] {
  return rows.map(({ slope, slopeSe }) => {
    const weight = 1 / (slopeSe * slopeSe);
    return Number.isFinite(slope) && weight > 0 && Number.isFinite(weight) ? weight : 0;
  });
}

/** All effects and no effect, and intervals as far as half of that range again. */
function effectRange(rows: readonly ForestRow[]): [number, number] {
  const known = rows.filter(({ slope }) => Number.isFinite(slope));
  const ends = (of: (row: ForestRow) => readonly number[]): [number, number] =>
    known
      .flatMap(of)
      .reduce<[number, number]>(([low, high], end) => [Math.min(low, end), Math.max(high, end)], [0, 0]);
  const [low, high] = ends(({ slope }) => [slope]);
  const [least, most] = ends(({ slope, slopeSe }) => {
    const half = slopeSe > 0 && slopeSe < Number.POSITIVE_INFINITY ? HALF * slopeSe : 0;
    return [slope - half, slope + half];
  });
  const room = high > low ? high - low : Math.max(most - least, 1);
  const range: [number, number] = [Math.max(least, low - room), Math.min(most, high + room)];
  const edge = 0.04 * (range[1] - range[0]) || 1;
  return [range[0] - edge, range[1] + edge];
}

function heading(title: string): Plot.Markish {
  return Plot.text([shorten(title, 90)], {
    ...{ frameAnchor: "top-left", textAnchor: "start", dx: 12 - LEFT, dy: 22 - TOP, lineAnchor: "bottom" },
    ...{ fill: ink.ink, fontSize: 13, fontWeight: 600 },
  });
}

/** Names, samples, numbers and weights beside the axis, each under its heading. */
function columns(rows: readonly ForestRow[], shares: readonly number[]): Plot.RenderFunction {
  return (_index, scales, _values, _dimensions, { document }) => {
    const group = svgElement(document, "g", { "font-size": 11.5, fill: ink.ink });
    const write = (text: string, x: number, y: number, style: Readonly<Record<string, string>>) => {
      const element = svgElement(document, "text", { x: fixed(x), y: fixed(y), ...style });
      element.textContent = text;
      group.append(element);
    };
    const head = { fill: ink.muted };
    const [start, end] = [{ "text-anchor": "start" }, { "text-anchor": "end" }];
    write("Cohort", 12, TOP - 12, { ...head, ...start });
    write("Samples", LEFT - 14, TOP - 12, { ...head, ...end });
    write("Effect [95% interval]", WIDTH - RIGHT + 16, TOP - 12, { ...head, ...start });
    write("Weight", WIDTH - 14, TOP - 12, { ...head, ...end });
    rows.forEach((row, i) => {
      const y = Number(scales.y?.(i + 0.5)) + 4;
      write(shorten(row.cohort, 18), 12, y, start);
      write(Number.isFinite(row.samples) ? count(row.samples) : "–", LEFT - 14, y, end);
      write(effectText(row), WIDTH - RIGHT + 16, y, start);
      write(
        shares[i]! > 0 ? `${(100 * shares[i]!).toFixed(shares[i]! < 0.1 ? 1 : 0)}%` : "–",
        WIDTH - 14,
        y,
        end,
      );
    });
    return group;
  };
}

function axisText({ effectAllele, context }: ForestData): string {
  const copy = `per copy of ${shorten(effectAllele || "the effect allele", 20)}`;
  return context === undefined
    ? `Effect ${copy}`
    : `Change of the effect ${copy}, per unit of ${shorten(context, 20)}`;
}

function effectText({ slope, slopeSe }: Pick<ForestRow, "slope" | "slopeSe">): string {
  if (!Number.isFinite(slope)) return "not tested";
  if (!(slopeSe > 0) || !Number.isFinite(slopeSe)) return signed(slope, 3);
  return `${signed(slope, 3)} [${signed(slope - HALF * slopeSe, 3)}, ${signed(slope + HALF * slopeSe, 3)}]`;
}

function intervals(rows: readonly ForestRow[], shares: readonly number[]): Plot.RenderFunction {
  const most = Math.max(...shares, Number.MIN_VALUE);
  return (_index, scales, _values, _dimensions, { document }) => {
    const group = svgElement(document, "g", {});
    rows.forEach(({ slope, slopeSe }, i) => {
      if (!Number.isFinite(slope)) return;
      const [x, y] = [Number(scales.x?.(slope)), Number(scales.y?.(i + 0.5))];
      if (slopeSe > 0 && Number.isFinite(slopeSe)) {
        const at = (end: number) => Number(scales.x?.(end));
        const d = interval(at(slope - HALF * slopeSe), at(slope + HALF * slopeSe), y);
        group.append(
          svgElement(document, "path", { d, fill: "none", stroke: ink.deep, "stroke-width": 1.5 }),
        );
      }
      const side = Math.max(4, SQUARE * Math.sqrt(shares[i]! / most));
      const square = {
        x: fixed(x - side / 2),
        y: fixed(y - side / 2),
        width: fixed(side),
        height: fixed(side),
      };
      group.append(svgElement(document, "rect", { ...square, fill: ink.deep }));
    });
    return group;
  };
}

/** A line between two places, cut at the frame with an arrow where it goes on. */
function interval(from: number, to: number, y: number): string {
  const [left, right] = [LEFT, WIDTH - RIGHT];
  const row = fixed(y);
  const start = Math.max(left, from);
  const end = Math.min(right, to);
  const before =
    from < left
      ? `M${fixed(left + 6)},${fixed(y - 4)}L${left},${row}L${fixed(left + 6)},${fixed(y + 4)}`
      : "";
  const after =
    to > right
      ? `M${fixed(right - 6)},${fixed(y - 4)}L${right},${row}L${fixed(right - 6)},${fixed(y + 4)}`
      : "";
  return `M${fixed(start)},${row}H${fixed(end)}${before}${after}`;
}

/** The mean as a diamond as wide as its interval. */
function summaryRow(effect: FixedEffect, row: number): Plot.RenderFunction {
  return (_index, scales, _values, _dimensions, { document }) => {
    const group = svgElement(document, "g", { "font-size": 11.5, "font-weight": 600 });
    const y = Number(scales.y?.(row + 0.5));
    const at = (end: number) => fixed(Math.min(WIDTH - RIGHT, Math.max(LEFT, Number(scales.x?.(end)))));
    const { slope, slopeSe } = effect;
    const [low, high] = [at(slope - HALF * slopeSe), at(slope + HALF * slopeSe)];
    const d = `M${low},${fixed(y)}L${at(slope)},${fixed(y - 8)}L${high},${fixed(y)}L${at(slope)},${fixed(y + 8)}z`;
    group.append(svgElement(document, "path", { d, fill: ink.accent }));
    const i2 = Number.isNaN(effect.i2) ? "" : `, I² ${(100 * effect.i2).toFixed(0)}%`;
    for (const [text, x, anchor] of [
      [`Together (fixed)${i2}`, 12, "start"],
      [effectText(effect), WIDTH - RIGHT + 16, "start"],
      ["100%", WIDTH - 14, "end"],
    ] as const) {
      const element = svgElement(document, "text", {
        x,
        y: fixed(y + 4),
        "text-anchor": anchor,
        fill: ink.ink,
      });
      element.textContent = text;
      group.append(element);
    }
    return group;
  };
}

/** `p = 2.4 × 10⁻³⁸`, for what is said of a row. */
export function rowText(row: ForestRow): string {
  const p = row.log10P === undefined ? "" : `, p = ${pValue(row.log10P)}`;
  return `${row.cohort}: ${effectText(row)}${p}`;
}
