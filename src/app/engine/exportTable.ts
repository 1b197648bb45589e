import { InputError } from "../../errors.ts";
import type { ByteSource } from "../../formats/source.ts";
import type { ByteSink, Column } from "../../formats/table.ts";
import { tsvWriter } from "../../formats/tsv.ts";
import type { ResultTables } from "./queries/tables.ts";
import type { OpenResult } from "./result.ts";

/** Bytes read at a time of a table that is handed out as it lies. */
const STEP = 2 ** 24;

/** A table as it lies, or as the command line writes it in text (`--format tsv`), gzipped where the browser can. */
export async function exportTable(
  { tables, name }: OpenResult,
  opened: ResultTables,
  table: string,
  format: "parquet" | "tsv",
): Promise<Blob> {
  const source = tables.get(table);
  if (source === undefined) throw new InputError(name, `has no table ${table}`);
  return format === "parquet" ? wholeBlob(source) : textBlob(opened, table);
}

const PARQUET = "application/vnd.apache.parquet";

/** The file itself where there is one (a kept run's, a dropped one); what an address has, piece by piece, which the browser may put on its disk. */
async function wholeBlob(source: ByteSource): Promise<Blob> {
  if (source.blob !== undefined) return source.blob.slice(0, source.size, PARQUET);
  const pieces: Blob[] = [];
  for (let at = 0; at < source.size; at += STEP) {
    const bytes = await source.read(at, Math.min(source.size, at + STEP));
    pieces.push(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  }
  return new Blob(pieces, { type: PARQUET });
}

async function textBlob(opened: ResultTables, name: string): Promise<Blob> {
  const table = (await opened.open(name))!;
  const { sink, whole } = textSink();
  const columns = table.columns.map((column) => {
    const type = table.textColumns.has(column) ? ("string" as const) : ("double" as const);
    return { name: column, type };
  });
  const writer = tsvWriter(sink, { columns, metadata: {} });
  for (const rows of table.groups) {
    const values = await Promise.all(
      columns.map(async ({ name: column, type }): Promise<Column> => {
        if (type === "string") return { name: column, type, values: await table.texts(column, rows) };
        return { name: column, type, values: await table.numbers(column, rows) };
      }),
    );
    await writer.write(values);
  }
  await writer.close();
  return whole;
}

/** Text as it comes, gzipped where the browser can: neither is held here as a whole. */
function textSink(): { readonly sink: ByteSink; readonly whole: Promise<Blob> } {
  const packs = typeof CompressionStream !== "undefined";
  const through: ReadableWritablePair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> = packs
    ? new CompressionStream("gzip")
    : new TransformStream();
  const writer = through.writable.getWriter();
  const type = packs ? "application/gzip" : "text/tab-separated-values";
  return {
    sink: {
      // A copy: the writer uses its buffer again while the stream still has it.
      write: (bytes) => writer.write(bytes.slice()),
      close: () => writer.close(),
    },
    whole: new Response(through.readable, { headers: { "Content-Type": type } }).blob(),
  };
}
