import { decodeDosages } from "../../cohort/dosages.ts";
import type { DosageRows } from "../dosageRows.ts";
import { emptyTest } from "../refine.ts";
import { pairNames, pairNumbers } from "./pairNumbers.ts";
import type { RobustErrors } from "./robust.ts";
import type { InteractionSession } from "./session.ts";
import { type InteractionTest, PairTester } from "./test.ts";

/** One pair after the other: its test, the test as any map has it, and, as far as they are asked for, its numbers with HC3. */
export class MeasuredPair {
  readonly names: readonly string[];
  readonly test: InteractionTest;
  /** r is the partial correlation, slope and its error those of the product with the (first) context. */
  readonly known = emptyTest();
  /** By {@link names}; good after {@link number} or {@link numberRobustly}. */
  readonly values: Float64Array;
  readonly #session: InteractionSession;
  readonly #tester: PairTester;
  readonly #errors: Float64Array;
  readonly #none: Float64Array;
  /** Rows of the variants that HC3 has been made ready for, by place. */
  readonly #read: number[] = [];

  constructor(session: InteractionSession) {
    const { model } = session;
    this.#session = session;
    this.#tester = new PairTester(model);
    this.test = this.#tester.empty();
    this.#errors = new Float64Array(model.contexts.length);
    this.#none = new Float64Array(model.contexts.length).fill(Number.NaN);
    this.names = pairNames(model);
    this.values = new Float64Array(this.names.length);
  }

  /** Tests `gene` with row `row` of `records`; its products lie in `products` from `at` on, `step` apart. */
  measure(
    gene: number,
    records: Float64Array,
    row: number,
    products: Float64Array,
    at: number,
    step: number,
  ): void {
    const { test, known } = this;
    this.#tester.test(gene, records, row * this.#session.maker.layout.length, products, at, step, test);
    known.r = test.partial;
    known.slope = test.bGI[0]!;
    known.slopeSe = test.bGISe[0]!;
    known.log10P = test.log10P;
  }

  /** Numbers of the pair measured, without HC3. */
  number(): void {
    pairNumbers(this.test, this.#none, this.#session.model, undefined, this.values);
  }

  /** Forgets which rows HC3 has been made ready for: those of the next call are others. */
  forget(): void {
    this.#read.length = 0;
  }

  /**
   * Numbers of the pair measured, `gene` with row `wanted[at]` of `rows`, with HC3 where there is any. What HC3 takes of a variant costs more than its pairs do, and
   * is made of several at once: of the rows `wanted` from `at` on, each of them named once.
   */
  numberRobustly(gene: number, rows: DosageRows, wanted: ArrayLike<number>, at: number): void {
    const { robust, model } = this.#session;
    if (robust === undefined) {
      this.number();
      return;
    }
    let place = this.#read.indexOf(wanted[at]!);
    if (place < 0) {
      this.#readFrom(robust, rows, wanted, at);
      place = 0;
    }
    robust.errors(place, gene, this.test, this.#errors);
    pairNumbers(this.test, this.#errors, model, robust, this.values, place, gene);
  }

  #readFrom(robust: RobustErrors, rows: DosageRows, wanted: ArrayLike<number>, at: number): void {
    this.#read.length = 0;
    for (let i = at; i < Math.min(wanted.length, at + robust.lot); i++) {
      const row = wanted[i]!;
      decodeDosages(rows, row, rows.fill[row]!, robust.genotypes(i - at));
      this.#read.push(row);
    }
    robust.read(this.#read.length);
  }
}
