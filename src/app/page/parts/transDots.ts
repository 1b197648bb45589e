import type { MapPoints } from "./mapPoints.ts";
import { type Detail, type Dots, detailOf } from "./raster/detail.ts";

/** The pairs of a trans map by variant and gene position. */
export interface TransDots {
  readonly dots: Dots;
  readonly detail: Detail;
}

/** Strength classes as the report has them, weakest first: -log10 p up to `below`. */
export const TRANS_CLASSES = [
  { below: 8, text: "p > 10⁻⁸", colour: "pale", radius: 1.6 },
  { below: 20, text: "10⁻⁸ to 10⁻²⁰", colour: "deep", radius: 2.2 },
  { below: Number.POSITIVE_INFINITY, text: "p < 10⁻²⁰", colour: "accent", radius: 3 },
] as const;

export function transDotsOf({ columns, layout }: MapPoints): TransDots {
  const up = columns.geneX ?? new Float64Array(columns.x.length).fill(Number.NaN);
  const dots: Dots = {
    x: columns.x,
    y: Float32Array.from(up),
    strength: columns.y,
    kind: Uint8Array.from(columns.y, transClass),
  };
  const extent = { x0: 0, x1: layout.length, y0: 0, y1: layout.length };
  // Square cells.
  return { dots, detail: detailOf(dots, extent, { columns: 160, rows: 160, depth: 8 }) };
}

export function transClass(y: number): number {
  const found = TRANS_CLASSES.findIndex(({ below }) => y < below);
  return found < 0 ? TRANS_CLASSES.length - 1 : found;
}
