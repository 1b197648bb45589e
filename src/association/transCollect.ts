import type { Cohort } from "../cohort/cohort.ts";
import { decodeDosages } from "../cohort/dosages.ts";
import { canonicalDot } from "../compute/exact.ts";
import { PairRows } from "./batch.ts";
import { absoluteDistance } from "./geometry.ts";
import { Leads } from "./leads.ts";
import { normsOf } from "./norms.ts";
import { type NullSampler, SampledPairs } from "./nullSample.ts";
import { emptyTest, refine, type Tester } from "./refine.ts";
import { PartCounter } from "./run.ts";
import type { Survey } from "./survey.ts";
import { type CisSignals, pairsOfColumns } from "./trans/cisSignals.ts";
import { CrossMappedOfPart } from "./trans/crossMapping.ts";
import { PartLoci } from "./trans/loci.ts";
import type { Permuting } from "./trans/permutationFdr.ts";
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
  /** Lead cis variants that are projected out, where there are any; `cohort` is then theirs. */
  readonly signals: CisSignals | undefined;
  /** Where the map is permuted. */
  readonly permuting: Permuting | undefined;
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
  readonly loci: PartLoci | undefined;
  readonly crossMapped: CrossMappedOfPart | undefined;
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
  /** Of a part that is done, for the next one. */
  #spare: Leads | undefined;
  #part: PartEnd;

  constructor(job: TransJob, tester: Tester, okGenes: Uint32Array, sampler: NullSampler) {
    this.#job = job;
    this.#tester = tester;
    this.#okGenes = okGenes;
    this.#sampler = sampler;
    this.#part = this.#newPart();
    this.#g = new Float64Array(job.cohort.samples.length);
  }

  /**
   * The pairs of a slice that pass, in order of variant, then gene, added to those that the part has open;
   * yields them (and opens a new run) at the end of the part, and at a variant's end when they are many. Slices
   * must come in source order. Where runs end depends on the pairs that pass alone. `pairsBy`: who screened.
   */
  *add({ part, to }: Slice, screened: Screened, pairsBy: ReadonlyMap<string, number>): Generator<Run> {
    const { samples } = part.rows;
    const { counter, leads, loci, crossMapped } = this.#part;
    counter.pairsScreened += screened.pairs;
    counter.candidates += screened.passed;
    const { signals, cohort } = this.#job;
    const found =
      signals === undefined
        ? screened
        : pairsOfColumns(screened, signals, (gene) => gene, cohort.genes.id.length, 1);
    for (const [by, pairs] of pairsBy) counter.pairsBy.set(by, (counter.pairsBy.get(by) ?? 0) + pairs);
    let decoded = -1;
    let current = -1;
    for (let i = 0; i < found.row.length; i++) {
      const row = found.row[i]!;
      const gene = found.gene[i]!;
      const variant = part.index[row]!;
      const leftOut = this.#job.leftOut.has(gene, variant);
      if (leftOut && this.#job.near.has(gene, variant)) continue;
      let product = found.product?.[i];
      if (product === undefined) {
        if (decoded !== row) this.#decode(part, row);
        decoded = row;
        product = canonicalDot(this.#g, 0, this.#job.cohort.residuals, gene * samples, samples);
      }
      if (!this.#refine(part, row, gene, product)) {
        if (leftOut) continue;
        // Its signals explain the variant: always a candidate, so that none is counted as tested.
        leads.tests[gene]!--;
        counter.tests--;
        continue;
      }
      if (this.#test.log10P > this.#job.log10Threshold) continue;
      if (leftOut) {
        crossMapped?.pairs.push(variant, gene, this.#test);
        continue;
      }
      if (row !== current && this.#open.row.length >= PAIRS_PER_RUN) yield this.#closeRun(undefined);
      current = row;
      this.#open.push(row, gene, this.#test);
      counter.hits++;
      loci?.add(gene, variant, this.#test);
      this.#lead(part, row, gene);
    }
    if (to < part.rows.count) return;
    this.#count(part);
    this.#sample(part);
    yield this.#closeRun(this.#part);
  }

  /** Takes the leads of a part back, of which nothing is asked any more: half a megabyte of 5,000 genes. */
  giveBack(leads: Leads): void {
    leads.clear();
    this.#spare = leads;
  }

  #newPart(): PartEnd {
    const { cohort, permuting, leftOut, near } = this.#job;
    const leads = this.#spare ?? new Leads(cohort.genes.id.length);
    this.#spare = undefined;
    return {
      leads,
      sample: new SampledPairs(),
      counter: new PartCounter(),
      loci: permuting && new PartLoci(permuting.locusDistance, cohort.tables.genotypes),
      crossMapped: leftOut === near ? undefined : new CrossMappedOfPart(),
    };
  }

  #closeRun(end: PartEnd | undefined): Run {
    const run = { rows: this.#open, piece: this.#piece, end };
    this.#open = new PairRows();
    this.#piece = end === undefined ? this.#piece + 1 : 0;
    if (end !== undefined) this.#part = this.#newPart();
    return run;
  }

  /** Counts the part's tests, per gene and in all: every pair but those left out and the collinear ones. */
  #count(part: Survey): void {
    const { leftOut, near } = this.#job;
    const { counter, leads, crossMapped } = this.#part;
    const tested = part.index.filter((_, row) => part.norm[row]! > 0);
    for (const index of tested) if (!this.isLeftOut(index)) counter.variantsTested++;
    counter.everyGene += tested.length;
    counter.tests += tested.length * this.#okGenes.length;
    for (const gene of this.#okGenes) {
      const without = leftOut.count(gene, tested);
      leads.tests[gene]! -= without;
      counter.tests -= without;
      if (crossMapped !== undefined) crossMapped.tests += without - near.count(gene, tested);
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

  /** Tests a pair (its variant decoded where there are signals); false where the gene's signals explain the variant. */
  #refine(part: Survey, row: number, gene: number, product: number): boolean {
    const { signals, cohort } = this.#job;
    const own = signals?.of(gene);
    const tester = own === undefined ? this.#tester : signals!.tester(gene);
    const { norms, stretch } = normsOf(cohort, part, gene);
    const plain = norms[row]!;
    const norm = (own === undefined ? plain : own.normBeside(this.#g, plain)) * stretch;
    if (norm === 0) return false;
    refine(tester, product, norm, cohort.residualNorm[gene]!, this.#test);
    return true;
  }

  #lead(part: Survey, row: number, gene: number): void {
    const { cohort } = this.#job;
    const index = part.index[row]!;
    const { chromosomeCode, position } = cohort.tables.genotypes;
    const same = chromosomeCode.at(index) === cohort.geneChromosome[gene];
    const distance = same
      ? absoluteDistance(cohort, gene, position.at(index)!, "tss")
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
        if (this.#job.leftOut.has(gene, part.index[row]!)) continue;
        const product = canonicalDot(this.#g, 0, this.#job.cohort.residuals, gene * samples, samples);
        if (!this.#refine(part, row, gene, product)) continue;
        this.#part.sample.add(part.index[row]!, gene, this.#test);
      }
    }
  }
}
