import type { Cohort } from "../../cohort/cohort.ts";
import { refuseCovariance } from "../../cohort/covariance.ts";
import { decodeDosages } from "../../cohort/dosages.ts";
import { analysedExpression } from "../../cohort/expression.ts";
import { COLLINEAR, standardise } from "../../cohort/residuals.ts";
import { dot } from "../../compute/exact.ts";
import { UsageError } from "../../errors.ts";
import { counted } from "../../formats/wording.ts";
import { type OrthonormalBasis, orthonormalBasis, residualise } from "../../statistics/linalg.ts";
import { studentT } from "../../statistics/studentT.ts";
import { variantNumbers } from "../pairsPlan.ts";
import type { Tester } from "../refine.ts";
import type { Screened } from "../transScreen.ts";

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
 */
export class CisSignals {
  /** The cohort with the signals projected out of its expression. */
  readonly cohort: Cohort;
  /** Of each signal kept, the gene it is of; its column is the same row of `columns`, of norm 1. */
  readonly owner: Uint32Array;
  readonly columns: Float64Array;
  /** Signals kept of each gene: `columns` rows `first[gene]` to `first[gene + 1]`. */
  readonly first: Uint32Array;
  readonly #testers = new Map<number, Tester>();
  readonly #work: Float64Array;

  constructor(cohort: Cohort, owner: Uint32Array, columns: Float64Array, first: Uint32Array) {
    this.cohort = cohort;
    this.owner = owner;
    this.columns = columns;
    this.first = first;
    this.#work = new Float64Array(cohort.samples.length);
  }

  count(gene: number): number {
    return this.first[gene + 1]! - this.first[gene]!;
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

  /** The covariates and the gene's signals. */
  basis(gene: number): OrthonormalBasis {
    return basisWith(this.cohort.expressionBasis, this.columns, this.first[gene]!, this.first[gene + 1]!);
  }

  /** Norm of the dosages `g` beside covariates and signals, where `norm` is theirs beside the covariates; 0: collinear. */
  normBeside(gene: number, g: Float64Array, norm: number): number {
    const n = g.length;
    const whole = norm * norm;
    let left = whole;
    for (let row = this.first[gene]!; row < this.first[gene + 1]!; row++) {
      const product = dot(g, 0, this.columns, row * n, n);
      left -= product * product;
    }
    // Below a share of 0.01 the difference has lost digits: the residual itself is formed.
    if (left < 0.01 * whole) {
      this.#work.set(g);
      residualise(this.#work, 0, n, this.basis(gene));
      left = dot(this.#work, 0, this.#work, 0, n);
    }
    return left < COLLINEAR * whole ? 0 : Math.sqrt(left);
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
  refuseCovariance(cohort, "projecting cis signals out");
  if (cohort.model !== "ols")
    throw new UsageError("--regress-cis needs --model ols: signals are taken out of both sides");
  const n = cohort.samples.length;
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
  const first = new Uint32Array(cohort.genes.id.length + 1);
  const kept: Float64Array[] = [];
  const owner: number[] = [];
  let collinear = 0;
  for (let gene = 0; gene < cohort.genes.id.length; gene++) {
    const variants = cohort.geneStatus[gene] === "ok" ? (listed.get(gene) ?? []) : [];
    if (variants.length >= cohort.degreesOfFreedom) {
      throw new UsageError(
        `${list.name}: ${counted(variants.length, "signal")} of ${cohort.genes.id[gene]} leave no degree of freedom`,
      );
    }
    const own = variants.length === 0 ? NONE : await basisBeside(cohort, variants);
    collinear += variants.length - own.length;
    kept.push(...own);
    owner.push(...own.map(() => gene));
    first[gene + 1] = kept.length;
  }
  const columns = new Float64Array(kept.length * n);
  kept.forEach((values, row) => {
    columns.set(values, row * n);
  });
  const text = `${list.name}: ${counted(kept.length, "cis signal")} of ${counted(new Set(owner).size, "gene")} projected out; not used: ${lacking.variant} not in the genotypes, ${lacking.gene} of genes not in the expression, ${collinear} collinear with the covariates or each other`;
  cohort.onMessage({ level: "info", text });
  const residual = withoutSignals(cohort, columns, first);
  return new CisSignals({ ...cohort, ...residual }, Uint32Array.from(owner), columns, first);
}

const NONE: Float64Array[] = [];

/** An orthonormal basis of variants beside the covariates. */
async function basisBeside(cohort: Cohort, variants: readonly number[]): Promise<Float64Array[]> {
  const n = cohort.samples.length;
  const values = new Float64Array(variants.length * n);
  for (const [i, variant] of variants.entries()) {
    const block = await cohort.tables.genotypes.read(variant, variant + 1, cohort.report.genotypeIndex);
    const g = values.subarray(i * n, (i + 1) * n);
    decodeDosages(block, 0, Number.NaN, g);
    const called = g.filter((dosage) => !Number.isNaN(dosage));
    const mean = called.reduce((sum, dosage) => sum + dosage, 0) / Math.max(1, called.length);
    for (let s = 0; s < n; s++) if (Number.isNaN(g[s]!)) g[s] = mean;
    standardise(g, cohort.expressionBasis);
  }
  const names = variants.map((_, i) => `signal ${i + 1}`);
  const basis = orthonormalBasis(values, names, n);
  return Array.from({ length: basis.count }, (_, j) => {
    const u = basis.values.slice(j * n, (j + 1) * n);
    // Beside the covariates to the last digit, whatever the signals share.
    standardise(u, cohort.expressionBasis);
    return u;
  });
}

function withoutSignals(
  cohort: Cohort,
  columns: Float64Array,
  first: Uint32Array,
): Pick<Cohort, "residuals" | "residualNorm" | "geneStatus"> {
  const n = cohort.samples.length;
  const residuals = cohort.residuals.slice();
  const residualNorm = cohort.residualNorm.slice();
  const geneStatus = cohort.geneStatus.map((status, gene) => {
    if (first[gene + 1] === first[gene]) return status;
    const e = residuals.subarray(gene * n, (gene + 1) * n);
    const { tables, geneRow, report, transform } = cohort;
    analysedExpression(tables.expression, geneRow[gene]!, report.expressionIndex, transform, e);
    residualNorm[gene] = standardise(
      e,
      basisWith(cohort.expressionBasis, columns, first[gene]!, first[gene + 1]!),
    );
    return residualNorm[gene] > 0 ? status : "collinear";
  });
  return { residuals, residualNorm, geneStatus };
}

function basisWith(
  basis: OrthonormalBasis,
  columns: Float64Array,
  from: number,
  to: number,
): OrthonormalBasis {
  const { n, count, values } = basis;
  const all = new Float64Array((count + to - from) * n);
  all.set(values);
  all.set(columns.subarray(from * n, to * n), count * n);
  return { ...basis, count: count + to - from, values: all };
}
