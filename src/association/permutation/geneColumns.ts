/** The columns that tests of genes add to the table of genes, and the pairs that are significant by them. */

import { canonicalChromosome } from "../../cohort/chromosomes.ts";
import type { Column, SchemaColumn } from "../../formats/table.ts";
import { pow10 } from "../../statistics/elementary.ts";
import type { GeneTable, LeadTable, PairBatch } from "../tables.ts";
import type { GeneLevel } from "./geneLevel.ts";
import { type PermutationTest, permutationTestAt } from "./geneTest.ts";

/** Null of the int32 columns. */
const NO_INTEGER = -2_147_483_648;

interface GeneColumn {
  readonly name: string;
  readonly type: "double" | "int32" | "string";
  /** Of a gene of the run. */
  readonly value: (gene: number) => number | string;
}

export interface GeneColumnFacts {
  readonly level: GeneLevel;
  readonly leads: LeadTable;
  readonly genes: GeneTable;
}

/**
 * What a row of the table says: `unit`, the gene or, where phenotypes are grouped, the group that the phenotype stands for;
 * `phenotype`, the phenotype by itself, without q.
 */
export type RowKind = "unit" | "phenotype";

/** The columns added, in order; empty strings and NaN are null. */
function columnsOf({ level, leads, genes }: GeneColumnFacts, kind: RowKind): GeneColumn[] {
  const { tests, row, within } = level;
  const ofRow = (values: ArrayLike<number>) => (gene: number) =>
    row[gene]! < 0 ? Number.NaN : values[row[gene]!]!;
  const double = (name: string, value: (gene: number) => number): GeneColumn => ({
    name,
    type: "double",
    value,
  });
  const integer = (name: string, value: (gene: number) => number): GeneColumn => ({
    name,
    type: "int32",
    value,
  });
  const text = (name: string, value: (gene: number) => string): GeneColumn => ({
    name,
    type: "string",
    value,
  });
  const p = (log10P: (gene: number) => number) => (gene: number) => pow10(log10P(gene));
  const test = (value: (test: PermutationTest) => number) => (gene: number) => {
    const found = kind === "unit" ? level.unit[gene] : ownTest(level, gene);
    return found === undefined ? Number.NaN : value(found);
  };
  const corrected = (gene: number) => level.log10P[gene]!;
  const added: GeneColumn[] = [
    integer("end_distance", (gene) => endDistance(leads, genes, gene)),
    integer("num_tied", ofRow(tests.tied)),
    integer("num_hom_other", ofRow(tests.homOther)),
    integer("num_het", ofRow(tests.het)),
    integer("num_hom_effect", ofRow(tests.homEffect)),
    double("log2_afc", ofRow(tests.log2Afc)),
    double("log2_afc_se", ofRow(tests.log2AfcSe)),
    text("afc_status", (gene) => (row[gene]! < 0 ? "" : tests.afcStatus[row[gene]!]!)),
  ];
  if (within === "permutations") {
    const log10PBeta = test(({ log10PBeta: value }) => value);
    added.push(
      integer(
        "num_perm",
        test(({ count }) => count),
      ),
      double(
        "beta_shape1",
        test(({ fit }) => fit.shape1),
      ),
      double(
        "beta_shape2",
        test(({ fit }) => fit.shape2),
      ),
      double(
        "true_df",
        test(({ fit }) => fit.trueDf),
      ),
      double("pval_true_df", p(test(({ log10PTrueDf }) => log10PTrueDf))),
      double(
        "pval_perm",
        test((found) => found.p),
      ),
      double("pval_beta", p(log10PBeta)),
      double("log10_p_beta", log10PBeta),
      text(
        "beta_status",
        (gene) => (kind === "unit" ? level.unit[gene] : ownTest(level, gene))?.fit.status ?? "",
      ),
    );
  } else if (within === "acat") {
    added.push(double("pval_acat", p(corrected)), double("log10_p_acat", corrected));
  } else if (within === "eigenmt") {
    added.push(double("num_eff", ofRow(tests.numEff)), double("pval_eigenmt", p(corrected)));
    added.push(double("log10_p_eigenmt", corrected));
  }
  if (kind === "unit") {
    added.push(double("qval", (gene) => level.q[gene]!));
    if (within === "permutations")
      added.push(
        double(
          "pval_nominal_threshold",
          p((g) => level.log10Threshold[g]!),
        ),
      );
    if (within !== "acat")
      added.push(
        double(
          "pval_nominal_threshold_corrected",
          p((g) => level.log10Corrected[g]!),
        ),
        double("log10_p_threshold_corrected", (g) => level.log10Corrected[g]!),
      );
  }
  const { grouping } = level;
  if (grouping) {
    const sizes = groupSizes(grouping.id.length, grouping.of);
    added.push(
      text("group_id", (gene) => grouping.id[grouping.of[gene]!]!),
      integer("group_size", (gene) => sizes[grouping.of[gene]!]!),
    );
  }
  return added;
}

