import { countCalls as countRow } from "../compute/screen/rows.ts";
import { throwIfAborted } from "../errors.ts";
import type { GenotypeBlock } from "../formats/genotypes.ts";
import { hardyWeinberg } from "../statistics/hardyWeinberg.ts";
import type { Cohort, VariantFilters } from "./cohort.ts";
import { DosageReader, type DosageSums } from "./dosages.ts";
import { type Alleles, type FilterFacts, SexedFilter } from "./sexedFilter.ts";

/**
 * What is said of each variant of the input. Only `ok` variants are tested; `collinear`, `no-genes` and those of an interaction
 * are found while mapping, the others by {@link scanVariants}.
 */
export const VARIANT_STATUS = [
  "ok",
  "excluded",
  "filtered-call-rate",
  "no-calls",
  "constant",
  "filtered-maf",
  "filtered-mac",
  "filtered-hwe",
  "collinear",
  "no-genes",
  "filtered-maf-interaction",
  "collinear-interaction",
  "no-sex",
  "excluded-x",
  "excluded-y",
  "excluded-mt",
] as const;
export type VariantStatus = (typeof VARIANT_STATUS)[number];
export const STATUS_CODE: Readonly<Record<VariantStatus, number>> = Object.fromEntries(
  VARIANT_STATUS.map((status, code) => [status, code]),
) as Record<VariantStatus, number>;

/** How many samples of each variant have 1 copy, 2 copies, and no call: 6 bytes a variant up to 65,535 samples. */
export interface CallCounts {
  readonly one: Uint16Array | Uint32Array;
  readonly two: Uint16Array | Uint32Array;
  readonly missing: Uint16Array | Uint32Array;
}

/** Counts of `variants` variants of `samples` samples, still 0. */
export function emptyCounts(variants: number, samples: number): CallCounts {
  const numbers = () => (samples < 65_536 ? new Uint16Array(variants) : new Uint32Array(variants));
  return { one: numbers(), two: numbers(), missing: numbers() };
}

/** Allele statistics as tensorQTL has them: missing calls count as the mean of the called ones. */
export interface AlleleStatistics {
  /** Frequency of the effect allele; NaN without a call. */
  readonly af: number;
  readonly maSamples: number;
  readonly maCount: number;
}

/** Counts the calls of every variant of a block (the bits past the last sample are 0, so not counted) into `counts` from `at` on. */
export function countCalls(block: GenotypeBlock, { one, two, missing }: CallCounts, at = 0): void {
  for (let v = 0; v < block.count; v++) {
    const counts = countRow(block, v);
    one[at + v] = counts.ones;
    two[at + v] = counts.twos;
    missing[at + v] = counts.missing;
  }
}

/** Mean of the called dosages: what a missing call counts as. NaN without a call. */
export function meanDosage(one: number, two: number, missing: number, samples: number): number {
  return (one + 2 * two) / (samples - missing);
}

/**
 * |g - mean(g)|^2 with missing calls at the mean. The numerator is an exact integer, so it is 0 exactly
 * for a constant variant. NaN without a call.
 */
export function centredSquare(one: number, two: number, missing: number, samples: number): number {
  const called = samples - missing;
  const sum = one + 2 * two;
  return ((one + 4 * two) * called - sum * sum) / called;
}

/**
 * tensorQTL's af, ma_samples and ma_count: with d the dosage after mean imputation, the samples with
 * d > 0.5 and trunc(sum of their d) when af <= 0.5, else the samples with d < 1.5 and 2n - trunc(sum d[d > 0.5]).
 */
export function alleleStatistics(
  one: number,
  two: number,
  missing: number,
  samples: number,
): AlleleStatistics {
  if (missing === samples) return { af: Number.NaN, maSamples: 0, maCount: 0 };
  const mean = meanDosage(one, two, missing, samples);
  const af = mean / 2;
  const zero = samples - one - two - missing;
  const above = one + two + (mean > 0.5 ? missing : 0);
  const sumAbove = Math.floor(one + 2 * two + (mean > 0.5 ? missing * mean : 0));
  return af <= 0.5
    ? { af, maSamples: above, maCount: sumAbove }
    : { af, maSamples: zero + one + (mean < 1.5 ? missing : 0), maCount: 2 * samples - sumAbove };
}

function minorOf({ copies, alleles }: Alleles): number {
  return Math.min(copies, alleles - copies);
}

/** The first filter that a variant fails, or `ok`. Of dosages, `sums`; equilibrium is tested on the calls. `onX`: of X outside the PARs. */
export function filterStatus(
  one: number,
  two: number,
  missing: number,
  samples: number,
  filters: VariantFilters,
  sums?: Pick<DosageSums, "copies" | "centred">,
  onX?: () => FilterFacts,
): VariantStatus {
  const called = samples - missing;
  if (called / samples < filters.callRate) return "filtered-call-rate";
  if (called === 0) return "no-calls";
  const centred = sums?.centred ?? centredSquare(one, two, missing, samples);
  if (centred === 0) return "constant";
  if (onX !== undefined) return statusOnX(onX(), filters);
  // Nothing is allocated here, once a variant of the file.
  const copies = sums?.copies ?? one + 2 * two;
  const minor = Math.min(copies, 2 * called - copies);
  if (minor / (2 * called) < filters.maf) return "filtered-maf";
  if (minor < filters.mac) return "filtered-mac";
  if (filters.hwe > 0 && hardyWeinberg(called - one - two, one, two) < filters.hwe) return "filtered-hwe";
  return "ok";
}

