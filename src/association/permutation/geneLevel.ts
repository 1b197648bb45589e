/** Genes over a whole run: their tests, false discovery among them, and the nominal p that goes with it. Never of a shard. */

import { logBetaQuantile } from "../../statistics/beta.ts";
import { log10POfR2 } from "../../statistics/betaFit.ts";
import { LN_10, LOG10_E, log10, pow10 } from "../../statistics/elementary.ts";
import { estimatePi0, type Pi0, storeyLog10Q } from "../../statistics/storey.ts";
import { studentT, thresholdR } from "../../statistics/studentT.ts";
import type { GeneStatus, LeadTable, MapResult } from "../tables.ts";
import { type GeneLevelPlan, ruleOf, type WithinGene } from "./discovery.ts";
import { type PermutationColumns, type PermutationTest, permutationTestAt } from "./geneTest.ts";
import { type GeneMaxima, type GeneTests, NO_TESTS, type PartTests } from "./geneTests.ts";
import { type Grouping, type GroupTests, mergeGroups } from "./groups.ts";

/** A gene's or a group's test, as the run's genes are numbered: of a group, its lead phenotype stands for it. */
export interface GeneLevel {
  readonly within: WithinGene;
  readonly fdr: number;
  /** Most permutations of a gene, and least; 0 without. */
  readonly permutations: { readonly least: number; readonly most: number };
  readonly pi0: Pi0;
  /** What was tested: genes, or groups. */
  readonly units: number;
  readonly significant: number;
  /** Row of `tests` of each gene, -1 where it has no lead. */
  readonly row: Int32Array;
  readonly tests: GeneTests;
  /** The gene that stands for each gene: itself or, of a group, its lead phenotype; -1 without a lead. */
  readonly standsFor: Int32Array;
  /** The test of the unit each gene stands for: its own, or its group's; undefined for other genes of a group and without permutations. */
  readonly unit: readonly (PermutationTest | undefined)[];
  /** log10 of the p corrected for the gene's variants, and q over units; NaN for a gene that stands for none. */
  readonly log10P: Float64Array;
  readonly q: Float64Array;
  /** tensorQTL's pval_nominal_threshold as log10, at the true degrees of freedom; NaN without permutations. */
  readonly log10Threshold: Float64Array;
  /**
   * log10 of the nominal p, at the model's degrees of freedom, at and below which a variant of the unit is significant if the
   * unit is an eGene; NaN where there is none.
   */
  readonly log10Corrected: Float64Array;
  /** 1 where q is at most `fdr`. */
  readonly eGene: Uint8Array;
  readonly grouping: Grouping | undefined;
  /** The best |r| of each permutation of a gene, where they were to be kept; undefined for a gene without a lead. */
  readonly maxima: readonly (Float64Array | undefined)[] | undefined;
}

/** A finished cis map with the tests of its genes, which its parts have left in its tables. */
export function withGeneLevel(result: MapResult, plan: GeneLevelPlan): MapResult {
  const { geneTests, geneMaxima, groupTests, ...tables } = result.tables as MapResult["tables"] &
    Partial<PartTests>;
  const { leads, counts } = result;
  const found = geneLevel(geneTests ?? NO_TESTS, groupTests, leads, plan);
  const level = { ...found, maxima: geneMaxima && maximaOf(found, geneMaxima) };
  const status = leads.status.map((known, gene) =>
    known === "ok" && failed(level, gene) ? ("not-converged" as const) : known,
  );
  const genes: Partial<Record<GeneStatus, number>> = {};
  for (const known of status) genes[known] = (genes[known] ?? 0) + 1;
  return { ...result, tables, leads: { ...leads, status }, geneLevel: level, counts: { ...counts, genes } };
}

function maximaOf({ row, tests }: Pick<GeneLevel, "row" | "tests">, { r }: GeneMaxima) {
  let end = 0;
  const runs = Array.from(tests.numPerm, (count) => {
    end += count;
    return r.subarray(end - count, end);
  });
  return Array.from(row, (i) => runs[i]);
}

function failed({ unit, row, tests }: Pick<GeneLevel, "unit" | "row" | "tests">, gene: number): boolean {
  const status = unit[gene]?.fit.status ?? tests.fitStatus[row[gene]!];
  return status !== undefined && status !== "" && status !== "ok";
}

