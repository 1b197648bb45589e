import { UsageError } from "../errors.ts";
import type { GenotypeSource } from "../formats/genotypes.ts";
import type { CovariateTable, ExpressionTable } from "../formats/tables.ts";
import { canonicalChromosome } from "./chromosomes.ts";

/** The variants of one chromosome of a source (`6` or `chr6`); reads go to the source. Throws UsageError where it has none. */
export function chromosomeOf(source: GenotypeSource, chromosome: string): GenotypeSource {
  const wanted = canonicalChromosome(chromosome);
  const code = source.chromosomes.findIndex((name) => canonicalChromosome(name) === wanted);
  const codes = source.chromosomeCode;
  let from = 0;
  while (from < source.variantCount && codes.at(from) !== code) from++;
  if (from === source.variantCount)
    throw new UsageError(`${source.name} has no variants on chromosome ${chromosome}`);
  let to = source.variantCount;
  while (codes.at(to - 1) !== code) to--;
  return {
    name: source.name,
    samples: source.samples,
    variantCount: to - from,
    chromosomes: [source.chromosomes[code]!],
    chromosomeCode: new Uint8Array(to - from),
    position: source.position.slice(from, to),
    remainders: source.remainders,
    pseudoAutosomal: source.pseudoAutosomal?.subarray(from, to),
    read: async (start, end, samples) => ({
      ...(await source.read(start + from, end + from, samples)),
      start,
    }),
    labels: (start, end) => source.labels(start + from, end + from),
  };
}

/** The genes of one chromosome of a table. */
export function genesOn(table: ExpressionTable, chromosome: string): ExpressionTable {
  const wanted = canonicalChromosome(chromosome);
  const rows = table.chromosome.flatMap((name, g) => (canonicalChromosome(name) === wanted ? [g] : []));
  const width = table.samples.length;
  const values = new Float64Array(rows.length * width);
  rows.forEach((g, i) => {
    values.set(table.values.subarray(g * width, (g + 1) * width), i * width);
  });
  return {
    name: table.name,
    samples: table.samples,
    id: rows.map((g) => table.id[g]!),
    chromosome: rows.map((g) => table.chromosome[g]!),
    start: Int32Array.from(rows, (g) => table.start[g]!),
    end: Int32Array.from(rows, (g) => table.end[g]!),
    strand: rows.map((g) => table.strand[g]!),
    values,
  };
}

/** Numbers of samples under names: `values[column * samples + sample]`. */
export interface SampleColumns {
  readonly names: readonly string[];
  readonly values: Float64Array;
}

/** Columns as a table of covariates. A number's text is the shortest that is read back to the same bits. */
export function covariateTable(
  name: string,
  samples: readonly string[],
  columns: SampleColumns,
): CovariateTable {
  const n = samples.length;
  const cells = columns.names.map((_, c) => Array.from(columns.values.subarray(c * n, (c + 1) * n), String));
  return { name, samples, covariates: columns.names, cells };
}

/** Columns as the expression of genes that lie nowhere: what tests each of them with every variant. */
export function columnsAsGenes(
  name: string,
  samples: readonly string[],
  columns: SampleColumns,
): ExpressionTable {
  const { names, values } = columns;
  return {
    name,
    samples,
    id: names,
    chromosome: names.map(() => "none"),
    start: new Int32Array(names.length),
    end: new Int32Array(names.length).fill(1),
    strand: names.map(() => "."),
    values,
  };
}

/** Several sets of columns side by side. */
export function joinColumns(...sets: readonly SampleColumns[]): SampleColumns {
  const values = new Float64Array(sets.reduce((sum, set) => sum + set.values.length, 0));
  let at = 0;
  for (const set of sets) {
    values.set(set.values, at);
    at += set.values.length;
  }
  return { names: sets.flatMap(({ names }) => names), values };
}

/** The columns `which`, in that order, of `n` samples each. */
export function pickColumns(columns: SampleColumns, which: readonly number[], n: number): SampleColumns {
  const values = new Float64Array(which.length * n);
  which.forEach((c, i) => {
    values.set(columns.values.subarray(c * n, (c + 1) * n), i * n);
  });
  return { names: which.map((c) => columns.names[c]!), values };
}
