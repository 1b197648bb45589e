import type { Backend } from "../compute/backend.ts";
import { canonicalDot } from "../compute/exact.ts";
import { throwIfAborted, UsageError } from "../errors.ts";
import { normalFromLog10P } from "../statistics/normal.ts";
import { type StudentT, studentT, thresholdR } from "../statistics/studentT.ts";
import type { GeneComponents } from "./components.ts";

/** One row a gene: what its co-regulation with any other gene, or with a function, is computed from. */
export interface GeneProfiles {
  readonly genes: number;
  readonly components: number;
  /** `coefficients[gene * components + k]`: eigenvector coefficients, each component of mean 0 and standard deviation 1. */
  readonly coefficients: Float64Array;
  /** The same with each gene centred and at norm 1, so that a product of two is their correlation; 0 where a gene has no spread. */
  readonly unit: Float64Array;
}

const LARGEST_R = 1 - 2 ** -53;
/** A correlation over fewer components than this has no degree of freedom. */
export const LEAST_COMPONENTS = 4;
/** Columns of a product. Fixed: the order of the pairs follows from it. */
const TILE = 512;

/**
 * Standardises eigenvectors: components weigh the same however much variance they carry, so that
 * co-regulation is not that of the leading one (cell types, quality) alone (METHODS 5.3).
 * @throws UsageError for fewer than 4 components.
 */
export function geneProfiles({ genes, count, vectors }: GeneComponents): GeneProfiles {
  const coefficients = new Float64Array(genes * count);
  for (let k = 0; k < count; k++) {
    let sum = 0;
    for (let g = 0; g < genes; g++) sum += vectors[k * genes + g]!;
    const mean = sum / genes;
    let square = 0;
    for (let g = 0; g < genes; g++) {
      const centred = vectors[k * genes + g]! - mean;
      coefficients[g * count + k] = centred;
      square += centred * centred;
    }
    const deviation = Math.sqrt(square / (genes - 1));
    for (let g = 0; g < genes; g++) coefficients[g * count + k]! /= deviation;
  }
  return profilesOf(coefficients, genes, count);
}

/** Profiles of coefficients that are standardised already, `coefficients[gene * components + k]`. */
export function profilesOf(coefficients: Float64Array, genes: number, components: number): GeneProfiles {
  if (components < LEAST_COMPONENTS) {
    throw new UsageError(
      `co-regulation over ${components} components has no degrees of freedom; at least ${LEAST_COMPONENTS} are needed`,
    );
  }
  const unit = coefficients.slice();
  for (let g = 0; g < genes; g++) unitRow(unit, g * components, components);
  return { genes, components, coefficients, unit };
}

/** Centres the `n` numbers from `start` on and scales them to norm 1; all 0 where they do not differ. */
export function unitRow(values: Float64Array, start: number, n: number): void {
  let sum = 0;
  let largest = 0;
  for (let i = start; i < start + n; i++) {
    sum += values[i]!;
    largest = Math.max(largest, Math.abs(values[i]!));
  }
  const mean = sum / n;
  for (let i = start; i < start + n; i++) values[i]! -= mean;
  const norm = Math.sqrt(canonicalDot(values, start, values, start, n));
  const constant = !(norm > 1e-12 * largest * Math.sqrt(n));
  for (let i = start; i < start + n; i++) values[i] = constant ? 0 : values[i]! / norm;
}

/** A correlation as z and log10 p, by t with the components' degrees of freedom. */
export class CorrelationScale {
  readonly #df: number;
  readonly #student: StudentT;

  constructor(components: number) {
    this.#df = components - 2;
    this.#student = studentT(this.#df);
  }

