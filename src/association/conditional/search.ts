/** The search for the signals of one gene, or of one group of phenotypes. */

import { InputError } from "../../errors.ts";
import { pow10 } from "../../statistics/elementary.ts";
import { labelsOf, variantTable } from "../batch.ts";
import { type PermutationRule, type PermutationTest, testLead } from "../permutation/geneTest.ts";
import { GroupBest } from "../permutation/groups.ts";
import { dosagesOf, type GeneWindow, permutedMaxima, scanWindow, type WindowScan } from "./scan.ts";
import { type GeneSignals, type LedGene, noSignals, type Signal, type SignalTest } from "./signal.ts";

/** What makes a signal. */
export interface SignalRule {
  readonly permutations: PermutationRule;
  /** log10 of the largest beta p. */
  readonly threshold: number;
  /** Whether the phenotypes of a group are tested as one. */
  readonly grouped: boolean;
}

/** A variant that is a signal, by its index in the source. */
interface Found {
  readonly variant: number;
  /** Whose expression it is the best of, and that window. */
  readonly window: GeneWindow;
  readonly test: SignalTest;
}

export class Search {
  /** Of each phenotype; the lead's own is among them. */
  readonly #windows: readonly GeneWindow[];
  readonly #rule: SignalRule;
  /** Of the variants that were signals at any time, missing calls at their mean. */
  readonly #dosages = new Map<number, Float64Array>();
  #converged = true;

  constructor(windows: readonly GeneWindow[], rule: SignalRule) {
    this.#windows = windows;
    this.#rule = rule;
  }

  async run({ gene, leadId, test }: LedGene): Promise<GeneSignals> {
    const window = this.#windows.find((one) => one.gene === gene);
    if (window === undefined) return noSignals(gene, "no-variants");
    const { genes, tables } = window.session.surveyor.cohort;
    const { genotypes } = tables;
    const { found, tests } = await scanWindow(window, []);
    const { id } = await labelsOf(genotypes, found.index);
    const row = id.indexOf(leadId);
    if (row < 0 || found.norm[row] === 0) return noSignals(gene, "lead-not-tested");
    const now = { slope: tests.slope[row]!, slopeSe: tests.slopeSe[row]! };
    refuseOtherLead(`${leadId}, lead of ${genes.id[gene]}`, test, now);
    const variant = found.index[row]!;
    this.#dosages.set(variant, dosagesOf(found, row));
    const forward = await this.#forward(variant);
    const kept = forward.length === 1 ? [{ rank: 1, variant, window, test }] : await this.#backward(forward);
    const signals: Signal[] = [];
    for (const one of kept) {
      const others = kept.filter((other) => other.variant !== one.variant);
      signals.push(await this.#signal(one, others));
    }
    const status = this.#converged ? "ok" : "not-converged";
    return { gene, status, forward: forward.length, signals };
  }

  async #signal(
    { rank, variant, window, test }: Found & { readonly rank: number },
    others: readonly Found[],
  ): Promise<Signal> {
    const { found, tests } = await scanWindow(
      window,
      others.map((one) => this.#dosages.get(one.variant)!),
    );
    const { genotypes } = window.session.surveyor.cohort.tables;
    const variants = await variantTable(genotypes, found, Uint32Array.from(found.index.keys()));
    return { rank, gene: window.gene, row: found.index.indexOf(variant), test, variants, conditional: tests };
  }

  /** The signals, best first. */
  async #forward(lead: number): Promise<number[]> {
    const signals = [lead];
    const { samples, genotypeBasis } = this.#windows[0]!.session.surveyor.cohort;
    // A test needs a degree of freedom: n - 2 - covariates - signals.
    while (samples.length - 2 - genotypeBasis.count - signals.length > 0) {
      const next = await this.#best(signals);
      if (next === undefined || signals.includes(next.variant)) break;
      signals.push(next.variant);
    }
    return signals;
  }

  /** Each signal again, given all others. */
  async #backward(forward: readonly number[]) {
    const kept: (Found & { readonly rank: number })[] = [];
    for (const [i, own] of forward.entries()) {
      const best = await this.#best(forward.filter((variant) => variant !== own));
      if (best === undefined || kept.some(({ variant }) => variant === best.variant)) continue;
      kept.push({ rank: i + 1, ...best });
    }
    return kept;
  }

  /** The best variant given the signals `given`, over all phenotypes, if it is a signal. */
  async #best(given: readonly number[]): Promise<Found | undefined> {
    const dosages = given.map((variant) => this.#dosages.get(variant)!);
    const { permutations, grouped, threshold } = this.#rule;
    const group = new GroupBest();
    let best: { readonly scan: WindowScan; readonly window: GeneWindow } | undefined;
    for (const window of this.#windows) {
      const scan = await scanWindow(window, dosages);
      if (scan.lead < 0) continue;
      group.add(window.gene, scan.r, await permutedMaxima(window, scan, permutations));
      if (group.lead === window.gene) best = { scan, window };
    }
    if (best === undefined) return undefined;
    const { scan, window } = best;
    const rule = permutations.degreesOfFreedom;
    const permuted = grouped
      ? group.test(scan.degreesOfFreedom, rule)
      : testLead(group.best!, scan.r, scan.degreesOfFreedom, rule);
    if (Number.isNaN(permuted.log10PBeta)) this.#converged = false;
    if (!(permuted.log10PBeta <= threshold)) return undefined;
    const variant = scan.found.index[scan.lead]!;
    this.#dosages.set(variant, dosagesOf(scan.found, scan.lead));
    return { variant, window, test: signalTest(scan, permuted) };
  }
}

/** Of a standard error: what tables of other programs (f32, fewer digits) may be off. */
const LEAD_TOLERANCE = 0.05;

/**
 * Throws {@link InputError} where the lead's effect is not what the cis map says: then that is of other genotypes, expression or covariates, and the
 * signals would be neither's. Tables without `slope` and `slope_se` say nothing.
 */
function refuseOtherLead(
  name: string,
  before: Pick<SignalTest, "slope" | "slopeSe">,
  now: Pick<SignalTest, "slope" | "slopeSe">,
): void {
  const off = Math.max(Math.abs(before.slope - now.slope), Math.abs(before.slopeSe - now.slopeSe));
  if (Number.isNaN(off) || off <= LEAD_TOLERANCE * now.slopeSe) return;
  const [was, is] = [before, now].map(
    ({ slope, slopeSe }) => `${slope.toPrecision(4)} (standard error ${slopeSe.toPrecision(3)})`,
  );
  throw new InputError(
    name,
    `its slope is ${was} in the cis map, and ${is} in this cohort`,
    "give the genotypes, expression, covariates and options that the map was made with",
  );
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
