/** Conditionally independent signals of genes: forward selection and a backward pass, as tensorQTL's `cis_independent`. */

import type { Cohort } from "../../cohort/cohort.ts";
import { refuseCovariance } from "../../cohort/covariance.ts";
import { throwIfAborted, UsageError } from "../../errors.ts";
import type { DegreesOfFreedomRule } from "../../statistics/betaFit.ts";
import { pow10 } from "../../statistics/elementary.ts";
import { labelsOf, variantTable } from "../batch.ts";
import { chromosomeRuns } from "../geometry.ts";
import type { PermutationRule, PermutationTest } from "../permutation/geneTest.ts";
import { planGeneTests } from "../permutation/request.ts";
import { inOrder } from "../pipeline.ts";
import type { TestColumns } from "../refine.ts";
import { type RunOptions, withSession } from "../run.ts";
import type { GeneStatus, VariantTable } from "../tables.ts";
import { windowOf, windowsAtOnce } from "./memory.ts";
import { dosagesOf, type GeneWindow, permuteLead, scanWindow, type WindowScan } from "./scan.ts";

/** A gene whose lead is significant, as the cis map has it. */
export interface LedGene {
  /** Number in the cohort. */
  readonly gene: number;
  readonly leadId: string;
  /** The lead's test; given back as it is where the gene has no other signal. */
  readonly test: SignalTest;
}

/** A signal's test, by the names of tensorQTL's columns. */
export interface SignalTest {
  readonly numVar: number;
  readonly numPerm: number;
  readonly shape1: number;
  readonly shape2: number;
  readonly trueDf: number;
  readonly pTrueDf: number;
  readonly slope: number;
  readonly slopeSe: number;
  readonly p: number;
  readonly log10P: number;
  readonly pPerm: number;
  readonly pBeta: number;
  readonly log10PBeta: number;
}

export interface Signal {
  /** Place in the forward selection, from 1; a signal that the backward pass loses leaves a gap. */
  readonly rank: number;
  /** Row of `variants`. */
  readonly row: number;
  readonly test: SignalTest;
  /** Of each of `variants`, the other signals given; NaN where it is collinear with them and the covariates. */
  readonly conditional: TestColumns;
}

/**
 * `not-converged`: no beta distribution fits some permutations, where the search stopped. `lead-not-tested`: the cis map's lead is not
 * among the variants tested in the window. A gene that is searched keeps at least one signal: the backward pass repeats the last test of the
 * forward selection, the last signal given all before it, to the bit.
 */
export type SignalStatus = GeneStatus | "lead-not-tested";

export interface GeneSignals {
  readonly gene: number;
  readonly status: SignalStatus;
  /** Signals of the forward selection. */
  readonly forward: number;
  /** The window's variants that pass the filters, in source order. */
  readonly variants: VariantTable | undefined;
  readonly signals: readonly Signal[];
}

export interface IndependentOptions extends RunOptions {
  readonly genes: readonly LedGene[];
  /** log10 of the largest beta p that makes a signal. Default {@link signalThreshold} of `genes`. */
  readonly threshold?: number | undefined;
  /** Base pairs on either side of the gene, inclusive. Default 1,000,000. */
  readonly window?: number | undefined;
  /** Permutations of each test. Default 1,000; the cohort's `permutationIndices` stand in for them. */
  readonly permutations?: { readonly least: number; readonly most: number } | undefined;
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
 * Throws UsageError for `--model qtltools`, whose genotypes keep the covariates; LimitError where a window does not fit into memory.
 */
export async function* independentSignals(
  cohort: Cohort,
  options: IndependentOptions,
): AsyncGenerator<GeneSignals> {
  refuseCovariance(cohort, "a search for independent signals");
  if (cohort.model !== "ols")
    throw new UsageError("conditional signals project genotypes on the covariates too: take --model ols");
  const { genes, window = 1_000_000, permutations, seed = 1, signal: abort, onProgress, backend } = options;
  const discovery = { qvalue: "bh", lambda: 0.85, fdr: 1 } as const;
  const { degreesOfFreedom } = options;
  const request = { within: "permutations", permutations, degreesOfFreedom, discovery } as const;
  const { rule } = planGeneTests(
    cohort,
    cohort.tables.permutationIndices
      ? request
      : { ...request, permutations: permutations ?? { least: 1000, most: 1000 } },
    seed,
  );
  const { threshold = signalThreshold(genes) } = options;
  yield* withSession(cohort, options, async function* (session) {
    const runs = chromosomeRuns(cohort.tables.genotypes);
    const reaches = genes.flatMap(({ gene }) => {
      const run = runs[cohort.geneChromosome[gene]!];
      return run === undefined ? [] : [windowOf(cohort, gene, run, window)];
    });
    const ahead = windowsAtOnce(cohort, reaches, backend.parallelism, options.memory);
    const searched = inOrder(genes, ahead, async (led) => {
      throwIfAborted(abort);
      const run = runs[cohort.geneChromosome[led.gene]!];
      const status = cohort.geneStatus[led.gene]!;
      if (status !== "ok") return nothing(led.gene, status);
      if (run === undefined) return nothing(led.gene, "no-variants");
      const { start, end } = windowOf(cohort, led.gene, run, window);
      if (start === end) return nothing(led.gene, "no-variants");
      return new Search({ session, gene: led.gene, start, end, abort }, rule!, threshold).run(led);
    });
    let done = 0;
    for await (const one of searched) {
      yield one;
      onProgress?.({ done: ++done, total: genes.length, phase: "testing" });
    }
  });
}

function nothing(gene: number, status: SignalStatus): GeneSignals {
  return { gene, status, forward: 0, variants: undefined, signals: [] };
}

/** The search for the signals of one gene. */
class Search {
  readonly #window: GeneWindow;
  readonly #rule: PermutationRule;
  readonly #threshold: number;
  #converged = true;

