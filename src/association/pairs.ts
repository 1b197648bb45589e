import type { Cohort } from "../cohort/cohort.ts";
import { STATUS_CODE } from "../cohort/variants.ts";
import { throwIfAborted, UsageError } from "../errors.ts";
import { DroppedRows, PairRows, pairBatch, type TestedVariants } from "./batch.ts";
import { denseProducts } from "./dosageRows.ts";
import { type Anchor, absoluteDistance } from "./geometry.ts";
import { Leads } from "./leads.ts";
import { type ChooseParts, type MapPart, type PartTable, stringsOf } from "./mapPart.ts";
import { planMemory } from "./memory.ts";
import { normWith } from "./norms.ts";
import { PairSampler, SampledPairs } from "./nullSample.ts";
import { type PairsPart, type PairsPlan, planPairs, type UntestedPair } from "./pairsPlan.ts";
import { emptyTest, refine } from "./refine.ts";
import {
  chosenParts,
  countingBackend,
  DEFAULT_MEMORY,
  mapRun,
  PartCounter,
  type RunOptions,
  type Session,
  withSession,
} from "./run.ts";
import { survey } from "./survey.ts";
import type { MapResult, MapRun } from "./tables.ts";

export type { UntestedPair };

export interface PairsOptions extends RunOptions {
  /** What distances are measured from. Default `tss`. */
  readonly anchor?: Anchor | undefined;
}

export interface PairsRun extends MapRun {
  /** The listed pairs that were not tested, and why. Throws before the iteration has ended. */
  untested(): readonly UntestedPair[];
}

/** Variants read at once: the blocks that hold a listed variant. */
const BLOCK = 2048;
/** Variants without a pair are reported in runs of at most this many. */
const REPORT_RUN = 8192;

/**
 * The pairs of `cohort.tables.pairs`, whatever their distance, all in f64. Batches come by gene, then variant
 * in source order. Throws UsageError for a cohort without a list.
 */
export function mapPairs(cohort: Cohort, options: PairsOptions): PairsRun {
  const { pairs: list } = cohort.tables;
  if (list === undefined)
    throw new UsageError("mapPairs needs a cohort that was opened with a list of pairs");
  const run = mapRun(cohort, options, (choose) =>
    withSession(cohort, options, async function* (session) {
      const plan = await planPairs(cohort, list, session.surveyor.scan, options.signal);
      yield* pairParts(cohort, session, plan, options, choose);
    }),
  );
  return {
    genes: run.genes,
    marks: run.marks,
    parts: (choose) => run.parts(choose),
    summary: (first) => run.summary(first),
    [Symbol.asyncIterator]: () => run[Symbol.asyncIterator](),
    result: () => run.result(),
    untested: () => untestedOf(run.result()),
  };
}

/** The listed pairs of a map of pairs that were not tested: those the plan left out, then the collinear ones. */
export function untestedOf({ tables }: MapResult): UntestedPair[] {
  const { untested = untestedTable([]) } = tables;
  const [gene, reason] = [stringsOf(untested, "gene"), stringsOf(untested, "reason")];
  return stringsOf(untested, "variant").map((variant, i) => ({
    variant,
    gene: gene[i]!,
    reason: reason[i]!,
  }));
}

function untestedTable(pairs: readonly UntestedPair[]): PartTable {
  return {
    variant: pairs.map(({ variant }) => variant),
    gene: pairs.map(({ gene }) => gene),
    reason: pairs.map(({ reason }) => reason),
  };
}

/** The plan's parts, then those that report the variants without a pair. */
async function* pairParts(
  cohort: Cohort,
  session: Session,
  plan: PairsPlan,
  options: PairsOptions,
  choose: ChooseParts | undefined,
): AsyncGenerator<MapPart, void> {
  const { backend } = session.surveyor;
  const { signal } = options;
  const source = cohort.tables.genotypes;
  const largest = (size: (part: PairsPart) => number): number => Math.max(0, ...plan.parts.map(size));
  planMemory(
    {
      cohort,
      genes: largest((part) => part.genes.length),
      kind: "dense",
      threads: backend.parallelism,
      takesRemainders: backend.takesRemainders,
      variants: Math.max(BLOCK, Math.min(REPORT_RUN, source.variantCount)),
      pairs: largest((part) => part.variants.length + part.genes.length * BLOCK),
    },
    options.memory ?? DEFAULT_MEMORY,
  );
  const sampler = new PairSampler(options.seed ?? 1, plan.pairs);
  const reports = Math.max(1, Math.ceil(source.variantCount / REPORT_RUN));
  const pairsOf = new Float64Array(plan.parts.length + reports);
  plan.parts.forEach((part, number) => {
    pairsOf[number] = part.variants.length;
  });
  const chosen = await chosenParts(pairsOf, choose);
  const total = chosen.reduce((sum, number) => sum + pairsOf[number]!, 0);
  let done = 0;
  for (const number of chosen) {
    throwIfAborted(signal);
    const part = plan.parts[number];
    const made =
      part === undefined
        ? await reportPart(cohort, session, plan, (number - plan.parts.length) * REPORT_RUN, signal)
        : await new PairTests(cohort, session, sampler, options).part(part, signal);
    // What the plan left out is said once, by its first part.
    const untested = [...(number === 0 ? plan.untested : []), ...made.untested];
    const tables = { ...made.tables, untested: untestedTable(untested) };
    yield {
      number,
      piece: 0,
      last: true,
      batch: { ...made.batch, part: number },
      counts: made.counts,
      tables,
    };
    done += pairsOf[number]!;
    options.onProgress?.({ done, total, phase: "testing" });
  }
}