function statusOnX({ frequency, observed, genotypes }: FilterFacts, filters: VariantFilters): VariantStatus {
  if (minorOf(frequency) / frequency.alleles < filters.maf) return "filtered-maf";
  if (minorOf(observed) < filters.mac) return "filtered-mac";
  if (filters.hwe > 0 && hardyWeinberg(...genotypes) < filters.hwe) return "filtered-hwe";
  return "ok";
}

/** The status of every variant before mapping. */
export interface VariantScan {
  /** Index into {@link VARIANT_STATUS}, one byte a variant. */
  readonly status: Uint8Array;
  /** Of every variant of the source; absent where these are so many that each run of them is counted again. */
  readonly calls: CallCounts | undefined;
  readonly tested: number;
  readonly counts: Readonly<Partial<Record<VariantStatus, number>>>;
}

/** Of this many variants the counts are kept (6 MiB): of more it would be memory that grows with the file. */
const COUNTS_KEPT = 2 ** 20;
/** Variants read at once while scanning. */
const SCAN_BLOCK = 4096;
const scans = new WeakMap<Cohort, Promise<VariantScan>>();

/** Reads the genotypes once and filters them; the result is kept with the cohort. */
export function scanVariants(cohort: Cohort, signal?: AbortSignal): Promise<VariantScan> {
  const known = scans.get(cohort);
  if (known !== undefined) return known;
  const scan = readAll(cohort, signal);
  scans.set(cohort, scan);
  scan.catch(() => scans.delete(cohort));
  return scan;
}

async function readAll(cohort: Cohort, signal: AbortSignal | undefined): Promise<VariantScan> {
  const { genotypes, extract, exclude } = cohort.tables;
  const wanted = extract && new Set(extract);
  const unwanted = exclude && new Set(exclude);
  const status = new Uint8Array(genotypes.variantCount);
  const samples = cohort.samples.length;
  const kept = genotypes.variantCount <= COUNTS_KEPT;
  const calls = emptyCounts(kept ? genotypes.variantCount : SCAN_BLOCK, samples);
  const sexes = SexedFilter.of(cohort);
  const room = new ArrayBuffer(Math.min(SCAN_BLOCK, genotypes.variantCount) * Math.ceil(samples / 4));
  let found = 0;
  for (let start = 0; start < genotypes.variantCount; start += SCAN_BLOCK) {
    throwIfAborted(signal);
    const end = Math.min(genotypes.variantCount, start + SCAN_BLOCK);
    const block = await genotypes.read(start, end, cohort.report.genotypeIndex, () => room);
    const first = kept ? start : 0;
    countCalls(block, calls, first);
    filterBlock(cohort.filters, sexes, block, calls, first, status);
    if (wanted === undefined && unwanted === undefined) continue;
    const { id: ids } = await genotypes.labels(start, end);
    for (const [v, id] of ids.entries()) {
      if (wanted?.has(id) === true || unwanted?.has(id) === true) found++;
      if (wanted?.has(id) === false || unwanted?.has(id) === true) status[start + v] = STATUS_CODE.excluded;
    }
  }
  const listedIds = new Set([...(extract ?? []), ...(exclude ?? [])]).size;
  if (found < listedIds) {
    const text = `${listedIds - found} of the ${listedIds} variant ids of --extract/--exclude are not in ${genotypes.name}`;
    cohort.onMessage({ level: "warning", text });
  }
  return { status, calls: kept ? calls : undefined, ...countStatus(status) };
}

/** The status of each variant of a block, whose counts are `calls` from `first` on, to `status` by its index in the source. */
function filterBlock(
  filters: VariantFilters,
  sexes: SexedFilter | undefined,
  block: GenotypeBlock,
  { one, two, missing }: CallCounts,
  first: number,
  status: Uint8Array,
): void {
  const dosages = new DosageReader(block);
  const { samples, start } = block;
  for (let v = 0; v < block.count; v++) {
    const at = first + v;
    const verdict =
      sexes?.notTested(start + v) ??
      filterStatus(
        one[at]!,
        two[at]!,
        missing[at]!,
        samples,
        filters,
        dosages.sums(v),
        sexes && factsOnX(sexes, block, v),
      );
    status[start + v] = STATUS_CODE[verdict];
  }
}

/** What the filters need of a variant of X outside the PARs, when they ask. */
function factsOnX(sexes: SexedFilter, block: GenotypeBlock, v: number): (() => FilterFacts) | undefined {
  return sexes.isSexed(block.start + v) ? () => sexes.facts(block, v) : undefined;
}

/** The counts of a block's variants: those that the scan has kept, or counted again. */
export function countsOf({ calls }: VariantScan, block: GenotypeBlock): CallCounts {
  const { start, count, samples } = block;
  if (calls === undefined) {
    const counts = emptyCounts(count, samples);
    countCalls(block, counts);
    return counts;
  }
  const run = (numbers: CallCounts["one"]): CallCounts["one"] => numbers.subarray(start, start + count);
  return { one: run(calls.one), two: run(calls.two), missing: run(calls.missing) };
}

function countStatus(status: Uint8Array): Pick<VariantScan, "tested" | "counts"> {
  const totals = new Float64Array(VARIANT_STATUS.length);
  for (const code of status) totals[code]!++;
  const entries = VARIANT_STATUS.map((name, code) => [name, totals[code]!] as const);
  return { tested: totals[0]!, counts: Object.fromEntries(entries.filter(([, count]) => count > 0)) };
}