  constructor(window: GeneWindow, rule: PermutationRule, threshold: number) {
    this.#window = window;
    this.#rule = rule;
    this.#threshold = threshold;
  }

  async run({ gene, leadId, test }: LedGene): Promise<GeneSignals> {
    const { cohort } = this.#window.session.surveyor;
    const plain = await scanWindow(this.#window, []);
    const { found } = plain;
    const { id } = await labelsOf(cohort.tables.genotypes, found.index);
    const lead = id.indexOf(leadId);
    if (lead < 0 || found.norm[lead] === 0) return nothing(gene, "lead-not-tested");
    const forward = await this.#forward(plain, lead);
    const kept = forward.length === 1 ? [{ rank: 1, row: lead, test }] : await this.#backward(plain, forward);
    const signals: Signal[] = [];
    for (const one of kept) {
      const others = kept.filter(({ row }) => row !== one.row).map(({ row }) => dosagesOf(found, row));
      const { tests } = others.length === 0 ? plain : await scanWindow(this.#window, others);
      signals.push({ ...one, conditional: tests });
    }
    const rows = Uint32Array.from(found.index.keys());
    return {
      gene,
      status: this.#converged ? "ok" : "not-converged",
      forward: forward.length,
      variants: await variantTable(cohort.tables.genotypes, found, rows),
      signals,
    };
  }

  /** Rows of the signals, best first. */
  async #forward(plain: WindowScan, lead: number): Promise<number[]> {
    const rows = [lead];
    const { samples, genotypeBasis } = this.#window.session.surveyor.cohort;
    // A test needs a degree of freedom: n - 2 - covariates - signals.
    while (samples.length - 2 - genotypeBasis.count - rows.length > 0) {
      const next = await this.#best(plain, rows);
      if (next === undefined || rows.includes(next.row)) break;
      rows.push(next.row);
    }
    return rows;
  }

  /** Each signal again, given all others. */
  async #backward(plain: WindowScan, forward: readonly number[]) {
    const kept: { rank: number; row: number; test: SignalTest }[] = [];
    for (const [i, own] of forward.entries()) {
      const best = await this.#best(
        plain,
        forward.filter((row) => row !== own),
      );
      if (best === undefined || kept.some(({ row }) => row === best.row)) continue;
      kept.push({ rank: i + 1, ...best });
    }
    return kept;
  }

  /** The best variant given those of `rows`, if it is a signal. */
  async #best(plain: WindowScan, rows: readonly number[]) {
    const given = rows.map((row) => dosagesOf(plain.found, row));
    const scan = await scanWindow(this.#window, given);
    if (scan.lead < 0) return undefined;
    const permuted = await permuteLead(this.#window, scan, this.#rule);
    if (Number.isNaN(permuted.log10PBeta)) this.#converged = false;
    if (!(permuted.log10PBeta <= this.#threshold)) return undefined;
    return { row: scan.lead, test: signalTest(scan, permuted) };
  }
}

function signalTest({ tests, tested, lead }: WindowScan, permuted: PermutationTest): SignalTest {
  const { fit, log10PBeta } = permuted;
  const log10P = tests.log10P[lead]!;
  return {
    ...{ numVar: tested, numPerm: permuted.count },
    ...{ shape1: fit.shape1, shape2: fit.shape2, trueDf: fit.trueDf },
    ...{ pTrueDf: pow10(permuted.log10PTrueDf), slope: tests.slope[lead]!, slopeSe: tests.slopeSe[lead]! },
    ...{ p: pow10(log10P), log10P, pPerm: permuted.p, pBeta: pow10(log10PBeta), log10PBeta },
  };
}
