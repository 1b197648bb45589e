import type { Candidates } from "../backend.ts";
import { CANDIDATE, canonicalDot, readRow, usable } from "../exact.ts";
import { OrderedPairs } from "../screen/orderedPairs.ts";
import { PAIR_GENES } from "../screen/panels.ts";
import type { CarrierFactor, CarrierScreen } from "./carrierScreen.ts";
import { ExactPanel, exactPanelLength } from "./exactPanel.ts";
import type { HeldColumns, Job } from "./job.ts";
import type { Kernels, Region } from "./kernels.ts";

/** What a screen by carriers finds, panel after panel, where no values are at hand: all pairs that may reach their threshold. */
export class PassedPairs {
  readonly #pairs = new OrderedPairs();

  /** See {@link ConfirmedPairs.add}. */
  add(entries: Uint32Array, start: number): void {
    this.#pairs.addFrom(entries, start);
  }

  endRows(from: number, rows: number): void {
    this.#pairs.endRows(from, rows);
  }

  result(pairs: number): Candidates {
    const row = this.#pairs.row.view.slice();
    return { kind: "candidates", row, column: this.#pairs.column.view.slice(), pairs, passed: row.length };
  }
}

/** Keys of entries: each of a panel's columns with plain rows, then with rows that are not. */
const KEYS = 2 * PAIR_GENES;

/** Numbers of f64 beside a screen whose entries, `found` at once at most, are confirmed. */
export function confirmLength(samples: number, found: number): number {
  return exactPanelLength(samples, 1) + 2 * found;
}

/**
 * What a screen by carriers finds, panel after panel: as in {@link confirmed}, but by a kernel, while the rows are still in its
 * memory. Pairs are formed column by column, so that a column's values are brought there once a panel and tile.
 */
export class ConfirmedPairs {
  readonly #exact: ExactPanel;
  readonly #values: Float64Array;
  readonly #threshold: Float64Array;
  readonly #samples: number;
  readonly #pairs = new OrderedPairs();
  /** Entries by key: where those of each start; each one's row; its product. Entry after entry: its place among them. */
  readonly #start = new Uint32Array(KEYS + 1);
  readonly #rows: Region<Uint32Array>;
  readonly #products: Region<Float64Array>;
  readonly #place: Uint32Array;
  #passed = 0;

  /** `values` and `threshold` are those of all columns; the screen has {@link confirmLength} numbers beside it. */
  constructor(
    kernels: Kernels,
    factor: CarrierFactor,
    screen: CarrierScreen,
    values: Float64Array,
    threshold: Float64Array,
  ) {
    this.#exact = new ExactPanel(kernels, factor, screen, 1);
    this.#values = values;
    this.#threshold = threshold;
    this.#samples = factor.rows.samples;
    const { at, view } = screen.memory.values;
    const products = exactPanelLength(this.#samples, 1);
    const found = (view.length - products) / 2;
    const rows = at + 8 * (products + found);
    this.#products = { at: at + 8 * products, view: view.subarray(products, products + found) };
    this.#rows = { at: rows, view: new Uint32Array(view.buffer, rows, found) };
    this.#place = new Uint32Array(found);
  }

  /** Entries `row << 16 | column` of the panel whose first column is `start`, and the rows of the tile that starts at `from`. */
  add(entries: Uint32Array, start: number, from: number): void {
    this.#passed += entries.length;
    this.#sort(entries);
    this.#multiply(start, from);
    const products = this.#products.view;
    const exact = this.#exact;
    for (let i = 0; i < entries.length; i += 1) {
      const row = entries[i]! >>> 16;
      const j = start + (entries[i]! & 0xffff);
      const product = products[this.#place[i]!]!;
      // No pair is dropped for a number that cannot be compared.
      if (exact.size(from, row, product) < this.#threshold[j]! * CANDIDATE) continue;
      this.#pairs.push(row, j, product);
    }
  }

  #key(entry: number): number {
    return 2 * (entry & 0xffff) + (this.#exact.isPlain(entry >>> 16) ? 0 : 1);
  }

  /** Rows of entries to their keys, in a stable order. */
  #sort(entries: Uint32Array): void {
    const start = this.#start.fill(0);
    for (let i = 0; i < entries.length; i += 1) start[this.#key(entries[i]!) + 1]! += 1;
    for (let key = 0; key < KEYS; key += 1) start[key + 1]! += start[key]!;
    const rows = this.#rows.view;
    for (let i = 0; i < entries.length; i += 1) {
      const at = start[this.#key(entries[i]!)]!++;
      this.#place[i] = at;
      rows[at] = entries[i]! >>> 16;
    }
    // Each has become the start of the next.
    start.copyWithin(1, 0, KEYS);
    start[0] = 0;
  }

  #multiply(first: number, from: number): void {
    const n = this.#samples;
    const exact = this.#exact;
    const { at, view: products } = this.#products;
    for (let column = 0; column < PAIR_GENES; column += 1) {
      const start = this.#start[2 * column]!;
      const odd = this.#start[2 * column + 1]!;
      const end = this.#start[2 * column + 2]!;
      if (start === end) continue;
      const values = (first + column) * n;
      exact.place(0, this.#values.subarray(values, values + n));
      exact.products(this.#rows.at + 4 * start, odd - start, 0, at + 8 * start);
      for (let i = odd; i < end; i += 1) products[i] = exact.product(from, this.#rows.view[i]!, 0);
    }
  }

  /** Ends the row tile that starts at row `from`. */
  endRows(from: number, rows: number): void {
    this.#pairs.endRows(from, rows);
  }

  /** All of them; `pairs` have met. */
  result(pairs: number): Candidates {
    const { row, column, product } = this.#pairs;
    return {
      kind: "candidates",
      row: row.view.slice(),
      column: column.view.slice(),
      product: product.view.slice(),
      pairs,
      passed: this.#passed,
    };
  }
}

/**
 * What a screen found: of one cohort whose values are at hand, the pairs that do reach their threshold with their f64
 * products, so that whoever asked need not form them again on one thread; otherwise all pairs that may.
 */
export function confirmed(
  { factors, pairs, columns }: Job<HeldColumns>,
  threshold: Float64Array,
  found: OrderedPairs,
): Candidates {
  const [factor] = factors;
  const row = found.row.view;
  const column = found.column.view;
  const passed = row.length;
  if (factors.length !== 1 || factor?.columns.values === undefined || columns === 0) {
    return { kind: "candidates", row: row.slice(), column: column.slice(), pairs, passed };
  }
  const { rows, norm, weight } = factor;
  const { values } = factor.columns;
  const product = new Float64Array(passed);
  const g = new Float64Array(rows.samples);
  let current = -1;
  let kept = 0;
  for (let i = 0; i < passed; i += 1) {
    const r = row[i]!;
    const c = column[i]!;
    if (r !== current) readRow(rows, r, g);
    current = r;
    const value = canonicalDot(g, 0, values, c * rows.samples, rows.samples);
    // As ExactRow has it, and no pair is dropped for a number that cannot be compared.
    const size = usable(norm[r]!) ? Math.abs((weight * value) / norm[r]!) : 0;
    if (size < threshold[c]! * CANDIDATE) continue;
    row[kept] = r;
    column[kept] = c;
    product[kept] = value;
    kept += 1;
  }
  return {
    kind: "candidates",
    row: row.slice(0, kept),
    column: column.slice(0, kept),
    product: product.slice(0, kept),
    pairs,
    passed,
  };
}
