import * as Plot from "@observablehq/plot";
import { CLASS_MARKS, classText } from "./classMarks.ts";
import { axisExponent, everyNth, extent, jitter } from "./genotype.ts";
import { type LegendItem, legendRow } from "./ldColours.ts";
import { AXIS, GRID, remark, svgElement, xTitle, yTitle } from "./marks.ts";
import { powerOfTen, pValue, shorten } from "./numbers.ts";
import type { Picture } from "./picture.ts";
import { type Canvas, escapeXml, ink, MAX_POINTS, paint, plotMarkup, svgFile } from "./svg.ts";

export interface InteractionScatterData {
  readonly gene: string;
  readonly variant: string;
  readonly effectAllele: string;
  readonly otherAllele: string;
  /** Copies of the effect allele, a sample each; NaN = missing. */
  readonly genotype: Float64Array;
  readonly expression: Float64Array;
  /** A share of cells, an age, 0 and 1: whatever the effect may change with. */
  readonly context: Float64Array;
  readonly contextName: string;
  /** Of the interaction; NaN or absent where it was not tested. */
  readonly log10P?: number | undefined;
  readonly valueLabel?: string | undefined;
  readonly title?: string | undefined;
}

/** The line of one genotype class by least squares. */
export interface ClassLine {
  readonly copies: number;
  readonly n: number;
  readonly intercept: number;
  readonly slope: number;
  /** Least and greatest context of the class. */
  readonly from: number;
  readonly to: number;
}

const WIDTH = 560;
const HEIGHT = 440;
const MARGIN = { left: 54, right: 20, top: 96, bottom: 52 };
/** Contexts of so few values (sexes, batches) are spread sideways. */
const FEW_VALUES = 6;
const LEAST_FOR_LINE = 3;

/**
 * Expression against a context, each genotype class in its colour and shape with its own least-squares line: lines that run
 * together mean no interaction. Places are those of the samples.
 */
export function interactionScatter(canvas: Canvas, data: InteractionScatterData): Picture {
  const { genotype, context } = data;
  const exponent = axisExponent(data.expression);
  const half = Math.trunc(exponent / 2);
  const expression = data.expression.map((value) => value * 10 ** -half * 10 ** (half - exponent));
  const called = [...genotype.keys()].filter((i) =>
    [genotype[i], expression[i], context[i]].every((value) => Number.isFinite(value)),
  );
  const lines = classLines(genotype, expression, context);
  const random = jitter(1);
  const values = new Set(called.map((i) => context[i]!));
  const few = values.size <= FEW_VALUES && values.size < called.length;
  const [low, high] = extent(called.map((i) => context[i]!));
  const spread = few ? 0.06 * (high - low) : 0;
  const across = (i: number) => context[i]! + spread * (random(i) - 0.5);
  const drawn = everyNth(called, MAX_POINTS);
  const place = {
    x: new Float64Array(genotype.length).fill(Number.NaN),
    y: new Float64Array(genotype.length).fill(Number.NaN),
  };
  const label = data.valueLabel ?? "Expression";
  const plot = Plot.plot({
    ...{ document: canvas.document, width: WIDTH, height: HEIGHT },
    ...{
      marginLeft: MARGIN.left,
      marginRight: MARGIN.right,
      marginTop: MARGIN.top,
      marginBottom: MARGIN.bottom,
    },
    x: { domain: [low - spread, high + spread], axis: null },
    y: { domain: extent([...called.map((i) => expression[i]!), ...lines.flatMap(lineEnds)]), axis: null },
    marks: [
      Plot.gridX({ ...GRID, ticks: 6 }),
      Plot.gridY({ ...GRID, ticks: 6 }),
      Plot.axisY({ ...AXIS, ticks: 6 }),
      Plot.axisX({ ...AXIS, ticks: 6 }),
      yTitle(
        exponent === 0 ? shorten(label, 40) : `${shorten(label, 40)} (× ${powerOfTen(exponent)})`,
        MARGIN.left,
      ),
      xTitle(shorten(data.contextName, 60)),
      remark(
        data.log10P === undefined || Number.isNaN(data.log10P)
          ? ""
          : `interaction p = ${pValue(data.log10P)}`,
      ),
      samples(drawn, { genotype, expression, across }, place),
      ...lines.map((line) => classLine(line)),
    ],
  });
  const title = data.title ?? `${shorten(data.gene, 30)}  ·  ${shorten(data.variant, 30)}`;
  const said = `Expression of ${data.gene} against ${data.contextName} by genotype at ${data.variant}`;
  const inside = [
    `<text font-size="13" font-weight="600" text-anchor="start" x="12" y="22">${escapeXml(shorten(title, 74))}</text>`,
    legendRow(legend(data, called), 12, 48, WIDTH - 8),
    plotMarkup(plot),
  ];
  return { svg: svgFile(said, WIDTH, HEIGHT, inside.join("\n")), width: WIDTH, height: HEIGHT, ...place };
}

