import { loadPowers, type Powers } from "../compute/wasm/pairTests.ts";
import { throwIfAborted } from "../errors.ts";
import { type Column, rowsOf, type TableSchema, type TableWriter } from "../formats/table.ts";
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
  pairSchema,
} from "./output.ts";
import { PairColumns } from "./pairColumns.ts";
import { type PartStore, partNames, storedBatches } from "./parts.ts";
import {
  geneLevelColumns,
  geneLevelSchema,
  groupRows,
  pickRows,
  type RowKind,
  SIGNIFICANT_COLUMNS,
  significantColumns,
  significantPairs,
} from "./permutation/geneColumns.ts";
import type { GeneLevel } from "./permutation/geneLevel.ts";
import { sexColumns, sexSchema } from "./sexes/columns.ts";
import type { GeneTable, MapResult, PairBatch, Progress } from "./tables.ts";
import {
  crossMappedColumns,
  crossMappedSchema,
  fdrMetadata,
  lociColumns,
  lociSchema,
} from "./trans/columns.ts";
import type { TransPermutations } from "./trans/permutationFdr.ts";

/** Rows made into columns at a time. */
const ROWS = 65_536;

/** Opens a table of the result; its name says nothing of the format. Of one that is written at once the number of `rows` is known. */
export type OpenTable = (name: string, schema: TableSchema, rows?: number) => Promise<TableWriter>;

/** What the tables of a map are written with. */
export interface TableOptions {
  readonly kind: MapKind;
  readonly genes: GeneTable;
  readonly table: OpenTable;
  /** Of the distances in cis tables. Default `tss`. */
  readonly anchor?: Anchor | undefined;
  /** Key-value metadata of each table. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Which pairs are written. Default `all`; `significant` needs {@link FinishOptions.significant}. */
  readonly writePairs?: WritePairs | undefined;
  /** Write `cis_sex`, of a map whose pairs were tested in each sex. */
  readonly sexStratified?: boolean | undefined;
  /** What permutations say of a trans map: known when its pairs are written. */
  readonly permutations?: TransPermutations | undefined;
}

/** `all` pairs of the map; the `significant` ones alone, in a table of their own; or `none`. */
export type WritePairs = "all" | "significant" | "none";

export interface FinishOptions extends TableOptions {
  readonly result: MapResult;
  /** All parts of the map, as `encodePart` wrote them. */
  readonly parts: PartStore;
  /** Space to work in; by default where the parts are. */
  readonly scratch?: PartStore | undefined;
  /** Bytes the process may use. */
  readonly memory: number;
  /** Write the significant pairs of a map whose genes were tested further. */
  readonly significant?: boolean | undefined;
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
 * `variants_dropped` and `null_sample`; with tests in each sex `cis_sex`; where genes were tested further, `cis_significant` and, of grouped
 * phenotypes, `cis_phenotypes`. Holds one row group of each open table.
 */
export class MapTables {
  private readonly options: TableOptions;
  private readonly columns: PairColumns;
  private readonly pairs: TableWriter | undefined;
  private readonly significant: SignificantTable | undefined;
  private readonly sexes: TableWriter | undefined;
  private readonly dropped: TableWriter;

  private constructor(
    options: TableOptions,
    pairs: TableWriter | undefined,
    significant: SignificantTable | undefined,
    sexes: TableWriter | undefined,
    dropped: TableWriter,
    powers: Powers | undefined,
  ) {
    this.options = options;
    const { kind, genes, anchor = "tss", permutations } = options;
    this.columns = new PairColumns(kind, genes, anchor, ROWS, powers, permutations?.pair);
    this.pairs = pairs;
    this.significant = significant;
    this.sexes = sexes;
    this.dropped = dropped;
  }

  /** With `level`, known once all genes are tested, the significant pairs go into a table of their own. */
  static async open(options: TableOptions, level?: GeneLevel): Promise<MapTables> {
    const { kind, anchor, table, permutations, writePairs = "all" } = options;
    const metadata = metadataOf(options);
    const schema = pairSchema(kind, anchor, metadata, permutations !== undefined);
    const pairs = writePairs === "all" ? await table(`${kind}_pairs`, schema) : undefined;
    const significant = level && (await SignificantTable.open(options, schema, level));
    const sexes = options.sexStratified ? await table(`${kind}_sex`, sexSchema(metadata)) : undefined;
    const dropped = await table("variants_dropped", droppedSchema(metadata));
    return new MapTables(options, pairs, significant, sexes, dropped, await loadPowers());
  }

  /** Writes the next part. `qValues` are those of its rows (trans only). */
  async write(batch: PairBatch, qValues?: RowQValues): Promise<void> {
    const rows = this.pairs === undefined ? 0 : batch.variant.length;
    for (let from = 0; from < rows; from += ROWS) {
      const to = Math.min(rows, from + ROWS);
      const q = await qValues?.next(batch.log10P.subarray(from, to));
      await this.pairs?.write(this.columns.columns(batch, from, to, q));
    }
    await this.significant?.write(batch);
    const sexed = this.sexes && sexColumns(batch, this.options.genes);
    if (sexed !== undefined) await this.sexes?.write(sexed);
    if (batch.dropped.id.length > 0) await this.dropped.write(droppedColumns(batch.dropped));
  }

