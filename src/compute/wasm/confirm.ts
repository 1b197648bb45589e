import type { Candidates } from "../backend.ts";
import { CANDIDATE, canonicalDot, readRow, usable } from "../exact.ts";
import { OrderedPairs } from "../screen/orderedPairs.ts";
import { PAIR_GENES } from "../screen/panels.ts";
import type { CarrierFactor, CarrierScreen } from "./carrierScreen.ts";
import { ExactPanel } from "./exactPanel.ts";
import type { HeldColumns, Job } from "./job.ts";
import type { Kernels } from "./kernels.ts";

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
  /** Of the entries at hand: the first of each of the panel's columns and the next of the same, -1 at the end; their products. */
  readonly #first = new Int32Array(PAIR_GENES);
  #next = new Int32Array(0);
  #product = new Float64Array(0);
  #passed = 0;

  /** `values` and `threshold` are those of all columns; the screen has the room of an {@link ExactPanel} of one column beside it. */
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
  }

  /** Entries `row << 16 | column` of the panel whose first column is `start`, and the rows of the tile that starts at `from`. */
  add(entries: Uint32Array, start: number, from: number): void {
    this.#passed += entries.length;
    this.#multiply(entries, start, from);
    for (let i = 0; i < entries.length; i += 1) {
      const row = entries[i]! >>> 16;
      const j = start + (entries[i]! & 0xffff);
      const product = this.#product[i]!;
      // No pair is dropped for a number that cannot be compared.
      if (this.#exact.size(from, row, product) < this.#threshold[j]! * CANDIDATE) continue;
      this.#pairs.push(row, j, product);
    }
  }

  #multiply(entries: Uint32Array, start: number, from: number): void {
    if (entries.length > this.#next.length) {
      this.#next = new Int32Array(entries.length);
      this.#product = new Float64Array(entries.length);
    }
    const n = this.#samples;
    const first = this.#first.fill(-1);
    const next = this.#next;
    for (let i = entries.length - 1; i >= 0; i -= 1) {
      const column = entries[i]! & 0xffff;
      next[i] = first[column]!;
      first[column] = i;
    }
    for (let column = 0; column < PAIR_GENES; column += 1) {
      if (first[column] === -1) continue;
      const at = (start + column) * n;
      this.#exact.place(0, this.#values.subarray(at, at + n));
      for (let i = first[column]!; i >= 0; i = next[i]!) {
        this.#product[i] = this.#exact.product(from, entries[i]! >>> 16, 0);
      }
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
