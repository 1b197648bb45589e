import * as Plot from "@observablehq/plot";
import { type Points, thin } from "./collect.ts";
import { genomeAxis } from "./genomeAxis.ts";
import { type Label, leaderLine, placeLabels } from "./labels.ts";
import { type GenomeLayout, genomePlacer, spanAt } from "./layout.ts";
import { AXIS, dots, GRID, remark, svgElement, yTitle } from "./marks.ts";
import { type Canvas, ink, MAX_POINTS, svgText } from "./svg.ts";

export interface ManhattanData {
  readonly layout: GenomeLayout;
  readonly points: Points;
  /** Pairs to name, most important first; those without room stay unnamed. */
  readonly labels?: readonly NamedPair[];
  /** A horizontal line, for example where significance begins. `log10P` is negative. */
  readonly line?: { readonly log10P: number; readonly text: string };
  /** Where the y axis starts when no weaker pair can be there, as -log10 p: the cut-off of a trans map. */
  readonly cutoff?: number;
  readonly title?: string;
}

export interface NamedPair {
  readonly text: string;
  readonly chromosome: string;
  readonly position: number;
  readonly log10P: number;
}

const WIDTH = 980;
const HEIGHT = 380;
/** A cut-off from here on (-log10 p) lifts the foot of the axis. */
const STRICT = 3;
const MARGIN = { left: 40, right: 14, top: 40, bottom: 48 };

/**
 * Association by genome position: -log10 p of every pair, chromosomes in two tones; in Mb when the
 * layout has a single chromosome. Past 20,000 pairs the dots are a picture inside it. Returns an SVG file.
 */
export function manhattan(canvas: Canvas, data: ManhattanData): string {
  const { layout, labels = [] } = data;
  const { points } = data;
  const [low, high] = heightRange(points, data);
  const clipped = Float64Array.from(points.y, (y) => Math.min(y, high));
  const plot = Plot.plot({
    document: canvas.document,
    width: WIDTH,
    height: HEIGHT,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { domain: [0, layout.length], axis: null },
    y: { domain: [low, high], axis: null },
    marks: [
      Plot.gridY({ ...GRID, ticks: 6 }),
      Plot.axisY({ ...AXIS, ticks: 6 }),
      yTitle("−log₁₀ p", MARGIN.left),
      genomeAxis(layout, { side: "bottom", pixels: WIDTH - MARGIN.left - MARGIN.right, what: "" }),
      ...[0, 1].map((tone) => {
        const chosen = [...points.x.keys()].filter((i) => spanAt(layout, points.x[i]!) % 2 === tone);
        const colour = tone === 0 ? ink.deep : ink.pale;
        const pixels = { colour, radius: 1.7, among: points.x.length };
        return dots(
          chosen.map((i) => points.x[i]!),
          chosen.map((i) => clipped[i]!),
          pixels,
        );
      }),
      data.line === undefined || -data.line.log10P < low ? null : significanceLine(data.line),
      named(
        labels,
        layout,
        data.line === undefined ? 14 : 32,
        thin({ ...points, y: clipped }, MAX_POINTS, layout.length),
      ),
    ],
  });
  return svgText(plot, data.title ?? "Manhattan plot: association by genome position");
}

/** From 0, or from the whole number below a strict cut-off, to above the strongest pair and the line. */
function heightRange(points: Points, data: ManhattanData): [number, number] {
  const { cutoff = 0, line, labels = [] } = data;
  const low = cutoff >= STRICT && cutoff < Number.POSITIVE_INFINITY ? Math.floor(cutoff) : 0;
  let max = line === undefined ? 0 : -line.log10P;
  for (const y of [...points.y, ...labels.map((label) => -label.log10P)])
    if (y < Number.POSITIVE_INFINITY) max = Math.max(max, y);
  return [low, low + Math.max(1, (max - low) * 1.06)];
}

function significanceLine(line: NonNullable<ManhattanData["line"]>): Plot.Markish[] {
  return [
    Plot.ruleY([-line.log10P], { stroke: ink.accent, strokeDasharray: "5 4" }),
    remark(`– –  ${line.text}`),
  ];
}

interface Drawn {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** The named pairs as dots in the accent colour, and those names that find room below `top`, where the remark ends. */
function named(labels: readonly NamedPair[], layout: GenomeLayout, top: number, drawn: Drawn): Plot.Markish {
  const place = genomePlacer(layout);
  const pairs = labels
    .map((label) => ({
      text: label.text,
      x: place(label.chromosome, label.position),
      y: -label.log10P,
    }))
    .filter((pair) => pair.x >= 0 && pair.y >= 0 && Number.isFinite(pair.y));
  return [
    dots(
      pairs.map((pair) => pair.x),
      pairs.map((pair) => pair.y),
      { colour: ink.accent, radius: 2.6 },
    ),
    names(pairs, top, drawn),
  ];
}

function names(pairs: readonly Label[], top: number, drawn: Drawn): Plot.RenderFunction {
  return (_index, scales, _values, _dimensions, context) => {
    const frame = { left: MARGIN.left, right: WIDTH - 4, top, bottom: HEIGHT - MARGIN.bottom };
    const pixels = pairs.map(({ text, x, y }) => ({
      text,
      x: Number(scales.x?.(x)),
      y: Number(scales.y?.(y)),
    }));
    const cloud = Array.from(drawn.x, (x, i) => ({
      x: Number(scales.x?.(x)),
      y: Number(scales.y?.(drawn.y[i])),
    }));
    // A halo in the colour of the paper keeps a name readable above a dense cloud.
    const group = svgElement(context.document, "g", {
      fill: ink.ink,
      "font-size": 11.5,
      "font-style": "italic",
      "paint-order": "stroke",
      stroke: ink.paper,
      "stroke-linejoin": "round",
      "stroke-width": 3,
    });
    for (const label of placeLabels(pixels, frame, cloud)) {
      const place = { x: label.textX, y: label.textY, "text-anchor": label.anchor };
      const text = svgElement(context.document, "text", place);
      const leader = leaderLine(label);
      if (leader !== undefined) {
        const style = { stroke: ink.line, "stroke-width": 1 };
        group.append(svgElement(context.document, "path", { d: leader, ...style }));
      }
      text.textContent = label.text;
      group.append(text);
    }
    return group;
  };
}