  /** Closes the tables of the parts, and writes those of the whole map. */
  async finish(result: MapResult): Promise<FinishedTable[]> {
    const { kind, genes, table, permutations } = this.options;
    const metadata = metadataOf(this.options);
    const files: FinishedTable[] = [];
    if (this.pairs) files.push({ name: `${kind}_pairs`, ...(await this.pairs.close()) });
    if (this.significant) files.push(await this.significant.close());
    if (this.sexes) files.push({ name: `${kind}_sex`, ...(await this.sexes.close()) });
    const dropped = { name: "variants_dropped", ...(await this.dropped.close()) };
    files.push(...(await writeGenes(this.options, result)));
    if (permutations !== undefined) {
      const loci = lociColumns(permutations, genes);
      files.push(await writeWhole(table, "trans_loci", lociSchema(metadata), loci));
    }
    if (result.crossMapped !== undefined) {
      const crossed = crossMappedColumns(result.crossMapped, genes);
      files.push(await writeWhole(table, "trans_cross_mapped", crossMappedSchema(metadata), crossed));
    }
    const sample = nullColumns(result.null, genes);
    return [...files, dropped, await writeWhole(table, "null_sample", nullSchema(metadata), sample)];
  }
}

/** A table of one write. */
async function writeWhole(
  open: TableOptions["table"],
  name: string,
  schema: TableSchema,
  columns: readonly Column[],
): Promise<FinishedTable> {
  const table = await open(name, schema, rowsOf(columns, schema));
  await table.write(columns);
  return { name, ...(await table.close()) };
}

/** The table of genes, with what further tests add; of grouped phenotypes, a row a group, and the phenotypes in a table beside it. */
async function writeGenes(options: TableOptions, result: MapResult): Promise<FinishedTable[]> {
  const { kind, genes, table, permutations } = options;
  const metadata = metadataOf(options);
  const anchor = kind === "cis" ? (options.anchor ?? "tss") : "tss";
  const { leads, geneLevel: level } = result;
  const columns = geneColumns(leads, genes, anchor, permutations);
  const write = (name: string, rowKind: RowKind, rows?: Uint32Array): Promise<FinishedTable> => {
    const facts = level && { level, leads, genes };
    const added = facts && geneLevelSchema(facts, rowKind);
    const schema = geneSchema(
      anchor,
      metadata,
      added,
      permutations !== undefined,
      genes.sharedVariance?.name,
    );
    const all = facts === undefined ? columns : [...columns, ...geneLevelColumns(facts, rowKind)];
    return writeWhole(table, name, schema, rows === undefined ? all : pickRows(all, rows));
  };
  const groups = level && groupRows(level);
  const units = await write(`${kind}_genes`, "unit", groups);
  return groups === undefined ? [units] : [units, await write("cis_phenotypes", "phenotype")];
}

/** `cis_significant`: the pairs that are significant, with the q and the threshold of their gene. */
class SignificantTable {
  private readonly columns: PairColumns;
  private readonly writer: TableWriter;
  private readonly level: GeneLevel;

  private constructor(columns: PairColumns, writer: TableWriter, level: GeneLevel) {
    this.columns = columns;
    this.writer = writer;
    this.level = level;
  }

  static async open(options: TableOptions, pairs: TableSchema, level: GeneLevel): Promise<SignificantTable> {
    const schema = { ...pairs, columns: [...pairs.columns, ...SIGNIFICANT_COLUMNS] };
    const columns = new PairColumns(options.kind, options.genes, options.anchor ?? "tss", ROWS);
    return new SignificantTable(columns, await options.table("cis_significant", schema), level);
  }

  async write(batch: PairBatch): Promise<void> {
    const kept = significantPairs(batch, this.level);
    for (let from = 0; from < kept.variant.length; from += ROWS) {
      const to = Math.min(kept.variant.length, from + ROWS);
      const own = significantColumns(kept.gene.subarray(from, to), this.level);
      await this.writer.write([...this.columns.columns(kept, from, to), ...own]);
    }
  }

  async close(): Promise<FinishedTable> {
    return { name: "cis_significant", ...(await this.writer.close()) };
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
  const space = { memory, scratch: options.scratch };
  const qValues =
    kind === "trans" ? await falseDiscovery(parts, names, result.counts.tests, space) : undefined;
  const permuted = { ...options, permutations: result.permutations };
  const tables = await MapTables.open(permuted, options.significant ? result.geneLevel : undefined);
  let done = 0;
  for await (const batch of storedBatches(parts)) {
    throwIfAborted(signal);
    await tables.write(batch, qValues);
    done += batch.variant.length;
    options.onProgress?.({ done, total: result.counts.hits, phase: "writing" });
  }
  return tables.finish(result);
}
