import { GrowingBytes } from "./growingBytes.ts";
import { footer, leaf, MAGIC, type Thrift, thrift } from "./parquetFooter.ts";
import { NumberBuilder } from "./parquetNumbers.ts";
import { type ColumnBuilder, ENCODING, type EncodedColumn, PHYSICAL, Scratch } from "./parquetPage.ts";
import { type Runs, runsOf } from "./parquetRuns.ts";
import { TextBuilder } from "./parquetText.ts";
import { snappyCompress } from "./snappy.ts";
import {
  type ByteSink,
  type Column,
  rowsOf,
  type SchemaColumn,
  type TableSchema,
  type TableWriter,
} from "./table.ts";

/** Rows of a row group: 1 MiB of doubles, so that a column chunk is one page of the usual size. */
const ROW_GROUP_ROWS = 131_072;

/** Those of a table of at most `rows` rows: a small one then takes little memory, and has the same bytes. */
export function groupRows(rows = ROW_GROUP_ROWS): number {
  return Math.max(1, Math.min(rows, ROW_GROUP_ROWS));
}

const CODEC = { uncompressed: 0, snappy: 1 } as const;
const PAGE = { data: 0, dictionary: 2 } as const;

/**
 * A Parquet table written to `sink` row group by row group: at any time it holds one row group, its
 * rows (about 100 bytes a row for 16 columns) and its pages, and the footer. Row groups have `groupRows` rows whatever
 * the batches are, dictionaries are in order of appearance, and Snappy is ours; so the
 * bytes are a function of the rows. All columns are optional (nullable).
 * Why not hyparquet-writer's own column writer: docs/decisions/parquet-writer.md.
 */
export function parquetWriter(sink: ByteSink, schema: TableSchema, groupRows = ROW_GROUP_ROWS): TableWriter {
  return new ParquetTableWriter(sink, schema, groupRows);
}

class ParquetTableWriter implements TableWriter {
  private readonly sink: ByteSink;
  private readonly schema: TableSchema;
  private readonly groupRows: number;
  private readonly builders: readonly ColumnBuilder[];
  /** Pages that are still to be written. */
  private readonly pages = new GrowingBytes(1 << 16);
  /** One serialised RowGroup struct each. */
  private readonly groups: Uint8Array[] = [];
  private inGroup = 0;
  private rows = 0;
  private offset = 0;

  constructor(sink: ByteSink, schema: TableSchema, groupRows: number) {
    const scratch = new Scratch();
    this.sink = sink;
    this.schema = schema;
    this.groupRows = groupRows;
    this.builders = schema.columns.map((column) =>
      column.type === "string"
        ? new TextBuilder(groupRows, scratch)
        : new NumberBuilder(column, groupRows, scratch),
    );
  }

  async write(columns: readonly Column[]): Promise<void> {
    const rows = rowsOf(columns, this.schema);
    const runs = columnRuns(columns);
    let from = 0;
    while (from < rows) {
      const to = Math.min(rows, from + this.groupRows - this.inGroup);
      this.builders.forEach((builder, c) => {
        builder.append(columns[c]!, from, to, runs[c]);
      });
      this.inGroup += to - from;
      this.rows += to - from;
      from = to;
      if (this.inGroup === this.groupRows) await this.flush();
    }
  }

  async close(): Promise<{ rows: number; bytes: number }> {
    if (this.inGroup > 0) await this.flush();
    if (this.offset === 0) await this.put(MAGIC);
    const { columns, metadata } = this.schema;
    const schema = columns.map(({ name, type }) => leaf(name, PHYSICAL[type], type === "string"));
    await this.put(
      footer({ schema, columns: columns.length, leaves: columns.length, metadata }, this.rows, this.groups),
    );
    await this.sink.close();
    return { rows: this.rows, bytes: this.offset };
  }

  private async put(bytes: Uint8Array): Promise<void> {
    await this.sink.write(bytes);
    this.offset += bytes.length;
  }

  private async putPages(): Promise<void> {
    await this.put(this.pages.content());
    this.pages.clear();
  }

