import * as Plot from "@observablehq/plot";
import type { Points } from "./collect.ts";
import { chromosomeEdges, genomeAxis } from "./genomeAxis.ts";
import { type GenomeLayout, genomePlacer } from "./layout.ts";
import { dots, svgElement } from "./marks.ts";
import { type Canvas, ink, svgText } from "./svg.ts";

export interface TransDotsData {
  readonly variants: GenomeLayout;
  readonly genes: GenomeLayout;
  /** From `dotCollector`: x on the variant axis, y = -log10 p, and the gene. */
  readonly points: Points;
  readonly geneTable: { readonly chromosome: readonly string[]; readonly start: Int32Array };
  readonly title?: string;
}

const WIDTH = 680;
const HEIGHT = 640;
const MARGIN = { left: 46, right: 16, top: 40, bottom: 48 };

/** Strength classes, weakest first: -log10 p up to `below`. */
const CLASSES = [
  { below: 8, text: "p > 10⁻⁸", colour: ink.pale, radius: 1.6 },
  { below: 20, text: "10⁻⁸ to 10⁻²⁰", colour: ink.deep, radius: 2.2 },
  { below: Number.POSITIVE_INFINITY, text: "p < 10⁻²⁰", colour: ink.accent, radius: 3 },
] as const;

/**
 * Variant position against gene position, a dot a pair: local effects lie on the diagonal, a variant that
 * acts on many genes is a vertical line. Past 20,000 pairs the dots are a picture inside it. Returns an SVG file.
 */
export function transDots(canvas: Canvas, data: TransDotsData): string {
  const place = genomePlacer(data.genes);
  const { points } = data;
  const geneAt = (i: number) => {
    const gene = points.gene[i]!;
    return place(data.geneTable.chromosome[gene] ?? "", data.geneTable.start[gene] ?? Number.NaN);
  };
  const plot = Plot.plot({
    document: canvas.document,
    width: WIDTH,
    height: HEIGHT,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { domain: [0, data.variants.length], axis: null },
    y: { domain: [0, data.genes.length], axis: null },
    marks: [
      Plot.ruleX(chromosomeEdges(data.variants), { stroke: ink.grid }),
      Plot.ruleY(chromosomeEdges(data.genes), { stroke: ink.grid }),
      Plot.frame({ stroke: ink.line }),
      genomeAxis(data.variants, {
        side: "bottom",
        pixels: WIDTH - MARGIN.left - MARGIN.right,
        what: "Variant",
      }),
      genomeAxis(data.genes, {
        side: "left",
        pixels: HEIGHT - MARGIN.top - MARGIN.bottom,
        what: "Gene",
        left: MARGIN.left,
      }),
      ...CLASSES.map((level, c) => {
        const drawn = [...points.x.keys()].filter((i) => classOf(points.y[i]!) === c);
        return dots(
          drawn.map((i) => points.x[i]!),
          drawn.map(geneAt),
          { ...level, among: points.x.length },
        );
      }),
      legend(),
    ],
  });
  return svgText(plot, data.title ?? "Trans pairs: variant position against gene position");
}

function classOf(y: number): number {
  const found = CLASSES.findIndex((level) => y < level.below);
  return found < 0 ? CLASSES.length - 1 : found;
}

function legend(): Plot.RenderFunction {
  return (_index, _scales, _values, _dimensions, { document }) => {
    const group = svgElement(document, "g", { "font-size": 11.5, "text-anchor": "start" });
    CLASSES.forEach((level, c) => {
      const at = WIDTH - MARGIN.right - (CLASSES.length - c) * 108 + 18;
      const text = svgElement(document, "text", { x: at + 9, y: 26, fill: ink.muted });
      text.textContent = level.text;
      group.append(
        svgElement(document, "circle", { cx: at, cy: 22, r: level.radius, fill: level.colour }),
        text,
      );
    });
    return group;
  };
}
