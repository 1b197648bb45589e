import type { Cohort } from "../../cohort/cohort.ts";
import { UsageError } from "../../errors.ts";
import { counted } from "../../formats/wording.ts";
import { studentT } from "../../statistics/studentT.ts";
import { variantNumbers } from "../pairsPlan.ts";
import { concatenated } from "../permutation/groups.ts";
import type { Tester } from "../refine.ts";
import type { Screened } from "../transScreen.ts";
import { SignalBases, type SignalBasis } from "./signalBasis.ts";

/**
 * A gene's lead cis variants as further covariates of that gene: projected out of its expression and of every variant it is
 * tested with, n - 2 - k - m degrees of freedom with m of them. With u an orthonormal basis of the m beside the
 * covariates, e the expression beside both, of norm 1, and g a variant:
 *
 *   r = g.e / |g beside both|,   |g beside both|^2 = |g beside the covariates|^2 - |u'g|^2,
 *
 * so that a test costs m products more. Screening forms g.e and divides it by the norm beside the covariates alone,
 * which is r sqrt(1 - rho^2), rho^2 = |u'g|^2 / |g beside the covariates|^2: too small. It is screened in two ways,
 * and no pair is missed: the columns u are screened too, and a pair of which one |u_j.g| / norm reaches sqrt(SHARE / m) is a candidate
 * whatever its g.e. Of all others rho^2 < SHARE, so |r| <= |screened| / sqrt(1 - SHARE): the threshold is lowered by that.
 *
 * Of samples that are not independent (cohort/covariance.ts) the same holds with P' = P - sum Pd (Pd)', signals d made orthonormal in P:
 * g'P'g = g'Pg - sum (g.Pd)^2, and the columns screened are Pd, scaled to norm 1.
 */
export class CisSignals {
  /** The cohort with the signals projected out of its expression. */
  readonly cohort: Cohort;
  /** The cohort as it was. */
  readonly before: Cohort;
  /** Of each signal kept, the gene it is of; its column is the same row of `columns`, of norm 1. */
  readonly owner: Uint32Array;
  readonly columns: Float64Array;
  readonly #bases: ReadonlyMap<number, SignalBasis>;
  readonly #testers = new Map<number, Tester>();
  readonly #lengths: Float64Array;

  /** `bases`: of the genes that have signals, in order. */
  constructor(before: Cohort, bases: ReadonlyMap<number, SignalBasis>) {
    const own = [...bases];
    this.before = before;
    this.#bases = bases;
    this.owner = Uint32Array.from(own.flatMap(([gene, { count }]) => new Array<number>(count).fill(gene)));
    this.columns = concatenated(own.map(([, { columns }]) => columns));
    this.#lengths = concatenated(own.map(([, { lengths }]) => lengths));
    this.cohort = withoutSignals(before, bases);
  }

  /** Signals kept of a gene. */
  count(gene: number): number {
    return this.#bases.get(gene)?.count ?? 0;
  }

  degreesOfFreedom(gene: number): number {
    return this.cohort.degreesOfFreedom - this.count(gene);
  }

  tester(gene: number): Tester {
    const degreesOfFreedom = this.degreesOfFreedom(gene);
    let tester = this.#testers.get(degreesOfFreedom);
    if (tester === undefined) {
      tester = { degreesOfFreedom, tails: studentT(degreesOfFreedom), vector: undefined };
      this.#testers.set(degreesOfFreedom, tester);
    }
    return tester;
  }

  /** What is taken out of a gene; undefined where it has no signals. */
  of(gene: number): SignalBasis | undefined {
    return this.#bases.get(gene);
  }

  /** What the product with the column of signal `row`, over the norm of a variant, must reach: see above. */
  threshold(row: number): number {
    return signalThreshold(this.count(this.owner[row]!)) / this.#lengths[row]!;
  }
}

/** rho^2 below which a pair is left to the lowered threshold; a signal's column finds the others. */
const SHARE = 0.1;

/** What the screened |r| of a gene with signals must reach, where `least` is what |r| must. */
export function loweredThreshold(least: number): number {
  return least * Math.sqrt(1 - SHARE);
}

/** What |u.g| / norm must reach for one of a gene's `count` signals. */
export function signalThreshold(count: number): number {
  return Math.sqrt(SHARE / count) * (1 - 1e-9);
}

/**
 * The candidates of genes' columns and of signals' columns (numbered after them), as pairs of a row and a gene's column,
 * each once and in order. A signal stands for its gene in each of `repeats` runs of `genes` columns; `place` is the gene's in a run, or -1.
 */
