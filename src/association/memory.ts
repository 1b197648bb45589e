import type { Cohort } from "../cohort/cohort.ts";
import { GRAM_TILE } from "../cohort/gram.ts";
import { bytesOfColumns, bytesOfProduct } from "../compute/plan.ts";
import { canShare } from "../compute/sharedMemory.ts";
import { LimitError } from "../errors.ts";
import { counted, thousands } from "../formats/wording.ts";
import { DOSAGE_TILE } from "./dosageRows.ts";
import { NORM_PRODUCTS } from "./norms.ts";

/** What the language's runtime holds before any data, its garbage, and what writing tables and report takes (measured). */
const RUNTIME = 176 * 2 ** 20;
/** The same of each worker thread (measured with 1 to 32 of them). */
const THREAD = 8 * 2 ** 20;
const MIB = 2 ** 20;

/** What a map will ask of memory. */
export interface MemoryDemand {
  readonly cohort: Cohort;
  /** Genes on the backend at once: all of them for a screen, which threads share, or those of a part in flight. */
  readonly genes: number;
  readonly kind: "candidates" | "dense";
  readonly threads: number;
  /** Whether the backend takes dosages as calls and remainders; else they are written out for it. */
  readonly takesRemainders: boolean;
  /** Variants of the largest part, and the pairs it may hold results of. */
  readonly variants: number;
  readonly pairs: number;
  /** Bytes of the permutations of one part, which come one part after the other. Default 0: none. */
  readonly permutationBytes?: number | undefined;
  /** Bytes of the effective numbers of tests, beside the parts. Default 0: none. */
  readonly effectiveBytes?: number | undefined;
  /** Bytes that the model holds beside the cohort, and that a variant of a part takes beside its dosages. Default 0: none. */
  readonly modelBytes?: number | undefined;
  readonly recordBytes?: number | undefined;
}

export interface MemoryPlan {
  /** Parts in flight. */
  readonly ahead: number;
  /** Bytes the run is expected to hold at its peak. */
  readonly bytes: number;
}

/**
 * Bytes of memory a variant of the file takes for the whole run: 3.25 are held (position, status; 7.25 where variants lie far between), 8 more while
 * the file is opened; measured from 1 to 8 million variants, garbage of the parts counted in: about 15.
 */
const BYTES_PER_VARIANT = 20;
/** Bytes a pair takes while a part is refined and handed on: products, then the columns of the batch twice. */
const BYTES_PER_PAIR = 72;

/**
 * How many parts may be in flight within `memory` bytes. Parts, and so results, do not depend on it.
 * @throws LimitError when not even one fits: the message says how much is needed.
 */
export function planMemory(demand: MemoryDemand, memory: number): MemoryPlan {
  const { cohort, genes, kind, threads, takesRemainders, variants, pairs } = demand;
  const { permutationBytes = 0, effectiveBytes = 0, modelBytes = 0, recordBytes = 0 } = demand;
  const n = cohort.samples.length;
  const { tables } = cohort;
  const expression = 8 * (tables.expression.values.length + cohort.residuals.length);
  const index = bytesOfVariants(cohort);
  // Where memory can be shared, everywhere but in pages that are not isolated, threads read the expression where it is,
  // and one copy of its digits.
  const screened = canShare() ? bytesOfColumns(genes, n) - 8 * genes * n : threads * bytesOfColumns(genes, n);
  const columns = kind === "dense" ? threads * 8 * genes * n : screened;
  const shared = 8 * (cohort.covariance?.projected.vectors.length ?? 0) * (canShare() ? 1 : 1 + threads);
  const beside = permutationBytes + effectiveBytes + modelBytes;
  const fixed = RUNTIME + threads * THREAD + expression + index + columns + shared + beside;
  const calls = variants * Math.ceil(n / 4);
  const dosages = bytesOfDosages(cohort, variants, takesRemainders);
  const basis = bytesOfNorms(cohort, variants);
  const tile = bytesOfProduct({ kind, rows: 0, columns: genes, samples: [n], calls: true, pairs: 0 });
  const part = 4 * calls + dosages + basis + (64 + recordBytes) * variants + tile + pairs * BYTES_PER_PAIR;
  const ahead = Math.min(threads + 1, Math.floor((memory - fixed) / part));
  if (ahead < 1) {
    const permuting = permutationBytes === 0 ? "" : `${mib(permutationBytes)} for permutations, `;
    throw new LimitError(
      `memory ${mib(memory)} is too little: this map needs ${mib(fixed + part)} (${mib(expression)} for the expression of ${counted(cohort.genes.id.length, "gene")}, ${mib(columns)} for its copy that ${counted(threads, "thread")} ${threads === 1 ? "works" : "work"} on, ${permuting}${mib(part)} for the variants in hand, the rest for the program and its threads); raise --memory or lower --threads`,
    );
  }
  return { ahead, bytes: fixed + ahead * part };
}

function bytesOfVariants({ tables: { genotypes } }: Cohort): number {
  return (genotypes.variantBytes ?? BYTES_PER_VARIANT) * genotypes.variantCount;
}

/** `1,024 MiB`, rounded up. */
function mib(bytes: number): string {
  return `${thousands(Math.ceil(bytes / MIB))} MiB`;
}

/** Square matrices of samples that an eigendecomposition and the sum before it hold at once. */
const SQUARES = 6;

/**
 * Checks that components of the cohort's samples can be found within `memory` bytes; the maps in between have plans of their own.
 * @throws LimitError with what is needed.
 */
export function checkComponentsMemory(cohort: Cohort, memory: number): void {
  const { samples, residuals, tables } = cohort;
  const n = samples.length;
  const squares = SQUARES * 8 * n * n + GRAM_TILES * 8 * n * GRAM_TILE;
  const expression = 8 * (tables.expression.values.length + 2 * residuals.length);
  const needed = RUNTIME + squares + expression + bytesOfVariants(cohort);
  if (needed <= memory) return;
  throw new LimitError(
    `memory ${mib(memory)} is too little: components of ${counted(n, "sample")} need ${mib(needed)} (${mib(squares)} for matrices of samples, ${mib(expression)} for expression); raise --memory`,
  );
}

/** Copies of a tile of the Gram matrix's features: its own, and the backend's of rows and of columns. */
const GRAM_TILES = 3;

/** Bytes of the norms of `variants` variants and of the products that they are made of. */
function bytesOfNorms({ covariance, genotypeBasis }: Cohort, variants: number): number {
  if (covariance === undefined) return 8 * variants * genotypeBasis.count;
  return (
    8 *
    (variants * covariance.weights.length +
      Math.min(variants * (genotypeBasis.count + covariance.projected.values.length), 2 * NORM_PRODUCTS))
  );
}

/** Bytes of an entry beside the calls: its sample and value. */
const BYTES_PER_REMAINDER = 12;

/**
 * Bytes that the dosages of `variants` variants take beside their calls: their entries as often as the calls, at
 * twice the file's mean (they lie unevenly), and where the backend wants numbers a tile written out, here and in a worker.
 */
function bytesOfDosages(cohort: Cohort, variants: number, takesRemainders: boolean): number {
  const { remainders = 0, variantCount, samples } = cohort.tables.genotypes;
  if (remainders === 0) return 0;
  const n = cohort.samples.length;
  const share = Math.min(1, (2 * remainders) / (variantCount * samples.length));
  const written = takesRemainders ? 0 : 2 * Math.min(DOSAGE_TILE, 8 * variants * n);
  return 4 * BYTES_PER_REMAINDER * share * variants * n + written;
}
