import { InputError } from "../../errors.ts";
import type { ByteSource } from "../../formats/source.ts";
import type { Column } from "../../formats/table.ts";
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

async function wholeBlob(source: ByteSource): Promise<Blob> {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < source.size; at += STEP)
    pieces.push((await source.read(at, Math.min(source.size, at + STEP))).slice());
  return new Blob(pieces as BlobPart[], { type: "application/vnd.apache.parquet" });
}

async function textBlob(opened: ResultTables, name: string): Promise<Blob> {
  const table = (await opened.open(name))!;
  const pieces: Uint8Array[] = [];
  const sink = {
    async write(bytes: Uint8Array) {
      pieces.push(bytes.slice());
    },
    async close() {},
  };
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
  const text = new Blob(pieces as BlobPart[], { type: "text/tab-separated-values" });
  if (typeof CompressionStream === "undefined") return text;
  const packed = await new Response(text.stream().pipeThrough(new CompressionStream("gzip"))).blob();
  return new Blob([packed], { type: "application/gzip" });
}
