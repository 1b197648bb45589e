import type { Cohort } from "../../cohort/cohort.ts";
import { VARIANT_STATUS } from "../../cohort/variants.ts";
import type { VariantLabels } from "../../formats/genotypes.ts";
import type { Column, SchemaColumn, TableSchema } from "../../formats/table.ts";
import { log10, pow10 } from "../../statistics/elementary.ts";
import { benjaminiHochberg } from "../../statistics/multiple.ts";
import { labelsByRow } from "../batch.ts";
import type { AnovaResult } from "./result.ts";

/** The tables of `qortex trans --model anova`. */

const text = (name: string): SchemaColumn => ({ name, type: "string" });
const double = (name: string): SchemaColumn => ({ name, type: "double" });
const int32 = (name: string): SchemaColumn => ({ name, type: "int32" });

const CONVENTIONS = {
  effects:
    "effect_1, effect_2: expression of samples with 1 and 2 copies of effect_allele less that of samples with 0, covariates in the model",
  missing:
    "samples without a call are in the most frequent class, as in MatrixEQTL; samples_0, samples_1, samples_2 count calls",
};

const VARIANT = [text("chromosome"), int32("position"), text("effect_allele"), text("other_allele")];
const SAMPLES = ["samples_0", "samples_1", "samples_2"].map(int32);
const TEST = ["pval_nominal", "f_statistic", "r2", "effect_1", "effect_2", "log10_p"].map(double);

export interface NamedTable {
  readonly name: string;
  readonly schema: TableSchema;
  readonly columns: readonly Column[];
}

/** `anova_pairs`, `anova_genes` and `variants_dropped`, ready to be written. */
export async function anovaTables(
  cohort: Cohort,
  result: AnovaResult,
  metadata: Readonly<Record<string, string>>,
): Promise<NamedTable[]> {
  const { genotypes } = cohort.tables;
  const labels = await labelsByRow(genotypes, result.variant);
  const conventions = { ...CONVENTIONS, ...metadata };
  const dropped = Uint32Array.from(result.status.keys()).filter((variant) => result.status[variant] !== 0);
  return [
    {
      name: "anova_pairs",
      schema: {
        columns: [
          text("variant_id"),
          text("phenotype_id"),
          ...SAMPLES,
          ...TEST,
          double("qval"),
          ...VARIANT,
          text("phenotype_chromosome"),
          int32("phenotype_start"),
        ],
        metadata: conventions,
      },
      columns: pairColumns(cohort, result, labels),
    },
    {
      name: "anova_genes",
      schema: {
        columns: [
          text("phenotype_id"),
          text("status"),
          int32("num_var"),
          text("variant_id"),
          double("pval_nominal"),
          double("log10_p"),
          double("pval_bonferroni"),
          double("qval_bonferroni"),
        ],
        metadata: conventions,
      },
      columns: geneColumns(cohort, result, labels),
    },
    {
      name: "variants_dropped",
      schema: { columns: [text("variant_id"), ...VARIANT, text("status")], metadata },
      columns: [
        ...labelColumns(await labelsByRow(genotypes, dropped)),
        {
          name: "status",
          type: "string",
          values: Array.from(dropped, (v) => VARIANT_STATUS[result.status[v]!]!),
        },
      ],
    },
  ];
}

function labelColumns(labels: VariantLabels): Column[] {
  return [
    { name: "variant_id", type: "string", values: labels.id },
    { name: "chromosome", type: "string", values: labels.chromosome },
    { name: "position", type: "int32", values: labels.position },
    { name: "effect_allele", type: "string", values: labels.effectAllele },
    { name: "other_allele", type: "string", values: labels.otherAllele },
  ];
}

function pairColumns({ genes }: Cohort, result: AnovaResult, labels: VariantLabels): Column[] {
  const { gene, rSquared, log10P, degreesOfFreedom, tests } = result;
  const counts = [result.samples0, result.samples1, result.samples2];
  const byGene = (name: string, values: readonly string[]): Column => ({
    name,
    type: "dictionary",
    values,
    index: gene,
  });
  const doubles = (name: string, values: Float64Array): Column => ({ name, type: "double", values });
  const [variantId, ...places] = labelColumns(labels);
  return [
    variantId!,
    byGene("phenotype_id", genes.id),
    ...counts.map(
      (values, copies): Column => ({
        ...{ name: `samples_${copies}`, type: "int32" },
        values: Int32Array.from(values),
      }),
    ),
    doubles("pval_nominal", log10P.map(pow10)),
    doubles(
      "f_statistic",
      rSquared.map((r2) => (degreesOfFreedom / 2) * (r2 / (1 - r2))),
    ),
    doubles("r2", rSquared),
    doubles("effect_1", result.effect1),
    doubles("effect_2", result.effect2),
    doubles("log10_p", log10P),
    doubles("qval", benjaminiHochberg(log10P, tests)),
    ...places,
    byGene("phenotype_chromosome", genes.chromosome),
    { name: "phenotype_start", type: "int32", values: Int32Array.from(gene, (g) => genes.start[g]!) },
  ];
}

/** Row of each gene's pair with the smallest p (the first of equal ones), or -1. */
export function bestPairs({ gene, log10P }: AnovaResult, genes: number): Int32Array {
  const best = new Int32Array(genes).fill(-1);
  gene.forEach((g, i) => {
    if (best[g]! < 0 || log10P[i]! < log10P[best[g]!]!) best[g] = i;
  });
  return best;
}

/** Benjamini-Hochberg over the genes tested of each best p times the gene's tests; NaN where a gene has no pair. */
export function geneQ(
  cohort: Cohort,
  result: AnovaResult,
): { log10Bonferroni: Float64Array; q: Float64Array } {
  const best = bestPairs(result, cohort.genes.id.length);
  const log10Bonferroni = Float64Array.from(best, (row, gene) =>
    row < 0 ? Number.NaN : Math.min(0, result.log10P[row]! + log10(result.testsOfGene[gene]!)),
  );
  const tested = result.testsOfGene.filter((tests) => tests > 0).length;
  return { log10Bonferroni, q: benjaminiHochberg(log10Bonferroni, tested) };
}

function geneColumns(cohort: Cohort, result: AnovaResult, labels: VariantLabels): Column[] {
  const { genes, geneStatus } = cohort;
  const best = bestPairs(result, genes.id.length);
  const { log10Bonferroni, q } = geneQ(cohort, result);
  const status = geneStatus.map((known, gene) => {
    if (known !== "ok" || best[gene]! >= 0) return known;
    return result.testsOfGene[gene] === 0 ? "no-variants" : "no-hit";
  });
  const log10P = Float64Array.from(best, (row) => (row < 0 ? Number.NaN : result.log10P[row]!));
  return [
    { name: "phenotype_id", type: "string", values: genes.id },
    { name: "status", type: "string", values: status },
    { name: "num_var", type: "int32", values: Int32Array.from(result.testsOfGene) },
    {
      name: "variant_id",
      type: "string",
      values: Array.from(best, (row) => (row < 0 ? "" : labels.id[row]!)),
    },
    { name: "pval_nominal", type: "double", values: log10P.map(pow10) },
    { name: "log10_p", type: "double", values: log10P },
    { name: "pval_bonferroni", type: "double", values: log10Bonferroni.map(pow10) },
    { name: "qval_bonferroni", type: "double", values: q },
  ];
}
