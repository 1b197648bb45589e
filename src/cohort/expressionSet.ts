import { InputError } from "../errors.ts";
import { numericCovariates } from "../formats/covariateNumbers.ts";
import type { CovariateTable } from "../formats/tables.ts";
import { counted, listed } from "../formats/wording.ts";
import { type OrthonormalBasis, orthonormalBasis, residualise } from "../statistics/linalg.ts";
import { inverseNormal } from "../statistics/ranks.ts";
import type { Message } from "./cohort.ts";
import { isConstant, type Transform } from "./expression.ts";
import { COLLINEAR } from "./residuals.ts";

/**
 * What is said of a gene in a network: `ok`; `constant`; `collinear` (nothing left beside the covariates);
 * `missing` (too many values are).
 */
export type ExpressionStatus = "ok" | "constant" | "collinear" | "missing";

/** A matrix of genes x samples as it was read: `values[gene * samples + sample]`, NaN where missing. */
export interface ExpressionValues {
  readonly name: string;
  readonly samples: readonly string[];
  readonly id: readonly string[];
  readonly symbol?: readonly string[] | undefined;
  readonly values: Float64Array;
}

export interface ExpressionSetOptions {
  readonly covariates?: CovariateTable | undefined;
  /** Sample ids. */
  readonly keep?: readonly string[] | undefined;
  readonly remove?: readonly string[] | undefined;
  readonly transform?: Transform | undefined;
  /** The largest share of a gene's values that may be missing. Default 0.5 (WGCNA's goodSamplesGenes). */
  readonly maxMissing?: number | undefined;
  readonly onMessage?: ((message: Message) => void) | undefined;
}

/** The expression of one cohort without genotypes, ready to be correlated. */
export interface ExpressionSet {
  readonly name: string;
  readonly samples: readonly string[];
  readonly id: readonly string[];
  /** Of an annotation; empty where it says nothing. */
  readonly symbol?: readonly string[] | undefined;
  /**
   * `values[gene * samples + sample]`, NaN where missing: transformed, and the residuals on the covariates where there
   * are any. Genes that are not `ok` keep the values that were read.
   */
  readonly values: Float64Array;
  readonly status: readonly ExpressionStatus[];
  /** Values missing, a number a gene. */
  readonly missing: Uint32Array;
  /** The covariates taken out, and those dropped. */
  readonly covariatesUsed: readonly string[];
  readonly covariatesDropped: readonly { readonly name: string; readonly why: string }[];
}

/** Fewer samples than these, or values of a gene beyond the covariates, say nothing of a correlation. */
const LEAST_SAMPLES = 4;

/**
 * Chooses the samples, transforms the expression and takes the covariates out of it (least squares with a constant, of
 * a gene with missing values over its own samples). Memory: 8 bytes a value on top of what is given.
 * Throws {@link InputError} for fewer than {@link LEAST_SAMPLES} samples beyond the covariates.
 */
export function expressionSet(read: ExpressionValues, options: ExpressionSetOptions = {}): ExpressionSet {
  const { covariates, transform = "none", maxMissing = 0.5, onMessage = () => {} } = options;
  const index = chosenSamples(read, options);
  const n = index.length;
  if (n < LEAST_SAMPLES) {
    throw new InputError(
      read.name,
      `${counted(n, "sample")} to correlate genes over; at least ${LEAST_SAMPLES} are needed`,
      "use more samples",
    );
  }
  const samples = Array.from(index, (s) => read.samples[s]!);
  const coded = codedCovariates(covariates, samples, onMessage);
  const basis = orthonormalBasis(coded.values, coded.names, n);
  for (const { name, why } of basis.dropped)
    onMessage({ level: why === "constant" ? "info" : "warning", text: `covariate ${name} dropped: ${why}` });
  if (n < basis.count + LEAST_SAMPLES) {
    throw new InputError(
      covariates?.name ?? read.name,
      `${n} samples are too few for ${basis.count} covariates: at least ${basis.count + LEAST_SAMPLES} are needed`,
      "use fewer covariates",
    );
  }
  const genes = read.id.length;
  const values = new Float64Array(genes * n);
  const missing = new Uint32Array(genes);
  const bases = new PatternBases(coded, n, basis);
  const status = read.id.map((id, gene): ExpressionStatus => {
    const row = values.subarray(gene * n, (gene + 1) * n);
    for (let s = 0; s < n; s++) row[s] = read.values[gene * read.samples.length + index[s]!]!;
    missing[gene] = row.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0);
    if (missing[gene]! > maxMissing * n || n - missing[gene]! < basis.count + LEAST_SAMPLES) return "missing";
    return adjusted(row, missing[gene]!, transform, bases, `${read.name}, gene ${id}`);
  });
  return {
    ...{ name: read.name, samples, id: read.id, symbol: read.symbol, values, status, missing },
    covariatesUsed: basis.used,
    covariatesDropped: [...coded.dropped, ...basis.dropped],
  };
}

