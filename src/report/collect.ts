import type { PairBatch } from "../association/tables.ts";
import { type GenomeLayout, genomePlacer } from "./layout.ts";

/** Points on a genome axis. `y` is -log10 p, `gene` an index of the run's gene table. */
export interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly gene: Int32Array;
}

/** What is drawn of a batch of pairs. */
export type DrawnPairs = Pick<PairBatch, "variant" | "gene" | "log10P"> & {
  readonly variants: Pick<PairBatch["variants"], "chromosome" | "position">;
};

export interface PointCollector {
  add(batch: DrawnPairs): void;
  /** At most `limit` points (default {@link POINT_LIMIT} and {@link DOT_LIMIT}), by x then y; `y` is -log10 p in any plot. */
  result(limit?: number): Points;
}

/** What a collector hands to a plot at most. */
const POINT_LIMIT = 200_000;
/** The same of dots, which spread over the whole plot: a picture of more of them takes more than half a megabyte. */
const DOT_LIMIT = 40_000;

const COLUMNS = 1_000;
const ROWS = 1_000;
/** Rows are 0.05 high up to -log10 p = 10, then 1% of the value, so 1e-4000 still has its own row. */
const FINE_HEIGHT = 0.05;
const FINE_TOP = 10;

/**
 * Collects the points of a Manhattan plot while a map runs. It keeps the best pair of each cell of a
 * fixed grid over genome and -log10 p (20 MB, whatever the number of pairs), so what it returns does not
 * depend on how pairs are batched or in which order they come. Pairs whose variant is not on `layout`,
 * and pairs without a p-value, are left out.
 */
export function manhattanCollector(layout: GenomeLayout): PointCollector {
  const place = genomePlacer(layout);
  const grid = cellGrid(COLUMNS * ROWS);
  return {
    add(batch) {
      const x = placeVariants(batch, place);
      const column = new Int32Array(x.length);
      for (let v = 0; v < x.length; v++)
        column[v] = Math.min(COLUMNS - 1, Math.floor((x[v]! / layout.length) * COLUMNS));
      offerPairs(grid, batch.variant, batch.gene, batch.log10P, x, column);
    },
    result: (limit = POINT_LIMIT) => thin(grid.points(), limit, layout.length),
  };
}

/** The pairs to the cells of their variants' columns; takes the arrays alone, so that it is compiled once for batches of any make. */
function offerPairs(
  grid: CellGrid,
  variant: Uint32Array,
  gene: Uint32Array,
  log10P: Float64Array,
  x: Float64Array,
  column: Int32Array,
): void {
  const { length } = variant;
  for (let i = 0; i < length; i++) {
    const v = variant[i]!;
    const y = -log10P[i]!;
    if (!(y >= 0) || !(x[v]! >= 0)) continue;
    grid.offer(column[v]! * ROWS + rowOf(y), x[v]!, y, gene[i]!);
  }
}

/**
 * Collects variant position x gene position while a map runs: the best pair of each cell of a 500 x 500
 * grid. `genes` are the run's genes; pairs off either axis are left out.
 */
export function dotCollector(
  variants: GenomeLayout,
  genes: GenomeLayout,
  geneTable: { readonly chromosome: readonly string[]; readonly start: Int32Array },
): PointCollector {
  const cells = 500;
  const place = genomePlacer(variants);
  const placeGene = genomePlacer(genes);
  const geneRow = Float64Array.from(geneTable.chromosome, (chromosome, g) =>
    Math.min(cells - 1, Math.floor((placeGene(chromosome, geneTable.start[g]!) / genes.length) * cells)),
  );
  const grid = cellGrid(cells * cells);
  return {
    add(batch) {
      const x = placeVariants(batch, place);
      for (let i = 0; i < batch.variant.length; i++) {
        const at = x[batch.variant[i]!]!;
        const row = geneRow[batch.gene[i]!]!;
        const y = -batch.log10P[i]!;
        if (!(at >= 0) || !(row >= 0) || !(y >= 0)) continue;
        const column = Math.min(cells - 1, Math.floor((at / variants.length) * cells));
        grid.offer(column * cells + row, at, y, batch.gene[i]!);
      }
    },
    result: (limit = DOT_LIMIT) => strongest(grid.points(), limit),
  };
}

