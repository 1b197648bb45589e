import { UsageError } from "../../errors.ts";
import type { Columns, LoadedColumns } from "../backend.ts";
import { Breather } from "../pause.ts";
import { checkColumns } from "../product.ts";
import { type Digits, emptyScreenColumns, quantiseColumn } from "../screen/columns.ts";
import type { HeldColumns } from "./job.ts";

/** Shared memory where there is any (Node, isolated pages): then all workers read one copy. */
export function buffer(bytes: number, shared: boolean): ArrayBufferLike {
  return shared && typeof SharedArrayBuffer === "function"
    ? new SharedArrayBuffer(bytes)
    : new ArrayBuffer(bytes);
}

/** Columns that the wasm backend has taken over. */
export class WasmColumns implements LoadedColumns {
  /** What workers know the columns by. */
  readonly id: number;
  readonly count: number;
  readonly samples: number;
  private parts: HeldColumns | undefined;
  private readonly forget: (columns: WasmColumns) => void;

  constructor(id: number, columns: Columns, parts: HeldColumns, forget: (columns: WasmColumns) => void) {
    this.id = id;
    this.count = columns.count;
    this.samples = columns.samples;
    this.parts = parts;
    this.forget = forget;
  }

  /** Throws {@link UsageError} after `dispose`. */
  get held(): HeldColumns {
    if (this.parts === undefined) throw new UsageError("product: its columns were disposed of");
    return this.parts;
  }

  async dispose(): Promise<void> {
    if (this.parts === undefined) return;
    this.parts = undefined;
    this.forget(this);
  }
}

/**
 * Quantises standardised columns, and keeps the f64 values: as they are for the caller's own thread,
 * in shared memory for others.
 */
export async function holdColumns(columns: Columns, digits: Digits, shared: boolean): Promise<HeldColumns> {
  checkColumns(columns);
  const breather = new Breather(undefined);
  let { values } = columns;
  if (shared) {
    values = new Float64Array(buffer(values.length * 8, true));
    values.set(columns.values);
  }
  if (!columns.standardised) return { values };
  const integers = emptyScreenColumns(columns, digits, (bytes) => buffer(bytes, shared));
  for (let j = 0; j < columns.count; j += 1) {
    quantiseColumn(columns, j, integers);
    await breather.pause();
  }
  return { integers, values };
}
