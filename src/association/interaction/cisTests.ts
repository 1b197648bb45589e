import { decodeDosages } from "../../cohort/dosages.ts";
import { Breather } from "../../compute/pause.ts";
import { effectiveTests } from "../../statistics/eigenMT.ts";
import type { TestedPairs } from "../batch.ts";
import type { CisPart } from "../cisPlan.ts";
import { type Anchor, absoluteDistance } from "../geometry.ts";
import type { Leads } from "../leads.ts";
import type { PairSampler, SampledPairs } from "../nullSample.ts";
import { emptyTest } from "../refine.ts";
import type { PartCounter } from "../run.ts";
import type { joinSurveys } from "../surveyCache.ts";
import type { ExtraColumns } from "../tables.ts";
import type { InteractionSurvey } from "./gram.ts";
import { isSampledForHc3, type PartNumbers } from "./leadNumbers.ts";
import { pairNames, pairNumbers, ROBUST_LOG10_P, ROBUST_SE } from "./pairNumbers.ts";
import { RobustErrors } from "./robust.ts";
import type { InteractionSession } from "./session.ts";
import { type InteractionTest, PairTester } from "./test.ts";

/** A part of the map with all that its tests need. */
export interface CisNeighbourhood {
  readonly number: number;
  readonly part: CisPart;
  readonly counter: PartCounter;
  readonly surveys: readonly InteractionSurvey[];
  readonly tested: ReturnType<typeof joinSurveys>;
  readonly records: Float64Array;
  readonly variantNumbers: ExtraColumns;
  /** Each gene's window as rows of `tested`, end exclusive. */
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  /** Of e, then modifier x e: of gene after gene, each its window's rows. */
  readonly products: Float64Array;
}

/** What tests are made with, of the whole map. */
export interface CisSettings {
  readonly anchor: Anchor;
  readonly sampler: PairSampler;
  /** How many pairs the map tests, about. */
  readonly planned: number;
}

/** What the tests of a part are told to. */
export interface CisSinks {
  /** Of the part's genes, by their place in it. */
  readonly leads: Leads;
  readonly sample: SampledPairs;
  readonly numbers: PartNumbers;
  readonly counter: PartCounter;
}

/** Pairs of a part, a column a number; `wanted` are those whose HC3 is asked for. */
interface PartPairs extends TestedPairs {
  readonly columns: readonly Float64Array[];
  readonly drawn: number[];
  readonly lead: Int32Array;
}

/** Tests the pairs of parts, and tells leads and null sample of each. */
export class CisTests {
  readonly #session: InteractionSession;
  readonly #settings: CisSettings;
  readonly #tester: PairTester;
  readonly #robust: RobustErrors;
  readonly #test: InteractionTest;
  readonly #errors: Float64Array;
  readonly #values: Float64Array;
  readonly #names: readonly string[];

  constructor(session: InteractionSession, settings: CisSettings) {
    const { model } = session;
    this.#session = session;
    this.#settings = settings;
    this.#tester = new PairTester(model);
    this.#robust = new RobustErrors(model, session.residualiser);
    this.#test = this.#tester.empty();
    this.#errors = new Float64Array(model.contexts.length);
    this.#names = pairNames(model);
    this.#values = new Float64Array(this.#names.length);
  }

  run(near: CisNeighbourhood, sinks: CisSinks): TestedPairs {
    const pairs = this.#testAll(near, sinks);
    this.#addRobust(near, pairs);
    this.#tell(near, pairs, sinks);
    return pairs;
  }

  /** eigenMT of each gene's window, which takes far longer than its tests. */
  async countEffective(
    { part, tested, start, end }: CisNeighbourhood,
    numbers: PartNumbers,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { rows, norm } = tested;
    const breather = new Breather(signal);
    for (let i = 0; i < part.genes.length; i++) {
      const own: number[] = [];
      for (let row = start[i]!; row < end[i]!; row++) if (norm[row] !== 0) own.push(row);
      const tests = effectiveTests(own.length, rows.samples, (k, out) =>
        decodeDosages(rows, own[k]!, rows.fill[own[k]!]!, out),
      );
      numbers.setEffectiveTests(part.genes[i]!, tests);
      await breather.pause();
    }
  }