/** Puts the tests of all genes together and computes q over all genes (or groups). */
function geneLevel(
  tests: GeneTests,
  found: GroupTests | undefined,
  leads: LeadTable,
  plan: GeneLevelPlan,
): Omit<GeneLevel, "maxima"> {
  const genes = leads.status.length;
  const { grouping, rule, discovery, degreesOfFreedom } = plan;
  const row = new Int32Array(genes).fill(-1);
  tests.gene.forEach((gene, i) => {
    row[gene] = i;
  });
  const groups = found && rule && mergeGroups(found, degreesOfFreedom, rule.degreesOfFreedom);
  const unit = unitTests(genes, tests, groups, plan);
  const log10P = correctedP(leads, tests, row, unit, plan.within);
  const pi0 = estimatePi0(log10P, { ...discovery, rule: ruleOf(discovery.qvalue, plan.within, log10P) });
  const q = storeyLog10Q(log10P, pi0.pi0).map(pow10);
  const cuts = thresholds(
    { leads, tests, row, unit, log10P, q, within: plan.within },
    discovery.fdr,
    degreesOfFreedom,
  );
  const eGene = Uint8Array.from(q, (value) => (value <= discovery.fdr ? 1 : 0));
  const significant = eGene.reduce((sum, yes) => sum + yes, 0);
  return {
    within: plan.within,
    fdr: discovery.fdr,
    permutations: { least: rule?.least ?? 0, most: rule?.most ?? 0 },
    pi0,
    units: log10P.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0),
    significant,
    row,
    tests,
    standsFor: standsFor(row, grouping, groups),
    unit,
    log10P,
    q,
    ...cuts,
    eGene,
    grouping,
  };
}

function unitTests(
  genes: number,
  tests: GeneTests,
  groups: Omit<GroupTests, "best"> | undefined,
  plan: GeneLevelPlan,
): (PermutationTest | undefined)[] {
  const unit = Array.from<PermutationTest | undefined>({ length: genes });
  if (plan.rule === undefined) return unit;
  const [lead, columns]: [Uint32Array, PermutationColumns] =
    groups === undefined ? [tests.gene, tests] : [groups.lead, groups];
  lead.forEach((gene, i) => {
    unit[gene] = permutationTestAt(columns, i);
  });
  return unit;
}

/** log10 p of each unit, on the gene that stands for it. */
function correctedP(
  leads: LeadTable,
  tests: GeneTests,
  row: Int32Array,
  unit: readonly (PermutationTest | undefined)[],
  within: WithinGene,
): Float64Array {
  if (within === "bonferroni") return leads.log10Bonferroni.slice();
  return Float64Array.from(row, (i, gene) => {
    if (within === "permutations") return unit[gene]?.log10PBeta ?? Number.NaN;
    if (i < 0) return Number.NaN;
    if (within === "acat") return tests.log10PAcat[i]!;
    return Math.min(0, leads.log10P[gene]! + log10(tests.numEff[i]!));
  });
}

interface Units {
  readonly leads: LeadTable;
  readonly tests: GeneTests;
  readonly row: Int32Array;
  readonly unit: readonly (PermutationTest | undefined)[];
  readonly log10P: Float64Array;
  readonly q: Float64Array;
  readonly within: WithinGene;
}

/**
 * Nominal thresholds of each unit, from the p between the last eGene and the first gene that is none (the last eGene's where
 * all are). By permutations: x with I_x = that p, a p at the true degrees of freedom; its r^2 has another p at the model's.
 */
function thresholds(units: Units, fdr: number, degreesOfFreedom: number) {
  const { leads, tests, row, unit, log10P, q, within } = units;
  const log10Threshold = new Float64Array(log10P.length).fill(Number.NaN);
  const log10Corrected = new Float64Array(log10P.length).fill(Number.NaN);
  const between = log10Between(log10P, q, fdr);
  if (Number.isNaN(between)) return { log10Threshold, log10Corrected };
  const full = studentT(degreesOfFreedom);
  log10P.forEach((p, gene) => {
    if (Number.isNaN(p)) return;
    const test = unit[gene];
    if (within === "permutations" && test !== undefined) {
      const log10X = LOG10_E * logBetaQuantile(LN_10 * between, test.fit.shape1, test.fit.shape2);
      const r = thresholdR(log10X, test.fit.trueDf);
      log10Threshold[gene] = log10X;
      log10Corrected[gene] = log10POfR2(r * r, full);
    } else if (within === "eigenmt") {
      log10Corrected[gene] = between - log10(tests.numEff[row[gene]!]!);
    } else if (within === "bonferroni") {
      log10Corrected[gene] = between - log10(leads.numVariants[gene]!);
    }
    // An eGene's lead is significant: where it lies on the threshold, rounding must not part them.
    if (q[gene]! <= fdr) log10Corrected[gene] = Math.max(log10Corrected[gene]!, leads.log10P[gene]!);
  });
  return { log10Threshold, log10Corrected };
}

function log10Between(log10P: Float64Array, q: Float64Array, fdr: number): number {
  let last = Number.NaN;
  let first = Number.NaN;
  log10P.forEach((p, i) => {
    if (Number.isNaN(p)) return;
    if (q[i]! <= fdr) last = Number.isNaN(last) ? p : Math.max(last, p);
    else first = Number.isNaN(first) ? p : Math.min(first, p);
  });
  // last <= first, and both may underflow.
  return Number.isNaN(first) ? last : first + log10((1 + pow10(last - first)) / 2);
}

function standsFor(
  row: Int32Array,
  grouping: Grouping | undefined,
  groups: Omit<GroupTests, "best"> | undefined,
): Int32Array {
  if (!grouping || !groups) return row.map((at, gene) => (at < 0 ? -1 : gene));
  const leadOf = new Map(Array.from(groups.group, (group, i) => [group, groups.lead[i]!]));
  return Int32Array.from(grouping.of, (group) => leadOf.get(group) ?? -1);
}
