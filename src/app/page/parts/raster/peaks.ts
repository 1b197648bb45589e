import type { PointColumns } from "../../../engine/answers.ts";
import { firstAbove, firstAtLeast } from "./detail.ts";
import type { Range } from "./viewport.ts";

/** Index of each gene's strongest point, strongest gene first; of equals the first by position. */
export function genePeaks({ y, gene }: Pick<PointColumns, "y" | "gene">): Uint32Array {
  let genes = 0;
  for (const g of gene) genes = Math.max(genes, g + 1);
  const best = new Int32Array(genes).fill(-1);
  for (let i = 0; i < gene.length; i++) {
    const before = best[gene[i]!]!;
    if (!Number.isNaN(y[i]!) && (before < 0 || y[i]! > y[before]!)) best[gene[i]!] = i;
  }
  return Uint32Array.from(best.filter((i) => i >= 0)).sort((a, b) => y[b]! - y[a]! || a - b);
}

/** The strongest of `peaks` (strongest first) in a stretch, at most `limit`, none within `apart` of a stronger one. */
export function peaksIn(
  peaks: Uint32Array,
  x: Float64Array,
  [low, high]: Range,
  { limit, apart }: { readonly limit: number; readonly apart: number },
): number[] {
  const found: number[] = [];
  for (const i of peaks) {
    if (found.length >= limit) break;
    if (x[i]! < low || x[i]! > high) continue;
    if (found.every((other) => Math.abs(x[other]! - x[i]!) >= apart)) found.push(i);
  }
  return found;
}

const BLOCK = 1024;

/** Answers what the largest y of a stretch is, from the largest of each block of points. */
export function heights(x: Float64Array, y: Float32Array): (range: Range) => number {
  const blocks = new Float32Array(Math.ceil(x.length / BLOCK));
  for (let i = 0; i < x.length; i++) if (y[i]! > blocks[(i / BLOCK) | 0]!) blocks[(i / BLOCK) | 0] = y[i]!;
  return ([low, high]) => {
    const from = firstAtLeast(x, low);
    const to = firstAbove(x, high);
    let most = 0;
    for (let i = from; i < to; ) {
      const whole = i % BLOCK === 0 && i + BLOCK <= to;
      const value = whole ? blocks[i / BLOCK]! : y[i]!;
      if (value > most) most = value;
      i += whole ? BLOCK : 1;
    }
    return most;
  };
}
