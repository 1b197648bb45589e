import { GrowingBytes } from "./growingBytes.ts";
import { writeChunk } from "./parquet.ts";
import { footer, leaf, MAGIC, type Thrift, thrift } from "./parquetFooter.ts";
import { ENCODING, PHYSICAL, Scratch } from "./parquetPage.ts";
import { TextBuilder } from "./parquetText.ts";
import type { ByteSink } from "./table.ts";

export interface MatrixSchema {
  /** The column of row names. */
  readonly row: string;
  /** The column of lists. */
  readonly values: string;
  /** Numbers a row. */
  readonly columns: number;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface MatrixWriter {
  /** The next rows: their names, and `values[row * columns + column]`. */
  write(names: readonly string[], values: Float32Array): Promise<void>;
  close(): Promise<{ rows: number; bytes: number }>;
}

/** Values of a row group (64 MiB) and of a page (1 MiB) at most; a row is never parted. */
const GROUP_VALUES = 2 ** 24;
const PAGE_VALUES = 2 ** 18;
export interface MatrixLimits {
  readonly groupValues: number;
  readonly pageValues: number;
}

/** Numbers of the Parquet format. */
const FLOAT = 4;
const REPETITION = { required: 0, repeated: 2 } as const;
const LIST = 3;
const UNCOMPRESSED = 0;

/**
 * A matrix of 32-bit floats as a Parquet table of two columns: the row's name, and a list of its numbers, all of one length. Written to
 * `sink` page by page, of which one is held; pages and row groups depend on the shape alone, so the bytes are a function of the rows.
 * Numbers are not compressed, and NaN is a number.
 */
export function matrixWriter(
  sink: ByteSink,
  schema: MatrixSchema,
  limits: MatrixLimits = { groupValues: GROUP_VALUES, pageValues: PAGE_VALUES },
): MatrixWriter {
  return new ParquetMatrixWriter(sink, schema, limits);
}

class ParquetMatrixWriter implements MatrixWriter {
  private readonly sink: ByteSink;
  private readonly schema: MatrixSchema;
  private readonly groupRows: number;
  private readonly pageRows: number;
  private readonly page: Float32Array;
  private inPage = 0;
  /** Names of the row group's rows so far. */
  private names: string[] = [];
  /** Where the row group begins, and the bytes of its pages so far. */
  private start = 0;
  private pageBytes = 0;
  private readonly groups: Uint8Array[] = [];
  private rows = 0;
  private offset = 0;

  constructor(sink: ByteSink, schema: MatrixSchema, { groupValues, pageValues }: MatrixLimits) {
    const rowsOf = (values: number): number => Math.max(1, Math.floor(values / Math.max(1, schema.columns)));
    this.sink = sink;
    this.schema = schema;
    this.pageRows = rowsOf(pageValues);
    // Whole pages, so that a page never waits for a group.
    this.groupRows = Math.max(1, Math.floor(rowsOf(groupValues) / this.pageRows)) * this.pageRows;
    this.page = new Float32Array(this.pageRows * schema.columns);
  }

  async write(names: readonly string[], values: Float32Array): Promise<void> {
    const { columns } = this.schema;
    if (values.length !== names.length * columns) {
      throw new TypeError(`${values.length} numbers for ${names.length} rows of ${columns}`);
    }
    for (const [row, name] of names.entries()) {
      this.page.set(values.subarray(row * columns, (row + 1) * columns), this.inPage * columns);
      this.names.push(name);
      this.inPage++;
      if (this.inPage === this.pageRows) await this.putPage();
      if (this.names.length === this.groupRows) await this.putGroup();
    }
  }

