import type { Cohort } from "../../cohort/cohort.ts";
import type { Column, TableSchema } from "../../formats/table.ts";
import { pow10 } from "../../statistics/elementary.ts";
import type { EqtsResult } from "./map.ts";
import type { Score } from "./scores.ts";

/** A table of `qortex eqts`, whole. */
export interface EqtsTable {
  readonly name: string;
  readonly schema: TableSchema;
  readonly columns: readonly Column[];
}

const COUNTS = [
  "listed",
  "unusable",
  "aboveThreshold",
  "hla",
  "notFound",
  "otherAlleles",
  "ambiguous",
  "palindromic",
  "constant",
  "clumped",
  "swapped",
  "flipped",
] as const;

/** `eqts_pairs`, `eqts_scores`, `eqts_score_correlations` and `eqts_score_values`. */
export function eqtsTables(
  { genes, samples }: Cohort,
  scores: readonly Score[],
  result: EqtsResult,
  metadata: Readonly<Record<string, string>>,
): EqtsTable[] {
  const names = scores.map(({ name }) => name);
  const doubles = (name: string, values: Float64Array): Column => ({ name, type: "double", values });
  const byGene = (name: string, values: readonly string[]): Column => ({
    name,
    type: "dictionary",
    values,
    index: result.gene,
  });
  const pairs: Column[] = [
    { name: "score", type: "dictionary", values: names, index: result.score },
    byGene("phenotype_id", genes.id),
    doubles("slope", result.slope),
    doubles("slope_se", result.slopeSe),
    doubles("pval_nominal", result.log10P.map(pow10)),
    doubles("log10_p", result.log10P),
    doubles("qval", result.q),
    ...(result.fdr === undefined ? [] : [doubles("fdr_pair", result.fdr.ofPair)]),
    byGene("phenotype_chromosome", genes.chromosome),
    {
      name: "phenotype_start",
      type: "int32",
      values: Int32Array.from(result.gene, (gene) => genes.start[gene]!),
    },
    byGene("gene_symbol", genes.symbol ?? genes.id.map(() => "")),
  ];
  const counts = COUNTS.map(
    (name): Column => ({
      ...{ name: name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), type: "int32" },
      values: Int32Array.from(scores, (score) => score.counts[name]),
    }),
  );
  const described: Column[] = [
    { name: "score", type: "string", values: names },
    { name: "source", type: "string", values: scores.map(({ source }) => source) },
    doubles(
      "p_threshold",
      Float64Array.from(scores, ({ threshold }) => threshold),
    ),
    { name: "status", type: "string", values: result.status },
    { name: "variants_used", type: "int32", values: Int32Array.from(scores, ({ used }) => used) },
    ...counts,
    doubles("standard_deviation", result.deviation),
  ];
  const two = Array.from(result.correlation.keys());
  const between: Column[] = [
    { name: "score_1", type: "string", values: two.map((i) => names[Math.floor(i / names.length)]!) },
    { name: "score_2", type: "string", values: two.map((i) => names[i % names.length]!) },
    doubles("r", result.correlation),
  ];
  const each = scores.flatMap(({ name }) => samples.map((sample) => [name, sample] as const));
  const values: Column[] = [
    { name: "score", type: "string", values: each.map(([name]) => name) },
    { name: "sample", type: "string", values: each.map(([, sample]) => sample) },
    doubles("value", Float64Array.from(scores.flatMap((score) => Array.from(score.values)))),
  ];
  const conventions = { slope: "change of expression per standard deviation of the score", ...metadata };
  const table = (name: string, columns: readonly Column[]): EqtsTable => ({
    name,
    schema: {
      columns: columns.map((column) => ({
        name: column.name,
        type: column.type === "dictionary" ? "string" : column.type,
      })),
      metadata: conventions,
    },
    columns,
  });
  return [
    table("eqts_pairs", pairs),
    table("eqts_scores", described),
    table("eqts_score_correlations", between),
    table("eqts_score_values", values),
  ];
}
