import { PairRows, type TestedPairs } from "../batch.ts";
import { absoluteDistance } from "../geometry.ts";
import { GrowingFloats } from "../growing.ts";
import { Leads } from "../leads.ts";
import { type NullSampler, SampledPairs } from "../nullSample.ts";
import { PartCounter } from "../run.ts";
import type { VariantRuns } from "../trans/variantRuns.ts";
import type { FoundPairs, InteractionSlice } from "./found.ts";
import type { InteractionSurvey } from "./gram.ts";
import { isSampledForHc3, PartNumbers } from "./leadNumbers.ts";
import { MeasuredPair } from "./measuredPair.ts";
import { ROBUST_LOG10_P, ROBUST_SE } from "./pairNumbers.ts";
import type { InteractionSession } from "./session.ts";

/** A run of pairs is closed after the variant that brings it to this many. */
const PAIRS_PER_RUN = 2 ** 17;

/** What is tested, and what passes. */
export interface TransPairs {
  readonly genes: Uint32Array;
  /** Pairs that are not tested. */
  readonly near: VariantRuns;
  readonly log10Threshold: number;
  readonly sampler: NullSampler;
  /** How many pairs the map tests, about. */
  readonly planned: number;
}

/** What a part adds to the whole map beside its pairs. */
export interface InteractionPartEnd {
  readonly leads: Leads;
  readonly sample: SampledPairs;
  readonly numbers: PartNumbers;
  readonly counter: PartCounter;
}

/** Pairs of one part, all or some of them; with the last ones, what else the part comes to. */
export interface InteractionPiece {
  readonly rows: PairRows;
  readonly piece: number;
  readonly end: InteractionPartEnd | undefined;
}

/** {@link PairRows} with the pairs' further numbers. */
class InteractionRows extends PairRows {
  readonly #names: readonly string[];
  readonly #columns: readonly GrowingFloats[];

  constructor(names: readonly string[]) {
    super();
    this.#names = names;
    this.#columns = names.map(() => new GrowingFloats());
  }

  pushNumbers(values: Float64Array): void {
    this.#columns.forEach((column, k) => {
      column.push(values[k]!);
    });
  }

  override take(): TestedPairs {
    const columns = this.#names.map((name, k) => [name, this.#columns[k]!.take()] as const);
    return { ...super.take(), extra: Object.fromEntries(columns) };
  }
}

/** Tests the pairs that a finder found in f64, and counts, samples and keeps the leads on the way. */
export class TransTests {
  readonly #session: InteractionSession;
  readonly #pairs: TransPairs;
  readonly #pair: MeasuredPair;
  readonly #drawn: number[] = [];
  readonly #products: Float64Array;
  #open: InteractionRows;
  #piece = 0;
  #part: InteractionPartEnd;

  constructor(session: InteractionSession, pairs: TransPairs) {
    this.#session = session;
    this.#pairs = pairs;
    this.#pair = new MeasuredPair(session);
    this.#products = new Float64Array(session.model.modifiers.length + 1);
    this.#open = new InteractionRows(this.#pair.names);
    this.#part = this.#newPart();
  }

  /**
   * The pairs of a slice that pass, in order of variant, then gene, added to those that the part has open; yields them at the end of
   * the part, and at a variant's end when they are many. Slices must come in source order.
   */
  *add({ part, to }: InteractionSlice, found: FoundPairs): Generator<InteractionPiece> {
    const { counter } = this.#part;
    counter.pairsScreened += found.pairs;
    counter.candidates += found.passed;
    for (const [by, pairs] of found.pairsBy) counter.pairsBy.set(by, (counter.pairsBy.get(by) ?? 0) + pairs);
    const hits = this.#hits(part, found);
    const rows = distinct(hits, found.row);
    let at = -1;
    this.#pair.forget();
    for (const i of hits) {
      if (found.row[i] !== rows[at]) {
        if (this.#open.row.length >= PAIRS_PER_RUN) yield this.#close(undefined);
        at++;
      }
      this.#keep(part, found, i, rows, at);
    }
    if (to < part.rows.count) return;
    this.#count(part);
    this.#sample(part);
    yield this.#close(this.#part);
  }

  /** Whether no gene is left to test the variant with. */
  isLeftOut(variant: number): boolean {
    return this.#pairs.genes.every((gene) => this.#pairs.near.has(gene, variant));
  }

  #newPart(): InteractionPartEnd {
    const { cohort } = this.#session.model;
    return {
      leads: new Leads(cohort.genes.id.length),
      sample: new SampledPairs(),
      numbers: new PartNumbers(this.#session.model),
      counter: new PartCounter(),
    };
  }

  #close(end: InteractionPartEnd | undefined): InteractionPiece {
    const run = { rows: this.#open, piece: this.#piece, end };
    this.#open = new InteractionRows(this.#pair.names);
    this.#piece = end === undefined ? this.#piece + 1 : 0;
    if (end !== undefined) this.#part = this.#newPart();
    return run;
  }

  #testPair(part: InteractionSurvey, row: number, gene: number, products: Float64Array, at: number): void {
    this.#pair.measure(gene, part.records, row, products, at, 1);
  }

