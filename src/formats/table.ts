/**
 * A run of rows of one column. Nulls: `""` in a text column, NaN in a double column, `missing` in an
 * int32 column. With an `index`, row i is `values[index[i]]` (a `dictionary` is text by index); handing the
 * same `values` array to successive writes saves a writer from looking its values up again.
 */
export type Column =
  | { readonly name: string; readonly type: "string"; readonly values: readonly string[] }
  | {
      readonly name: string;
      readonly type: "dictionary";
      readonly values: readonly string[];
      readonly index: Uint32Array;
    }
  | {
      readonly name: string;
      readonly type: "double";
      readonly values: Float64Array;
      readonly index?: Uint32Array;
    }
  | {
      readonly name: string;
      readonly type: "int32";
      readonly values: Int32Array;
      readonly index?: Uint32Array;
      readonly missing?: number;
    };

/** What a file's column holds; a `dictionary` or a `string` {@link Column} may fill a `string` one. */
export interface SchemaColumn {
  readonly name: string;
  readonly type: "string" | "double" | "int32";
  /**
   * For Parquet, numbers whose values are known not to repeat: written as they are, or (int32) as steps from
   * one to the next. Without it a dictionary is tried.
   */
  readonly encoding?: "plain" | "delta";
}

export interface TableSchema {
  readonly columns: readonly SchemaColumn[];
  /** Key-value pairs kept in the file where the format has a place for them (Parquet). */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Where bytes go: a file, a compressor, an array. `write` is done with `bytes` when its promise
 * resolves, so that the caller may reuse the buffer.
 */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/**
 * A table in the making. Rows may come in batches of any size: the bytes of the file depend on the
 * rows alone. `close` also closes the sink; `bytes` are those handed to the sink.
 */
export interface TableWriter {
  write(columns: readonly Column[]): Promise<void>;
  close(): Promise<{ rows: number; bytes: number }>;
}

/** A {@link ByteSink} that keeps what it gets; `bytes()` is a copy of all of it. */
export function memorySink(): ByteSink & { bytes(): Uint8Array } {
  const kept: Uint8Array[] = [];
  let length = 0;
  return {
    async write(bytes) {
      kept.push(new Uint8Array(bytes));
      length += bytes.length;
    },
    async close() {},
    bytes() {
      const all = new Uint8Array(length);
      let at = 0;
      for (const bytes of kept) {
        all.set(bytes, at);
        at += bytes.length;
      }
      return all;
    },
  };
}

/** Rows in `columns`. Throws TypeError when they are not the schema's or differ in length (a defect of the caller). */
export function rowsOf(columns: readonly Column[], schema: TableSchema): number {
  if (columns.length !== schema.columns.length) {
    throw new TypeError(`${columns.length} columns written to a table of ${schema.columns.length}`);
  }
  let rows = -1;
  columns.forEach((column, c) => {
    const wanted = schema.columns[c];
    const type = column.type === "dictionary" ? "string" : column.type;
    if (wanted === undefined || wanted.name !== column.name || wanted.type !== type) {
      throw new TypeError(
        `column ${c + 1} is ${column.name} (${type}), not ${wanted?.name} (${wanted?.type})`,
      );
    }
    const { length } = column.type === "string" ? column.values : (column.index ?? column.values);
    if (rows >= 0 && rows !== length) {
      throw new TypeError(`column ${column.name} has ${length} rows, those before it ${rows}`);
    }
    rows = length;
  });
  return Math.max(rows, 0);
}
