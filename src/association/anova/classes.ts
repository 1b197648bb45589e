import { COLLINEAR } from "../../cohort/residuals.ts";
import type { CallRows } from "../../compute/backend.ts";
import { type OrthonormalBasis, residualise } from "../../statistics/linalg.ts";

/** Packed calls: 2 bits a sample, 3 = missing. */
type Calls = Pick<CallRows, "packed" | "stride" | "samples" | "count">;

const MISSING = 3;

/**
 * Three classes of genotypes as MatrixEQTL makes them: the most frequent one (of equally frequent, that of fewest copies) is
 * the baseline, which also takes the samples without a call; `first` and `second` are the copies of the other two, the more frequent first.
 */
export interface GenotypeClasses {
  readonly baseline: number;
  readonly first: number;
  readonly second: number;
  /** Called samples with 0, 1 and 2 copies. */
  readonly counts: readonly [number, number, number];
  /** Samples in the first class, and in the second. */
  readonly members: readonly [number, number];
}

export function genotypeClasses({ packed, stride, samples }: Calls, row: number): GenotypeClasses {
  const counts: [number, number, number, number] = [0, 0, 0, 0];
  for (let s = 0; s < samples; s++) counts[callOf(packed, row * stride, s) as 0 | 1 | 2 | 3]++;
  const [baseline, first, second] = [0, 1, 2].sort((a, b) => counts[b]! - counts[a]! || a - b);
  return {
    ...{ baseline: baseline!, first: first!, second: second! },
    counts: [counts[0], counts[1], counts[2]],
    members: [counts[first!]!, counts[second!]!],
  };
}

function callOf(packed: Uint8Array, start: number, sample: number): number {
  return (packed[start + (sample >> 2)]! >> (2 * (sample & 3))) & 3;
}

/** The masks of each variant as rows of calls 0 and 1: of its first class, its second, and both together. */
export const MASKS = 3;

/** Row `MASKS * v + m` is mask m of variant v. */
export function maskRows(calls: Calls, classes: readonly GenotypeClasses[]): CallRows {
  const { packed, stride, samples, count } = calls;
  const masks = new Uint8Array(MASKS * count * stride);
  for (let v = 0; v < count; v++) {
    const { first, second } = classes[v]!;
    for (let s = 0; s < samples; s++) {
      const call = callOf(packed, v * stride, s);
      const bit = 1 << (2 * (s & 3));
      const at = MASKS * v * stride + (s >> 2);
      if (call === first) masks[at]! |= bit;
      if (call === second) masks[at + stride]! |= bit;
      if (call !== MISSING && (call === first || call === second)) masks[at + 2 * stride]! |= bit;
    }
  }
  const rows = MASKS * count;
  return { kind: "calls", count: rows, samples, stride, packed: masks, fill: new Float64Array(rows) };
}

/**
 * What every test of a variant needs of its first two masks A and B, residual on the covariates: the squares of A, and of B
 * beside A, and B's share of A. A square is 0 where the mask is collinear with what came before it.
 */
export interface ClassGram {
  readonly squareA: number;
  readonly shareOfA: number;
  readonly squareB: number;
}

/** Writes one mask to `out` as numbers. */
export function decodeMask(rows: CallRows, row: number, out: Float64Array): void {
  const { packed, stride, samples } = rows;
  for (let s = 0; s < samples; s++) out[s] = callOf(packed, row * stride, s);
}

/** {@link ClassGram} of variant `v`, by its residual masks themselves. `work` holds two vectors of the samples. */
function classGram(
  rows: CallRows,
  v: number,
  basis: OrthonormalBasis,
  work: readonly [Float64Array, Float64Array],
): ClassGram {
  const n = rows.samples;
  const [a, b] = work;
  const residual = (out: Float64Array, mask: number): number => {
    decodeMask(rows, MASKS * v + mask, out);
    let ones = 0;
    for (const value of out) ones += value;
    residualise(out, 0, n, basis);
    return ones - (ones * ones) / n;
  };
  const [centredA, centredB] = [residual(a, 0), residual(b, 1)];
  const squareA = kept(sumOfProducts(a, a), centredA);
  if (squareA === 0) return { squareA, shareOfA: 0, squareB: kept(sumOfProducts(b, b), centredB) };
  const shareOfA = sumOfProducts(a, b) / squareA;
  let squareB = 0;
  for (let s = 0; s < n; s++) {
    const rest = b[s]! - shareOfA * a[s]!;
    squareB += rest * rest;
  }
  return { squareA, shareOfA, squareB: kept(squareB, centredB) };
}

