import type { GenomeLayout } from "../../../report/layout.ts";
import { spanAt } from "../../../report/layout.ts";
import type { GeneColumns, PointColumns } from "../../engine/protocol.ts";
import { engine } from "../engine.ts";
import { result } from "../state.ts";
import { type Detail, type Dots, detailOf } from "./raster/detail.ts";
import { genePeaks, heights } from "./raster/peaks.ts";
import { layoutOf } from "./raster/ticks.ts";
import type { Range } from "./raster/viewport.ts";
import { chosenContext, ofResult } from "./resultAnswers.ts";

/** The pairs of the open result, ready to be drawn. */
export interface MapPoints {
  readonly columns: PointColumns;
  readonly genes: GeneColumns;
  readonly layout: GenomeLayout;
  /** Of the Manhattan plot; y is -log10 p, p = 0 at `top`. */
  readonly dots: Dots;
  readonly detail: Detail;
  readonly top: number;
  /** Where the y axis starts: 0, or the whole number below the cut-off of a trans map. */
  readonly bottom: number;
  /** -log10 p of the weakest lead of a gene at or below the result's q; undefined without one. */
  readonly line: number | undefined;
  /** Each gene's strongest point, strongest first. */
  readonly peaks: Uint32Array;
  readonly heightIn: (range: Range) => number;
}

/** What is asked of the engine at most. */
const MOST_POINTS = 1_000_000;
/** A cut-off from here on (-log10 p) lifts the foot of the axis: as in the report. */
const STRICT = 3;

let known: { readonly id: string; readonly answer: Promise<MapPoints> } | undefined;

/** Asked once a result and context, whatever views want it. */
export function mapPoints(): Promise<MapPoints> {
  const open = result.peek();
  if (open === undefined) return Promise.reject(new Error("no result is open"));
  const context = chosenContext();
  const id = `${open.id} ${context}`;
  if (known?.id !== id) {
    const answer = Promise.all([engine.points(MOST_POINTS, context), ofResult("genes")]).then(
      ([columns, genes]) =>
        prepare(columns, genes, layoutOf(open.layout), open.significantQ, open.kind === "trans"),
    );
    known = { id, answer };
    answer.catch(() => {
      known = undefined;
    });
  }
  return known.answer;
}

export function prepare(
  columns: PointColumns,
  genes: GeneColumns,
  layout: GenomeLayout,
  significantQ: number,
  trans: boolean,
): MapPoints {
  const line = weakestSignificant(genes, significantQ);
  let [least, most] = [Number.POSITIVE_INFINITY, line ?? 0];
  for (const y of columns.y) {
    if (y < least) least = y;
    if (y > most && y < Number.POSITIVE_INFINITY) most = y;
  }
  const bottom = trans && least >= STRICT && least < Number.POSITIVE_INFINITY ? Math.floor(least) : 0;
  const top = bottom + Math.max(1, (most - bottom) * 1.08);
  const y = columns.y.map((value) => Math.min(value, top));
  const kind = new Uint8Array(y.length);
  let span = 0;
  for (let i = 0; i < kind.length; i++) {
    const x = columns.x[i]!;
    if (i === 0 || x >= (layout.spans[span + 1]?.offset ?? Number.POSITIVE_INFINITY))
      span = spanAt(layout, x);
    kind[i] = (span % 2) + (line !== undefined && y[i]! >= line ? 2 : 0);
  }
  const dots: Dots = { x: columns.x, y, strength: columns.y, kind };
  return {
    ...{ columns, genes, layout, dots, top, bottom, line },
    detail: detailOf(dots, { x0: 0, x1: layout.length, y0: bottom, y1: top }),
    peaks: genePeaks(columns),
    heightIn: heights(columns.x, y),
  };
}

function weakestSignificant({ q, log10P }: GeneColumns, limit: number): number | undefined {
  let weakest = Number.POSITIVE_INFINITY;
  for (const [g, value] of q.entries()) if (value <= limit && -log10P[g]! < weakest) weakest = -log10P[g]!;
  return weakest < Number.POSITIVE_INFINITY ? weakest : undefined;
}

/** A gene as people call it. */
export function geneName(genes: Pick<GeneColumns, "id" | "symbol">, gene: number): string {
  return genes.symbol[gene] || genes.id[gene] || "";
}

/** Points of one gene, in order of x. */
export function pointsOfGene({ columns }: MapPoints, gene: number): Uint32Array {
  const found: number[] = [];
  if (gene >= 0) for (let i = 0; i < columns.gene.length; i++) if (columns.gene[i] === gene) found.push(i);
  return Uint32Array.from(found);
}
