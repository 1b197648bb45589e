import type { Cohort } from "../cohort/cohort.ts";
import { decodeDosages } from "../cohort/dosages.ts";
import { dot } from "../compute/exact.ts";
import { PairRows } from "./batch.ts";
import { absoluteDistance, lowerBound, reachOf } from "./geometry.ts";
import { Leads } from "./leads.ts";
import { type NullSampler, SampledPairs } from "./nullSample.ts";
import { emptyTest, refine, type Tester } from "./refine.ts";
import { PartCounter } from "./run.ts";
import type { Survey } from "./survey.ts";
import type { Screened, Slice } from "./transScreen.ts";

/** What a trans map is asked for. */
export interface TransJob {
  readonly cohort: Cohort;
  readonly pValue: number;
  readonly log10Threshold: number;
  /** Pairs within this many base pairs on one chromosome are not tested; -1: all are. */
  readonly reach: number;
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
}

/** A run of pairs is closed after the variant that brings it to this many. */
const PAIRS_PER_RUN = 2 ** 18;

/** Pairs of one part, all or some of them; with the last ones, what else the part comes to. */
export interface Run {
  readonly rows: PairRows;
  readonly piece: number;
  readonly end: PartEnd | undefined;
}

/** What a part adds to the whole map beside its pairs. */
export interface PartEnd {
  readonly leads: Leads;
  readonly sample: SampledPairs;
  readonly counter: PartCounter;
}

/** Refines the candidates of each part in f64, and counts, samples and keeps the leads on the way. */
export class TransCollector {
  readonly #job: TransJob;
  readonly #tester: Tester;
  readonly #okGenes: Uint32Array;
  readonly #sampler: NullSampler;
  readonly #test = emptyTest();
  readonly #drawn: number[] = [];
  readonly #g: Float64Array;
  #open = new PairRows();
  #piece = 0;
  #part: PartEnd;
  /** The `ok` genes on each chromosome of the genotypes. */
  readonly #genesOfChromosome: readonly (readonly number[])[];

  constructor(job: TransJob, tester: Tester, okGenes: Uint32Array, sampler: NullSampler) {
    this.#job = job;
    this.#tester = tester;
    this.#okGenes = okGenes;
    this.#sampler = sampler;
    this.#part = this.#newPart();
    this.#g = new Float64Array(job.cohort.samples.length);
    const byChromosome: number[][] = job.cohort.tables.genotypes.chromosomes.map(() => []);
    for (const gene of okGenes) byChromosome[job.cohort.geneChromosome[gene]!]?.push(gene);
    this.#genesOfChromosome = byChromosome;
  }

  /**
   * The pairs of a slice that pass, in order of variant, then gene, added to those that the part has open;
   * yields them (and opens a new run) at the end of the part, and at a variant's end when they are many. Slices
   * must come in source order. Where runs end depends on the pairs that pass alone. `pairsBy`: who screened.
   */
  *add({ part, to }: Slice, found: Screened, pairsBy: ReadonlyMap<string, number>): Generator<Run> {
    const { samples } = part.rows;
    const { counter } = this.#part;
    counter.pairsScreened += found.pairs;
    counter.candidates += found.passed;
    for (const [by, pairs] of pairsBy) counter.pairsBy.set(by, (counter.pairsBy.get(by) ?? 0) + pairs);
    let decoded = -1;
    let current = -1;
    for (let i = 0; i < found.row.length; i++) {
      const row = found.row[i]!;
      if (row !== current && this.#open.row.length >= PAIRS_PER_RUN) yield this.#closeRun(undefined);
      current = row;
      const gene = found.gene[i]!;
      if (this.#isNear(part.index[row]!, gene)) continue;
      let product = found.product?.[i];
      if (product === undefined) {
        if (decoded !== row) this.#decode(part, row);
        decoded = row;
        product = dot(this.#g, 0, this.#job.cohort.residuals, gene * samples, samples);
      }
      this.#refine(part, row, gene, product);
      if (this.#test.log10P > this.#job.log10Threshold) continue;
      this.#open.push(row, gene, this.#test);
      counter.hits++;
      this.#lead(part, row, gene);
    }
    if (to < part.rows.count) return;
    this.#count(part);
    this.#sample(part);
    yield this.#closeRun(this.#part);
  }

  #newPart(): PartEnd {
    return {
      leads: new Leads(this.#job.cohort.genes.id.length),
      sample: new SampledPairs(),
      counter: new PartCounter(),
    };
  }

  #closeRun(end: PartEnd | undefined): Run {
    const run = { rows: this.#open, piece: this.#piece, end };
    this.#open = new PairRows();
    this.#piece = end === undefined ? this.#piece + 1 : 0;
    if (end !== undefined) this.#part = this.#newPart();
    return run;
  }

  /** Counts the part's tests, per gene and in all: every pair but the near and the collinear ones. */
  #count(part: Survey): void {
    const { cohort, reach } = this.#job;
    const { counter, leads } = this.#part;
    const { chromosomeCode, position } = cohort.tables.genotypes;
    const tested = part.index.filter((_, row) => part.norm[row]! > 0);
    for (const index of tested) if (!this.isNearAll(index)) counter.variantsTested++;
    counter.everyGene += tested.length;
    counter.tests += tested.length * this.#okGenes.length;
    if (reach < 0) return;
    const positions = Int32Array.from(tested, (index) => position[index]!);
    let from = 0;
    while (from < tested.length) {
      const chromosome = chromosomeCode[tested[from]!]!;
      let to = from;
      while (to < tested.length && chromosomeCode[tested[to]!] === chromosome) to++;
      for (const gene of this.#genesOfChromosome[chromosome]!) {
        const { low, high } = reachOf(cohort, gene, reach);
        const near = lowerBound(positions, high + 1, from, to) - lowerBound(positions, low, from, to);
        leads.tests[gene]! -= near;
        counter.tests -= near;
      }
      from = to;
    }
  }

  /** Whether no gene is left to test the variant with: all lie within reach. */
  isNearAll(variant: number): boolean {
    const local = this.#genesOfChromosome[this.#job.cohort.tables.genotypes.chromosomeCode[variant]!]!;
    // Nearly always there are genes elsewhere.
    return local.length === this.#okGenes.length && local.every((gene) => this.#isNear(variant, gene));
  }

  #isNear(variant: number, gene: number): boolean {
    const { cohort, reach } = this.#job;
    const { chromosomeCode, position } = cohort.tables.genotypes;
    if (reach < 0 || chromosomeCode[variant] !== cohort.geneChromosome[gene]) return false;
    const { low, high } = reachOf(cohort, gene, reach);
    return position[variant]! >= low && position[variant]! <= high;
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
    if (!this.#part.leads.leads(gene, this.#test.r, distance)) return;
    this.#part.leads.set(gene, this.#test, {
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
        if (this.#isNear(part.index[row]!, gene)) continue;
        this.#refine(part, row, gene, dot(this.#g, 0, this.#job.cohort.residuals, gene * samples, samples));
        this.#part.sample.add(part.index[row]!, gene, this.#test);
      }
    }
  }
}
