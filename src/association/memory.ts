import type { Cohort } from "../cohort/cohort.ts";
import { bytesOfColumns, bytesOfProduct } from "../compute/plan.ts";
import { LimitError } from "../errors.ts";
import { thousands } from "../formats/wording.ts";
import { DOSAGE_TILE } from "./dosageRows.ts";

/** What the language's runtime holds before any data, and what writing the tables takes. */
const RUNTIME = 96 * 2 ** 20;
const MIB = 2 ** 20;

/** What a map will ask of memory. */
export interface MemoryDemand {
  readonly cohort: Cohort;
  /** Genes whose expression each thread holds at once, and whether it is screened or only multiplied. */
  readonly genes: number;
  readonly kind: "candidates" | "dense";
  readonly threads: number;
  /** Variants of the largest part, and the pairs it may hold results of. */
  readonly variants: number;
  readonly pairs: number;
}

export interface MemoryPlan {
  /** Parts in flight. */
  readonly ahead: number;
  /** Bytes the run is expected to hold at its peak. */
  readonly bytes: number;
}

/** Bytes a pair takes while a part is refined and handed on: products, then the columns of the batch twice. */
const BYTES_PER_PAIR = 72;

/**
 * How many parts may be in flight within `memory` bytes. Parts, and so results, do not depend on it.
 * @throws LimitError when not even one fits: the message says how much is needed.
 */
export function planMemory(demand: MemoryDemand, memory: number): MemoryPlan {
  const { cohort, genes, kind, threads, variants, pairs } = demand;
  const n = cohort.samples.length;
  const { tables } = cohort;
  const expression = 8 * (tables.expression.values.length + cohort.residuals.length);
  const index = 12 * tables.genotypes.variantCount;
  const columns = threads * (kind === "dense" ? 8 * genes * n : bytesOfColumns(genes, n));
  const fixed = RUNTIME + expression + index + columns;
  const calls = variants * Math.ceil(n / 4);
  const dosages = bytesOfDosages(cohort, variants);
  const basis = 8 * variants * cohort.genotypeBasis.count;
  const tile = bytesOfProduct({ kind, rows: 0, columns: genes, samples: [n], calls: true, pairs: 0 });
  const part = 4 * calls + dosages + basis + 64 * variants + tile + pairs * BYTES_PER_PAIR;
  const ahead = Math.min(threads + 1, Math.floor((memory - fixed) / part));
  if (ahead < 1) {
    const mib = (bytes: number): string => `${thousands(Math.ceil(bytes / MIB))} MiB`;
    throw new LimitError(
      `memory ${mib(memory)} is too little: this map needs ${mib(fixed + part)} (${mib(expression)} for the expression of ${cohort.genes.id.length} genes, ${mib(columns)} for ${threads} thread(s)); raise --memory or lower --threads`,
    );
  }
  return { ahead, bytes: fixed + ahead * part };
}

/** Bytes of an entry beside the calls: its sample and value. */
const BYTES_PER_REMAINDER = 12;

/**
 * Bytes that the dosages of `variants` variants take beside their calls: their entries as often as the calls, at
 * twice the file's mean (they lie unevenly), and a tile written out, here and in a worker.
 */
function bytesOfDosages(cohort: Cohort, variants: number): number {
  const { remainders = 0, variantCount, samples } = cohort.tables.genotypes;
  if (remainders === 0) return 0;
  const n = cohort.samples.length;
  const share = Math.min(1, (2 * remainders) / (variantCount * samples.length));
  return 4 * BYTES_PER_REMAINDER * share * variants * n + 2 * Math.min(DOSAGE_TILE, 8 * variants * n);
}
