import type { Cohort } from "../cohort/cohort.ts";
import { STATUS_CODE } from "../cohort/variants.ts";
import { UsageError } from "../errors.ts";
import type { CrossMappingTable } from "../formats/crossMapping.ts";
import { log10 } from "../statistics/elementary.ts";
import { DroppedRows, type LabelSource, pairBatch } from "./batch.ts";
import { type ChooseParts, type MapPart, NO_COUNTS, type PartTable } from "./mapPart.ts";
import { NullSampler } from "./nullSample.ts";
import { chosenParts, mapRun, type RunOptions, type Session, withSession } from "./run.ts";
import { loadScreen } from "./screenGroups.ts";
import type { MapResult, MapRun } from "./tables.ts";
import type { CisSignals } from "./trans/cisSignals.ts";
import { CROSS_MAPPING_DISTANCE, crossMappedPairs, crossMappedRuns } from "./trans/crossMapping.ts";
import { LOCUS_DISTANCE } from "./trans/loci.ts";
import { planTransMemory } from "./trans/memory.ts";
import { PassedVariants } from "./trans/passedVariants.ts";
import { type Permuting, transPermutations } from "./trans/permutationFdr.ts";
import { PermutedParts } from "./trans/permuted.ts";
import { nearRuns } from "./trans/variantRuns.ts";
import { type PartEnd, TransCollector, type TransJob } from "./transCollect.ts";
import { screenColumns, screenedSlices, VARIANTS_PER_PART } from "./transScreen.ts";

export interface TransOptions extends RunOptions {
  /** Pairs are written when their p is at most this. Default 1e-5. */
  readonly pValue?: number | undefined;
  /** Base pairs: pairs on one chromosome are tested when farther apart than this. Default 5,000,000. */
  readonly distance?: number | undefined;
  /** Test cis pairs too. */
  readonly allPairs?: boolean | undefined;
  /** Permutations of the donors, for false discovery rates of pairs, genes and loci. Default 0: none. */
  readonly permutations?: number | undefined;
  /** Base pairs: hits of a gene no farther apart than this are one locus. Default 1,000,000. */
  readonly locusDistance?: number | undefined;
  /** Pairs that it names are not tested, in the map as in its permutations. */
  readonly crossMapping?: CrossMappingTable | undefined;
  /** Base pairs: variants this near a gene are taken for it where two genes cross-map. Default 1,000,000. */
  readonly crossMappingDistance?: number | undefined;
  /** Of `projectCisSignals`, whose cohort the map must be of. */
  readonly signals?: CisSignals | undefined;
}

/**
 * All variants x all genes farther apart than `distance` (or on another chromosome), the pairs with
 * p <= `pValue`: screened by the backend, refined in f64. Batches come by variant, then gene.
 */
export function mapTrans(cohort: Cohort, options: TransOptions): MapRun {
  const pValue = options.pValue ?? 1e-5;
  if (!(pValue > 0 && pValue <= 1))
    throw new UsageError(`p-value threshold ${pValue}: must be above 0 and at most 1`);
  const { distance = 5_000_000, locusDistance = LOCUS_DISTANCE, permutations = 0 } = options;
  const { crossMapping, crossMappingDistance = CROSS_MAPPING_DISTANCE } = options;
  checkWhole("distance", distance, " of base pairs");
  checkWhole("locus distance", locusDistance, " of base pairs");
  checkWhole("cross-mapping distance", crossMappingDistance, " of base pairs");
  checkWhole("permutations", permutations, "");
  if (options.signals !== undefined && options.signals.cohort !== cohort) {
    throw new UsageError("cis signals are projected out of another cohort: map the one that comes with them");
  }
  const permuting: Permuting | undefined = permutations === 0 ? undefined : { permutations, locusDistance };
  const near = nearRuns(cohort, options.allPairs === true ? -1 : distance);
  const common = {
    cohort,
    pValue,
    log10Threshold: log10(pValue),
    near,
    permuting,
    signals: options.signals,
    seed: options.seed ?? 1,
    signal: options.signal,
  };
  return mapRun(
    cohort,
    options,
    (choose) =>
      withSession(cohort, options, async function* (session) {
        const leftOut =
          crossMapping === undefined
            ? near
            : near.with(await crossMappedRuns(cohort, crossMapping, crossMappingDistance, options.signal));
        yield* transParts({ ...common, leftOut }, session, options, choose);
      }),
    transFinish(permuting),
  );
}

/** Table of the first part of a map: the gene of each cis signal that was projected out. */
const CIS_SIGNALS = "cisSignals";

/** What makes of the parts of a whole trans map what takes all of them: for whoever gathers them. */
export function transFinish(permuting: Permuting | undefined): (result: MapResult) => MapResult {
  return (result) => {
    const crossMapped = crossMappedPairs(result);
    const owner = result.tables[CIS_SIGNALS]?.["gene"];
    return {
      ...result,
      ...(owner && { cisSignals: { signals: owner.length, genes: new Set<unknown>(owner).size } }),
      ...(permuting && { permutations: transPermutations(result, permuting) }),
      ...(crossMapped && { crossMapped }),
    };
  };
}

