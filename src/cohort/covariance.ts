import { sharedBuffer } from "../compute/sharedMemory.ts";
import { UsageError } from "../errors.ts";
import { dot, type OrthonormalBasis } from "../statistics/linalg.ts";
import {
  type Coordinates,
  emptyCoordinates,
  likeliestShare,
  type ProjectedCovariance,
  project,
  projectedCovariance,
  SHARES,
  type ShareGrid,
  shareGrid,
  type Weights,
  weightedSquare,
  weightedSum,
  weightsOf,
} from "../statistics/mixedModel.ts";
import { COLLINEAR, scaledDeviations } from "./residuals.ts";

/** What samples share: errors whose covariance is given, or the share of the variance that follows relatedness or the donor. */
export type CovarianceKind = "given" | "relatedness" | "donors";

/**
 * The covariance of a cohort's errors, and what follows from it. Genes fall into groups of one covariance each: those of one share h
 * of {@link SHARES} under `relatedness` and `donors`, all of them where the covariance is given. Of group j
 * `weights[j]` make the matrix P (statistics/mixedModel.ts).
 *
 * The statistic of a gene y and a variant g (raw, missing calls at their mean) is generalised least squares,
 *
 *   slope = g'Py / g'Pg,   r = g'Py / sqrt(g'Pg y'Py),   SE = sqrt(y'Py / g'Pg) sqrt((1 - r^2) / (n - 2 - k)),
 *
 * which is ordinary least squares of S^-1/2 y on S^-1/2 g beside S^-1/2 [1 C]. With w = Py / |Py|, the column that genotypes meet,
 *
 *   r = g.w / (sqrt(g'Pg) stretch),   stretch = sqrt(y'Py) / |Py|,   slope = r (y'Py / |Py|) / (sqrt(g'Pg) stretch):
 *
 * an ordinary map's formulae, where w takes the place of the residual e (norm 1, and sum 0 because P1 = 0), y'Py / |Py| that of its
 * norm, and sqrt(g'Pg) stretch that of |g - QQ'g|. So genotypes are still never residualised, and a screen's integer product serves as it does without relatives.
 * Its bound (compute/screen/bound.ts) holds for every norm that divides: with w = s q + d,
 *
 *   |g.w - s g.q| = |(g - mean g).(d - mean d)| <= |g - mean g| |d - mean d|
 *
 * by Cauchy and Schwarz, so |r - s g.q / N| <= |g - mean g| |d - mean d| / N with N = sqrt(g'Pg) stretch. A screen divides by sqrt(g'Pg), which
 * genes of a group share, and compares with stretch times the |r| asked for.
 */
export interface CohortCovariance {
  readonly kind: CovarianceKind;
  /** Of its file. */
  readonly name: string;
  readonly projected: ProjectedCovariance;
  /** Of each group's covariance. */
  readonly weights: readonly Weights[];
  /** Share of the variance of each group; NaN where the covariance is given. */
  readonly share: readonly number[];
  /** Group of each gene. */
  readonly group: Uint8Array;
  /** Of each gene: see above. */
  readonly stretch: Float64Array;
  /** The matrix of the file times each of the last vectors of the basis, those of contexts: `[vector * n + sample]`; empty without contexts. */
  readonly contextProducts: Float64Array;
}

/** The share of each gene's variance that was fitted; undefined where the covariance is given. */
export function sharedVarianceOf(
  { kind, share, group }: CohortCovariance,
  status: readonly string[],
): { name: "h2" | "donor_icc"; share: Float64Array } | undefined {
  if (kind === "given") return undefined;
  const fitted = Float64Array.from(group, (own, gene) => (status[gene] === "ok" ? share[own]! : Number.NaN));
  return { name: kind === "donors" ? "donor_icc" : "h2", share: fitted };
}

/** One line on the shares of all genes. */
export function sharedVarianceText(
  name: string,
  { name: column, share }: { readonly name: "h2" | "donor_icc"; readonly share: Float64Array },
): string {
  const known = share.filter((value) => !Number.isNaN(value)).sort();
  const at = (quantile: number): number => known[Math.floor(quantile * (known.length - 1))] ?? 0;
  const what = column === "h2" ? "heritability" : "correlation of a donor's samples";
  return `${name}: ${what} fitted gene by gene (REML, 0 to 0.95 in steps of 0.05, without variants): median ${at(0.5)}, middle half ${at(0.25)} to ${at(0.75)} (${column} in the table of genes)`;
}

