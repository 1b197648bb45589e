import type { ExpressionSet } from "../cohort/expressionSet.ts";
import { UsageError } from "../errors.ts";
import { log10ChiSquareTail } from "../statistics/chiSquare.ts";
import { log10 } from "../statistics/elementary.ts";
import { fisherZ, fromFisherZ } from "../statistics/fisher.ts";
import { log10NormalTwoSided, normalFromLog10P } from "../statistics/normal.ts";
import { type StudentT, studentT, thresholdR } from "../statistics/studentT.ts";
import { CohortGenes, type NetworkGenes, networkGenes } from "./cohortGenes.ts";
import type { Measure } from "./measure.ts";

/** A pair's correlation over all cohorts. */
export interface PairStatistic {
  /** Cohorts that have both genes. */
  cohorts: number;
  /** Samples of these that the correlation is of. */
  n: number;
  /** NaN where no cohort gives one. */
  r: number;
  /** log10 of the two-sided p; at most 0. */
  log10P: number;
  /** Of several cohorts: Fisher's z (weighted mean), its standard error, Cochran's Q, I squared, and Q's log10 p. */
  z: number;
  zSe: number;
  q: number;
  iSquare: number;
  log10PQ: number;
}

export function emptyStatistic(): PairStatistic {
  const nan = Number.NaN;
  return { cohorts: 0, n: 0, r: nan, log10P: nan, z: nan, zSe: nan, q: nan, iSquare: nan, log10PQ: nan };
}

/** r so near 1 that its distance is rounding counts as this. */
const LARGEST_R = 1 - 2 ** -53;

/** All that a pair must reach to be written. */
export interface PairLimits {
  /** Least |r|. Default 0. */
  readonly minR?: number | undefined;
  /** Largest p. Default 1. */
  readonly pValue?: number | undefined;
}

/**
 * The genes of one cohort, or of several, and the correlation of any two of them.
 * One cohort: r, and p by Student's t with n - 2 - k degrees of freedom. Several: r by Fisher's z of each cohort, weighted by
 * n - 3 - k, and p of their mean by the normal distribution (METHODS 2.9).
 */
export class Correlator {
  readonly genes: NetworkGenes;
  readonly cohorts: readonly CohortGenes[];
  /** Throws {@link UsageError} without a cohort. */
  constructor(sets: readonly ExpressionSet[], measure: Measure) {
    if (sets.length === 0) throw new UsageError("correlate: no expression; give at least one cohort");
    this.genes = networkGenes(sets);
    this.cohorts = sets.map((set) => new CohortGenes(set, this.genes, measure));
  }

  get count(): number {
    return this.genes.id.length;
  }

  /** Whether a gene is there in some cohort. */
  isThere(gene: number): boolean {
    return this.cohorts.some(({ row }) => row[gene]! >= 0);
  }

  /** Whether every cohort has a pair either whole or not at all. */
  isPlain(a: number, b: number): boolean {
    return this.cohorts.every((cohort) => cohort.isPlain(a, b));
  }

  /** Pairs of genes that have some cohort in common, whatever values they miss there. */
  tests(): number {
    const groups = new Map<string, number>();
    for (let gene = 0; gene < this.count; gene++) {
      const key = this.cohorts.map(({ row }) => (row[gene]! >= 0 ? "1" : "0")).join("");
      groups.set(key, (groups.get(key) ?? 0) + 1);
    }
    const keys = [...groups].filter(([key]) => key.includes("1"));
    let pairs = 0;
    keys.forEach(([key, genes], i) => {
      pairs += (genes * (genes - 1)) / 2;
      for (const [other, more] of keys.slice(i + 1)) {
        if (this.cohorts.some((_, c) => key[c] === "1" && other[c] === "1")) pairs += genes * more;
      }
    });
    return pairs;
  }

  private readonly one = { n: 0, r: 0 };

  /** The statistic of a pair, into `out`. */
  statistic(a: number, b: number, out: PairStatistic): void {
    const [first] = this.cohorts;
    if (this.cohorts.length > 1) {
      this.combined(a, b, out);
      return;
    }
    first!.correlate(a, b, this.one);
    this.single(this.one.n, this.one.r, out);
  }

