import { decodeDosages } from "../../cohort/dosages.ts";
import type { Backend, LoadedColumns } from "../../compute/backend.ts";
import { sharedBuffer } from "../../compute/sharedMemory.ts";
import { Projector, rootWeights } from "../../statistics/mixedModel.ts";
import { type DosageRows, denseProducts, sliceRows } from "../dosageRows.ts";
import { NORM_PRODUCTS } from "../norms.ts";
import { orthonormalise } from "./design.ts";
import { BlockWriter } from "./gramBlock.ts";
import { type GramLayout, gramLayout } from "./gramLayout.ts";
import { type InteractionModel, meanOf } from "./model.ts";
import type { GroupErrors, SharedErrors } from "./sharedErrors.ts";

/** Below this share of what it is the difference of, a pivot is formed anew from vectors: it has lost digits. */
const CANCELLATION = 1e-4;

/** Rows whose records are written. */
export interface WrittenRows {
  readonly rows: DosageRows;
  /** 0 where a row is not tested. */
  readonly norm: Float64Array;
  /** L of the Gram matrix L L' of the residual columns, as of independent samples: `[row * layout.variance + field]`. */
  readonly triangles: Float64Array;
  readonly records: Float64Array;
}

/**
 * The blocks of records where samples are not independent, one for each group of genes: their Gram matrices
 *
 *   x_m'P x_k = common (Mx_m).(Mx_k) + sum over vectors u of the covariance of w(u) (u.x_m)(u.x_k)
 *
 * (statistics/mixedModel.ts) of the columns x = g, g x modifier. (u.(g x modifier)) = g.(u x modifier) is a product of the backend,
 * which all groups share, as is the first Gram matrix, that of independent samples.
 */
export class WhitenedGram {
  readonly #model: InteractionModel;
  readonly #layout: GramLayout;
  readonly #errors: SharedErrors;
  readonly #backend: Backend;
  /** Vector x term, `[term][vector]`, then what makes a context's effect x term, `[group][context][term]`; term 0 is 1. */
  readonly #columns: LoadedColumns;
  readonly #vectors: number;
  readonly #largest: readonly number[];
  readonly #projectors: (Projector | undefined)[] = [];
  readonly #block: BlockWriter;
  /** Of a row: products with the vectors, `[term][vector]`; of two terms and each vector, their product. */
  readonly #along: Float64Array;
  readonly #pairs: Float64Array;
  /** Lower triangles by rows: the Gram matrix of independent samples, then that of a group and its factor. */
  readonly #plain: Float64Array;
  readonly #triangle: Float64Array;
  readonly #shares: Float64Array;

