import type { LoadedColumns } from "../../compute/backend.ts";
import { denseProducts, sliceRows } from "../dosageRows.ts";
import { GrowingFloats, GrowingIntegers } from "../growing.ts";
import { countingBackend } from "../run.ts";
import { DENSE_TILE } from "../transScreen.ts";
import { termColumns } from "./columns.ts";
import type { FoundPairs, InteractionSlice, PairFinder, Search } from "./found.ts";
import { PairTester } from "./test.ts";

/** f64 products of all pairs: where most are wanted, or no screen is proven. */
export class EveryPair implements PairFinder {
  readonly #search: Search;
  readonly #columns: LoadedColumns;
  readonly #tester: PairTester;

  private constructor(search: Search, columns: LoadedColumns) {
    this.#search = search;
    this.#columns = columns;
    this.#tester = new PairTester(search.model);
  }

  static async open(search: Search): Promise<EveryPair> {
    return new EveryPair(search, await search.backend.load(termColumns(search.model, search.genes)));
  }

  async find({ part, from, to }: InteractionSlice, signal: AbortSignal | undefined): Promise<FoundPairs> {
    const { layout, genes, least } = this.#search;
    const { length, terms } = layout;
    const count = genes.length;
    const tile = Math.max(1, Math.floor(DENSE_TILE / (8 * Math.max(1, terms * count))));
    const row = new GrowingIntegers();
    const gene = new GrowingIntegers();
    const products = new GrowingFloats();
    const square = least * least;
    const pairsBy = new Map<string, number>();
    const backend = countingBackend(this.#search.backend, pairsBy);
    for (let first = from; first < to; first += tile) {
      const rows = sliceRows(part.rows, first, Math.min(to, first + tile));
      const all = await denseProducts(backend, rows, this.#columns, undefined, signal);
      const step = count * rows.count;
      for (let v = 0; v < rows.count; v++) {
        if (part.norm[first + v] === 0) continue;
        const record = (first + v) * length;
        for (let g = 0; g < count; g++) {
          const at = g * rows.count + v;
          if (this.#tester.partialSquare(genes[g]!, part.records, record, all, at, step) < square) continue;
          row.push(first + v);
          gene.push(genes[g]!);
          for (let m = 0; m < terms; m++) products.push(all[m * step + at]!);
        }
      }
    }
    const found = { row: row.take(), gene: gene.take(), products: products.take() };
    return { ...found, pairs: (to - from) * count, passed: found.row.length, pairsBy };
  }

  dispose(): Promise<void> {
    return this.#columns.dispose();
  }
}
