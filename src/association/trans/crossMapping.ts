import { canonicalChromosome } from "../../cohort/chromosomes.ts";
import type { Cohort } from "../../cohort/cohort.ts";
import type { CrossMappingTable } from "../../formats/crossMapping.ts";
import type { VariantLabels } from "../../formats/genotypes.ts";
import { type LabelSource, labelsByRow, PairRows } from "../batch.ts";
import { unversioned } from "../geneIds.ts";
import { chromosomeRuns, reachOf } from "../geometry.ts";
import { doublesOf, int32sOf, type PartTable, stringsOf, uint32sOf } from "../mapPart.ts";
import { variantNumbers } from "../pairsPlan.ts";
import type { MapResult } from "../tables.ts";
import { tableOfLabels } from "./loci.ts";
import { placesBetween, VariantRuns } from "./variantRuns.ts";

/** Variants this near a gene, in base pairs, are taken for it, where nothing else is asked for. */
export const CROSS_MAPPING_DISTANCE = 1_000_000;

/** What cross-mapping took out of a map: so many tests, and the pairs among them whose p would have passed. */
export interface CrossMappedPairs extends VariantLabels {
  readonly tests: number;
  /** Gene of each pair; the labels are those of its variant. */
  readonly gene: Uint32Array;
  readonly slope: Float64Array;
  readonly slopeSe: Float64Array;
  readonly log10P: Float64Array;
}

/** The same of one part: rows are variants by index in the source. */
export class CrossMappedOfPart {
  readonly pairs = new PairRows();
  tests = 0;

  async tables(source: LabelSource): Promise<{ crossMapped: PartTable; crossMappedTests: PartTable }> {
    const { row, gene, slope, slopeSe, log10P } = this.pairs.take();
    const labels = await labelsByRow(source, row);
    return {
      crossMapped: { gene, slope, slopeSe, log10P, ...tableOfLabels(labels) },
      crossMappedTests: { tests: Float64Array.of(this.tests) },
    };
  }
}

/** What the parts of a map took out together. */
export function crossMappedPairs({ tables }: MapResult): CrossMappedPairs | undefined {
  const { crossMapped: pairs, crossMappedTests } = tables;
  if (pairs === undefined || crossMappedTests === undefined) return undefined;
  return {
    tests: doublesOf(crossMappedTests, "tests").reduce((sum, tests) => sum + tests, 0),
    gene: uint32sOf(pairs, "gene"),
    slope: doublesOf(pairs, "slope"),
    slopeSe: doublesOf(pairs, "slopeSe"),
    log10P: doublesOf(pairs, "log10P"),
    id: stringsOf(pairs, "id"),
    chromosome: stringsOf(pairs, "chromosomeName"),
    position: int32sOf(pairs, "position"),
    effectAllele: stringsOf(pairs, "effectAllele"),
    otherAllele: stringsOf(pairs, "otherAllele"),
  };
}

/** The number of a gene by its id, Ensembl's version left aside; -1 where there is none. */
export function geneNumbers(ids: readonly string[]): (id: string) => number {
  const number = new Map(ids.map((id, gene) => [unversioned(id), gene]));
  return (id) => number.get(unversioned(id)) ?? -1;
}

/**
 * The variants that must not be tested with each gene, since reads of the gene map near them too: those within
 * `distance` of a gene that it cross-maps with (in either direction), in a region, or listed.
 */
export async function crossMappedRuns(
  cohort: Cohort,
  table: CrossMappingTable,
  distance: number,
  signal: AbortSignal | undefined,
): Promise<VariantRuns> {
  const { genotypes } = cohort.tables;
  const spans = cohort.genes.id.map(() => [] as [number, number][]);
  if (table.kind === "variants") {
    const numbers = await variantNumbers(cohort, new Set(table.place), signal);
    table.gene.forEach((gene, i) => {
      const variant = numbers.get(table.place[i]!);
      if (variant !== undefined) spans[gene]!.push([variant, variant + 1]);
    });
    return new VariantRuns(spans);
  }
  const chromosomes = chromosomeRuns(genotypes);
  const add = (gene: number, code: number | undefined, low: number, high: number): void => {
    const chromosome = chromosomes[code ?? -1];
    if (chromosome !== undefined) spans[gene]!.push(placesBetween(genotypes.position, chromosome, low, high));
  };
  if (table.kind === "regions") {
    const codes = new Map(genotypes.chromosomes.map((name, code) => [canonicalChromosome(name), code]));
    table.gene.forEach((gene, i) => {
      add(gene, codes.get(canonicalChromosome(table.place[i]!)), table.start[i]!, table.end[i]!);
    });
    return new VariantRuns(spans);
  }
  const near = (gene: number, other: number): void => {
    const { low, high } = reachOf(cohort, other, distance);
    add(gene, cohort.geneChromosome[other], low, high);
  };
  table.gene.forEach((gene, i) => {
    near(gene, table.other[i]!);
    near(table.other[i]!, gene);
  });
  return new VariantRuns(spans);
}