/** What a part comes to before it has its number. */
type Made = Pick<MapPart, "batch" | "counts" | "tables"> & { readonly untested: readonly UntestedPair[] };

/** The variants without a pair in a run of the source that starts at `start`. */
async function reportPart(
  cohort: Cohort,
  session: Session,
  plan: PairsPlan,
  start: number,
  signal: AbortSignal | undefined,
): Promise<Made> {
  const source = cohort.tables.genotypes;
  const end = Math.min(source.variantCount, start + REPORT_RUN);
  const covered = (variant: number): boolean => plan.covered[variant] === 1;
  const one = await survey(
    session.surveyor,
    start,
    end,
    signal,
    plan.covered.subarray(start, end).includes(1),
  );
  const counter = new PartCounter();
  for (let v = start; v < end; v++) {
    // Only of the listed variants is it said that they are collinear: no others are tested.
    if (one.status[v - start] === STATUS_CODE.collinear && !covered(v))
      one.status[v - start] = STATUS_CODE.ok;
    if (one.status[v - start] === STATUS_CODE.ok && covered(v)) counter.variantsTested++;
  }
  const dropped = new DroppedRows();
  dropped.add(one, start, end, covered);
  const none = { index: new Uint32Array(0), af: new Float64Array(0) };
  const nobody = { ...none, maSamples: new Int32Array(0), maCount: new Int32Array(0) };
  const batch = await pairBatch(0, source, nobody, new PairRows(), await dropped.table(source));
  return { batch, counts: counter.counts(), tables: {}, untested: [] };
}

/** One listed pair's product, and its variant. */
interface Listed {
  readonly product: Float64Array;
  readonly norm: Float64Array;
}

/** Tests a part, and keeps what it adds to the whole map. */
class PairTests {
  readonly #leads: Leads;
  readonly #sample = new SampledPairs();
  readonly #sampler: PairSampler;
  readonly #counter = new PartCounter();
  readonly #cohort: Cohort;
  readonly #session: Session;
  readonly #anchor: Anchor;

  constructor(cohort: Cohort, session: Session, sampler: PairSampler, options: PairsOptions) {
    this.#cohort = cohort;
    this.#session = session;
    this.#anchor = options.anchor ?? "tss";
    this.#leads = new Leads(cohort.genes.id.length);
    this.#sampler = sampler;
  }

