import { log10 } from "../statistics/elementary.ts";
import { type CorrelationBlock, correlationAmong } from "./geneCorrelation.ts";
import type { GeneTests, PlacedGenes } from "./geneTests.ts";
import type { TraitGenes } from "./keyGenes.ts";

/**
 * The tested genes that are in a network, ready to be regressed: z, and as covariates log10 of length and of the number of variants, and the mean linkage of these.
 * `network[gene]` is the gene's number in the network, or -1; `gene` of the result the numbers among the tested genes.
 */
export function traitGenes(
  genes: PlacedGenes,
  tests: GeneTests,
  correlation: readonly CorrelationBlock[],
  network: Int32Array,
): TraitGenes & { readonly gene: Uint32Array } {
  const kept: number[] = [];
  const number = new Int32Array(genes.id.length).fill(-1);
  const taken = new Set<number>();
  for (let gene = 0; gene < genes.id.length; gene++) {
    // Of two genes that are the same one in the network the first counts.
    if (tests.status[gene] !== "ok" || network[gene]! < 0 || taken.has(network[gene]!)) continue;
    taken.add(network[gene]!);
    number[gene] = kept.length;
    kept.push(gene);
  }
  const each = (value: (gene: number) => number): Float64Array => Float64Array.from(kept, value);
  const variants = (gene: number): number => tests.to[gene]! - tests.from[gene]!;
  return {
    gene: Uint32Array.from(kept),
    network: Uint32Array.from(kept, (gene) => network[gene]!),
    z: each((gene) => tests.z[gene]!),
    covariates: [
      each((gene) => log10(genes.end[gene]! - genes.start[gene]! + 1)),
      each((gene) => log10(variants(gene))),
      each((gene) => tests.sumSquares[gene]! / variants(gene)),
    ],
    correlation: correlationAmong(correlation, number),
  };
}
