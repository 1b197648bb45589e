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
import type { GeneTable, MapResult, PairBatch, Progress } from "./tables.ts";
import { fdrMetadata, lociColumns, lociSchema } from "./trans/columns.ts";
import type { TransPermutations } from "./trans/permutationFdr.ts";

/** Rows made into columns at a time. */
const ROWS = 65_536;

/** What the tables of a map are written with. */
export interface TableOptions {
  readonly kind: MapKind;
  readonly genes: GeneTable;
  /** Opens a table of the result; its name says nothing of the format. */
  readonly table: (name: string, schema: TableSchema) => Promise<TableWriter>;
  /** Of the distances in cis tables. Default `tss`. */
  readonly anchor?: Anchor | undefined;
  /** Key-value metadata of each table. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** What permutations say of a trans map: known when its pairs are written. */
  readonly permutations?: TransPermutations | undefined;
}

export interface FinishOptions extends TableOptions {
  readonly result: MapResult;
  /** All parts of the map, as `encodePart` wrote them. Used as scratch space too. */
  readonly parts: PartStore;
  /** Bytes the process may use. */
  readonly memory: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface FinishedTable {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
}

/**
 * The tables of a map in the making: `cis_pairs` and `cis_genes` or `trans_pairs` and `trans_genes`,
 * `variants_dropped` and `null_sample`. Holds one row group of each open table.
 */
export class MapTables {
  private readonly options: TableOptions;
  private readonly columns: PairColumns;
  private readonly pairs: TableWriter;
  private readonly dropped: TableWriter;

  private constructor(options: TableOptions, pairs: TableWriter, dropped: TableWriter) {
    this.options = options;
    const { kind, genes, anchor = "tss", permutations } = options;
    this.columns = new PairColumns(kind, genes, anchor, ROWS, permutations?.pair);
    this.pairs = pairs;
    this.dropped = dropped;
  }

  static async open(options: TableOptions): Promise<MapTables> {
    const { kind, anchor, table, permutations } = options;
    const metadata = metadataOf(options);
    const pairs = await table(
      `${kind}_pairs`,
      pairSchema(kind, anchor, metadata, permutations !== undefined),
    );
    return new MapTables(options, pairs, await table("variants_dropped", droppedSchema(metadata)));
  }

  /** Writes the next part. `qValues` are those of its rows (trans only). */
  async write(batch: PairBatch, qValues?: RowQValues): Promise<void> {
    const rows = batch.variant.length;
    for (let from = 0; from < rows; from += ROWS) {
      const to = Math.min(rows, from + ROWS);
      const q = await qValues?.next(batch.log10P.subarray(from, to));
      await this.pairs.write(this.columns.columns(batch, from, to, q));
    }
    if (batch.dropped.id.length > 0) await this.dropped.write(droppedColumns(batch.dropped));
  }

  /** Closes the tables of the parts, and writes those of the whole map. */
  async finish(result: MapResult): Promise<FinishedTable[]> {
    const { kind, genes, table, permutations } = this.options;
    const metadata = metadataOf(this.options);
    const anchor = kind === "cis" ? (this.options.anchor ?? "tss") : "tss";
    const pairs = await this.pairs.close();
    const dropped = await this.dropped.close();
    const leads = await table(`${kind}_genes`, geneSchema(anchor, metadata, permutations !== undefined));
    await leads.write(geneColumns(result.leads, genes, anchor, permutations));
    const led = await leads.close();
    const loci = permutations && (await this.loci(permutations, metadata));
    const sample = await table("null_sample", nullSchema(metadata));
    await sample.write(nullColumns(result.null, genes));
    return [
      { name: `${kind}_pairs`, ...pairs },
      { name: `${kind}_genes`, ...led },
      ...(loci === undefined ? [] : [{ name: "trans_loci", ...loci }]),
      { name: "variants_dropped", ...dropped },
      { name: "null_sample", ...(await sample.close()) },
    ];
  }

  private async loci(
    permutations: TransPermutations,
    metadata: Readonly<Record<string, string>>,
  ): Promise<{ rows: number; bytes: number }> {
    const table = await this.options.table("trans_loci", lociSchema(metadata));
    await table.write(lociColumns(permutations, this.options.genes));
    return table.close();
  }
}

function metadataOf({ metadata = {}, permutations }: TableOptions): Readonly<Record<string, string>> {
  return permutations === undefined ? metadata : { ...metadata, ...fdrMetadata(permutations) };
}

/**
 * Merges the parts of a map into its tables, with q over the exact number of tests for trans. Holds one
 * part, what {@link MapTables} does and, for trans, what {@link falseDiscovery} says.
 */
export async function finishMap(options: FinishOptions): Promise<FinishedTable[]> {
  const { kind, result, parts, memory, signal } = options;
  const names = await partNames(parts);
  const qValues =
    kind === "trans" ? await falseDiscovery(parts, names, result.counts.tests, memory) : undefined;
  const tables = await MapTables.open({ ...options, permutations: result.permutations });
  let buffer: Uint8Array | undefined;
  let done = 0;
  for (const name of names) {
    throwIfAborted(signal);
    const bytes = await parts.get(name, buffer);
    if (buffer === undefined || bytes.length > buffer.length) buffer = bytes;
    const batch = decodePart(bytes, name);
    await tables.write(batch, qValues);
    done += batch.variant.length;
    options.onProgress?.({ done, total: result.counts.hits, phase: "writing" });
  }
  return tables.finish(result);
}
