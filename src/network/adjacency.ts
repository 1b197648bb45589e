import { sharedBuffer } from "../compute/sharedMemory.ts";
import { UsageError } from "../errors.ts";
import { exp, log } from "../statistics/elementary.ts";

/**
 * From a correlation to how closely two genes are connected, with soft-thresholding power b (Zhang and Horvath 2005):
 * `unsigned` |r|^b; `signed` ((1 + r) / 2)^b; `signed-hybrid` r^b where r > 0, else 0.
 */
export type NetworkType = "unsigned" | "signed" | "signed-hybrid";

export const NETWORK_TYPES: readonly NetworkType[] = ["unsigned", "signed", "signed-hybrid"];

/** What is raised to the power: from 0 to 1; 0 where there is no correlation. */
export function similarity(r: number, type: NetworkType): number {
  if (Number.isNaN(r)) return 0;
  if (type === "unsigned") return Math.abs(r);
  return type === "signed" ? (1 + r) / 2 : Math.max(0, r);
}

/** x^power for x from 0 to 1: of whole powers by repeated squaring, else by log and exp. */
export function power(x: number, exponent: number): number {
  if (!Number.isInteger(exponent)) return x > 0 ? exp(exponent * log(x)) : 0;
  let result = 1;
  let square = x;
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

/** Numbers that are raised at once, in a core's first cache. */
const RUN = 1024;

/**
 * The adjacencies of correlations, in the same place: similarity to the power, 0 where there is no correlation; with `keepSign` (of
 * unsigned networks) with the sign of the correlation. The bits of {@link power}. Throws {@link UsageError} for a power below 1.
 */
export function adjacencies(
  r: Float64Array,
  type: NetworkType,
  exponent: number,
  keepSign = false,
): Float64Array {
  checkPower(exponent);
  const similar = new Float64Array(RUN);
  const raised = new Float64Array(RUN);
  for (let from = 0; from < r.length; from += RUN) {
    const length = Math.min(RUN, r.length - from);
    for (let i = 0; i < length; i++) similar[i] = similarity(r[from + i]!, type);
    raise(similar, exponent, length, raised);
    if (keepSign) for (let i = 0; i < length; i++) if (r[from + i]! < 0) raised[i] = -raised[i]!;
    for (let i = 0; i < length; i++) r[from + i] = raised[i]!;
  }
  return r;
}

/** Raises numbers from 0 to 1 to the power; `base` is overwritten. */
function raise(base: Float64Array, exponent: number, length: number, out: Float64Array): void {
  if (!Number.isInteger(exponent)) {
    for (let i = 0; i < length; i++) out[i] = power(base[i]!, exponent);
    return;
  }
  out.fill(1);
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) for (let i = 0; i < length; i++) out[i] = out[i]! * base[i]!;
    if (left > 1) for (let i = 0; i < length; i++) base[i] = base[i]! * base[i]!;
  }
}

/** Neighbours that lie side by side: so many numbers of two genes stay in a core's cache. */
export const STRETCH = 512;

/**
 * Adjacencies of `count` genes, symmetric, the diagonal 0, cut into stretches of 512 neighbours: what products over all
 * neighbours are made of. Memory: 8 bytes a pair of genes, both ways.
 */
export class Adjacency {
  readonly count: number;
  /** `stretches[s][gene * width + u]` is gene with neighbour 512 s + u; the last one is narrower. */
  readonly stretches: readonly Float64Array[];
  private readonly keepSign: boolean;
  private readonly of: (r: number) => number;

  /**
   * All 0. With `keepSign` (of unsigned networks only) an adjacency has the sign of its correlation.
   * Throws {@link UsageError} for a power below 1.
   */
  constructor(count: number, type: NetworkType, exponent: number, keepSign = false) {
    checkPower(exponent);
    this.count = count;
    this.keepSign = keepSign;
    this.of = (r) => power(similarity(r, type), exponent);
    this.stretches = Array.from({ length: Math.ceil(count / STRETCH) }, (_, s) => {
      const width = Math.min(STRETCH, count - s * STRETCH);
      return new Float64Array(sharedBuffer(8 * count * width));
    });
  }

  /** Takes the upper triangle of rows `from` to `to` of correlations, `values[(i - from) * count + j]`. */
  addRows(from: number, to: number, values: Float64Array): void {
    const { count } = this;
    for (let i = from; i < to; i++) {
      for (let j = i + 1; j < count; j++) {
        const r = values[(i - from) * count + j]!;
        const size = this.of(r);
        const a = this.keepSign && r < 0 ? -size : size;
        this.set(i, j, a);
        this.set(j, i, a);
      }
    }
  }

  at(i: number, j: number): number {
    const stretch = this.stretches[Math.floor(j / STRETCH)]!;
    return stretch[(i * stretch.length) / this.count + (j % STRETCH)]!;
  }

  private set(i: number, j: number, value: number): void {
    const stretch = this.stretches[Math.floor(j / STRETCH)]!;
    stretch[(i * stretch.length) / this.count + (j % STRETCH)] = value;
  }

  /** The sum of each gene's adjacencies with the others, signs aside, neighbours in order. */
  connectivity(): Float64Array {
    const k = new Float64Array(this.count);
    for (const stretch of this.stretches) {
      const width = stretch.length / this.count;
      for (let i = 0; i < this.count; i++) {
        let sum = k[i]!;
        for (let u = 0; u < width; u++) sum += Math.abs(stretch[i * width + u]!);
        k[i] = sum;
      }
    }
    return k;
  }
}

/** Throws {@link UsageError} for a power that is not a number of at least 1. */
function checkPower(exponent: number): void {
  if (exponent >= 1 && exponent < Number.POSITIVE_INFINITY) return;
  throw new UsageError(`the soft-thresholding power is ${exponent}; it must be 1 or more`);
}
