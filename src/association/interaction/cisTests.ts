import { Breather } from "../../compute/pause.ts";
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
import { MeasuredPair } from "./measuredPair.ts";
import { ROBUST_LOG10_P, ROBUST_SE } from "./pairNumbers.ts";
import type { InteractionSession } from "./session.ts";

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
  readonly #pair: MeasuredPair;

  constructor(session: InteractionSession, settings: CisSettings) {
    this.#session = session;
    this.#settings = settings;
    this.#pair = new MeasuredPair(session);
  }

  run(near: CisNeighbourhood, sinks: CisSinks): TestedPairs {
    const pairs = this.#testAll(near, sinks);
    this.#addRobust(near, pairs);
    this.#tell(near, pairs, sinks);
    return pairs;
  }

  /** eigenMT of each gene's window. */
  async countEffective(
    { part, tested, start, end }: CisNeighbourhood,
    numbers: PartNumbers,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { rows, norm, index } = tested;
    const breather = new Breather(signal);
    for (let i = 0; i < part.genes.length; i++) {
      const own: number[] = [];
      for (let row = start[i]!; row < end[i]!; row++) if (norm[row] !== 0) own.push(row);
      numbers.setEffectiveTests(part.genes[i]!, this.#session.effectiveTests.count(rows, index, own));
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
    const { test, known } = this.#pair;
    let pair = 0;
    let offset = 0;
    for (let i = 0; i < part.genes.length; i++) {
      const g = part.genes[i]!;
      const first = pair;
      for (let r = start[i]!; r < end[i]!; r++) {
        if (tested.norm[r] === 0) continue;
        this.#testPair(near, g, r, offset + r - start[i]!);
        row[pair] = r;
        gene[pair] = g;
        this.#pair.number();
        this.#store(pairs, pair);
        const index = tested.index[r]!;
        if (sampler.draws(index, g)) pairs.drawn.push(pair);
        const distance = absoluteDistance(cohort, g, position.at(index)!, anchor);
        if (leads.leads(i, test.partial, distance)) {
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
    const step = products.length / this.#session.maker.layout.terms;
    this.#pair.measure(gene, records, row, products, at, step);
  }

  #store({ slope, slopeSe, log10P, columns }: PartPairs, pair: number): void {
    const { known, values } = this.#pair;
    slope[pair] = known.slope;
    slopeSe[pair] = known.slopeSe;
    log10P[pair] = known.log10P;
    for (let k = 0; k < columns.length; k++) columns[k]![pair] = values[k]!;
  }

  #room({ part, tested, start, end }: CisNeighbourhood): PartPairs {
    let count = 0;
    for (let i = 0; i < part.genes.length; i++) {
      for (let row = start[i]!; row < end[i]!; row++) if (tested.norm[row] !== 0) count++;
    }
    const doubles = (): Float64Array => new Float64Array(count);
    const columns = this.#pair.names.map(doubles);
    return {
      row: new Uint32Array(count),
      gene: new Uint32Array(count),
      slope: doubles(),
      slopeSe: doubles(),
      log10P: doubles(),
      columns,
      extra: Object.fromEntries(this.#pair.names.map((name, k) => [name, columns[k]!])),
      drawn: [],
      lead: new Int32Array(part.genes.length).fill(-1),
    };
  }

  /** HC3 of the pairs that have it, variant after variant, so that a variant's vectors are made once. */
  #addRobust(near: CisNeighbourhood, pairs: PartPairs): void {
    const { tested, part, start, end } = near;
    const { log10Robust, robust } = this.#session;
    if (robust === undefined) return;
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
    const rows = distinct(order.map((pair) => row[pair]!));
    let at = 0;
    this.#pair.forget();
    for (const pair of order) {
      const r = row[pair]!;
      if (r !== rows[at]) at++;
      const i = place.get(gene[pair]!)!;
      this.#testPair(near, gene[pair]!, r, offset[i]! + r - start[i]!);
      this.#pair.numberRobustly(gene[pair]!, tested.rows, rows, at);
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

/** The values of an ascending list, each once. */
function distinct(values: Uint32Array): Uint32Array {
  return values.filter((value, i) => i === 0 || value !== values[i - 1]);
}
