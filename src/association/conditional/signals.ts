/** Conditionally independent signals of genes: forward selection and a backward pass, as tensorQTL's `cis_independent`. */

import type { Cohort } from "../../cohort/cohort.ts";
import { throwIfAborted, UsageError } from "../../errors.ts";
import type { DegreesOfFreedomRule } from "../../statistics/betaFit.ts";
import { chromosomeRuns } from "../geometry.ts";
import type { Grouping } from "../permutation/groups.ts";
import { checkOneKind, planGeneTests } from "../permutation/request.ts";
import { inOrder } from "../pipeline.ts";
import { type RunOptions, withSession } from "../run.ts";
import { windowOf, windowsAtOnce } from "./memory.ts";
import type { GeneWindow } from "./scan.ts";
import { Search, type SignalRule } from "./search.ts";
import { type GeneSignals, type LedGene, noSignals } from "./signal.ts";

export interface IndependentOptions extends RunOptions {
  readonly genes: readonly LedGene[];
  /** log10 of the largest beta p that makes a signal. Default {@link signalThreshold} of `genes`. */
  readonly threshold?: number | undefined;
  /** Base pairs on either side of the gene, inclusive. Default 1,000,000. */
  readonly window?: number | undefined;
  /** Permutations of each test. Default 1,000; the cohort's `permutationIndices` stand in for them. */
  readonly permutations?: { readonly least: number; readonly most: number } | undefined;
  /** Of `genes` that lead groups: the groups of all phenotypes. A group is searched as a gene is, each test the best of its phenotypes. */
  readonly grouping?: Grouping | undefined;
  /** Degrees of freedom of the beta fit, as the cis map had them. Default `learnt`. */
  readonly degreesOfFreedom?: DegreesOfFreedomRule | undefined;
}

/** What makes a signal: log10 of the largest beta p among the significant genes, as tensorQTL has it. */
export function signalThreshold(genes: readonly LedGene[]): number {
  const known = genes.map(({ test }) => test.log10PBeta).filter((value) => !Number.isNaN(value));
  return known.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
}

/**
 * The signals of one gene after the other, in the order of `genes`. Forward: the best variant given all signals so far is one more while
 * its beta p is at most the threshold. Backward: each signal's place goes to the best variant given all others, if that is still so good,
 * and is not there yet. Every test permutes expression by the same permutations of donors and projects it on covariates and signals again.
 * Throws UsageError for `--model qtltools`, whose genotypes keep the covariates, and for groups whose number of permutations varies or that lie on X and
 * elsewhere; LimitError where a window does not fit into memory.
 */
export async function* independentSignals(
  cohort: Cohort,
  options: IndependentOptions,
): AsyncGenerator<GeneSignals> {
  if (cohort.model !== "ols")
    throw new UsageError("conditional signals project genotypes on the covariates too: take --model ols");
  const { genes, grouping, window = 1_000_000, signal: abort, onProgress, backend } = options;
  const rule = signalRule(cohort, options);
  yield* withSession(cohort, options, async function* (session) {
    const runs = chromosomeRuns(cohort.tables.genotypes);
    const members = membersOf(genes, grouping);
    const windows = (gene: number): GeneWindow[] => {
      const run = runs[cohort.geneChromosome[gene]!];
      if (run === undefined || cohort.geneStatus[gene] !== "ok") return [];
      const { start, end } = windowOf(cohort, gene, run, window);
      return start === end ? [] : [{ session, gene, start, end, abort }];
    };
    const all = genes.flatMap(({ gene }) => members(gene).flatMap(windows));
    const ahead = windowsAtOnce(cohort, all, backend.parallelism, options.memory);
    const searched = inOrder(genes, ahead, async (led) => {
      throwIfAborted(abort);
      const status = cohort.geneStatus[led.gene]!;
      if (status !== "ok") return noSignals(led.gene, status);
      return new Search(members(led.gene).flatMap(windows), rule).run(led);
    });
    let done = 0;
    for await (const one of searched) {
      yield one;
      onProgress?.({ done: ++done, total: genes.length, phase: "testing" });
    }
  });
}

function signalRule(cohort: Cohort, options: IndependentOptions): SignalRule {
  const { genes, permutations, seed = 1, degreesOfFreedom, grouping } = options;
  const { threshold = signalThreshold(genes) } = options;
  const least = permutations ?? { least: 1000, most: 1000 };
  if (grouping !== undefined && least.least < least.most) {
    throw new UsageError(
      `${least.least} to ${least.most} permutations: groups of phenotypes need one number for all`,
    );
  }
  const discovery = { qvalue: "bh", lambda: 0.85, fdr: 1 } as const;
  const request = { within: "permutations", degreesOfFreedom, discovery } as const;
  // Listed permutations say themselves how many they are.
  const given = cohort.tables.permutationIndices ? permutations : least;
  const { rule } = planGeneTests(cohort, { ...request, permutations: given }, seed);
  if (grouping !== undefined && rule!.onX !== undefined) checkOneKind(cohort, grouping);
  return { permutations: rule!, threshold, grouped: grouping !== undefined };
}

/** The phenotypes that are searched with a gene of `genes`: itself, or those of its group. */
function membersOf(
  genes: readonly LedGene[],
  grouping: Grouping | undefined,
): (gene: number) => readonly number[] {
  if (grouping === undefined) return (gene) => [gene];
  const members = new Map(genes.map(({ gene }) => [grouping.of[gene]!, [] as number[]]));
  grouping.of.forEach((group, gene) => {
    members.get(group)?.push(gene);
  });
  return (gene) => members.get(grouping.of[gene]!)!;
}
