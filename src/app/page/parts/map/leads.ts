import type { GeneColumns } from "../../../engine/protocol.ts";

/** Rows of genes that have a lead variant, strongest first. */
export function strongestGenes(genes: GeneColumns): Uint32Array {
  const rows = Uint32Array.from(genes.id.keys()).filter(
    (g) => genes.variant[g] !== "" && genes.log10P[g]! <= 0,
  );
  const before = (a: number, b: number): number =>
    genes.log10P[a]! < genes.log10P[b]! ? -1 : genes.log10P[a]! > genes.log10P[b]! ? 1 : a - b;
  return rows.sort(before);
}

/** Symbol where there is one, else the id. */
export function geneName(genes: GeneColumns, row: number): string {
  return genes.symbol[row] || genes.id[row] || "";
}

/** Genes at or below `q`. */
export function significantGenes({ q }: GeneColumns, limit: number): number {
  return q.reduce((sum, value) => sum + (value <= limit ? 1 : 0), 0);
}
