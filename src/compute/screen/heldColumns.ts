import { UsageError } from "../../errors.ts";
import type { Backend, Columns, LoadedColumns } from "../backend.ts";
import { Breather } from "../pause.ts";
import { type Digits, emptyScreenColumns, quantiseColumn, type ScreenColumns } from "./columns.ts";

/** Columns that a backend which screens on a device has taken over; they are quantised when first needed. */
export class HeldColumns implements LoadedColumns {
  readonly count: number;
  readonly samples: number;
  private columns: Columns | undefined;
  private readonly integers = new Map<Digits, Promise<ScreenColumns>>();
  private readonly elsewhere = new Map<boolean, Promise<LoadedColumns>>();

  constructor(columns: Columns) {
    this.count = columns.count;
    this.samples = columns.samples;
    this.columns = columns;
  }

  /** The columns as they came. Throws {@link UsageError} after `dispose`. */
  get held(): Columns {
    if (this.columns === undefined) throw new UsageError("product: its columns were disposed of");
    return this.columns;
  }

  /** Throws {@link UsageError} when the columns are not standardised. */
  quantised(digits: Digits): Promise<ScreenColumns> {
    const columns = this.held;
    if (!columns.standardised) throw new UsageError("product: this needs standardised columns");
    const known = this.integers.get(digits);
    if (known !== undefined) return known;
    const made = quantiseAll(columns, digits);
    this.integers.set(digits, made);
    return made;
  }

  /** The same columns on another backend: for `dense`, or (standardised) for whatever a device cannot do. */
  on(backend: Backend, standardised: boolean): Promise<LoadedColumns> {
    const columns = this.held;
    const known = this.elsewhere.get(standardised);
    if (known !== undefined) return known;
    const made = backend.load({ ...columns, standardised });
    this.elsewhere.set(standardised, made);
    return made;
  }

  async dispose(): Promise<void> {
    this.columns = undefined;
    this.integers.clear();
    const loaded = [...this.elsewhere.values()];
    this.elsewhere.clear();
    for (const columns of loaded) await (await columns.catch(() => undefined))?.dispose();
  }
}

async function quantiseAll(columns: Columns, digits: Digits): Promise<ScreenColumns> {
  const breather = new Breather(undefined);
  const integers = emptyScreenColumns(columns, digits);
  for (let j = 0; j < columns.count; j += 1) {
    quantiseColumn(columns, j, integers);
    await breather.pause();
  }
  return integers;
}
