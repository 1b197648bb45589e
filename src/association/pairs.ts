import type { Cohort } from "../cohort/cohort.ts";
import { STATUS_CODE } from "../cohort/variants.ts";
import { throwIfAborted, UsageError } from "../errors.ts";
import { DroppedRows, PairRows, pairBatch, type TestedVariants } from "./batch.ts";
import { denseProducts } from "./dosageRows.ts";
import { type Anchor, absoluteDistance } from "./geometry.ts";
import { Leads } from "./leads.ts";
import { planMemory } from "./memory.ts";
import { PairSampler } from "./nullSample.ts";
import { type PairsPart, type PairsPlan, planPairs, type UntestedPair } from "./pairsPlan.ts";
import { emptyTest, refine } from "./refine.ts";
import { Counters, DEFAULT_MEMORY, mapRun, type RunOptions, type Session, withSession } from "./run.ts";
import { survey } from "./survey.ts";
import type { MapResult, MapRun, PairBatch } from "./tables.ts";

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
  let untested: readonly UntestedPair[] | undefined;
  const run = mapRun(cohort, () =>
    withSession(cohort, options, async function* (session) {
      const plan = await planPairs(cohort, list, session.surveyor.scan, options.signal);
      const collinear = new Set<number>();
      const result = yield* pairBatches(cohort, session, plan, collinear, options);
      untested = [...plan.untested, ...(await collinearPairs(cohort, plan, collinear))];
      return result;
    }),
  );
  return {
    genes: run.genes,
    [Symbol.asyncIterator]: () => run[Symbol.asyncIterator](),
    result: () => run.result(),
    untested() {
      if (untested === undefined) throw new Error("untested() is there when the iteration has ended");
      return untested;
    },
  };
}

async function* pairBatches(
  cohort: Cohort,
  session: Session,
  plan: PairsPlan,
  collinear: Set<number>,
  options: PairsOptions,
): AsyncGenerator<PairBatch, MapResult> {
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
  const tested = new PairTests(cohort, session, plan.pairs, options);
  let number = 0;
  let done = 0;
  for (const part of plan.parts) {
    throwIfAborted(signal);
    const { variants, rows } = await tested.run(part, collinear, signal);
    yield await pairBatch(number++, source, variants, rows, await new DroppedRows().table(source));
    done += part.variants.length;
    options.onProgress?.({ done, total: plan.pairs, phase: "testing" });
  }
  const { counters } = tested;
  for (let start = 0; start < source.variantCount; start += REPORT_RUN) {
    throwIfAborted(signal);
    const end = Math.min(source.variantCount, start + REPORT_RUN);
    const one = await survey(session.surveyor, start, end, signal, false);
    const covered = (variant: number): boolean => plan.covered[variant] === 1;
    for (let v = start; v < end; v++) {
      if (collinear.has(v)) one.status[v - start] = STATUS_CODE.collinear;
      if (one.status[v - start] === STATUS_CODE.ok && covered(v)) counters.variantsTested++;
    }
    const dropped = new DroppedRows();
    dropped.add(one, start, end, covered);
    dropped.count(counters.dropped);
    const none = { index: new Uint32Array(0), af: new Float64Array(0) };
    const nobody = { ...none, maSamples: new Int32Array(0), maCount: new Int32Array(0) };
    yield await pairBatch(number++, source, nobody, new PairRows(), await dropped.table(source));
  }
  const table = await tested.leads.table(cohort);
  return {
    leads: table,
    null: await tested.sampler.pairs.result(source),
    counts: counters.counts(cohort, session, table.status),
  };
}

/** One listed pair's product, and its variant. */
interface Listed {
  readonly product: Float64Array;
  readonly norm: Float64Array;
}

/** Tests part after part, and keeps what the whole map sums up. */
class PairTests {
  readonly leads: Leads;
  readonly sampler: PairSampler;
  readonly counters = new Counters();
  readonly #cohort: Cohort;
  readonly #session: Session;
  readonly #anchor: Anchor;

  constructor(cohort: Cohort, session: Session, pairs: number, options: PairsOptions) {
    this.#cohort = cohort;
    this.#session = session;
    this.#anchor = options.anchor ?? "tss";
    this.leads = new Leads(cohort.genes.id.length);
    this.sampler = new PairSampler(options.seed ?? 1, pairs);
  }

  async run(
    part: PairsPart,
    collinear: Set<number>,
    signal: AbortSignal | undefined,
  ): Promise<{ variants: TestedVariants; rows: PairRows }> {
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
    part.variants.forEach((variant, i) => {
      if (listed.norm[i] === 0) collinear.add(variant);
    });
    return { variants, rows: this.#test(part, variants, listed) };
  }

  /** Products of the pairs whose variants lie in a block of the source. */
  async #block(
    block: number,
    part: PairsPart,
    variants: TestedVariants,
    listed: Listed,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { screener } = this.#session;
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
      this.counters.pairsScreened += products.length;
      let before = 0;
      for (const { from, to, first, last } of runs) {
        for (let i = from; i < to; i++) {
          const row = rowOf.get(part.variants[i]!)!;
          listed.product[i] = products[before + row - first]!;
          listed.norm[i] = one.norm[row]!;
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
        this.leads.tests[gene]!++;
        if (this.sampler.draws(index, gene)) this.sampler.pairs.add(index, gene, test);
        const distance = this.#distance(gene, index);
        if (!this.leads.leads(gene, test.r, distance)) continue;
        const { af, maSamples, maCount } = variants;
        this.leads.set(gene, test, {
          ...{ index, distance, af: af[row]! },
          ...{ maSamples: maSamples[row]!, maCount: maCount[row]! },
        });
      }
    });
    for (const count of ["tests", "hits", "candidates"] as const) this.counters[count] += rows.row.length;
    return rows;
  }

  /** Variants of another chromosome are farther than any other. */
  #distance(gene: number, variant: number): number {
    const { chromosomeCode, position } = this.#cohort.tables.genotypes;
    if (chromosomeCode[variant] !== this.#cohort.geneChromosome[gene]) return Number.POSITIVE_INFINITY;
    return absoluteDistance(this.#cohort, gene, position[variant]!, this.#anchor);
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

/** The listed pairs whose variant the covariates explain wholly, which shows only when it is tested. */
async function collinearPairs(
  cohort: Cohort,
  plan: PairsPlan,
  collinear: ReadonlySet<number>,
): Promise<UntestedPair[]> {
  const name = new Map<number, string>();
  for (const variant of collinear) {
    name.set(variant, (await cohort.tables.genotypes.labels(variant, variant + 1)).id[0]!);
  }
  return plan.parts.flatMap((part) =>
    Array.from(part.genes).flatMap((gene, g) =>
      Array.from(part.variants.subarray(part.offset[g], part.offset[g + 1]))
        .filter((variant) => collinear.has(variant))
        .map((variant) => ({
          variant: name.get(variant)!,
          gene: cohort.genes.id[gene]!,
          reason: "variant collinear",
        })),
    ),
  );
}