  private constructor(
    model: InteractionModel,
    layout: GramLayout,
    errors: SharedErrors,
    backend: Backend,
    columns: LoadedColumns,
  ) {
    const vectors = errors.groups[0]?.weights.others.length ?? 0;
    this.#model = model;
    this.#layout = layout;
    this.#errors = errors;
    this.#backend = backend;
    this.#columns = columns;
    this.#vectors = vectors;
    this.#largest = errors.groups.map(({ weights: { common, others } }) =>
      others.reduce((largest, weight) => Math.max(largest, common + weight), common),
    );
    this.#block = new BlockWriter(model, layout);
    this.#along = new Float64Array(layout.terms * vectors);
    this.#pairs = new Float64Array(layout.variance * vectors);
    this.#plain = new Float64Array(layout.variance);
    this.#triangle = new Float64Array(layout.variance);
    this.#shares = new Float64Array(layout.contexts * layout.terms);
  }

  /** Undefined where samples are independent. */
  static async load(
    model: InteractionModel,
    layout: GramLayout,
    backend: Backend,
  ): Promise<WhitenedGram | undefined> {
    const { errors } = model;
    if (errors === undefined) return undefined;
    return new WhitenedGram(model, layout, errors, backend, await loadColumns(model, errors, backend));
  }

  /** Writes the blocks of the rows that are tested. */
  async write(written: WrittenRows, signal: AbortSignal | undefined): Promise<void> {
    const { rows } = written;
    const step = Math.max(1, Math.floor(NORM_PRODUCTS / this.#columns.count));
    for (let from = 0; from < rows.count; from += step) {
      const to = Math.min(rows.count, from + step);
      const tile = sliceRows(rows, from, to);
      const products = await denseProducts(this.#backend, tile, this.#columns, undefined, signal);
      for (let row = from; row < to; row++) {
        if (written.norm[row] === 0) continue;
        this.#read(products, row - from, to - from);
        this.#writeRow(written, row, products, row - from, to - from);
      }
      this.#backend.giveBack?.(products);
    }
  }

  dispose(): Promise<void> {
    return this.#columns.dispose();
  }

  /** Takes over row `row` of `rows`: its products with the vectors. */
  #read(products: Float64Array, row: number, rows: number): void {
    const along = this.#along;
    const pairs = this.#pairs;
    const vectors = this.#vectors;
    for (let i = 0; i < along.length; i++) along[i] = products[i * rows + row]!;
    let at = 0;
    for (let m = 0; m < this.#layout.terms; m++) {
      for (let k = 0; k <= m; k++) {
        for (let c = 0; c < vectors; c++) pairs[at++] = along[m * vectors + c]! * along[k * vectors + c]!;
      }
    }
  }

  #writeRow(written: WrittenRows, row: number, products: Float64Array, at: number, rows: number): void {
    const { length, block, variance, contexts, terms } = this.#layout;
    const { triangles, records } = written;
    squareOf(triangles, row * variance, terms, this.#plain);
    let g: Float64Array | undefined;
    this.#errors.groups.forEach((group, j) => {
      if (!this.#factorise(group, j)) {
        g ??= dosagesOf(written.rows, row);
        this.#factoriseVectors(group, j, g);
      }
      const first = terms * this.#vectors + j * contexts * terms;
      for (let i = 0; i < this.#shares.length; i++) this.#shares[i] = products[(first + i) * rows + at]!;
      this.#block.write(this.#triangle, this.#shares, group.variances, records, row * length + j * block);
    });
  }

  /** The factor of a group's Gram matrix; false where a pivot has lost digits. */
  #factorise({ weights: { common, others } }: GroupErrors, j: number): boolean {
    const triangle = this.#triangle;
    const plain = this.#plain;
    const pairs = this.#pairs;
    const vectors = this.#vectors;
    for (let m = 0, at = 0; m < this.#layout.terms; m++) {
      for (let k = 0; k <= m; k++, at++) {
        let sum = common * plain[at]!;
        for (let c = 0; c < vectors; c++) sum += others[c]! * pairs[at * vectors + c]!;
        triangle[at] = sum;
      }
    }
    for (let m = 0; m < this.#layout.terms; m++) {
      const row = (m * (m + 1)) / 2;
      for (let k = 0; k <= m; k++) {
        const other = (k * (k + 1)) / 2;
        let value = triangle[row + k]!;
        for (let i = 0; i < k; i++) value -= triangle[row + i]! * triangle[other + i]!;
        if (k < m) triangle[row + k] = value / triangle[other + k]!;
        else if (!(value >= CANCELLATION * this.#largest[j]! * plain[row + m]!)) return false;
        else triangle[row + m] = Math.sqrt(value);
      }
    }
    return true;
  }

  /** The same from the columns themselves, multiplied by P^1/2. */
  #factoriseVectors({ weights }: GroupErrors, j: number, g: Float64Array): void {
    const { cohort, modifiers } = this.#model;
    const { genotypeBasis, covariance } = cohort;
    const n = g.length;
    const projector =
      this.#projectors[j] ?? new Projector(covariance!.projected, rootWeights(weights), genotypeBasis);
    this.#projectors[j] = projector;
    const vectors = new Float64Array((modifiers.length + 1) * n);
    const mean = meanOf(g);
    for (let m = 0; m <= modifiers.length; m++) {
      const x = vectors.subarray(m * n, (m + 1) * n);
      const values = modifiers[m - 1]?.values;
      for (let s = 0; s < n; s++) x[s] = (g[s]! - mean) * (values?.[s] ?? 1);
      projector.apply(x);
    }
    orthonormalise(vectors, n, this.#triangle, modifiers.length + 1);
  }
}

/** What the columns and a variant's blocks take in memory, as `planMemory` is told; the columns of the cohort without contexts too. */
export function bytesOfWhitening(model: InteractionModel): { modelBytes: number; recordBytes: number } {
  const { errors, cohort } = model;
  if (errors === undefined) return { modelBytes: 0, recordBytes: 0 };
  const { vectors } = cohort.covariance!.projected;
  const columns = columnsOf(model, errors) * cohort.samples.length;
  return { modelBytes: 8 * (columns + vectors.length), recordBytes: 8 * gramLayout(model).length };
}

function columnsOf({ cohort, modifiers, contexts }: InteractionModel, { groups }: SharedErrors): number {
  const vectors = cohort.covariance!.projected.vectors.length / cohort.samples.length;
  return (modifiers.length + 1) * (vectors + groups.length * contexts.length);
}

async function loadColumns(
  model: InteractionModel,
  errors: SharedErrors,
  backend: Backend,
): Promise<LoadedColumns> {
  const { cohort, modifiers, contexts } = model;
  const { groups } = errors;
  const n = cohort.samples.length;
  const { vectors } = cohort.covariance!.projected;
  const own = vectors.length / n;
  const terms = modifiers.length + 1;
  const count = columnsOf(model, errors);
  // Where threads can read them: they meet every variant.
  const values = new Float64Array(sharedBuffer(8 * count * n));
  const set = (column: number, source: Float64Array, vector: number, term: number): void => {
    const by = modifiers[term - 1]?.values;
    for (let s = 0; s < n; s++) values[column * n + s] = source[vector * n + s]! * (by?.[s] ?? 1);
  };
  for (let m = 0; m < terms; m++) for (let c = 0; c < own; c++) set(m * own + c, vectors, c, m);
  groups.forEach(({ effects }, j) => {
    for (let c = 0; c < contexts.length; c++) {
      const first = terms * own + (j * contexts.length + c) * terms;
      for (let m = 0; m < terms; m++) set(first + m, effects, c, m);
    }
  });
  return backend.load({ count, samples: n, values, standardised: false });
}

/** `out` = L L', lower triangles by rows, L from `start` on. */
function squareOf(l: Float64Array, start: number, size: number, out: Float64Array): void {
  for (let m = 0, at = 0; m < size; m++) {
    const row = start + (m * (m + 1)) / 2;
    for (let k = 0; k <= m; k++, at++) {
      const other = start + (k * (k + 1)) / 2;
      let value = 0;
      for (let i = 0; i <= k; i++) value += l[row + i]! * l[other + i]!;
      out[at] = value;
    }
  }
}

function dosagesOf(rows: DosageRows, row: number): Float64Array {
  const g = new Float64Array(rows.samples);
  decodeDosages(rows, row, rows.fill[row]!, g);
  return g;
}
