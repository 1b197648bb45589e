/** From what a user asks of the genes of a cis map to a plan for this cohort. */

import { canonicalChromosome } from "../../cohort/chromosomes.ts";
import type { Cohort } from "../../cohort/cohort.ts";
import { InputError, UsageError } from "../../errors.ts";
import type { IndexTable } from "../../formats/permutationFiles.ts";
import { counted } from "../../formats/wording.ts";
import type { DegreesOfFreedomRule } from "../../statistics/betaFit.ts";
import { type DiscoveryOptions, isUniform, type WithinGene } from "./discovery.ts";
import { type DonorPermutations, listedPermutations, seededPermutations, sexPermutations } from "./donors.ts";
import type { PermutationRule } from "./geneTest.ts";
import type { GeneTestPlan } from "./geneTests.ts";
import { groupingOf } from "./grouping.ts";
import type { Grouping } from "./groups.ts";

/** Tests of genes, asked of a cis map on top of its pairs. */
export interface GeneTestRequest {
  readonly within: WithinGene;
  /**
   * Of `permutations`: how many, at least and at most (the same: every gene gets them all). Not with `cohort.tables.permutationIndices`,
   * which are then all used.
   */
  readonly permutations?: { readonly least: number; readonly most: number } | undefined;
  /** Of `permutations`. Default `learnt`. */
  readonly degreesOfFreedom?: DegreesOfFreedomRule | undefined;
  /** Of `permutations`: test groups of phenotypes, those of `cohort.tables.groups` or those that leafcutter's ids name. */
  readonly groups?: "table" | "leafcutter" | undefined;
  /** Of `permutations`: keep what the fits are made of, as `GeneLevel.maxima`; 8 bytes a gene and permutation (160 MB for 20,000 x 1,000). */
  readonly keepMaxima?: boolean | undefined;
  readonly discovery: Omit<DiscoveryOptions, "seed">;
}

/**
 * `seed`: of the permutations, and of resampled genes. Throws UsageError for wishes that do not go together and InputError for
 * files that do not fit the cohort.
 */
export function planGeneTests(cohort: Cohort, request: GeneTestRequest, seed: number): GeneTestPlan {
  const { within, groups, discovery } = request;
  const common = { within, discovery: { ...discovery, seed }, degreesOfFreedom: cohort.degreesOfFreedom };
  if (!isUniform(within) && discovery.qvalue !== "auto" && discovery.qvalue !== "bh") {
    throw new UsageError(
      `q-values by the share of true nulls need p-values that are uniform without effects, and those of ${within} are not; take bh, or permutations`,
    );
  }
  if (within !== "permutations") {
    if (groups !== undefined)
      throw new UsageError("groups of phenotypes are tested by permutations; ask for them");
    return common;
  }
  const rule = permutationRule(cohort, request, seed);
  const { keepMaxima = false } = request;
  if (groups === undefined) return { ...common, rule, keepMaxima };
  if (rule.least < rule.most) {
    throw new UsageError(
      `${rule.least} to ${rule.most} permutations: groups of phenotypes need one number for all`,
    );
  }
  const grouping = groupingOf(cohort, groups);
  if (rule.onX !== undefined) checkOneKind(cohort, grouping);
  return { ...common, rule, keepMaxima, grouping };
}

/** Genes on X are permuted within each sex: with others in one group, a permutation would be of two kinds. Throws UsageError. */
export function checkOneKind({ genes }: Cohort, { id, of }: Grouping): void {
  const isX = genes.chromosome.map((name) => canonicalChromosome(name) === "X");
  const first = new Map<number, number>();
  of.forEach((group, gene) => {
    const other = first.get(group) ?? gene;
    first.set(group, other);
    if (isX[gene] === isX[other]) return;
    throw new UsageError(
      `group ${id[group]}: ${genes.id[other]} (${genes.chromosome[other]}) and ${genes.id[gene]} (${genes.chromosome[gene]}), but genes on X are permuted within each sex and others are not; group genes on X by themselves`,
    );
  });
}

function permutationRule(cohort: Cohort, request: GeneTestRequest, seed: number): PermutationRule {
  const { degreesOfFreedom = "learnt" } = request;
  const indices = cohort.tables.permutationIndices;
  if (indices !== undefined) {
    const permutations = listed(indices, cohort.samples.length);
    return { permutations, least: permutations.count, most: permutations.count, degreesOfFreedom };
  }
  const { least, most } = request.permutations ?? { least: 1000, most: 1000 };
  if (!(Number.isSafeInteger(least) && Number.isSafeInteger(most) && least >= 10 && most >= least)) {
    throw new UsageError(
      `${least} to ${most} permutations: whole numbers, at least 10, the larger one second`,
    );
  }
  return {
    permutations: seededPermutations(seed, most, cohort.samples.length),
    onX: sexPermutations(cohort, seed, most),
    least,
    most,
    degreesOfFreedom,
  };
}

/** A line a permutation, or, where lines are as many as samples and not as long, a column a permutation. */
function listed({ name, rows }: IndexTable, samples: number): DonorPermutations {
  const width = rows[0]!.length;
  if (width === samples) return listedPermutations(rows, samples, name);
  if (rows.length !== samples) {
    throw new InputError(
      name,
      `${counted(rows.length, "line")} of ${counted(width, "number")}, but ${samples} samples are analysed`,
      "give a line a permutation, one number a sample; or a column a permutation, a line a sample",
    );
  }
  const turned = Array.from({ length: width }, (_, p) => Uint32Array.from(rows, (row) => row[p]!));
  return listedPermutations(turned, samples, name);
}