function checkWhole(what: string, value: number, of: string): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new UsageError(`${what} ${value}: must be a whole number${of}, 0 or more`);
}

/** The parts of the map, then those of its permutations. */
async function* transParts(
  job: TransJob,
  session: Session,
  options: TransOptions,
  choose: ChooseParts | undefined,
): AsyncGenerator<MapPart, void> {
  const { cohort } = job;
  const { status } = session.surveyor.scan;
  const okGenes = Uint32Array.from(cohort.geneStatus.keys()).filter(
    (gene) => cohort.geneStatus[gene] === "ok",
  );
  const tests = plannedTests(job, status, okGenes);
  const permuted = job.permuting && new PermutedParts(job, session, okGenes, job.permuting, tests, options);
  const pairsOfMap = pairsOfParts(status, okGenes.length);
  const pairsOf = Float64Array.from([...pairsOfMap, ...(permuted?.pairsOf(pairsOfMap) ?? [])]);
  const chosen = await chosenParts(pairsOf, choose);
  const total = chosen.reduce((sum, number) => sum + pairsOf[number]!, 0);
  let done = 0;
  const progress = (pairs: number): void => {
    done += pairs;
    options.onProgress?.({ done, total, phase: "testing" });
  };
  const own = chosen.filter((number) => number < pairsOfMap.length);
  if (own.length > 0) {
    const sampler = new NullSampler(job.seed, okGenes.length, tests);
    const collector = new TransCollector(job, session.tester, okGenes, sampler);
    yield* mapParts(job, session, collector, options, own, (variants) => progress(variants * okGenes.length));
  }
  yield* permuted?.parts(
    pairsOfMap.length,
    chosen.filter((number) => number >= pairsOfMap.length),
    progress,
  ) ?? [];
}

async function* mapParts(
  job: TransJob,
  session: Session,
  collector: TransCollector,
  options: TransOptions,
  numbers: readonly number[],
  onVariants: (variants: number) => void,
): AsyncGenerator<MapPart, void> {
  const { cohort, permuting } = job;
  const source = cohort.tables.genotypes;
  const columns = screenColumns(job);
  const ahead = planTransMemory(job, session, columns.threshold.length, options);
  const expression = await loadScreen(options.backend, cohort.samples.length, columns);
  try {
    const slices = screenedSlices(job, session, expression, numbers, ahead);
    for await (const { slice, found, pairsBy } of slices) {
      const { part, from, to } = slice;
      const number = part.start / VARIANTS_PER_PART;
      for (const { rows, piece, end } of collector.add(slice, found, pairsBy)) {
        const dropped = new DroppedRows();
        if (end !== undefined) {
          dropped.add(part, part.start, part.end, (variant) => !collector.isLeftOut(variant));
        }
        const batch = await pairBatch(number, source, part, rows, await dropped.table(source));
        const hits = permuting && { hits: { log10P: batch.log10P } };
        const once = end && number === 0 && job.signals && { [CIS_SIGNALS]: { gene: job.signals.owner } };
        const tables = { ...hits, ...once, ...(end && (await tablesOf(end, cohort, source))) };
        const counts = end?.counter.counts() ?? NO_COUNTS;
        if (end !== undefined) collector.giveBack(end.leads);
        yield { number, piece, last: end !== undefined, batch, counts, tables };
      }
      onVariants(to - from);
    }
  } finally {
    await expression.dispose();
  }
}

async function tablesOf(
  { leads, sample, loci, crossMapped }: PartEnd,
  cohort: Cohort,
  labels: LabelSource,
): Promise<Record<string, PartTable>> {
  return {
    leads: await leads.part(Array.from(cohort.genes.id.keys()), labels),
    sample: await sample.part(labels),
    ...(loci && { loci: await loci.namedTable(labels) }),
    ...(crossMapped && (await crossMapped.tables(labels))),
  };
}

/** Pairs of each part, near ones counted in: variants that pass the filters with all genes. */
export function pairsOfParts(status: Uint8Array, genes: number): Float64Array {
  const pairs = new Float64Array(Math.ceil(status.length / VARIANTS_PER_PART));
  status.forEach((code, variant) => {
    if (code === STATUS_CODE.ok) pairs[Math.floor(variant / VARIANTS_PER_PART)]! += genes;
  });
  return pairs;
}

/** Pairs that will be tested, as far as is known before collinear variants are found. */
function plannedTests({ leftOut }: TransJob, status: Uint8Array, okGenes: Uint32Array): number {
  const passed = new PassedVariants(status);
  let pairs = passed.total * okGenes.length;
  for (const gene of okGenes) pairs -= leftOut.countPassed(gene, passed);
  return pairs;
}
