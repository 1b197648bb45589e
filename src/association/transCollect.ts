import type { Cohort } from "../cohort/cohort.ts";
import { decodeDosages } from "../cohort/dosages.ts";
import { dot } from "../compute/exact.ts";
import { PairRows } from "./batch.ts";
import { absoluteDistance } from "./geometry.ts";
import type { Leads } from "./leads.ts";
import type { NullSampler } from "./nullSample.ts";
import { emptyTest, refine, type Tester } from "./refine.ts";
import type { Counters } from "./run.ts";
import type { Survey } from "./survey.ts";
import type { Loci } from "./trans/loci.ts";
import type { VariantRuns } from "./trans/variantRuns.ts";
import type { Screened, Slice } from "./transScreen.ts";

/** What a trans map is asked for. */
export interface TransJob {
  readonly cohort: Cohort;
  readonly pValue: number;
  readonly log10Threshold: number;
  /** The pairs that are not tested: those near each other, and those that cross-map. */
  readonly leftOut: VariantRuns;
  readonly near: VariantRuns;
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
}

/** A run of pairs is closed after the variant that brings it to this many. */
const PAIRS_PER_RUN = 2 ** 18;

/** Pairs of one part, all or some of them. */
export interface Run {
  readonly rows: PairRows;
  readonly endsPart: boolean;
}

/** Refines the candidates of each part in f64, and counts, samples and keeps the leads on the way. */
export class TransCollector {
  readonly #job: TransJob;
  readonly #tester: Tester;
  readonly #okGenes: Uint32Array;
  readonly #leads: Leads;
  readonly #sampler: NullSampler;
  readonly #counters: Counters;
  readonly #test = emptyTest();
  readonly #drawn: number[] = [];
  readonly #g: Float64Array;
  #open = new PairRows();
  /** What cross-mapping kept from the tests: the pairs that would have passed (variants by index in the source), and all. */
  readonly crossMapped = { pairs: new PairRows(), tests: 0 };
  readonly #loci: Loci | undefined;

  constructor(
    job: TransJob,
    tester: Tester,
    okGenes: Uint32Array,
    leads: Leads,
    sampler: NullSampler,
    counters: Counters,
    loci: Loci | undefined,
  ) {
    this.#job = job;
    this.#tester = tester;
    this.#okGenes = okGenes;
    this.#leads = leads;
    this.#sampler = sampler;
    this.#counters = counters;
    this.#g = new Float64Array(job.cohort.samples.length);
    this.#loci = loci;
  }

  /**
   * The pairs of a slice that pass, in order of variant, then gene, added to those that the part has open;
   * yields them (and opens a new run) at the end of the part, and at a variant's end when they are many. Slices
   * must come in source order. Where runs end depends on the pairs that pass alone.
   */
  *add({ part, to }: Slice, found: Screened): Generator<Run> {
    const { samples } = part.rows;
    this.#counters.pairsScreened += found.pairs;
    this.#counters.candidates += found.passed;
    let decoded = -1;
    let current = -1;
    for (let i = 0; i < found.row.length; i++) {
      const row = found.row[i]!;
      if (row !== current && this.#open.row.length >= PAIRS_PER_RUN) yield this.#closeRun(false);
      current = row;
      const gene = found.gene[i]!;
      const variant = part.index[row]!;
      const leftOut = this.#job.leftOut.has(gene, variant);
      if (leftOut && this.#job.near.has(gene, variant)) continue;
      let product = found.product?.[i];
      if (product === undefined) {
        if (decoded !== row) this.#decode(part, row);
        decoded = row;
        product = dot(this.#g, 0, this.#job.cohort.residuals, gene * samples, samples);
      }
      this.#refine(part, row, gene, product);
      if (this.#test.log10P > this.#job.log10Threshold) continue;
      if (leftOut) {
        this.crossMapped.pairs.push(variant, gene, this.#test);
        continue;
      }
      this.#open.push(row, gene, this.#test);
      this.#counters.hits++;
      this.#loci?.add(gene, variant, this.#test);
      this.#lead(part, row, gene);
    }
    if (to < part.rows.count) return;
    this.#count(part);
    this.#sample(part);
    yield this.#closeRun(true);
  }

  #closeRun(endsPart: boolean): Run {
    const rows = this.#open;
    this.#open = new PairRows();
    return { rows, endsPart };
  }

  /** Adds the part's tests to the totals, per gene and in all: every pair but those left out and the collinear ones. */
  #count(part: Survey): void {
    const { leftOut, near } = this.#job;
    const tested = part.index.filter((_, row) => part.norm[row]! > 0);
    for (const index of tested) if (!this.isLeftOut(index)) this.#counters.variantsTested++;
    for (const gene of this.#okGenes) {
      const without = leftOut.count(gene, tested);
      this.#leads.tests[gene]! += tested.length - without;
      this.#counters.tests += tested.length - without;
      if (leftOut !== near) this.crossMapped.tests += without - near.count(gene, tested);
    }
  }

  /** Whether no gene is left to test the variant with. */
  isLeftOut(variant: number): boolean {
    const { leftOut } = this.#job;
    return this.#okGenes.every((gene) => leftOut.has(gene, variant));
  }

  #decode(part: Survey, row: number): void {
    decodeDosages(part.rows, row, part.rows.fill[row]!, this.#g);
  }

  #refine(part: Survey, row: number, gene: number, product: number): void {
    refine(this.#tester, product, part.norm[row]!, this.#job.cohort.residualNorm[gene]!, this.#test);
  }

  #lead(part: Survey, row: number, gene: number): void {
    const { cohort } = this.#job;
    const index = part.index[row]!;
    const { chromosomeCode, position } = cohort.tables.genotypes;
    const same = chromosomeCode[index] === cohort.geneChromosome[gene];
    const distance = same
      ? absoluteDistance(cohort, gene, position[index]!, "tss")
      : Number.POSITIVE_INFINITY;
    if (!this.#leads.leads(gene, this.#test.r, distance)) return;
    this.#leads.set(gene, this.#test, {
      index,
      distance,
      af: part.af[row]!,
      maSamples: part.maSamples[row]!,
      maCount: part.maCount[row]!,
    });
  }

  /** Refines the pairs that the null sample draws from this part. */
  #sample(part: Survey): void {
    const { samples } = part.rows;
    for (let row = 0; row < part.index.length; row++) {
      if (part.norm[row] === 0) continue;
      const draws = this.#sampler.genesOf(part.index[row]!, this.#drawn);
      if (draws > 0) this.#decode(part, row);
      for (let d = 0; d < draws; d++) {
        const gene = this.#okGenes[this.#drawn[d]!]!;
        if (this.#job.leftOut.has(gene, part.index[row]!)) continue;
        this.#refine(part, row, gene, dot(this.#g, 0, this.#job.cohort.residuals, gene * samples, samples));
        this.#sampler.pairs.add(part.index[row]!, gene, this.#test);
      }
    }
  }
}