  private async flush(): Promise<void> {
    if (this.offset === 0) await this.put(MAGIC);
    const { pages } = this;
    const start = this.offset;
    const chunks: Thrift[] = [];
    let plainBytes = 0;
    for (let c = 0; c < this.builders.length; c++) {
      const column = this.schema.columns[c]!;
      const chunk = writeChunk(pages, this.builders[c]!.encode(), column, this.inGroup, this.offset);
      plainBytes += chunk.plainBytes;
      chunks.push(chunk.metadata);
      // Written while the processor has them at hand, and from where they are.
      if (chunk.behind !== undefined) {
        await this.putPages();
        await this.put(chunk.behind);
      }
    }
    await this.putPages();
    this.groups.push(
      thrift({
        field_1: chunks,
        field_2: BigInt(plainBytes),
        field_3: BigInt(this.inGroup),
        field_5: BigInt(start),
        field_6: BigInt(this.offset - start),
      }).slice(),
    );
    this.inGroup = 0;
  }
}

/** The runs of each column's index; columns that share one share its runs. */
function columnRuns(columns: readonly Column[]): (Runs | undefined)[] {
  const known = new Map<Uint32Array, Runs | undefined>();
  return columns.map((column) => {
    const index = column.type === "string" ? undefined : column.index;
    if (index === undefined) return undefined;
    if (!known.has(index)) known.set(index, runsOf(index));
    return known.get(index);
  });
}

/**
 * Appends the pages of a column chunk to those before it, the first of which are to be at `outOffset` of the file; its ColumnChunk
 * struct, its bytes before compression, and what is to be written behind these pages and belongs to the last one.
 */
export function writeChunk(
  out: GrowingBytes,
  encoded: EncodedColumn,
  column: SchemaColumn,
  rows: number,
  outOffset: number,
): { metadata: Thrift; plainBytes: number; behind: Uint8Array | undefined } {
  const { physical, encoding, dictionary, behind } = encoded;
  const packed = isPacked(encoded);
  const first = out.length;
  const offset = outOffset + first;
  const extra = behind?.length ?? 0;
  let plainBytes = extra;
  const page = (content: Uint8Array, header: (plain: number, stored: number) => Thrift): void => {
    const stored = packed ? packedPage(content) : content;
    const head = thrift(header(content.length, stored.length));
    out.append(head);
    out.append(stored);
    plainBytes += head.length + content.length;
  };
  if (dictionary !== undefined) {
    page(dictionary, (plain, stored) => ({
      field_1: PAGE.dictionary,
      field_2: plain,
      field_3: stored,
      field_7: { field_1: encoded.dictionaryEntries, field_2: ENCODING.plain },
    }));
  }
  const dictionaryBytes = out.length - first;
  page(encoded.page, (plain, stored) => ({
    field_1: PAGE.data,
    field_2: plain + extra,
    field_3: stored + extra,
    field_5: { field_1: rows, field_2: encoding, field_3: ENCODING.rle, field_4: ENCODING.rle },
  }));
  const encodings =
    dictionary === undefined ? [encoding, ENCODING.rle] : [ENCODING.plain, ENCODING.rle, encoding];
  const metadata: Thrift = {
    field_2: BigInt(offset),
    field_3: {
      field_1: physical,
      field_2: encodings,
      field_3: [column.name],
      field_4: packed ? CODEC.snappy : CODEC.uncompressed,
      field_5: BigInt(rows),
      field_6: BigInt(plainBytes),
      field_7: BigInt(out.length - first + extra),
      field_9: BigInt(offset + dictionaryBytes),
      field_11: dictionary === undefined ? undefined : BigInt(offset),
      field_12: { field_3: BigInt(encoded.nulls), field_5: encoded.max, field_6: encoded.min },
    },
  };
  return { metadata, plainBytes, behind };
}

/** Whether Snappy pays: f64 statistics and packed steps do not compress, and it would cost time and give nothing. */
function isPacked({ physical, encoding, dictionary }: EncodedColumn): boolean {
  return !(encoding === ENCODING.delta || (physical === PHYSICAL.double && dictionary === undefined));
}

/** Where a page is compressed; what is in it is good until the next one. */
const packing = new GrowingBytes(1 << 16);

function packedPage(content: Uint8Array): Uint8Array {
  packing.clear();
  snappyCompress(packing, content);
  return packing.content();
}
