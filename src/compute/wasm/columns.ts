import { UsageError } from "../../errors.ts";
import type { Columns, LoadedColumns, PermutedColumns } from "../backend.ts";
import { Breather } from "../pause.ts";
import { checkColumns } from "../product.ts";
import {
  type ColumnMeasures,
  type Digits,
  emptyColumnMeasures,
  emptyScreenColumns,
  inspectColumn,
  interleaveFour,
  quantiseColumn,
} from "../screen/columns.ts";
import { emptyPanels, groupFor, PANEL_GENES, quantisePanelColumn } from "../screen/panels.ts";
import { isShared, sharedBuffer } from "../sharedMemory.ts";
import type { EngineSettings, HeldColumns, ScreenKernel } from "./job.ts";
import { kernelBytes } from "./kernelBytes.ts";
import { instantiate } from "./kernels.ts";
import { PanelMaker } from "./panelMaker.ts";

/** From so many on, panels are made by a kernel: a little coarser, and in a twentieth of the time. */
const MANY_COLUMNS = 256;

/** Shared memory where there is any (Node, isolated pages): then all workers read one copy. */
export function buffer(bytes: number, shared: boolean): ArrayBufferLike {
  return shared ? sharedBuffer(bytes) : new ArrayBuffer(bytes);
}

/** How columns are held. */
export interface ColumnOptions {
  readonly digits: Digits;
  /** For other threads. */
  readonly shared: boolean;
  readonly settings: EngineSettings;
}

/** Columns that the wasm backend has taken over; their integers are made when a screen first asks for them. */
export class WasmColumns implements LoadedColumns {
  /** What workers know the columns by. */
  readonly id: number;
  readonly count: number;
  readonly samples: number;
  /** None where they are made by recipe. */
  private readonly columns: Columns | undefined;
  /** Length and sum of standardised columns. */
  private readonly measured: ColumnMeasures | undefined;
  private readonly options: ColumnOptions;
  private readonly making = new Map<ScreenKernel, Promise<void>>();
  private parts: HeldColumns | undefined;
  private readonly forget: (columns: WasmColumns) => void;

  /** Throws {@link UsageError} when the columns are not what they are said to be. */
  constructor(
    id: number,
    columns: Columns | PermutedColumns,
    options: ColumnOptions,
    forget: (columns: WasmColumns) => void,
  ) {
    this.id = id;
    this.samples = columns.samples;
    this.options = options;
    this.forget = forget;
    if ("order" in columns) {
      this.count = columns.genes * columns.permutations;
      this.columns = undefined;
      this.parts = { permuted: options.shared ? sharedRecipe(columns) : columns };
      return;
    }
    checkColumns(columns);
    if (columns.standardised) this.measured = measuresOf(columns);
    this.count = columns.count;
    const values = options.shared ? shareable(columns.values) : columns.values;
    this.columns = { ...columns, values };
    this.parts = { values };
  }

  /** Whether they are made by recipe. */
  get permuted(): boolean {
    return this.columns === undefined;
  }

  /** Throws {@link UsageError} after `dispose`. */
  get held(): HeldColumns {
    if (this.parts === undefined) throw new UsageError("product: its columns were disposed of");
    return this.parts;
  }

  /**
   * Makes the integers that a kernel screens, once; how coarse those of `carriers` are follows the first `threshold`, and whether the
   * first rows have dosages. Throws {@link UsageError} when the columns are not standardised.
   */
  async prepare(kernel: ScreenKernel, threshold: Float64Array, dosages: boolean): Promise<void> {
    const { held, columns } = this;
    if (columns === undefined) return;
    if (this.measured === undefined) throw new UsageError("product: this needs standardised columns");
    let made = this.making.get(kernel);
    made ??=
      kernel === "dot"
        ? this.makeIntegers(held, columns)
        : this.makePanels(held, columns, this.measured, threshold, dosages);
    this.making.set(kernel, made);
    await made;
  }

  private async makeIntegers(held: HeldColumns, columns: Columns): Promise<void> {
    const { digits, shared } = this.options;
    const integers = emptyScreenColumns(columns, digits, (bytes) => buffer(bytes, shared));
    await this.each((j) => {
      quantiseColumn(columns, j, integers);
      if (j % 4 === 3 || j === this.count - 1) interleaveFour(integers, j - (j % 4));
    });
    held.integers = integers;
  }

  private async makePanels(
    held: HeldColumns,
    columns: Columns,
    measured: ColumnMeasures,
    threshold: Float64Array,
    dosages: boolean,
  ): Promise<void> {
    const { shared, settings } = this.options;
    const group = settings.group ?? groupFor(columns, threshold, dosages);
    const panels = emptyPanels(columns, group, settings.stretch, (bytes) => buffer(bytes, shared));
    if (this.count < MANY_COLUMNS) {
      const scratch = new Int16Array(this.samples);
      await this.each((j) => quantisePanelColumn(columns, j, panels, scratch));
    } else {
      const maker = new PanelMaker(await instantiate(kernelBytes()), panels);
      await this.each((j) => {
        if (j % PANEL_GENES === 0) maker.make(columns, measured, j / PANEL_GENES, panels);
      });
    }
    held.panels = panels;
  }

  private async each(make: (column: number) => void): Promise<void> {
    const breather = new Breather(undefined);
    for (let j = 0; j < this.count; j += 1) {
      make(j);
      await breather.pause();
    }
  }

  async dispose(): Promise<void> {
    if (this.parts === undefined) return;
    this.parts = undefined;
    this.forget(this);
  }
}

/** Of standardised columns. Throws {@link UsageError} where one is not. */
function measuresOf({ values, count, samples }: Columns): ColumnMeasures {
  const measures = emptyColumnMeasures(count, samples, (bytes) => new ArrayBuffer(bytes));
  for (let j = 0; j < count; j += 1) {
    inspectColumn(values.subarray(j * samples, (j + 1) * samples), j, measures);
  }
  return measures;
}

function sharedRecipe(recipe: PermutedColumns): PermutedColumns {
  const order = new Uint32Array(buffer(4 * recipe.order.length, true));
  order.set(recipe.order);
  const basis = recipe.basis && { ...recipe.basis, values: shareable(recipe.basis.values) };
  return { ...recipe, values: shareable(recipe.values), order, basis };
}

/** The values themselves where other threads can read them, else a copy where they can. */
function shareable(values: Float64Array): Float64Array {
  if (isShared(values)) return values;
  const copy = new Float64Array(sharedBuffer(values.length * 8));
  copy.set(values);
  return copy;
}
