import { throwIfAborted } from "../errors.ts";
import type { TableSchema, TableWriter } from "../formats/table.ts";
import { falseDiscovery, type RowQValues } from "./falseDiscovery.ts";
import type { Anchor } from "./geometry.ts";
import {
  droppedColumns,
  droppedSchema,
  geneColumns,
  geneSchema,
  type MapKind,
  nullColumns,
  nullSchema,
  PairColumns,
  pairSchema,
} from "./output.ts";
import { decodePart, type PartStore, partNames } from "./parts.ts";
import type { GeneTable, MapResult, Progress } from "./tables.ts";

/** Rows made into columns at a time. */
const ROWS = 65_536;

export interface FinishOptions {
  readonly kind: MapKind;
  readonly genes: GeneTable;
  readonly result: MapResult;
  /** All parts of the map, as `encodePart` wrote them. Used as scratch space too. */
  readonly parts: PartStore;
  /** Opens a table of the result; its name says nothing of the format. */
  readonly table: (name: string, schema: TableSchema) => Promise<TableWriter>;
  /** Bytes the process may use. */
  readonly memory: number;
  /** Of the distances in cis tables. Default `tss`. */
  readonly anchor?: Anchor | undefined;
  /** Key-value metadata of each table. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface FinishedTable {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
}

/**
 * Merges the parts of a map into its tables: `cis_pairs` and `cis_genes` or `trans_pairs` (with q over
 * the exact number of tests) and `trans_genes`, `variants_dropped` and `null_sample`. Holds one part, one row group
 * of each open table and, for trans, what {@link falseDiscovery} says.
 */
export async function finishMap(options: FinishOptions): Promise<FinishedTable[]> {
  const { kind, genes, result, parts, table, memory, signal } = options;
  const anchor = kind === "cis" ? (options.anchor ?? "tss") : "tss";
  const metadata = options.metadata ?? {};
  const names = await partNames(parts);
  const qValues =
    kind === "trans" ? await falseDiscovery(parts, names, result.counts.tests, memory) : undefined;

  const pairs = await table(`${kind}_pairs`, pairSchema(kind, anchor, metadata));
  const dropped = await table("variants_dropped", droppedSchema(metadata));
  const columns = new PairColumns(kind, genes, anchor, ROWS);
  let buffer: Uint8Array | undefined;
  let done = 0;
  for (const name of names) {
    throwIfAborted(signal);
    const bytes = await parts.get(name, buffer);
    if (buffer === undefined || bytes.length > buffer.length) buffer = bytes;
    done += await writePart(bytes, name, columns, qValues, pairs, dropped);
    options.onProgress?.({ done, total: result.counts.hits, phase: "writing" });
  }
  const written = [
    { name: `${kind}_pairs`, ...(await pairs.close()) },
    { name: "variants_dropped", ...(await dropped.close()) },
  ];
  const leads = await table(`${kind}_genes`, geneSchema(anchor, metadata));
  await leads.write(geneColumns(result.leads, genes, anchor));
  written.splice(1, 0, { name: `${kind}_genes`, ...(await leads.close()) });
  const sample = await table("null_sample", nullSchema(metadata));
  await sample.write(nullColumns(result.null, genes));
  written.push({ name: "null_sample", ...(await sample.close()) });
  return written;
}

/** Writes one part; the number of its pairs. */
async function writePart(
  bytes: Uint8Array,
  name: string,
  columns: PairColumns,
  qValues: RowQValues | undefined,
  pairs: TableWriter,
  dropped: TableWriter,
): Promise<number> {
  const batch = decodePart(bytes, name);
  const rows = batch.variant.length;
  for (let from = 0; from < rows; from += ROWS) {
    const to = Math.min(rows, from + ROWS);
    const q = await qValues?.next(batch.log10P.subarray(from, to));
    await pairs.write(columns.columns(batch, from, to, q));
  }
  if (batch.dropped.id.length > 0) await dropped.write(droppedColumns(batch.dropped));
  return rows;
}