function chosenSamples(
  { name, samples }: ExpressionValues,
  { keep, remove, covariates, onMessage }: ExpressionSetOptions,
): Uint32Array {
  const kept = keep && new Set(keep);
  const removed = new Set(remove ?? []);
  const known = covariates && new Set(covariates.samples);
  const without: string[] = [];
  const index = samples.flatMap((id, s) => {
    if ((kept !== undefined && !kept.has(id)) || removed.has(id)) return [];
    if (known === undefined || known.has(id)) return [s];
    without.push(id);
    return [];
  });
  if (without.length > 0) {
    const text = `${counted(without.length, "sample")} of ${name} without covariates in ${covariates?.name} (${listed(without)}): left out`;
    onMessage?.({ level: "warning", text });
  }
  return Uint32Array.from(index);
}

interface Coded {
  readonly names: readonly string[];
  readonly values: Float64Array;
  readonly dropped: readonly { readonly name: string; readonly why: string }[];
}

function codedCovariates(
  table: CovariateTable | undefined,
  samples: readonly string[],
  onMessage: (message: Message) => void,
): Coded {
  if (table === undefined) return { names: [], values: new Float64Array(0), dropped: [] };
  const place = new Map(table.samples.map((id, s) => [id, s]));
  const coded = numericCovariates(
    table,
    Uint32Array.from(samples, (id) => place.get(id)!),
  );
  for (const text of coded.messages) onMessage({ level: "info", text });
  return coded;
}

/** Transforms a gene's values and takes the covariates out, in place; what is left of it, in words. */
function adjusted(
  row: Float64Array,
  missing: number,
  transform: Transform,
  bases: PatternBases,
  where: string,
): ExpressionStatus {
  const present: Float64Array = missing === 0 ? row : row.filter((value) => !Number.isNaN(value));
  if (isConstant(present)) return "constant";
  const before = sumOfSquares(present, where);
  if (transform === "inverse-normal") present.set(inverseNormal(present));
  if (bases.count > 0) {
    const total = transform === "none" ? before : sumOfSquares(present, where);
    residualise(present, 0, present.length, bases.of(row, missing));
    if (sumOfSquares(present, where) < COLLINEAR * total) return "collinear";
  }
  if (missing === 0) return "ok";
  let at = 0;
  for (let s = 0; s < row.length; s++) if (!Number.isNaN(row[s]!)) row[s] = present[at++]!;
  return "ok";
}

/** About the mean. Throws {@link InputError} where it overflows. */
function sumOfSquares(values: Float64Array, where: string): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) * (value - mean);
  if (Number.isFinite(squares)) return squares;
  throw new InputError(
    where,
    "values so large that their squares pass the largest 64-bit number (1.8e308)",
    "write the expression in larger units",
  );
}

/** The basis of the covariates over all samples, or over those of a gene with missing values; the last one is kept. */
class PatternBases {
  readonly count: number;
  private readonly coded: Coded;
  private readonly samples: number;
  private readonly whole: OrthonormalBasis;
  private readonly known = new Map<string, OrthonormalBasis>();

  constructor(coded: Coded, samples: number, whole: OrthonormalBasis) {
    this.coded = coded;
    this.samples = samples;
    this.whole = whole;
    this.count = whole.count;
  }

  of(row: Float64Array, missing: number): OrthonormalBasis {
    if (missing === 0) return this.whole;
    const present = Array.from(row.keys()).filter((s) => !Number.isNaN(row[s]!));
    const key = present.join(",");
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const { names, values } = this.coded;
    const columns = Float64Array.from(
      names.flatMap((_, c) => present.map((s) => values[c * this.samples + s]!)),
    );
    const basis = orthonormalBasis(columns, names, present.length);
    this.known.clear();
    this.known.set(key, basis);
    return basis;
  }
}

/** Some genes of a set, in the order of `genes`. */
export function subset(set: ExpressionSet, genes: Uint32Array): ExpressionSet {
  const n = set.samples.length;
  const values = new Float64Array(genes.length * n);
  genes.forEach((gene, i) => {
    values.set(set.values.subarray(gene * n, (gene + 1) * n), i * n);
  });
  const of = <T>(list: ArrayLike<T>) => Array.from(genes, (gene) => list[gene]!);
  return {
    ...set,
    id: of(set.id),
    symbol: set.symbol && of(set.symbol),
    values,
    status: of(set.status),
    missing: genes.map((gene) => set.missing[gene]!),
  };
}
