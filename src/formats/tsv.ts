import { GrowingBytes } from "./growingBytes.ts";
import { type ByteSink, type Column, rowsOf, type TableSchema, type TableWriter } from "./table.ts";

/** What is written for a null, as R and pandas read it. */
export const NULL_CELL = "NA";

const FLUSH_BYTES = 1 << 20;
const TAB = 9;
const NEWLINE = 10;

/**
 * A tab-separated table with a header line, `\n` line ends and no quoting; numbers in the fewest
 * digits that read back to the same f64, nulls as `NA`. It writes plain text: gzip is the sink's.
 * Holds about 1 MiB. A tab or line break within a text becomes a space, so that rows stay rows.
 */
export function tsvWriter(sink: ByteSink, schema: TableSchema): TableWriter {
  const out = new GrowingBytes(FLUSH_BYTES + 65536);
  const texts = schema.columns.map(() => new TextCache());
  let rows = 0;
  let bytes = 0;
  let started = false;

  const flush = async (): Promise<void> => {
    bytes += out.length;
    await sink.write(out.content());
    out.clear();
  };
  const header = (): void => {
    if (started) return;
    started = true;
    out.text(`${schema.columns.map(({ name }) => clean(name)).join("\t")}\n`);
  };

  return {
    async write(columns) {
      const count = rowsOf(columns, schema);
      header();
      columns.forEach((column, c) => {
        if (column.type === "dictionary") texts[c]!.follow(column.values);
      });
      for (let i = 0; i < count; i++) {
        for (let c = 0; c < columns.length; c++) {
          if (c > 0) out.byte(TAB);
          writeCell(out, columns[c]!, i, texts[c]!);
        }
        out.byte(NEWLINE);
        if (out.length >= FLUSH_BYTES) await flush();
      }
      rows += count;
    },
    async close() {
      header();
      await flush();
      await sink.close();
      return { rows, bytes };
    },
  };
}

function writeCell(out: GrowingBytes, column: Column, i: number, texts: TextCache): void {
  if (column.type === "double") {
    const value = column.values[column.index?.[i] ?? i]!;
    ascii(out, Number.isNaN(value) ? NULL_CELL : String(value));
  } else if (column.type === "int32") {
    const value = column.values[column.index?.[i] ?? i]!;
    if (value === column.missing) ascii(out, NULL_CELL);
    else integer(out, value);
  } else if (column.type === "dictionary") {
    texts.write(out, column.index[i]!);
  } else {
    out.text(cell(column.values[i]!));
  }
}

/** The values of a dictionary column as bytes, encoded once for as long as the same values come. */
class TextCache {
  private values: readonly string[] | undefined;
  private readonly encoded = new GrowingBytes();
  private starts = new Uint32Array(1);

  follow(values: readonly string[]): void {
    if (values === this.values) return;
    this.values = values;
    this.encoded.clear();
    if (this.starts.length < values.length + 1) this.starts = new Uint32Array(values.length + 1);
    for (let v = 0; v < values.length; v++) {
      this.encoded.text(cell(values[v]!));
      this.starts[v + 1] = this.encoded.length;
    }
  }

  write(out: GrowingBytes, v: number): void {
    const start = this.starts[v]!;
    const end = this.starts[v + 1]!;
    out.ensure(end - start);
    const from = this.encoded.bytes;
    const to = out.bytes;
    let at = out.length;
    for (let b = start; b < end; b++) to[at++] = from[b]!;
    out.length = at;
  }
}

function cell(text: string): string {
  return text === "" ? NULL_CELL : clean(text);
}

function clean(text: string): string {
  return /[\t\n\r]/.test(text) ? text.replace(/[\t\n\r]/g, " ") : text;
}

function ascii(out: GrowingBytes, text: string): void {
  out.ensure(text.length);
  const { bytes } = out;
  let at = out.length;
  for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
  out.length = at;
}

/** Decimal digits of an int32. */
function integer(out: GrowingBytes, value: number): void {
  out.ensure(11);
  const { bytes } = out;
  let rest = value;
  if (rest < 0) {
    bytes[out.length++] = 45;
    rest = -rest;
  }
  let digits = 1;
  for (let top = 10; top <= rest; top *= 10) digits++;
  for (let at = out.length + digits - 1; at >= out.length; at--) {
    const tenth = Math.floor(rest / 10);
    bytes[at] = 48 + rest - tenth * 10;
    rest = tenth;
  }
  out.length += digits;
}