  async part(part: PairsPart, signal: AbortSignal | undefined): Promise<Made> {
    const source = this.#cohort.tables.genotypes;
    const index = Uint32Array.from(new Set(part.variants)).sort();
    const variants = {
      index,
      af: new Float64Array(index.length),
      maSamples: new Int32Array(index.length),
      maCount: new Int32Array(index.length),
    };
    const listed = {
      product: new Float64Array(part.variants.length),
      norm: new Float64Array(part.variants.length),
    };
    for (let at = 0; at < index.length; ) {
      throwIfAborted(signal);
      const block = Math.floor(index[at]! / BLOCK);
      await this.#block(block, part, variants, listed, signal);
      while (at < index.length && index[at]! < (block + 1) * BLOCK) at++;
    }
    const rows = this.#test(part, variants, listed);
    const genes = Array.from(this.#cohort.genes.id.keys());
    return {
      batch: await pairBatch(0, source, variants, rows, await new DroppedRows().table(source)),
      counts: this.#counter.counts(),
      tables: { leads: await this.#leads.part(genes, source), sample: await this.#sample.part(source) },
      untested: await collinearPairs(this.#cohort, part, listed.norm),
    };
  }

  /** Products of the pairs whose variants lie in a block of the source. */
  async #block(
    block: number,
    part: PairsPart,
    variants: TestedVariants,
    listed: Listed,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const screener = countingBackend(this.#session.surveyor.backend, this.#counter.pairsBy);
    const start = block * BLOCK;
    const end = Math.min(this.#cohort.tables.genotypes.variantCount, start + BLOCK);
    const one = await survey(this.#session.surveyor, start, end, signal);
    const rowOf = new Map(Array.from(one.index, (variant, row) => [variant, row]));
    one.index.forEach((variant, row) => {
      const at = find(variants.index, variant);
      if (at < 0) return;
      variants.af[at] = one.af[row]!;
      variants.maSamples[at] = one.maSamples[row]!;
      variants.maCount[at] = one.maCount[row]!;
    });
    // Each gene's run of listed pairs in this block, and the window of rows that it spans.
    const runs: { gene: number; from: number; to: number; first: number; last: number }[] = [];
    part.genes.forEach((gene, g) => {
      const from = firstFrom(part.variants, start, part.offset[g]!, part.offset[g + 1]!);
      const to = firstFrom(part.variants, end, from, part.offset[g + 1]!);
      if (from === to) return;
      const first = rowOf.get(part.variants[from]!)!;
      const last = rowOf.get(part.variants[to - 1]!)!;
      runs.push({ gene, from, to, first, last });
    });
    const samples = this.#cohort.samples.length;
    const values = new Float64Array(runs.length * samples);
    runs.forEach(({ gene }, i) => {
      values.set(this.#cohort.residuals.subarray(gene * samples, (gene + 1) * samples), i * samples);
    });
    const columns = await screener.load({ count: runs.length, samples, values, standardised: false });
    try {
      const windows = {
        start: Uint32Array.from(runs, ({ first }) => first),
        end: Uint32Array.from(runs, ({ last }) => last + 1),
      };
      const products = await denseProducts(screener, one.rows, columns, windows, signal);
      this.#counter.pairsScreened += products.length;
      let before = 0;
      for (const { gene, from, to, first, last } of runs) {
        for (let i = from; i < to; i++) {
          const row = rowOf.get(part.variants[i]!)!;
          listed.product[i] = products[before + row - first]!;
          listed.norm[i] = normWith(this.#cohort, one, gene, row);
        }
        before += last + 1 - first;
      }
    } finally {
      await columns.dispose();
    }
  }

  #test(part: PairsPart, variants: TestedVariants, listed: Listed): PairRows {
    const cohort = this.#cohort;
    const rows = new PairRows();
    const test = emptyTest();
    part.genes.forEach((gene, g) => {
      for (let i = part.offset[g]!; i < part.offset[g + 1]!; i++) {
        if (listed.norm[i] === 0) continue;
        const index = part.variants[i]!;
        const row = find(variants.index, index);
        const norm = cohort.residualNorm[gene]!;
        refine(this.#session.tester, listed.product[i]!, listed.norm[i]!, norm, test);
        rows.push(row, gene, test);
        this.#leads.tests[gene]!++;
        if (this.#sampler.draws(index, gene)) this.#sample.add(index, gene, test);
        const distance = this.#distance(gene, index);
        if (!this.#leads.leads(gene, test.r, distance)) continue;
        const { af, maSamples, maCount } = variants;
        this.#leads.set(gene, test, {
          ...{ index, distance, af: af[row]! },
          ...{ maSamples: maSamples[row]!, maCount: maCount[row]! },
        });
      }
    });
    for (const count of ["tests", "hits", "candidates"] as const) this.#counter[count] += rows.row.length;
    return rows;
  }

  /** Variants of another chromosome are farther than any other. */
  #distance(gene: number, variant: number): number {
    const { chromosomeCode, position } = this.#cohort.tables.genotypes;
    if (chromosomeCode.at(variant) !== this.#cohort.geneChromosome[gene]) return Number.POSITIVE_INFINITY;
    return absoluteDistance(this.#cohort, gene, position.at(variant)!, this.#anchor);
  }
}

/** First place in `from` to `to` of an ascending run whose value is >= `value`, or `to`. */
function firstFrom(values: Uint32Array, value: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where an ascending list holds `value`, or -1. */
function find(values: Uint32Array, value: number): number {
  const at = firstFrom(values, value, 0, values.length);
  return values[at] === value ? at : -1;
}

/** The listed pairs of a part whose variant the covariates explain wholly, which shows only when it is tested. */
async function collinearPairs(cohort: Cohort, part: PairsPart, norm: Float64Array): Promise<UntestedPair[]> {
  const found: UntestedPair[] = [];
  for (const [g, gene] of part.genes.entries()) {
    for (let i = part.offset[g]!; i < part.offset[g + 1]!; i++) {
      if (norm[i] !== 0) continue;
      const variant = part.variants[i]!;
      const { id } = await cohort.tables.genotypes.labels(variant, variant + 1);
      found.push({ variant: id[0]!, gene: cohort.genes.id[gene]!, reason: "variant collinear" });
    }
  }
  return found;
}