export function pairsOfColumns(
  found: Screened,
  signals: CisSignals,
  place: (gene: number) => number,
  genes: number,
  repeats: number,
): Screened {
  const row: number[] = [];
  const column: number[] = [];
  for (let i = 0; i < found.row.length; ) {
    const at = found.row[i]!;
    const columns = new Set<number>();
    for (; i < found.row.length && found.row[i] === at; i++) {
      const one = found.gene[i]!;
      if (one < genes * repeats) {
        columns.add(one);
        continue;
      }
      const own = place(signals.owner[one - genes * repeats]!);
      for (let p = 0; own >= 0 && p < repeats; p++) columns.add(p * genes + own);
    }
    for (const one of Uint32Array.from(columns).sort()) {
      row.push(at);
      column.push(one);
    }
  }
  return { ...found, row: Uint32Array.from(row), gene: Uint32Array.from(column), product: undefined };
}

/**
 * Projects the variants listed with each gene out of its expression. Variants are taken as they are, whatever the filters
 * say; one that the covariates or earlier ones explain (less than 1e-8 of its variance left) adds nothing. Says what became of the list.
 * Throws UsageError where no listed pair is of this cohort, where a gene has too many, and for `--model qtltools`.
 */
export async function projectCisSignals(
  cohort: Cohort,
  list: { readonly name: string; readonly variant: readonly string[]; readonly gene: readonly string[] },
  signal?: AbortSignal,
): Promise<CisSignals> {
  if (cohort.model !== "ols")
    throw new UsageError("--regress-cis needs --model ols: signals are taken out of both sides");
  const numbers = await variantNumbers(cohort, new Set(list.variant), signal);
  const geneOf = new Map(cohort.genes.id.map((id, gene) => [id, gene]));
  const listed = new Map<number, number[]>();
  const lacking = { variant: 0, gene: 0, used: 0 };
  list.variant.forEach((id, i) => {
    const [variant, gene] = [numbers.get(id), geneOf.get(list.gene[i]!)];
    if (gene === undefined) lacking.gene++;
    else if (variant === undefined) lacking.variant++;
    else {
      lacking.used++;
      listed.set(gene, [...(listed.get(gene) ?? []), variant]);
    }
  });
  if (lacking.used === 0) {
    throw new UsageError(
      `${list.name}: none of its ${counted(list.variant.length, "pair")} has both a variant of the genotypes and a gene of the expression`,
    );
  }
  const bases = new Map<number, SignalBasis>();
  const maker = new SignalBases(cohort);
  let collinear = 0;
  let kept = 0;
  for (let gene = 0; gene < cohort.genes.id.length; gene++) {
    const variants = cohort.geneStatus[gene] === "ok" ? (listed.get(gene) ?? []) : [];
    if (variants.length >= cohort.degreesOfFreedom) {
      throw new UsageError(
        `${list.name}: ${counted(variants.length, "signal")} of ${cohort.genes.id[gene]} leave no degree of freedom`,
      );
    }
    if (variants.length === 0) continue;
    const own = await maker.of(gene, variants);
    collinear += variants.length - own.count;
    kept += own.count;
    if (own.count > 0) bases.set(gene, own);
  }
  const text = `${list.name}: ${counted(kept, "cis signal")} of ${counted(bases.size, "gene")} projected out; not used: ${lacking.variant} not in the genotypes, ${lacking.gene} of genes not in the expression, ${collinear} collinear with the covariates or each other`;
  cohort.onMessage({ level: "info", text });
  return new CisSignals(cohort, bases);
}

/** The cohort whose genes are what their signals leave of them. */
function withoutSignals(cohort: Cohort, bases: ReadonlyMap<number, SignalBasis>): Cohort {
  const n = cohort.samples.length;
  const residuals = cohort.residuals.slice();
  const residualNorm = cohort.residualNorm.slice();
  const geneStatus = cohort.geneStatus.slice();
  const stretch = cohort.covariance?.stretch.slice();
  for (const [gene, own] of bases) {
    residuals.set(own.column, gene * n);
    residualNorm[gene] = own.norm;
    if (stretch !== undefined) stretch[gene] = own.stretch;
    if (!(own.norm > 0)) geneStatus[gene] = "collinear";
  }
  const covariance = cohort.covariance && { ...cohort.covariance, stretch: stretch! };
  return { ...cohort, residuals, residualNorm, geneStatus, covariance };
}