/** Why residuals alone do not do: throws {@link UsageError} for a cohort of samples that are not independent. */
export function refuseCovariance({ covariance }: { readonly covariance?: unknown }, what: string): void {
  if (covariance === undefined) return;
  throw new UsageError(
    `${what} takes samples as independent: it does not go with --error-covariance, --relatedness or --donors; leave one out`,
  );
}

/** A matrix of the samples analysed, and whose it is. */
export interface SampleCovariance {
  readonly kind: CovarianceKind;
  /** Of its file. */
  readonly name: string;
  /** `[i * n + j]`: worked in, and lost. */
  readonly matrix: Float64Array;
  /** Throws where its eigenvalues beside the covariates are those of no covariance. */
  readonly check: (projected: ProjectedCovariance) => void;
}

/** Makes expression the columns that genotypes meet, gene after gene, and learns each gene's group. */
export class SampleWhitener {
  readonly #kind: CovarianceKind;
  readonly #name: string;
  readonly #projected: ProjectedCovariance;
  readonly #basis: OrthonormalBasis;
  readonly #grid: ShareGrid;
  readonly #y: Coordinates;
  /** Index of each gene's share. */
  readonly #share: Uint8Array;
  readonly #stretch: Float64Array;
  readonly #contextProducts: Float64Array;

  /** `contexts`: how many of the last vectors of the basis are of contexts. */
  constructor(
    { kind, name, matrix, check }: SampleCovariance,
    basis: OrthonormalBasis,
    genes: number,
    contexts = 0,
  ) {
    this.#kind = kind;
    this.#name = name;
    this.#basis = basis;
    this.#contextProducts = timesMatrix(matrix, basis, contexts);
    const projected = projectedCovariance(matrix, basis);
    check(projected);
    // Where threads can read them: they meet every variant.
    const vectors = new Float64Array(sharedBuffer(8 * projected.vectors.length));
    vectors.set(projected.vectors);
    this.#projected = { ...projected, vectors };
    this.#grid =
      kind === "given"
        ? { weights: [weightsOf(projected, undefined)], logDeterminant: [0] }
        : shareGrid(projected);
    this.#y = emptyCoordinates(projected);
    this.#share = new Uint8Array(genes);
    this.#stretch = new Float64Array(genes).fill(1);
  }

  /** Replaces a gene's expression by w, and returns y'Py / |Py|; 0 (and all 0) where the covariates explain it. */
  whiten(values: Float64Array, gene: number): number {
    const { largest, total } = scaledDeviations(values);
    if (!(largest > 0)) return 0;
    const y = this.#y;
    project(this.#projected, this.#basis, values, y);
    if (y.square < COLLINEAR * total) {
      values.fill(0);
      return 0;
    }
    const share = this.#kind === "given" ? 0 : likeliestShare(this.#grid, this.#projected.rank, y);
    const weights = this.#grid.weights[share]!;
    const square = weightedSquare(weights, y);
    weightedSum(this.#projected, weights, y, this.#basis, values);
    const length = Math.sqrt(dot(values, 0, values, 0, values.length));
    for (let s = 0; s < values.length; s++) values[s] = values[s]! / length;
    this.#share[gene] = share;
    this.#stretch[gene] = Math.sqrt(square) / length;
    return (square / length) * largest;
  }

  /** What the cohort keeps, once all its genes were whitened; `ok` says which of them are tested. */
  covariance(ok: (gene: number) => boolean): CohortCovariance {
    const used = [...new Set(this.#share.filter((_, gene) => ok(gene)))].sort((a, b) => a - b);
    if (used.length === 0) used.push(0);
    const group = this.#share.map((share) => Math.max(0, used.indexOf(share)));
    return {
      kind: this.#kind,
      name: this.#name,
      projected: this.#projected,
      weights: used.map((share) => this.#grid.weights[share]!),
      share: used.map((share) => (this.#kind === "given" ? Number.NaN : SHARES[share]!)),
      group,
      stretch: this.#stretch,
      contextProducts: this.#contextProducts,
    };
  }
}

/** The symmetric `matrix` times each of the last `count` vectors of the basis. */
function timesMatrix(matrix: Float64Array, { n, ...basis }: OrthonormalBasis, count: number): Float64Array {
  const first = basis.count - count;
  return Float64Array.from({ length: count * n }, (_, at) => {
    const vector = first + Math.floor(at / n);
    return dot(matrix, (at % n) * n, basis.values, vector * n, n);
  });
}