/**
 * At most `limit` of the points: the highest of each cell of a square raster as wide as a plot has pixels,
 * coarsened until few enough are left. Deterministic; the highest point of all is always kept.
 */
export function thin(points: Points, limit: number, length: number): Points {
  let kept = points;
  const height = finiteMax(points.y);
  for (let size = 1; kept.x.length > limit; size *= 1.25) {
    const columns = Math.max(1, Math.floor(COLUMNS / size));
    const rows = Math.max(1, Math.floor(320 / size));
    const best = new Map<number, number>();
    for (let i = 0; i < kept.x.length; i++) {
      const column = Math.floor((kept.x[i]! / length) * columns);
      const row = Math.floor((Math.min(kept.y[i]!, height) / height) * rows);
      const cell = column * (rows + 1) + row;
      const held = best.get(cell);
      if (held === undefined || precedes(kept, i, held)) best.set(cell, i);
    }
    kept = pick(kept, [...best.values()]);
  }
  return kept;
}

/** Index of the row of the grid that -log10 p = `y` falls in. */
export function rowOf(y: number): number {
  if (y < FINE_TOP) return Math.floor(y / FINE_HEIGHT);
  const row = FINE_TOP / FINE_HEIGHT + Math.floor(100 * Math.log(y / FINE_TOP));
  return Math.min(ROWS - 1, row);
}

function finiteMax(values: Float64Array): number {
  let max = Number.MIN_VALUE;
  for (const value of values) if (value > max && value < Number.POSITIVE_INFINITY) max = value;
  return max;
}

function placeVariants(
  batch: DrawnPairs,
  place: (chromosome: string, position: number) => number,
): Float64Array {
  const { chromosome, position } = batch.variants;
  const x = new Float64Array(position.length);
  for (let v = 0; v < x.length; v++) x[v] = place(chromosome[v]!, position[v]!);
  return x;
}

/** The `limit` highest of the points, by x then y. */
export function strongest(points: Points, limit: number): Points {
  if (points.x.length <= limit) return points;
  const order = [...points.x.keys()].sort((a, b) => (precedes(points, a, b) ? -1 : 1));
  return pick(points, order.slice(0, limit));
}

/** Whether point a stands before point b: higher, then further left, then the earlier gene. */
function precedes(points: Points, a: number, b: number): boolean {
  const height = points.y[a]! - points.y[b]!;
  if (height !== 0 && points.y[a] !== points.y[b]) return height > 0;
  const across = points.x[a]! - points.x[b]!;
  return across !== 0 ? across < 0 : points.gene[a]! < points.gene[b]!;
}

/** The points of `chosen`, by x, then y, then gene. */
function pick(points: Points, chosen: readonly number[]): Points {
  const order = Uint32Array.from(chosen).sort(
    (a, b) => points.x[a]! - points.x[b]! || points.y[a]! - points.y[b]! || points.gene[a]! - points.gene[b]!,
  );
  return {
    x: Float64Array.from(order, (i) => points.x[i]!),
    y: Float64Array.from(order, (i) => points.y[i]!),
    gene: Int32Array.from(order, (i) => points.gene[i]!),
  };
}

type CellGrid = ReturnType<typeof cellGrid>;

/** The best point of each cell; ties go to the lowest x, then the lowest gene. */
function cellGrid(cells: number) {
  const best: { x: Float64Array; y: Float64Array; gene: Int32Array } = {
    x: new Float64Array(cells),
    y: new Float64Array(cells).fill(-1),
    gene: new Int32Array(cells),
  };
  return {
    offer(cell: number, x: number, y: number, gene: number): void {
      const held = best.y[cell]!;
      if (y < held) return;
      if (y === held && (x > best.x[cell]! || (x === best.x[cell]! && gene >= best.gene[cell]!))) return;
      best.x[cell] = x;
      best.y[cell] = y;
      best.gene[cell] = gene;
    },
    points(): Points {
      const full: number[] = [];
      for (let cell = 0; cell < cells; cell++) if (best.y[cell]! >= 0) full.push(cell);
      return pick(best, full);
    },
  };
}
