/** The test of a gene (or of a group of phenotypes) by permutations: its lead's r^2 beside the best of each permutation. */

import { canonicalChromosome } from "../../cohort/chromosomes.ts";
import type { Backend } from "../../compute/backend.ts";
import {
  type BetaFit,
  type BetaFitStatus,
  type DegreesOfFreedomRule,
  fitBeta,
  log10PBeta,
  log10POfR2,
} from "../../statistics/betaFit.ts";
import { studentT } from "../../statistics/studentT.ts";
import { withoutCopies } from "./copies.ts";
import type { DonorPermutations } from "./donors.ts";
import { type PermutationWork, permutationMaxima } from "./maxima.ts";

/** How many permutations a gene gets. */
export interface PermutationRule {
  readonly permutations: DonorPermutations;
  /** As many, for genes on X, where others are needed: see `sexPermutations`. */
  readonly onX?: DonorPermutations | undefined;
  /**
   * Every gene gets this many. With fewer than all of `permutations`, a gene then gets as many again and again until
   * {@link ENOUGH} of its permutations reach its lead, or none are left.
   */
  readonly least: number;
  /** All of `permutations`. */
  readonly most: number;
  readonly degreesOfFreedom: DegreesOfFreedomRule;
}

/** The rule of a gene on `chromosome`. */
export function permutationRuleOf(rule: PermutationRule, chromosome: string): PermutationRule {
  if (rule.onX === undefined || canonicalChromosome(chromosome) !== "X") return rule;
  return { ...rule, permutations: rule.onX };
}

/** Permutations that reach the lead after which a gene needs no more: its p is then known to a tenth. */
export const ENOUGH = 100;

/** What permutations say of a lead. */
export interface PermutationTest {
  /** Permutations made. */
  readonly count: number;
  /** (permutations whose best r^2 reaches the lead's + 1) / (count + 1). */
  readonly p: number;
  readonly fit: BetaFit;
  /** log10 p of the lead at `fit.trueDf` degrees of freedom; NaN without a fit. */
  readonly log10PTrueDf: number;
  /** log10 of the lead's p among the best of permutations, by the fit; NaN without one. */
  readonly log10PBeta: number;
}

/**
 * `best`: the largest |r| of each permutation; `observed`: the lead's |r|; `start`: where degrees of freedom are looked for,
 * and what they are with the rule `full`.
 */
export function testLead(
  best: Float64Array,
  observed: number,
  start: number,
  rule: DegreesOfFreedomRule,
): PermutationTest {
  const fit = fitBeta(
    best.map((r) => r * r),
    start,
    rule,
  );
  const r2 = observed * observed;
  return {
    count: best.length,
    p: (reaching(best, observed) + 1) / (best.length + 1),
    fit,
    log10PTrueDf: fit.status === "ok" ? log10POfR2(r2, studentT(fit.trueDf)) : Number.NaN,
    log10PBeta: log10PBeta(fit, r2),
  };
}

function reaching(best: Float64Array, observed: number): number {
  return best.reduce((sum, r) => sum + (r >= observed ? 1 : 0), 0);
}

/** Tests by permutations, a row each. */
export type PermutationColumns = {
  readonly numPerm: Int32Array;
  readonly pPerm: Float64Array;
  readonly shape1: Float64Array;
  readonly shape2: Float64Array;
  readonly trueDf: Float64Array;
  readonly log10PTrueDf: Float64Array;
  readonly log10PBeta: Float64Array;
  readonly fitStatus: readonly string[];
};

/** `tests` as columns; NaN, 0 and "" where there is none. */
export function permutationColumns(tests: readonly (PermutationTest | undefined)[]): PermutationColumns {
  const doubles = (value: (test: PermutationTest) => number): Float64Array =>
    Float64Array.from(tests, (test) => (test === undefined ? Number.NaN : value(test)));
  return {
    numPerm: Int32Array.from(tests, (test) => test?.count ?? 0),
    pPerm: doubles(({ p }) => p),
    shape1: doubles(({ fit }) => fit.shape1),
    shape2: doubles(({ fit }) => fit.shape2),
    trueDf: doubles(({ fit }) => fit.trueDf),
    log10PTrueDf: doubles(({ log10PTrueDf }) => log10PTrueDf),
    log10PBeta: doubles(({ log10PBeta }) => log10PBeta),
    fitStatus: tests.map((test) => test?.fit.status ?? ""),
  };
}

/** Row `i` of `columns`, where a test was made. */
export function permutationTestAt(columns: PermutationColumns, i: number): PermutationTest {
  return {
    count: columns.numPerm[i]!,
    p: columns.pPerm[i]!,
    fit: {
      status: columns.fitStatus[i] as BetaFitStatus,
      shape1: columns.shape1[i]!,
      shape2: columns.shape2[i]!,
      trueDf: columns.trueDf[i]!,
    },
    log10PTrueDf: columns.log10PTrueDf[i]!,
    log10PBeta: columns.log10PBeta[i]!,
  };
}

/**
 * The best |r| of each permutation of each gene of `work`, as many as `rule` says: a function of the gene alone, however
 * genes are brought together. `observed`: each gene's lead |r|.
 */
export async function bestOfPermutations(
  backend: Backend,
  work: Omit<PermutationWork, "permutations" | "from" | "to">,
  observed: Float64Array,
  { permutations, least }: PermutationRule,
  signal?: AbortSignal,
): Promise<Float64Array[]> {
  let going = Array.from(observed.keys());
  const best = going.map(() => new Float64Array(0));
  const { rows, norm, windows: distinct } = withoutCopies(work);
  const n = rows.samples;
  for (let from = 0; going.length > 0 && from < permutations.count; ) {
    const to = Math.min(permutations.count, from + least);
    const expression = new Float64Array(going.length * n);
    going.forEach((gene, i) => {
      expression.set(work.expression.subarray(gene * n, (gene + 1) * n), i * n);
    });
    const windows = {
      start: Uint32Array.from(going, (gene) => distinct.start[gene]!),
      end: Uint32Array.from(going, (gene) => distinct.end[gene]!),
    };
    const asked = { ...work, rows, norm, expression, windows, permutations, from, to };
    const found = await permutationMaxima(backend, asked, signal);
    going.forEach((gene, i) => {
      const all = new Float64Array(to);
      all.set(best[gene]!);
      all.set(found.subarray(i * (to - from), (i + 1) * (to - from)), from);
      best[gene] = all;
    });
    going = going.filter((gene) => reaching(best[gene]!, observed[gene]!) < ENOUGH);
    from = to;
  }
  return best;
}
