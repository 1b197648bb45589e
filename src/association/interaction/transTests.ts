import { decodeDosages } from "../../cohort/dosages.ts";
import { PairRows, type TestedPairs } from "../batch.ts";
import { absoluteDistance } from "../geometry.ts";
import { GrowingFloats } from "../growing.ts";
import { Leads } from "../leads.ts";
import { type NullSampler, SampledPairs } from "../nullSample.ts";
import { PartCounter } from "../run.ts";
import type { VariantRuns } from "../trans/variantRuns.ts";
import { termProducts } from "./columns.ts";
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
  readonly #g: Float64Array;
  readonly #drawn: number[] = [];
  #open: InteractionRows;
  #piece = 0;
  #part: InteractionPartEnd;
  #current = -1;

  constructor(session: InteractionSession, pairs: TransPairs) {
    const { model } = session;
    this.#session = session;
    this.#pairs = pairs;
    this.#pair = new MeasuredPair(session);
    this.#g = new Float64Array(model.cohort.samples.length);
    this.#open = new InteractionRows(this.#pair.names);
    this.#part = this.#newPart();
  }

  /**
   * The pairs of a slice that pass, in order of variant, then gene, added to those that the part has open; yields them at the end of
   * the part, and at a variant's end when they are many. Slices must come in source order.
   */
  *add({ part, to }: InteractionSlice, found: FoundPairs): Generator<InteractionPiece> {
    const { near, log10Threshold } = this.#pairs;
    const { counter } = this.#part;
    const { terms } = this.#session.maker.layout;
    counter.pairsScreened += found.pairs;
    counter.candidates += found.passed;
    for (const [by, pairs] of found.pairsBy) counter.pairsBy.set(by, (counter.pairsBy.get(by) ?? 0) + pairs);
    let current = -1;
    this.#current = -1;
    for (let i = 0; i < found.row.length; i++) {
      const row = found.row[i]!;
      if (row !== current && this.#open.row.length >= PAIRS_PER_RUN) yield this.#close(undefined);
      current = row;
      const gene = found.gene[i]!;
      if (near.has(gene, part.index[row]!)) continue;
      this.#testPair(part, row, gene, found.products, i * terms);
      if (this.#pair.test.log10P > log10Threshold) continue;
      this.#addErrors(part, row, gene);
      this.#open.push(row, gene, this.#pair.known);
      this.#open.pushNumbers(this.#pair.values);
      counter.hits++;
      this.#lead(part, row, gene);
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

  /** HC3 of the pair just tested, and all its numbers. */
  #addErrors(part: InteractionSurvey, row: number, gene: number): void {
    if (row !== this.#current) this.#pair.readVariant(part.rows, row);
    this.#current = row;
    this.#pair.numberRobustly(gene);
  }

  #lead(part: InteractionSurvey, row: number, gene: number): void {
    const { cohort } = this.#session.model;
    const { leads, numbers } = this.#part;
    const { layout } = this.#session.maker;
    const index = part.index[row]!;
    const { chromosomeCode, position } = cohort.tables.genotypes;
    const same = chromosomeCode[index] === cohort.geneChromosome[gene];
    const distance = same
      ? absoluteDistance(cohort, gene, position[index]!, "tss")
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
    const { genes, near, sampler, planned } = this.#pairs;
    const { sample, numbers } = this.#part;
    const { model } = this.#session;
    const scratch = new Float64Array(part.rows.samples);
    const products = new Float64Array(model.modifiers.length + 1);
    this.#current = -1;
    for (let row = 0; row < part.index.length; row++) {
      if (part.norm[row] === 0) continue;
      const draws = sampler.genesOf(part.index[row]!, this.#drawn);
      const robust = isSampledForHc3(part.index[row]!, planned);
      if (draws > 0) decodeDosages(part.rows, row, part.rows.fill[row]!, this.#g);
      for (let d = 0; d < draws; d++) {
        const gene = genes[this.#drawn[d]!]!;
        if (near.has(gene, part.index[row]!)) continue;
        termProducts(model, this.#g, gene, scratch, products);
        this.#testPair(part, row, gene, products, 0);
        if (robust) this.#addErrors(part, row, gene);
        sample.add(part.index[row]!, gene, this.#pair.known);
        numbers.nullSe.push(robust ? this.#pair.values[ROBUST_SE]! : Number.NaN);
        numbers.nullLog10P.push(robust ? this.#pair.values[ROBUST_LOG10_P]! : Number.NaN);
      }
    }
  }
}
