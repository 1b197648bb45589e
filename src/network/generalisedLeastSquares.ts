import type { Backend } from "../compute/backend.ts";
import { UsageError } from "../errors.ts";
import { dot } from "../statistics/linalg.ts";
import { type StudentT, studentT } from "../statistics/studentT.ts";
import { symmetricEigen } from "../statistics/symmetricEigen.ts";
import type { CorrelationBlock } from "./geneCorrelation.ts";
import type { NullMoments } from "./nullMoments.ts";

/** A vector of which less than this share is left beside the covariates is one of their combinations. */
const COLLINEAR = 1e-10;

interface WhiteBlock {
  readonly genes: Uint32Array;
  readonly count: number;
  /** `vectors[k * genes + i]`: eigenvector k over the root of its eigenvalue. */
  readonly vectors: Float64Array;
}

/**
 * Turns correlated genes into uncorrelated combinations: Lambda^-1/2 U' of the correlation matrix, block by block, of the eigenvectors that hold
 * `variance` of each block's (the small eigenvalues, which are mostly noise of the reference, are left out; METHODS 5.5).
 */
export class GeneWhitener {
  /** Genes in. */
  readonly genes: number;
  /** Combinations out. */
  readonly size: number;
  readonly #blocks: readonly WhiteBlock[];

  /** @throws UsageError where the blocks do not hold each of `genes` genes once. */
  constructor(blocks: readonly CorrelationBlock[], genes: number, variance: number) {
    const seen = new Uint8Array(genes);
    for (const block of blocks) for (const gene of block.genes) seen[gene]!++;
    if (seen.some((times) => times !== 1)) {
      throw new UsageError(`blocks of correlated genes must hold each of ${genes} genes once`);
    }
    this.genes = genes;
    this.#blocks = blocks.map((block) => whiteBlock(block, variance));
    this.size = this.#blocks.reduce((sum, { count }) => sum + count, 0);
  }

  /** `values[column * genes + gene]` to `[column * size + combination]`, products in f64 on the backend. */
  async apply(
    values: Float64Array,
    columns: number,
    backend: Backend,
    signal?: AbortSignal,
  ): Promise<Float64Array> {
    const out = new Float64Array(columns * this.size);
    let at = 0;
    for (const { genes, count, vectors } of this.#blocks) {
      const n = genes.length;
      const part = new Float64Array(columns * n);
      for (let c = 0; c < columns; c++) {
        for (let i = 0; i < n; i++) part[c * n + i] = values[c * this.genes + genes[i]!]!;
      }
      const loaded = await backend.load({ count: columns, samples: n, values: part, standardised: false });
      try {
        const rows = { kind: "real", count, samples: n, values: vectors } as const;
        const factor = { rows, columns: loaded, norm: new Float64Array(0), weight: 1 };
        const { values: products } = await backend.product([factor], { kind: "dense" }, signal);
        for (let c = 0; c < columns; c++) {
          out.set(products[0]!.subarray(c * count, (c + 1) * count), c * this.size + at);
        }
      } finally {
        await loaded.dispose();
      }
      at += count;
    }
    return out;
  }
}

function whiteBlock({ genes, matrix }: CorrelationBlock, variance: number): WhiteBlock {
  const n = genes.length;
  const { values, vectors } = symmetricEigen(matrix, n, true);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  let count = 0;
  for (let held = 0; count < n && values[count]! > 0 && held < variance * total; count++)
    held += values[count]!;
  const kept = vectors.slice(0, count * n);
  for (let k = 0; k < count; k++) {
    const scale = Math.sqrt(values[k]!);
    for (let i = 0; i < n; i++) kept[k * n + i]! /= scale;
  }
  return { genes, count, vectors: kept };
}

/** The coefficient of one regressor. NaN throughout where it is a combination of the covariates. */
export interface GlsFit {
  readonly slope: number;
  readonly se: number;
  readonly t: number;
  /** log10 of the two-sided p of t. */
  readonly log10P: number;
  /** Of t under random phenotypes, where they were made. */
  readonly null?: NullMoments | undefined;
}

/**
 * Generalised least squares of one response on one regressor at a time beside the same covariates, all of them whitened. As
 * beta = (X' S^-1 X)^-1 X' S^-1 y, s^2 = r' S^-1 r / (e - p), of e combinations and p coefficients.
 */
export class GlsModel {
  readonly degreesOfFreedom: number;
  readonly #basis: readonly Float64Array[];
  readonly #y: Float64Array;
  readonly #ySquare: number;
  readonly #student: StudentT;

  /**
   * `y` of `size` combinations, `covariates[k * size + combination]`, the whitened constant among them. Those that are combinations of earlier ones are passed over.
   * @throws UsageError where no degree of freedom is left.
   */
  constructor(y: Float64Array, covariates: Float64Array) {
    const size = y.length;
    const basis: Float64Array[] = [];
    for (let k = 0; k * size < covariates.length; k++) {
      const column = covariates.slice(k * size, (k + 1) * size);
      if (residual(column, basis)) {
        const norm = Math.sqrt(dot(column, 0, column, 0, size));
        basis.push(column.map((value) => value / norm));
      }
    }
    this.degreesOfFreedom = size - basis.length - 1;
    if (this.degreesOfFreedom < 1) {
      throw new UsageError(
        `${size} uncorrelated combinations of genes are too few for ${basis.length + 1} coefficients`,
      );
    }
    this.#basis = basis;
    this.#y = y.slice();
    residual(this.#y, basis);
    this.#ySquare = dot(this.#y, 0, this.#y, 0, size);
    this.#student = studentT(this.degreesOfFreedom);
  }

  /** `x` whitened; it is left as it was. */
  fit(x: Float64Array): GlsFit {
    const rest = this.remainder(x);
    return rest === undefined ? NO_FIT : this.fitOfRemainder(rest);
  }

  /** What the covariates leave of `x`; undefined where next to nothing. */
  remainder(x: Float64Array): Float64Array | undefined {
    const rest = x.slice();
    return residual(rest, this.#basis) ? rest : undefined;
  }

  /** The fit of a regressor of which the covariates leave `rest`. */
  fitOfRemainder(rest: Float64Array): GlsFit {
    const square = dot(rest, 0, rest, 0, rest.length);
    const slope = dot(rest, 0, this.#y, 0, rest.length) / square;
    const left = Math.max(0, this.#ySquare - slope * slope * square);
    const se = Math.sqrt(left / this.degreesOfFreedom / square);
    const t = slope / se;
    return { slope, se, t, log10P: this.#student.log10P(t) };
  }
}

/** Of a regressor that is a combination of the covariates. */
export const NO_FIT: GlsFit = { slope: Number.NaN, se: Number.NaN, t: Number.NaN, log10P: Number.NaN };

/** Takes the basis out of `x`, twice; false where next to nothing is left. */
function residual(x: Float64Array, basis: readonly Float64Array[]): boolean {
  const before = dot(x, 0, x, 0, x.length);
  for (let turn = 0; turn < 2; turn++) {
    for (const vector of basis) {
      const factor = dot(x, 0, vector, 0, x.length);
      for (let i = 0; i < x.length; i++) x[i]! -= factor * vector[i]!;
    }
  }
  return dot(x, 0, x, 0, x.length) > COLLINEAR * before;
}
