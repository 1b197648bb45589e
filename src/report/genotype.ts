import * as Plot from "@observablehq/plot";
import { alleleName } from "./alleles.ts";
import { AXIS, dots, GRID, remark, yTitle } from "./marks.ts";
import { count, powerOfTen, pValue, shorten, signed } from "./numbers.ts";
import { type Canvas, ink, MAX_POINTS, svgText } from "./svg.ts";

export interface GenotypeData {
  readonly gene: string;
  readonly variant: string;
  readonly effectAllele: string;
  readonly otherAllele: string;
  /** Copies of the effect allele, a sample each; NaN = missing. */
  readonly genotype: Float64Array;
  /** The gene's expression in the same samples. */
  readonly expression: Float64Array;
  readonly slope: number;
  readonly slopeSe: number;
  readonly log10P: number;
  /** What the values are, for the axis: `Expression`, `Expression, covariates removed`. */
  readonly valueLabel?: string;
  /** Of the horizontal jitter (default 1). */
  readonly seed?: number;
  readonly title?: string;
}

/** Quartiles of the samples of one genotype class. */
export interface GenotypeClass {
  readonly copies: number;
  readonly label: string;
  readonly n: number;
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  /** The furthest values within 1.5 interquartile ranges of the box (Tukey). */
  readonly low: number;
  readonly high: number;
}

const HALF_BOX = 0.24;
const MARGIN = { left: 50, right: 20, top: 64, bottom: 72 };

/**
 * Expression by genotype: a box and the samples of each class, the fitted slope across them. Dosages go to
 * the nearest class and keep their own place on the axis. Returns an SVG file.
 */
export function expressionByGenotype(canvas: Canvas, given: GenotypeData): string {
  const exponent = axisExponent(given.expression);
  const data = rescaled(given, exponent);
  const called = [...data.genotype.keys()].filter(
    (i) => Number.isFinite(data.genotype[i]) && Number.isFinite(data.expression[i]),
  );
  const drawn = everyNth(called, MAX_POINTS);
  const classes = genotypeClasses(data);
  const boxed = classes.filter((group) => group.n >= 5);
  const random = jitter(data.seed ?? 1);
  const missing = data.genotype.length - called.length;
  const label = data.valueLabel ?? "Expression";
  const plot = Plot.plot({
    document: canvas.document,
    width: 520,
    height: 420,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { domain: [-0.5, 2.5], axis: null },
    y: { axis: null, domain: extent(called.map((i) => data.expression[i]!)) },
    marks: [
      Plot.gridY({ ...GRID, ticks: 6 }),
      Plot.axisY({ ...AXIS, ticks: 6 }),
      yTitle(exponent === 0 ? label : `${label} (× ${powerOfTen(exponent)})`, MARGIN.left),
      Plot.axisX([0, 1, 2], {
        ...AXIS,
        color: ink.ink,
        fontSize: 13,
        tickFormat: (copies: number) => classes[copies]?.label ?? "",
      }),
      Plot.text(classes, {
        x: "copies",
        frameAnchor: "bottom",
        dy: 34,
        text: (group: GenotypeClass) => `n = ${count(group.n)}`,
        fill: ink.muted,
        fontSize: 11.5,
      }),
      Plot.text([axisNote(data, missing)], {
        frameAnchor: "bottom",
        dy: 62,
        fill: ink.muted,
        fontSize: 11.5,
      }),
      dots(
        drawn.map((i) => data.genotype[i]! + 0.34 * (random(i) - 0.5)),
        drawn.map((i) => data.expression[i]!),
        { colour: ink.mid, radius: drawn.length > 1_000 ? 1.5 : 2.2, opacity: 0.75 },
      ),
      boxes(boxed),
      slopeLine(data, called),
      Plot.text([`${shorten(data.gene, 30)}  ·  ${shorten(data.variant, 30)}`], {
        frameAnchor: "top-left",
        dx: 12 - MARGIN.left,
        dy: -42,
        textAnchor: "start",
        fontSize: 13,
        fontWeight: 600,
        fill: ink.ink,
      }),
      remark(
        `slope ${signed(given.slope)} ± ${signed(given.slopeSe, 2)} per ${short(alleleName(data.effectAllele), 17)}, p = ${pValue(data.log10P)}`,
      ),
    ],
  });
  return svgText(plot, data.title ?? `Expression of ${data.gene} by genotype at ${data.variant}`);
}

/**
 * The power of ten to take out of the axis: 0 for values of ordinary size; no axis can label 1e-310, and
 * few readers can count the zeros of 1e-9.
 */
export function axisExponent(values: Float64Array): number {
  let size = 0;
  for (const value of values) if (Number.isFinite(value)) size = Math.max(size, Math.abs(value));
  return size === 0 || (size >= 1e-3 && size < 1e6) ? 0 : Math.floor(Math.log10(size));
}

