import { decodeDosages } from "../../cohort/dosages.ts";
import type { DosageRows } from "../dosageRows.ts";
import { emptyTest } from "../refine.ts";
import { pairNames, pairNumbers } from "./pairNumbers.ts";
import { RobustErrors } from "./robust.ts";
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
  readonly #robust: RobustErrors;
  readonly #errors: Float64Array;
  readonly #none: Float64Array;
  readonly #g: Float64Array;

  constructor(session: InteractionSession) {
    const { model, residualiser, references } = session;
    this.#session = session;
    this.#tester = new PairTester(model);
    this.#robust = new RobustErrors(model, residualiser, references);
    this.test = this.#tester.empty();
    this.#errors = new Float64Array(model.contexts.length);
    this.#none = new Float64Array(model.contexts.length).fill(Number.NaN);
    this.names = pairNames(model);
    this.values = new Float64Array(this.names.length);
    this.#g = new Float64Array(model.cohort.samples.length);
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

  /** Makes ready for HC3 of pairs with a variant, which costs more than they do. */
  readVariant(rows: DosageRows, row: number): void {
    decodeDosages(rows, row, rows.fill[row]!, this.#g);
    this.#robust.read(this.#g);
  }

  /** Numbers of the pair measured, `gene` with the variant read, with HC3. */
  numberRobustly(gene: number): void {
    this.#robust.errors(gene, this.test, this.#errors);
    pairNumbers(this.test, this.#errors, this.#session.model, this.#robust, this.values);
  }
}
