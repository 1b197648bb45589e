import type { CallRows, Windows } from "../backend.ts";
import { carriersTile64, PANEL_COLUMNS } from "../plan.ts";
import { windowOf } from "../product.ts";
import type { Kernels, Regions } from "./kernels.ts";

/** From this share of carriers on, the tile of dot64.ts is quicker (bench/lab/README.md). */
const DENSE = 0.6;

/** Bytes of a row in `ends`: see assembly/sparse64.ts. */
const ENDS = 4;

/** What the kernels need beside a tile's `packed` calls and `fills`. */
export function sparseLayout(samples: number) {
  const { rows, panels, room } = carriersTile64(samples);
  return {
    counts: ["u32", 3 * rows],
    ends: ["u32", ENDS * rows],
    lists: ["u16", rows * 4 * room],
    missing: ["u16", rows * samples],
    staged: ["f64", panels === 0 ? 0 : PANEL_COLUMNS * samples],
    panels: ["f64", panels * PANEL_COLUMNS * (3 * samples + 1)],
    sums: ["f64", rows * PANEL_COLUMNS],
  } as const;
}

type Memory = Regions<
  ReturnType<typeof sparseLayout> & { packed: readonly ["u8", number]; fills: readonly ["f64", number] }
>;

/** Where a job's products go, and whose they are. */
export interface Products {
  /** Values of all columns, one after the other. */
  readonly values: Float64Array;
  readonly columns: number;
  readonly windows: Windows | undefined;
  /** Rows in all. */
  readonly rows: number;
  /** Where each column's run starts in `out`. */
  readonly offset: Float64Array;
  readonly out: Float64Array;
}

/**
 * The f64 products of calls from lists of carriers: for each row that a panel of 8 columns meets, the columns' values of its
 * carriers are added up. What the kernels read is laid out once; tiles of rows come one after the other.
 */
export class SparseProducts {
  readonly rows: number;
  readonly #kernels: Kernels;
  readonly #memory: Memory;
  readonly #calls: CallRows;
  readonly #products: Products;
  /** Which panel of columns each slot of memory holds. */
  readonly #held: number[] = [];
  readonly #slots: number;
  readonly #room: number;

  constructor(kernels: Kernels, memory: Memory, calls: CallRows, products: Products) {
    const { rows, panels, room } = carriersTile64(calls.samples);
    this.rows = rows;
    this.#slots = panels;
    this.#room = room;
    this.#kernels = kernels;
    this.#memory = memory;
    this.#calls = calls;
    this.#products = products;
  }

  /** Lists the carriers of rows `from` to `to`; false where they are too many for it to pay. */
  load(from: number, to: number): boolean {
    const { packed, counts, fills, ends, lists, missing } = this.#memory;
    const { stride, samples } = this.#calls;
    const { run } = this.#kernels;
    packed.view.set(this.#calls.packed.subarray(from * stride, to * stride));
    fills.view.set(this.#calls.fill.subarray(from, to));
    run.countCalls(packed.at, stride, to - from, counts.at);
    let carriers = 0;
    for (let i = 0; i < 3 * (to - from); i++) carriers += counts.view[i]!;
    if (carriers > DENSE * samples * (to - from)) return false;
    run.listCarriers64(packed.at, stride, to - from, samples, ends.at, lists.at, 2 * this.#room, missing.at);
    return true;
  }

  /** The products of the rows loaded, `from` to `to`. */
  multiply(from: number, to: number): void {
    const { columns } = this.#products;
    for (let panel = 0; panel * PANEL_COLUMNS < columns; panel++) this.#panel(panel, from, to);
  }

  #panel(panel: number, from: number, to: number): void {
    const { windows, columns, rows, out, offset } = this.#products;
    const first = panel * PANEL_COLUMNS;
    const last = Math.min(columns, first + PANEL_COLUMNS);
    let start = to;
    let end = from;
    for (let j = first; j < last; j++) {
      const [low, high] = windowOf(windows, j, rows);
      if (low >= to || high <= from || low >= high) continue;
      start = Math.min(start, Math.max(low, from));
      end = Math.max(end, Math.min(high, to));
    }
    if (start >= end) return;
    const { ends, lists, missing, fills, sums } = this.#memory;
    const { samples } = this.#calls;
    const bytes = 8 * this.rows;
    this.#kernels.run.dotCarriers64(
      this.#place(panel),
      samples,
      ends.at,
      lists.at,
      2 * this.#room,
      missing.at,
      fills.at,
      start - from,
      end - from,
      sums.at,
      bytes,
    );
    for (let j = first; j < last; j++) {
      const [low, high] = windowOf(windows, j, rows);
      const a = Math.max(low, from);
      const b = Math.min(high, to);
      if (a >= b) continue;
      const at = (j - first) * this.rows - from;
      out.set(sums.view.subarray(at + a, at + b), offset[j]! + a - low);
    }
  }

  /** Where the panel is, made where it is not there any more. */
  #place(panel: number): number {
    const { staged, panels } = this.#memory;
    const { samples } = this.#calls;
    const slot = panel % this.#slots;
    const at = panels.at + slot * 8 * PANEL_COLUMNS * (3 * samples + 1);
    if (this.#held[slot] === panel) return at;
    this.#held[slot] = panel;
    const values = this.#products.values.subarray(
      panel * PANEL_COLUMNS * samples,
      Math.min(this.#products.columns, (panel + 1) * PANEL_COLUMNS) * samples,
    );
    staged.view.set(values);
    staged.view.fill(0, values.length);
    this.#kernels.run.makePanel64(staged.at, samples, at);
    return at;
  }
}
