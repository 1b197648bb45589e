import { throwIfAborted } from "../errors.ts";
import { canonicalChromosome } from "./chromosomes.ts";
import type { Cohort } from "./cohort.ts";
import { type LdPruning, LdWindow } from "./ldWindow.ts";
import { type Build, inChromosome, longRangeLd } from "./longRangeLd.ts";
import {
  type CallCounts,
  countsOf,
  filterStatus,
  STATUS_CODE,
  scanVariants,
  type VariantScan,
} from "./variants.ts";

/** Which variants genotype components are made of. */
export interface PruneOptions extends Partial<LdPruning> {
  /** Least minor allele frequency. Default 0.05. */
  readonly maf?: number | undefined;
  /** Least share of samples with a call. Default 0.95. */
  readonly callRate?: number | undefined;
  /** Whose regions of long-range linkage disequilibrium are left out. Default: those of both human builds. */
  readonly build?: Build | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The variants left, and what became of the others. */
export interface PrunedVariants {
  /** Indices in the genotype source, ascending. */
  readonly index: Uint32Array;
  /** Variants of the source: all of them, each counted once. */
  readonly counts: {
    readonly read: number;
    /** Dropped by the cohort's own filters. */
    readonly filtered: number;
    /** On X, Y, XY or MT. */
    readonly notAutosomal: number;
    readonly longRange: number;
    /** Below `maf` or `callRate`. */
    readonly rare: number;
    readonly pruned: number;
    readonly kept: number;
  };
}

/** As plink2 --indep-pairwise 50 5 0.2. */
export const LD_PRUNING: LdPruning = { window: 50, step: 5, r2: 0.2 };
export const PCA_MAF = 0.05;
export const PCA_CALL_RATE = 0.95;

const READ_BLOCK = 4096;
const NOT_AUTOSOMAL = new Set(["X", "Y", "XY", "MT", "PAR", "PAR1", "PAR2"]);

/** What becomes of a variant before its neighbours are looked at. */
const FATES = ["candidate", "filtered", "notAutosomal", "longRange", "rare"] as const;
const CANDIDATE = FATES.indexOf("candidate");
const RARE = FATES.indexOf("rare");

/**
 * Common, well called variants of the autosomes outside regions of long-range linkage disequilibrium, thinned by
 * {@link LdWindow}. Dosages count as the nearest call.
 */
export async function pruneVariants(cohort: Cohort, options: PruneOptions = {}): Promise<PrunedVariants> {
  const { signal } = options;
  const source = cohort.tables.genotypes;
  const pruning: LdPruning = {
    window: options.window ?? LD_PRUNING.window,
    step: options.step ?? LD_PRUNING.step,
    r2: options.r2 ?? LD_PRUNING.r2,
  };
  const scan = await scanVariants(cohort, signal);
  const fate = fates(cohort, scan, options);
  const isCommon = commonness(cohort, options);
  const neighbours = new LdWindow(pruning, cohort.samples.length);
  let chromosome = -1;
  for (let start = 0; start < source.variantCount; start += READ_BLOCK) {
    throwIfAborted(signal);
    const end = Math.min(source.variantCount, start + READ_BLOCK);
    if (!fate.subarray(start, end).includes(CANDIDATE)) continue;
    const block = await source.read(start, end, cohort.report.genotypeIndex);
    const counts = countsOf(scan, block);
    for (let v = start; v < end; v++) {
      if (fate[v] === CANDIDATE && !isCommon(counts, v - start)) fate[v] = RARE;
      if (fate[v] !== CANDIDATE) continue;
      // Asked of candidates: the border itself may lie in a block without any.
      if (source.chromosomeCode.at(v) !== chromosome) neighbours.endChromosome();
      chromosome = source.chromosomeCode.at(v)!;
      neighbours.add(block, v - start);
    }
  }
  neighbours.endChromosome();
  const index = neighbours.kept();
  const count = (name: (typeof FATES)[number]): number => {
    const code = FATES.indexOf(name);
    return fate.reduce((sum, one) => sum + (one === code ? 1 : 0), 0);
  };
  return {
    index,
    counts: {
      read: source.variantCount,
      filtered: count("filtered"),
      notAutosomal: count("notAutosomal"),
      longRange: count("longRange"),
      rare: count("rare"),
      pruned: count("candidate") - index.length,
      kept: index.length,
    },
  };
}

/** Whether a variant with the counts of row `at` is common and well called. */
function commonness(cohort: Cohort, options: PruneOptions): (counts: CallCounts, at: number) => boolean {
  const samples = cohort.samples.length;
  const filters = {
    maf: options.maf ?? PCA_MAF,
    callRate: options.callRate ?? PCA_CALL_RATE,
    ...{ mac: 0, hwe: 0 },
  };
  return ({ one, two, missing }, at) =>
    filterStatus(one[at]!, two[at]!, missing[at]!, samples, filters) === "ok";
}

/** The code of each variant's fate by its status and place; which of the candidates are rare is seen when they are read. */
function fates(cohort: Cohort, { status }: VariantScan, options: PruneOptions): Uint8Array {
  const { chromosomes, chromosomeCode, position } = cohort.tables.genotypes;
  const autosomal = chromosomes.map((name) => !NOT_AUTOSOMAL.has(canonicalChromosome(name)));
  const regions = longRangeLd(options.build);
  const placed = chromosomes.map((name) => regions.filter((region) => inChromosome(region, name)));
  const fateOf = (v: number): (typeof FATES)[number] => {
    const chromosome = chromosomeCode.at(v)!;
    if (status[v] !== STATUS_CODE.ok) return "filtered";
    if (!autosomal[chromosome]) return "notAutosomal";
    if (placed[chromosome]!.some(({ start, end }) => position.at(v)! >= start && position.at(v)! <= end))
      return "longRange";
    return "candidate";
  };
  return Uint8Array.from(status, (_, v) => FATES.indexOf(fateOf(v)));
}