function rescaled(data: GenotypeData, exponent: number): GenotypeData {
  if (exponent === 0) return data;
  // In two steps: 10 ** 310 is no double.
  const half = Math.trunc(exponent / 2);
  const scale = (value: number) => value * 10 ** -half * 10 ** (half - exponent);
  return { ...data, expression: data.expression.map(scale), slope: scale(data.slope) };
}

/** The classes of 0, 1 and 2 copies of the effect allele, with their quartiles (NaN where empty). */
export function genotypeClasses(data: GenotypeData): GenotypeClass[] {
  return [0, 1, 2].map((copies) => {
    const values = data.expression
      .filter((value, i) => Number.isFinite(value) && Math.round(data.genotype[i]!) === copies)
      .sort();
    const q1 = quantile(values, 0.25);
    const q3 = quantile(values, 0.75);
    const reach = 1.5 * (q3 - q1);
    return {
      copies,
      label: classLabel(copies, data.otherAllele, data.effectAllele),
      n: values.length,
      q1,
      median: quantile(values, 0.5),
      q3,
      low: values.find((value) => value >= q1 - reach) ?? Number.NaN,
      high: values.findLast((value) => value <= q3 + reach) ?? Number.NaN,
    };
  });
}

/** `CC`, `CT`, `TT`, or the number of copies where no alleles are known; with a stroke between alleles longer than one letter, cut where they are long. */
export function classLabel(copies: number, other: string, effect: string): string {
  if (other === "" || effect === "") return String(copies);
  const pair = copies === 0 ? [other, other] : copies === 1 ? [other, effect] : [effect, effect];
  return pair.map((allele) => short(allele, 7)).join(other.length + effect.length === 2 ? "" : "/");
}

function short(allele: string, length: number): string {
  return allele.length <= length ? allele : `${allele.slice(0, length - 1)}…`;
}

function axisNote(data: GenotypeData, missing: number): string {
  const named = `Genotype; the effect allele is ${short(data.effectAllele, 12)}`;
  const effect = data.effectAllele === "" ? "Copies of the effect allele" : named;
  return missing === 0 ? effect : `${effect}; ${count(missing)} missing, not drawn`;
}

function boxes(classes: readonly GenotypeClass[]): Plot.Markish[] {
  const across = {
    x1: (group: GenotypeClass) => group.copies - HALF_BOX,
    x2: (group: GenotypeClass) => group.copies + HALF_BOX,
  };
  const outline = { stroke: ink.ink, strokeWidth: 1.2 };
  return [
    Plot.ruleX(classes, { x: "copies", y1: "low", y2: "q1", ...outline }),
    Plot.ruleX(classes, { x: "copies", y1: "q3", y2: "high", ...outline }),
    Plot.rect(classes, { ...across, y1: "q1", y2: "q3", ...outline, fill: ink.mid, fillOpacity: 0.18 }),
    Plot.ruleY(classes, { ...across, y: "median", stroke: ink.ink, strokeWidth: 2.2 }),
  ];
}

/** The fitted line through the means of both axes: covariates move it up or down, not its slope. */
function slopeLine(data: GenotypeData, called: readonly number[]): Plot.Markish {
  if (called.length === 0 || !Number.isFinite(data.slope)) return null;
  const meanX = mean(called.map((i) => data.genotype[i]!));
  const meanY = mean(called.map((i) => data.expression[i]!));
  const ends = [-0.4, 2.4].map((x) => ({ x, y: meanY + data.slope * (x - meanX) }));
  return Plot.line(ends, { x: "x", y: "y", stroke: ink.accent, strokeWidth: 2.2, strokeLinecap: "round" });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function extent(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(high > low)) return [(values[0] ?? 0) - 1, (values[0] ?? 0) + 1];
  const pad = 0.04 * (high - low);
  return [low - pad, high + pad];
}

/** Linear interpolation between order statistics (R's type 7). */
function quantile(sorted: Float64Array, p: number): number {
  const at = (sorted.length - 1) * p;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  return low + (at % 1) * ((sorted[Math.ceil(at)] ?? low) - low);
}

/** All of `indices`, or evenly spaced ones when there are more than `limit`. */
export function everyNth(indices: readonly number[], limit: number): readonly number[] {
  if (indices.length <= limit) return indices;
  return Array.from({ length: limit }, (_, i) => indices[Math.floor((i * indices.length) / limit)]!);
}

/** A number in [0, 1) that depends on the seed and the sample alone (finaliser of MurmurHash3). */
export function jitter(seed: number): (sample: number) => number {
  return (sample) => {
    let h = Math.imul(sample + 1, 0x9e3779b1) ^ seed;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
  };
}