/** Below this share |m|^2 - |Q'm|^2 has lost digits, and the residual masks themselves are formed. */
const CANCELLATION = 0.01;

/**
 * {@link ClassGram} of each variant from the products `[vector * rows + row]` of its masks with the covariates' basis; by
 * {@link classGram} where the difference of squares would lose digits.
 */
export function classGrams(
  rows: CallRows,
  classes: readonly GenotypeClasses[],
  basis: OrthonormalBasis,
  products: Float64Array,
): ClassGram[] {
  const n = rows.samples;
  const work = [new Float64Array(n), new Float64Array(n)] as const;
  return classes.map(({ members }, v) => {
    const [ones, twos] = members;
    let left = [ones - (ones * ones) / n, (-ones * twos) / n, twos - (twos * twos) / n] as const;
    const centred = left;
    for (let c = 0; c < basis.count; c++) {
      const a = products[c * rows.count + MASKS * v]!;
      const b = products[c * rows.count + MASKS * v + 1]!;
      left = [left[0] - a * a, left[1] - a * b, left[2] - b * b];
    }
    const [squareA, product, wholeB] = left;
    const shareOfA = product / squareA;
    const squareB = wholeB - shareOfA * product;
    const safe = squareA >= CANCELLATION * centred[0] && squareB >= CANCELLATION * centred[2];
    return safe && twos > 0 ? { squareA, shareOfA, squareB } : classGram(rows, v, basis, work);
  });
}

function kept(left: number, centred: number): number {
  return left > COLLINEAR * centred ? left : 0;
}

function sumOfProducts(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let s = 0; s < a.length; s++) sum += a[s]! * b[s]!;
  return sum;
}

/**
 * Norms that make a screen of the three masks miss nothing: where R, the correlation of a gene with the plane of a variant's classes,
 * is at least c, |mask . e| / norm is at least c for one of the masks.
 *
 * Proof. In the plane that the residual masks A, B and C = A + B span, e has a projection of length R in some direction, and
 * |mask . e| = R |mask| |cos| of the angle to the mask's line. The three lines divide the half turn into three gaps: between A and
 * C, C and B, and B and -A; a direction in a gap is at most half of it away from a line, so the largest |cos| is at least
 * cos(largest gap / 2) = sqrt((1 + least cos of a gap) / 2). With norm = |mask| times that, |mask . e| / norm >= R for that mask.
 * Where one mask alone counts, R is its own correlation.
 */
export function screeningNorms({ squareA, shareOfA, squareB }: ClassGram): [number, number, number] {
  if (squareA === 0) return [0, Math.sqrt(squareB), 0];
  if (squareB === 0) return [Math.sqrt(squareA), 0, 0];
  const product = shareOfA * squareA;
  const wholeB = squareB + shareOfA * product;
  const wholeC = squareA + 2 * product + wholeB;
  const [a, b, c] = [Math.sqrt(squareA), Math.sqrt(wholeB), Math.sqrt(Math.max(0, wholeC))];
  const gaps = [(squareA + product) / (a * c), (product + wholeB) / (b * c), -product / (a * b)];
  const least = Math.max(-1, Math.min(...gaps));
  // Where A + B all but vanishes its line says nothing: all pairs pass.
  const reach = least > -1 && c > 0 ? Math.sqrt((1 + least) / 2) : 0;
  const norm = (length: number): number => Math.max(length * reach, Number.MIN_VALUE);
  return [norm(a), norm(b), norm(c)];
}