  /** What a correlation of one cohort says. */
  single(n: number, r: number, out: PairStatistic): void {
    const df = n - 2 - this.cohorts[0]!.covariates;
    const known = n > 0 && df > 0;
    out.cohorts = known ? 1 : 0;
    out.n = n;
    out.r = known ? r : Number.NaN;
    out.log10P = known ? this.tailsOf(df).log10P(tOf(r, df)) : Number.NaN;
  }

  private readonly tails: (StudentT | undefined)[] = [];

  /** Pairs with missing values have all sorts of degrees of freedom, by turns. */
  private tailsOf(df: number): StudentT {
    this.tails[df] ??= studentT(df);
    return this.tails[df];
  }

  private combined(a: number, b: number, out: PairStatistic): void {
    let [weights, sum] = [0, 0];
    out.cohorts = 0;
    out.n = 0;
    for (const cohort of this.cohorts) {
      cohort.correlate(a, b, this.one);
      const weight = this.one.n - 3 - cohort.covariates;
      if (!(weight > 0)) continue;
      const z = fisherZ(bounded(this.one.r));
      out.cohorts++;
      out.n += this.one.n;
      weights += weight;
      sum += weight * z;
    }
    out.z = sum / weights;
    out.zSe = 1 / Math.sqrt(weights);
    out.r = fromFisherZ(out.z);
    out.log10P = out.cohorts > 0 ? log10NormalTwoSided(out.z * Math.sqrt(weights)) : Number.NaN;
    const spread = out.cohorts - 1;
    // About the mean: the difference of sums would cancel.
    out.q = spread > 0 ? this.spread(a, b, out.z) : Number.NaN;
    out.iSquare = spread > 0 ? (out.q > spread ? (out.q - spread) / out.q : 0) : Number.NaN;
    out.log10PQ = spread > 0 ? log10ChiSquareTail(out.q, spread) : Number.NaN;
  }

  private spread(a: number, b: number, mean: number): number {
    let q = 0;
    for (const cohort of this.cohorts) {
      cohort.correlate(a, b, this.one);
      const weight = this.one.n - 3 - cohort.covariates;
      if (!(weight > 0)) continue;
      const difference = fisherZ(bounded(this.one.r)) - mean;
      q += weight * difference * difference;
    }
    return q;
  }

  /** `+`, `-` or `?` (none) a cohort. */
  direction(a: number, b: number): string {
    return this.cohorts
      .map((cohort) => {
        cohort.correlate(a, b, this.one);
        return this.one.n === 0 ? "?" : this.one.r < 0 ? "-" : "+";
      })
      .join("");
  }

  /**
   * A bound of the |r| that some cohort must reach for a pair without missing values to pass: the weighted mean of Fisher's z
   * is not beyond the largest of them. A little below, for the rounding of both.
   */
  leastR({ minR = 0, pValue = 1 }: PairLimits): number {
    const logP = log10(pValue);
    const [first] = this.cohorts;
    if (this.cohorts.length === 1) {
      const least = pValue >= 1 ? 0 : thresholdR(logP, first!.degreesOfFreedom);
      return (1 - 1e-9) * Math.max(minR, least);
    }
    const most = this.cohorts.reduce(
      (sum, { samples, covariates }) => sum + Math.max(0, samples - 3 - covariates),
      0,
    );
    const z = pValue >= 1 ? 0 : normalFromLog10P(logP) / Math.sqrt(most);
    return (1 - 1e-9) * Math.max(minR, fromFisherZ(z));
  }
}

function bounded(r: number): number {
  return Math.max(-LARGEST_R, Math.min(LARGEST_R, r));
}

/** r sqrt(df / (1 - r^2)), with r kept off 1 by as much as f64 knows of it. */
function tOf(r: number, df: number): number {
  const size = Math.min(LARGEST_R, Math.abs(r));
  return size * Math.sqrt(df / ((1 - size) * (1 + size)));
}

/** Whether a pair reaches the limits. */
export function passes({ r, log10P }: PairStatistic, { minR = 0, pValue = 1 }: PairLimits): boolean {
  return Math.abs(r) >= minR && log10P <= (pValue >= 1 ? 0 : log10(pValue));
}