function ownTest({ row, tests }: GeneLevel, gene: number): PermutationTest | undefined {
  const at = row[gene]!;
  return at < 0 ? undefined : permutationTestAt(tests, at);
}

/** Position of the lead less the gene's last base, as tensorQTL has it; NaN without a lead there. */
function endDistance({ lead, leadVariant }: LeadTable, genes: GeneTable, gene: number): number {
  const near = canonicalChromosome(lead.chromosome[gene]!) === canonicalChromosome(genes.chromosome[gene]!);
  return leadVariant[gene]! >= 0 && near ? lead.position[gene]! - genes.end[gene]! : Number.NaN;
}

function groupSizes(groups: number, of: Uint32Array): Uint32Array {
  const sizes = new Uint32Array(groups);
  for (const group of of) sizes[group]!++;
  return sizes;
}

export function geneLevelSchema(facts: GeneColumnFacts, kind: RowKind): SchemaColumn[] {
  return columnsOf(facts, kind).map(({ name, type }) => ({ name, type }));
}

/** The columns for all genes of the run. */
export function geneLevelColumns(facts: GeneColumnFacts, kind: RowKind): Column[] {
  const genes = facts.genes.id;
  return columnsOf(facts, kind).map(({ name, type, value }): Column => {
    if (type === "string") return { name, type, values: genes.map((_, gene) => value(gene) as string) };
    const values = Float64Array.from(genes, (_, gene) => value(gene) as number);
    if (type === "double") return { name, type, values };
    const whole = Int32Array.from(values, (number) => (Number.isNaN(number) ? NO_INTEGER : number));
    return { name, type, values: whole, missing: NO_INTEGER };
  });
}

/** Where phenotypes are grouped, the gene whose row stands for each group: its lead, or the first of one without. */
export function groupRows({ grouping, standsFor }: GeneLevel): Uint32Array | undefined {
  if (grouping === undefined) return undefined;
  const rows = new Int32Array(grouping.id.length).fill(-1);
  grouping.of.forEach((group, gene) => {
    if (rows[group] === -1) rows[group] = standsFor[gene]! >= 0 ? standsFor[gene]! : gene;
  });
  return Uint32Array.from(rows);
}

/** `rows` of plain columns. */
export function pickRows(columns: readonly Column[], rows: Uint32Array): Column[] {
  return columns.map((column): Column => {
    if (column.type === "double")
      return { ...column, values: Float64Array.from(rows, (row) => column.values[row]!) };
    if (column.type === "int32")
      return { ...column, values: Int32Array.from(rows, (row) => column.values[row]!) };
    return { name: column.name, type: "string", values: Array.from(rows, (row) => column.values[row]!) };
  });
}

/** The rows of `batch` that are significant: pairs of eGenes at or below the gene's threshold. */
export function significantPairs(
  batch: PairBatch,
  { standsFor, eGene, log10Corrected }: GeneLevel,
): PairBatch {
  const kept: number[] = [];
  batch.gene.forEach((gene, i) => {
    const unit = standsFor[gene]!;
    if (unit >= 0 && eGene[unit] === 1 && batch.log10P[i]! <= log10Corrected[unit]!) kept.push(i);
  });
  return {
    ...batch,
    variant: Uint32Array.from(kept, (i) => batch.variant[i]!),
    gene: Uint32Array.from(kept, (i) => batch.gene[i]!),
    slope: Float64Array.from(kept, (i) => batch.slope[i]!),
    slopeSe: Float64Array.from(kept, (i) => batch.slopeSe[i]!),
    log10P: Float64Array.from(kept, (i) => batch.log10P[i]!),
  };
}

/** What a significant pair's row says of its gene (or group). */
export const SIGNIFICANT_COLUMNS: readonly SchemaColumn[] = [
  { name: "qval", type: "double" },
  { name: "pval_nominal_threshold_corrected", type: "double" },
];

/** {@link SIGNIFICANT_COLUMNS} of rows whose genes are `gene`. */
export function significantColumns(gene: Uint32Array, { standsFor, q, log10Corrected }: GeneLevel): Column[] {
  const ofUnit = (name: string, value: (unit: number) => number): Column => ({
    name,
    type: "double",
    values: Float64Array.from(gene, (g) => value(standsFor[g]!)),
  });
  return [
    ofUnit("qval", (unit) => q[unit]!),
    ofUnit("pval_nominal_threshold_corrected", (unit) => pow10(log10Corrected[unit]!)),
  ];
}
