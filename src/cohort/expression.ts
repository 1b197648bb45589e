import type { ExpressionTable } from "../formats/tables.ts";
import { inverseNormal } from "../statistics/ranks.ts";

/** `none`, or the rank-based inverse normal transform with offset rank / (n + 1) (GTEx, tensorQTL). */
export type Transform = "none" | "inverse-normal";

/** The expression of one gene in the samples analysed, transformed. Written to `out` at `offset`. */
export function analysedExpression(
  table: ExpressionTable,
  gene: number,
  sampleIndex: Uint32Array,
  transform: Transform,
  out: Float64Array,
  offset = 0,
): void {
  const n = sampleIndex.length;
  const row = gene * table.samples.length;
  const target = out.subarray(offset, offset + n);
  for (let s = 0; s < n; s++) target[s] = table.values[row + sampleIndex[s]!]!;
  if (transform === "inverse-normal" && !isConstant(target)) target.set(inverseNormal(target));
}

export function isConstant(values: Float64Array): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return false;
  return true;
}

/**
 * The order in which genes are analysed and written: chromosomes as the genotypes have them (others
 * after them, as the expression file has them), then start, then end, then the file's own order.
 */
export function geneOrder(table: ExpressionTable, chromosomeRank: readonly number[]): Uint32Array {
  const order = Uint32Array.from(table.id, (_, i) => i);
  return order.sort(
    (a, b) =>
      chromosomeRank[a]! - chromosomeRank[b]! ||
      table.start[a]! - table.start[b]! ||
      table.end[a]! - table.end[b]! ||
      a - b,
  );
}