  async close(): Promise<{ rows: number; bytes: number }> {
    if (this.names.length > 0) await this.putGroup();
    if (this.offset === 0) await this.put(MAGIC);
    const { row, values, metadata } = this.schema;
    const schema = [
      leaf(row, PHYSICAL.string, true),
      // A list as the format has it: a group, within it a repeated group, within it the numbers.
      { field_3: REPETITION.required, field_4: values, field_5: 1, field_6: LIST, field_10: { field_3: {} } },
      { field_3: REPETITION.repeated, field_4: "list", field_5: 1 },
      { field_1: FLOAT, field_3: REPETITION.required, field_4: "element" },
    ];
    await this.put(footer({ schema, columns: 2, leaves: 2, metadata }, this.rows, this.groups));
    await this.sink.close();
    return { rows: this.rows, bytes: this.offset };
  }

  private async put(bytes: Uint8Array): Promise<void> {
    await this.sink.write(bytes);
    this.offset += bytes.length;
  }

  private async putPage(): Promise<void> {
    if (this.offset === 0) await this.put(MAGIC);
    if (this.pageBytes === 0) this.start = this.offset;
    const values = this.page.subarray(0, this.inPage * this.schema.columns);
    const levels = levelsOf(this.inPage, this.schema.columns);
    const size = levels.length + values.byteLength;
    const head = thrift({
      field_1: 0,
      field_2: size,
      field_3: size,
      // A row without numbers has one entry, which says so.
      field_5: {
        field_1: Math.max(this.inPage, values.length),
        field_2: ENCODING.plain,
        field_3: ENCODING.rle,
        field_4: ENCODING.rle,
      },
    });
    await this.put(head);
    await this.put(levels);
    await this.put(littleEndian(values));
    this.pageBytes += head.length + size;
    this.inPage = 0;
  }

  /** The names' chunk behind the pages, and the row group. */
  private async putGroup(): Promise<void> {
    if (this.inPage > 0) await this.putPage();
    const { row, values, columns } = this.schema;
    const rows = this.names.length;
    const names = new TextBuilder(rows, new Scratch());
    names.append({ name: row, type: "string", values: this.names }, 0, rows, undefined);
    const pages = new GrowingBytes(1 << 16);
    const chunk = writeChunk(pages, names.encode(), { name: row, type: "string" }, rows, this.offset);
    await this.put(pages.content());
    const numbers: Thrift = {
      field_2: BigInt(this.start),
      field_3: {
        field_1: FLOAT,
        field_2: [ENCODING.plain, ENCODING.rle],
        field_3: [values, "list", "element"],
        field_4: UNCOMPRESSED,
        field_5: BigInt(Math.max(rows, rows * columns)),
        field_6: BigInt(this.pageBytes),
        field_7: BigInt(this.pageBytes),
        field_9: BigInt(this.start),
      },
    };
    this.groups.push(
      thrift({
        field_1: [chunk.metadata, numbers],
        field_2: BigInt(chunk.plainBytes + this.pageBytes),
        field_3: BigInt(rows),
        field_5: BigInt(this.start),
        field_6: BigInt(this.offset - this.start),
      }).slice(),
    );
    this.rows += rows;
    this.names = [];
    this.pageBytes = 0;
  }
}

/** Repetition and definition levels of lists of one length, as runs, each with its length in front. */
function levelsOf(rows: number, columns: number): Uint8Array {
  const repetition: number[] = [];
  for (let row = 0; row < rows; row++) {
    run(repetition, 1, 0);
    if (columns > 1) run(repetition, columns - 1, 1);
  }
  const definition: number[] = [];
  run(definition, rows * Math.max(1, columns), columns > 0 ? 1 : 0);
  const out = new Uint8Array(8 + repetition.length + definition.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, repetition.length, true);
  out.set(repetition, 4);
  view.setUint32(4 + repetition.length, definition.length, true);
  out.set(definition, 8 + repetition.length);
  return out;
}

/** A run of the hybrid encoding, for levels of one bit. */
function run(out: number[], length: number, value: number): void {
  let left = length * 2;
  for (; left >= 128; left = Math.floor(left / 128)) out.push((left % 128) | 128);
  out.push(left, value);
}

const IS_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function littleEndian(values: Float32Array): Uint8Array {
  if (IS_LITTLE) return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bytes = new Uint8Array(values.byteLength);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setFloat32(4 * i, value, true);
  return bytes;
}
