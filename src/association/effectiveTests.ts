import { decodeDosages } from "../cohort/dosages.ts";
import { canonicalDot } from "../compute/exact.ts";
import { loadWindowKernels, type WindowKernels } from "../compute/wasm/windowKernels.ts";
import { EIGENMT_WINDOW, effectiveTests } from "../statistics/eigenMT.ts";
import type { Tridiagonaliser } from "../statistics/symmetricEigen.ts";
import type { DosageRows } from "./dosageRows.ts";

/** Products of some vectors, and what makes matrices tridiagonal: the kernels', or the plain ones with the same bits. */
interface Engine {
  readonly rows: Float64Array;
  readonly stride: number;
  dot(a: number, b: number): number;
  readonly reduce?: Tridiagonaliser;
}

/** A variant's covariances with those before it, the nearest last, and with itself. */
interface Band {
  readonly variant: number;
  readonly covariance: Float64Array;
}

/** Bytes of an array beside its numbers, and of what holds it. */
const ARRAY = 200;

/** Bytes that {@link EffectiveTests} holds of windows of up to `variants` variants: a band each, the vectors of a window, and its matrix twice. */
export function bytesOfEffectiveTests(samples: number, variants: number): number {
  const band = 8 * Math.min(EIGENMT_WINDOW, variants) + ARRAY;
  return variants * band + 8 * EIGENMT_WINDOW * (samples + 2 * EIGENMT_WINDOW);
}

/**
 * eigenMT of genes whose windows of variants start one after the other: covariances of neighbours are made once and serve all genes near.
 * What it holds changes no number.
 */
export class EffectiveTests {
  readonly #samples: number;
  readonly #window: number;
  readonly #engine: Engine;
  /** Of the variants from the first that a gene to come may need. */
  #bands: Band[] = [];
  /** How many of them came before; the k-th lies in slot k % window. */
  #count = 0;
  readonly #scratch: Float64Array;
  readonly #covariance: Float64Array;

  constructor(samples: number, kernels?: WindowKernels, window = EIGENMT_WINDOW) {
    this.#samples = samples;
    this.#window = window;
    this.#engine = kernels ?? plainEngine(window, samples);
    this.#scratch = new Float64Array(samples);
    this.#covariance = new Float64Array(window * window);
  }

  static async load(samples: number): Promise<EffectiveTests> {
    return new EffectiveTests(samples, await loadWindowKernels(EIGENMT_WINDOW, samples));
  }

  /**
   * Effective tests of the variants in `own`, rows of `rows` in order and without a gap among those that are tested; `index` has the rows'
   * variants. 0 without variants. Windows of variants add up.
   */
  count(rows: DosageRows, index: ArrayLike<number>, own: ArrayLike<number>): number {
    if (own.length === 0) return 0;
    this.#advance(rows, index, own);
    let tests = 0;
    for (let from = 0; from < own.length; from += this.#window) {
      tests += this.#ofWindow(rows, own, from, Math.min(own.length, from + this.#window));
    }
    return tests;
  }

  /** Goes to the gene: its variants have their bands, and no others that come before. */
  #advance(rows: DosageRows, index: ArrayLike<number>, own: ArrayLike<number>): void {
    const start = index[own[0]!]!;
    const held = this.#bands;
    const from = held.findIndex(({ variant }) => variant >= start);
    const known = from >= 0 && held[from]!.variant === start;
    if (known) this.#bands = held.slice(from);
    else {
      this.#bands = [];
      this.#count = 0;
    }
    const last = this.#bands.at(-1)?.variant ?? -1;
    for (let k = 0; k < own.length; k++) {
      const variant = index[own[k]!]!;
      if (variant > last) this.#bands.push({ variant, covariance: this.#next(rows, own[k]!) });
    }
  }

  /** Takes the next variant into its slot. */
  #next(rows: DosageRows, row: number): Float64Array {
    const { rows: vectors, stride } = this.#engine;
    const n = this.#samples;
    const slot = this.#count % this.#window;
    this.#read(rows, row);
    vectors.set(this.#scratch, slot * stride);
    const before = Math.min(this.#count, this.#window - 1);
    const covariance = new Float64Array(before + 1);
    for (let d = 0; d <= before; d++) {
      const other = (this.#count - before + d) % this.#window;
      covariance[d] = this.#engine.dot(slot, other) / n;
    }
    this.#count++;
    return covariance;
  }

  /** The centred dosages of a row into the scratch. */
  #read(rows: DosageRows, row: number): void {
    const x = this.#scratch;
    decodeDosages(rows, row, rows.fill[row]!, x);
    let sum = 0;
    for (let s = 0; s < x.length; s++) sum += x[s]!;
    const mean = sum / x.length;
    for (let s = 0; s < x.length; s++) x[s]! -= mean;
  }

  #ofWindow(rows: DosageRows, own: ArrayLike<number>, from: number, to: number): number {
    const count = to - from;
    const covariance = this.#covariance.subarray(0, count * count);
    for (let i = 0; i < count; i++) {
      const band = this.#bands[from + i]!.covariance;
      covariance.set(band.subarray(band.length - 1 - i), i * count);
    }
    const square = new Float64Array(this.#samples);
    const x = this.#scratch;
    for (let i = from; i < to; i++) {
      this.#read(rows, own[i]!);
      for (let s = 0; s < x.length; s++) square[s]! += x[s]! * x[s]!;
    }
    let fourth = 0;
    for (let s = 0; s < square.length; s++) fourth += square[s]! * square[s]!;
    return effectiveTests({ count, samples: this.#samples, covariance, fourth }, this.#engine.reduce);
  }
}

function plainEngine(slots: number, samples: number): Engine {
  const rows = new Float64Array(slots * samples);
  return {
    rows,
    stride: samples,
    dot: (a, b) => canonicalDot(rows, a * samples, rows, b * samples, samples),
  };
}