/** Lines of the classes that have at least three samples and more than one context. */
export function classLines(
  genotype: Float64Array,
  expression: Float64Array,
  context: Float64Array,
): ClassLine[] {
  return [0, 1, 2].flatMap((copies) => {
    const rows = [...genotype.keys()].filter(
      (i) =>
        Math.round(genotype[i]!) === copies && Number.isFinite(expression[i]) && Number.isFinite(context[i]),
    );
    const n = rows.length;
    if (n < LEAST_FOR_LINE) return [];
    const meanX = rows.reduce((sum, i) => sum + context[i]! / n, 0);
    const meanY = rows.reduce((sum, i) => sum + expression[i]! / n, 0);
    const xx = rows.reduce((sum, i) => sum + (context[i]! - meanX) * (context[i]! - meanX), 0);
    const xy = rows.reduce((sum, i) => sum + (context[i]! - meanX) * (expression[i]! - meanY), 0);
    const from = rows.reduce((least, i) => Math.min(least, context[i]!), Number.POSITIVE_INFINITY);
    const to = rows.reduce((most, i) => Math.max(most, context[i]!), Number.NEGATIVE_INFINITY);
    const slope = xy / xx;
    return to > from && Number.isFinite(slope)
      ? [{ copies, n, slope, intercept: meanY - slope * meanX, from, to }]
      : [];
  });
}

function lineEnds({ intercept, slope, from, to }: Omit<ClassLine, "copies" | "n">): [number, number] {
  return [intercept + slope * from, intercept + slope * to];
}

function samples(
  drawn: readonly number[],
  data: {
    readonly genotype: Float64Array;
    readonly expression: Float64Array;
    readonly across: (i: number) => number;
  },
  place: { readonly x: Float64Array; readonly y: Float64Array },
): Plot.RenderFunction {
  const radius = drawn.length > 1_000 ? 1.8 : 2.6;
  return (_index, scales, _values, _dimensions, { document }) => {
    const group = svgElement(document, "g", { "fill-opacity": 0.75 });
    CLASS_MARKS.forEach(({ colour, path }, copies) => {
      let d = "";
      for (const i of drawn) {
        if (Math.min(2, Math.max(0, Math.round(data.genotype[i]!))) !== copies) continue;
        const [x, y] = [Number(scales.x?.(data.across(i))), Number(scales.y?.(data.expression[i]))];
        place.x[i] = x;
        place.y[i] = y;
        d += path(x, y, radius);
      }
      if (d !== "") group.append(svgElement(document, "path", { d, fill: ink[colour] }));
    });
    return drawn.length === 0 ? null : group;
  };
}

/** The line on a hairline of paper, so that it stands out of its own points. */
function classLine({ copies, intercept, slope, from, to }: ClassLine): Plot.Markish {
  const [start, end] = lineEnds({ intercept, slope, from, to });
  const ends = [
    { x: from, y: start },
    { x: to, y: end },
  ];
  const line = { x: "x", y: "y", strokeLinecap: "round" } as const;
  return [
    Plot.line(ends, { ...line, stroke: ink.paper, strokeWidth: 5 }),
    Plot.line(ends, { ...line, stroke: ink[CLASS_MARKS[copies]!.colour], strokeWidth: 2.4 }),
  ];
}

function legend(
  { genotype, otherAllele, effectAllele }: InteractionScatterData,
  called: readonly number[],
): LegendItem[] {
  return CLASS_MARKS.map(({ colour, path }, copies) => {
    const n = called.filter((i) => Math.round(genotype[i]!) === copies).length;
    return {
      text: escapeXml(classText(copies, otherAllele, effectAllele, n)),
      mark: `<path ${paint("fill", colour)} d="${path(0, 0, 4)}"/>`,
    };
  });
}