  /** Which of the pairs found pass. */
  #hits(part: InteractionSurvey, { row, gene, products }: FoundPairs): number[] {
    const { near, log10Threshold } = this.#pairs;
    const { terms } = this.#session.maker.layout;
    const hits: number[] = [];
    for (let i = 0; i < row.length; i++) {
      if (near.has(gene[i]!, part.index[row[i]!]!)) continue;
      this.#testPair(part, row[i]!, gene[i]!, products, i * terms);
      if (!(this.#pair.test.log10P > log10Threshold)) hits.push(i);
    }
    return hits;
  }

  /** Tests pair `i` found, one that passes, with HC3, and keeps it. */
  #keep(part: InteractionSurvey, found: FoundPairs, i: number, rows: readonly number[], at: number): void {
    const { terms } = this.#session.maker.layout;
    const [row, gene] = [found.row[i]!, found.gene[i]!];
    this.#testPair(part, row, gene, found.products, i * terms);
    this.#pair.numberRobustly(gene, part.rows, rows, at);
    this.#open.push(row, gene, this.#pair.known);
    this.#open.pushNumbers(this.#pair.values);
    this.#part.counter.hits++;
    this.#lead(part, row, gene);
  }

  #lead(part: InteractionSurvey, row: number, gene: number): void {
    const { cohort } = this.#session.model;
    const { leads, numbers } = this.#part;
    const { layout } = this.#session.maker;
    const index = part.index[row]!;
    const { chromosomeCode, position } = cohort.tables.genotypes;
    const same = chromosomeCode.at(index) === cohort.geneChromosome[gene];
    const distance = same
      ? absoluteDistance(cohort, gene, position.at(index)!, "tss")
      : Number.POSITIVE_INFINITY;
    if (!leads.leads(gene, this.#pair.test.partial, distance)) return;
    const alleles = { af: part.af[row]!, maSamples: part.maSamples[row]!, maCount: part.maCount[row]! };
    leads.set(gene, this.#pair.known, { index, distance, ...alleles });
    const record = row * layout.length;
    numbers.set(
      gene,
      index,
      this.#pair.values,
      part.records.subarray(record + layout.mafLower, record + layout.length),
    );
  }

  /** Adds the part's tests to the totals, per gene and in all. */
  #count(part: InteractionSurvey): void {
    const { genes, near } = this.#pairs;
    const { counter, leads } = this.#part;
    const tested = part.index.filter((_, row) => part.norm[row]! > 0);
    for (const index of tested) if (!this.isLeftOut(index)) counter.variantsTested++;
    counter.everyGene += tested.length;
    counter.tests += tested.length * genes.length;
    for (const gene of genes) {
      const without = near.count(gene, tested);
      leads.tests[gene]! -= without;
      counter.tests -= without;
    }
  }

  /** Tests the pairs that the null sample draws from this part. */
  #sample(part: InteractionSurvey): void {
    const { sampler, planned } = this.#pairs;
    const robust = this.#sampledRows(part);
    let at = -1;
    this.#pair.forget();
    for (let row = 0; row < part.index.length; row++) {
      if (part.norm[row] === 0) continue;
      const draws = sampler.genesOf(part.index[row]!, this.#drawn);
      if (draws === 0) continue;
      const isRobust = isSampledForHc3(part.index[row]!, planned);
      if (isRobust) at++;
      this.#session.products.read(part.rows, row);
      for (let d = 0; d < draws; d++)
        this.#samplePair(part, row, this.#drawn[d]!, isRobust ? robust : [], at);
    }
  }

  /** Adds one pair to the null sample; with HC3 where its row is `robust[at]`. */
  #samplePair(
    part: InteractionSurvey,
    row: number,
    drawn: number,
    robust: readonly number[],
    at: number,
  ): void {
    const { genes, near } = this.#pairs;
    const { sample, numbers } = this.#part;
    const gene = genes[drawn]!;
    if (near.has(gene, part.index[row]!)) return;
    this.#session.products.of(gene, this.#products);
    this.#testPair(part, row, gene, this.#products, 0);
    const isRobust = robust.length > 0;
    if (isRobust) this.#pair.numberRobustly(gene, part.rows, robust, at);
    sample.add(part.index[row]!, gene, this.#pair.known);
    numbers.nullSe.push(isRobust ? this.#pair.values[ROBUST_SE]! : Number.NaN);
    numbers.nullLog10P.push(isRobust ? this.#pair.values[ROBUST_LOG10_P]! : Number.NaN);
  }

  /** The rows that the null sample draws pairs with HC3 of. */
  #sampledRows({ index, norm }: InteractionSurvey): number[] {
    const { sampler, planned } = this.#pairs;
    const rows: number[] = [];
    for (let row = 0; row < index.length; row++) {
      if (norm[row] === 0 || !isSampledForHc3(index[row]!, planned)) continue;
      if (sampler.genesOf(index[row]!, this.#drawn) > 0) rows.push(row);
    }
    return rows;
  }
}

/** The rows of the pairs `pairs`, ascending, each once. */
function distinct(pairs: readonly number[], row: Uint32Array): number[] {
  const rows: number[] = [];
  for (const i of pairs) if (row[i] !== rows.at(-1)) rows.push(row[i]!);
  return rows;
}