  /** t = r sqrt(df / (1 - r^2)), where |r| counts as the largest double below 1 at most, so that the same profile twice is no infinite z. */
  t(r: number): number {
    const within = Math.max(-LARGEST_R, Math.min(LARGEST_R, r));
    return within * Math.sqrt(this.#df / ((1 - within) * (1 + within)));
  }

  log10P(r: number): number {
    return this.#student.log10P(this.t(r));
  }

  /** The normal deviate with the same two-sided p, and the sign of r; 0 for 0. */
  z(r: number): number {
    const size = normalFromLog10P(this.log10P(r));
    return r < 0 ? -size : size;
  }

  /** The |r| from which on log10 p is at most this. */
  threshold(log10P: number): number {
    return thresholdR(log10P, this.#df);
  }
}

/** A run of pairs of genes (numbers of rows) with their correlation over components. */
export interface GenePairs {
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  readonly r: Float64Array;
}

/**
 * All pairs of genes whose correlation is at least `least` (above 0) in size, each once with `first` before `second`, a tile of second genes
 * after the other. The backend's screen finds them, and f64 decides: the same pairs and bits on every backend.
 */
export async function* strongPairs(
  { genes, components, unit }: GeneProfiles,
  least: number,
  backend: Backend,
  signal?: AbortSignal,
): AsyncGenerator<GenePairs> {
  const rows = { kind: "real", count: genes, samples: components, values: unit } as const;
  const norm = unitNorms(unit, genes, components);
  for (let from = 0; from < genes; from += TILE) {
    throwIfAborted(signal);
    const count = Math.min(TILE, genes - from);
    const values = unit.subarray(from * components, (from + count) * components);
    const columns = await backend.load({ count, samples: components, values, standardised: true });
    try {
      const windows = {
        start: new Uint32Array(count),
        end: Uint32Array.from({ length: count }, (_, j) => from + j),
      };
      const threshold = new Float64Array(count).fill(least);
      const epilogue = { kind: "candidates", threshold, windows } as const;
      const found = await backend.product([{ rows, columns, norm, weight: 1 }], epilogue, signal);
      yield kept(unit, components, found, from, least);
    } finally {
      await columns.dispose();
    }
  }
}

/** 1, or 0 for a gene without spread, which then is no candidate. */
function unitNorms(unit: Float64Array, genes: number, components: number): Float64Array {
  return Float64Array.from({ length: genes }, (_, g) =>
    canonicalDot(unit, g * components, unit, g * components, components) > 0.5 ? 1 : 0,
  );
}

function kept(
  unit: Float64Array,
  m: number,
  { row, column }: { readonly row: Uint32Array; readonly column: Uint32Array },
  from: number,
  least: number,
): GenePairs {
  const first = new Uint32Array(row.length);
  const second = new Uint32Array(row.length);
  const r = new Float64Array(row.length);
  let count = 0;
  for (let i = 0; i < row.length; i++) {
    const [a, b] = [row[i]!, from + column[i]!];
    const value = canonicalDot(unit, a * m, unit, b * m, m);
    if (!(Math.abs(value) >= least)) continue;
    first[count] = a;
    second[count] = b;
    r[count++] = value;
  }
  return { first: first.slice(0, count), second: second.slice(0, count), r: r.slice(0, count) };
}

/**
 * The `top` genes whose correlation with each gene is largest in size, strongest first (of equal ones the earlier gene), gene after gene: `first` is the
 * gene, `second` its neighbour, so that a pair may come twice. Exact: from f64 products of all pairs, a tile of genes at a time.
 */
export async function* nearestPairs(
  { genes, components, unit }: GeneProfiles,
  top: number,
  backend: Backend,
  signal?: AbortSignal,
): AsyncGenerator<GenePairs> {
  const rows = { kind: "real", count: genes, samples: components, values: unit } as const;
  const norm = unitNorms(unit, genes, components);
  const tile = 256;
  for (let from = 0; from < genes; from += tile) {
    throwIfAborted(signal);
    const count = Math.min(tile, genes - from);
    const values = unit.subarray(from * components, (from + count) * components);
    const columns = await backend.load({ count, samples: components, values, standardised: true });
    try {
      const factor = { rows, columns, norm: new Float64Array(0), weight: 1 };
      const { values: products } = await backend.product([factor], { kind: "dense" }, signal);
      yield nearest(products[0]!, genes, from, count, top, norm);
    } finally {
      await columns.dispose();
    }
  }
}

function nearest(
  products: Float64Array,
  genes: number,
  from: number,
  count: number,
  top: number,
  norm: Float64Array,
): GenePairs {
  const first: number[] = [];
  const second: number[] = [];
  const r: number[] = [];
  for (let j = 0; j < count; j++) {
    const gene = from + j;
    if (norm[gene] === 0) continue;
    for (const other of largest(products, j * genes, genes, top, gene, norm)) {
      first.push(gene);
      second.push(other);
      r.push(products[j * genes + other]!);
    }
  }
  return { first: Uint32Array.from(first), second: Uint32Array.from(second), r: Float64Array.from(r) };
}

/** Indices of the `top` numbers largest in size among `values[start..]`, without `self`: a small sorted list, filled as they come. */
function largest(
  values: Float64Array,
  start: number,
  n: number,
  top: number,
  self: number,
  norm: Float64Array,
): number[] {
  const index: number[] = [];
  const size: number[] = [];
  for (let i = 0; i < n; i++) {
    const value = Math.abs(values[start + i]!);
    if (i === self || norm[i] === 0 || (index.length === top && value <= size[top - 1]!)) continue;
    let at = index.length === top ? top - 1 : index.length;
    for (; at > 0 && size[at - 1]! < value; at--) {
      index[at] = index[at - 1]!;
      size[at] = size[at - 1]!;
    }
    index[at] = i;
    size[at] = value;
  }
  return index;
}