  #testAll(near: CisNeighbourhood, { leads, counter }: CisSinks): PartPairs {
    const { part, tested, start, end } = near;
    const { cohort } = this.#session.model;
    const { sampler, anchor } = this.#settings;
    const { position } = cohort.tables.genotypes;
    const pairs = this.#room(near);
    const { row, gene } = pairs;
    const test = this.#test;
    const known = emptyTest();
    let pair = 0;
    let offset = 0;
    this.#errors.fill(Number.NaN);
    for (let i = 0; i < part.genes.length; i++) {
      const g = part.genes[i]!;
      const first = pair;
      for (let r = start[i]!; r < end[i]!; r++) {
        if (tested.norm[r] === 0) continue;
        this.#testPair(near, g, r, offset + r - start[i]!);
        row[pair] = r;
        gene[pair] = g;
        this.#store(pairs, pair);
        const index = tested.index[r]!;
        if (sampler.draws(index, g)) pairs.drawn.push(pair);
        const distance = absoluteDistance(cohort, g, position[index]!, anchor);
        if (leads.leads(i, test.partial, distance)) {
          known.r = test.partial;
          known.slope = pairs.slope[pair]!;
          known.slopeSe = pairs.slopeSe[pair]!;
          known.log10P = test.log10P;
          const allele = { af: tested.af[r]!, maSamples: tested.maSamples[r]!, maCount: tested.maCount[r]! };
          leads.set(i, known, { index, distance, ...allele });
          pairs.lead[i] = pair;
        }
        pair++;
      }
      offset += end[i]! - start[i]!;
      leads.tests[i]! += pair - first;
    }
    counter.tests += pair;
    counter.hits += pair;
    counter.candidates += pair;
    counter.pairsScreened += offset;
    return pairs;
  }

  /** `at`: where the pair's product with e is; those with modifier x e follow, each a whole part later. */
  #testPair({ records, products }: CisNeighbourhood, gene: number, row: number, at: number): void {
    const { layout } = this.#session.maker;
    const step = products.length / layout.terms;
    this.#tester.test(gene, records, row * layout.length, products, at, step, this.#test);
  }

  #store({ slope, slopeSe, log10P, columns }: PartPairs, pair: number): void {
    const test = this.#test;
    slope[pair] = test.bGI[0]!;
    slopeSe[pair] = test.bGISe[0]!;
    log10P[pair] = test.log10P;
    pairNumbers(test, this.#errors, this.#session.model, this.#values);
    for (let k = 0; k < columns.length; k++) columns[k]![pair] = this.#values[k]!;
  }

  #room({ part, tested, start, end }: CisNeighbourhood): PartPairs {
    let count = 0;
    for (let i = 0; i < part.genes.length; i++) {
      for (let row = start[i]!; row < end[i]!; row++) if (tested.norm[row] !== 0) count++;
    }
    const doubles = (): Float64Array => new Float64Array(count);
    const columns = this.#names.map(doubles);
    return {
      row: new Uint32Array(count),
      gene: new Uint32Array(count),
      slope: doubles(),
      slopeSe: doubles(),
      log10P: doubles(),
      columns,
      extra: Object.fromEntries(this.#names.map((name, k) => [name, columns[k]!])),
      drawn: [],
      lead: new Int32Array(part.genes.length).fill(-1),
    };
  }

  /** HC3 of the pairs that have it, variant after variant, so that a variant's vectors are made once. */
  #addRobust(near: CisNeighbourhood, pairs: PartPairs): void {
    const { tested, part, start, end } = near;
    const { log10Robust } = this.#session;
    const wanted = new Set(pairs.drawn.filter((pair) => this.#isSampled(tested.index[pairs.row[pair]!]!)));
    for (const pair of pairs.lead) if (pair >= 0) wanted.add(pair);
    pairs.log10P.forEach((log10P, pair) => {
      if (log10P <= log10Robust) wanted.add(pair);
    });
    const { row, gene } = pairs;
    const order = Uint32Array.from(wanted).sort((a, b) => row[a]! - row[b]! || a - b);
    const place = new Map(Array.from(part.genes, (g, i) => [g, i]));
    const offset = new Float64Array(part.genes.length + 1);
    for (let i = 0; i < part.genes.length; i++) offset[i + 1] = offset[i]! + end[i]! - start[i]!;
    const g = new Float64Array(tested.rows.samples);
    let current = -1;
    for (const pair of order) {
      const r = row[pair]!;
      if (r !== current) {
        decodeDosages(tested.rows, r, tested.rows.fill[r]!, g);
        this.#robust.read(g);
      }
      current = r;
      const i = place.get(gene[pair]!)!;
      this.#testPair(near, gene[pair]!, r, offset[i]! + r - start[i]!);
      this.#robust.errors(gene[pair]!, this.#test, this.#errors);
      this.#store(pairs, pair);
    }
  }

  #isSampled(index: number): boolean {
    return isSampledForHc3(index, this.#settings.planned);
  }

  /** Leads and sampled pairs with all their numbers, now that HC3 is among them. */
  #tell({ part, tested, records }: CisNeighbourhood, pairs: PartPairs, { sample, numbers }: CisSinks): void {
    const { layout } = this.#session.maker;
    const test = emptyTest();
    for (const pair of pairs.drawn) {
      test.slope = pairs.slope[pair]!;
      test.slopeSe = pairs.slopeSe[pair]!;
      test.log10P = pairs.log10P[pair]!;
      sample.add(tested.index[pairs.row[pair]!]!, pairs.gene[pair]!, test);
      // Those that have HC3 for their p alone are no random sample.
      const sampled = this.#isSampled(tested.index[pairs.row[pair]!]!);
      numbers.nullSe.push(sampled ? pairs.columns[ROBUST_SE]![pair]! : Number.NaN);
      numbers.nullLog10P.push(sampled ? pairs.columns[ROBUST_LOG10_P]![pair]! : Number.NaN);
    }
    pairs.lead.forEach((pair, i) => {
      if (pair < 0) return;
      const record = pairs.row[pair]! * layout.length;
      numbers.set(
        part.genes[i]!,
        tested.index[pairs.row[pair]!]!,
        Float64Array.from(pairs.columns, (column) => column[pair]!),
        records.subarray(record + layout.mafLower, record + layout.length),
      );
    });
  }
}
