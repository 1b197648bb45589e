import { throwIfAborted } from "../../errors.ts";
import type { TableSchema, TableWriter } from "../../formats/table.ts";
import { falseDiscovery, type RowQValues } from "../falseDiscovery.ts";
import type { FinishedTable } from "../finish.ts";
import { type PartStore, partNames, storedParts } from "../parts.ts";
import type { PairBatch } from "../tables.ts";
import {
  type InteractionLayout,
  InteractionPairColumns,
  interactionDroppedColumns,
  interactionDroppedSchema,
  interactionGeneColumns,
  interactionGeneSchema,
  interactionNullColumns,
  interactionNullSchema,
  interactionPairSchema,
} from "./output.ts";
import type { InteractionResult } from "./tables.ts";

/** Rows made into columns at a time. */
const ROWS = 65_536;

export interface InteractionTableOptions extends InteractionLayout {
  /** Opens a table of the result; its name says nothing of the format. */
  readonly table: (name: string, schema: TableSchema) => Promise<TableWriter>;
  /** Write the table of pairs. */
  readonly pairs: boolean;
}

/** What a merge may use. */
export interface MergeSpace {
  readonly memory: number;
  readonly scratch: PartStore;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The tables of one or several interaction maps, a context (or model of several) after the other: `cis_interaction_pairs`,
 * `cis_interaction_genes` (or `trans_...`), `variants_dropped`, `null_sample`. Each row says of which context it is.
 */
export class InteractionTables {
  readonly #options: InteractionTableOptions;
  readonly #columns: InteractionPairColumns;
  readonly #pairs: TableWriter | undefined;
  readonly #genes: TableWriter;
  readonly #dropped: TableWriter;
  readonly #sample: TableWriter;

  private constructor(
    options: InteractionTableOptions,
    pairs: TableWriter | undefined,
    [genes, dropped, sample]: readonly [TableWriter, TableWriter, TableWriter],
  ) {
    this.#options = options;
    this.#columns = new InteractionPairColumns(options, ROWS);
    this.#pairs = pairs;
    this.#genes = genes;
    this.#dropped = dropped;
    this.#sample = sample;
  }

  static async open(options: InteractionTableOptions): Promise<InteractionTables> {
    const { kind, table } = options;
    const pairs = options.pairs
      ? await table(`${kind}_interaction_pairs`, interactionPairSchema(options))
      : undefined;
    return new InteractionTables(options, pairs, [
      await table(`${kind}_interaction_genes`, interactionGeneSchema(options)),
      await table("variants_dropped", interactionDroppedSchema(options)),
      await table("null_sample", interactionNullSchema(options)),
    ]);
  }

  /** Writes the next part of the map of `context`. `qValues` are those of its rows (trans only). */
  async write(batch: PairBatch, context: string, qValues?: RowQValues): Promise<void> {
    const rows = batch.variant.length;
    for (let from = 0; this.#pairs !== undefined && from < rows; from += ROWS) {
      const to = Math.min(rows, from + ROWS);
      const q = await qValues?.next(batch.log10P.subarray(from, to));
      await this.#pairs.write(this.#columns.columns(batch, context, from, to, q));
    }
    if (batch.dropped.id.length > 0) {
      await this.#dropped.write(interactionDroppedColumns(batch.dropped, context));
    }
  }

  /** Merges the parts of a trans map in `parts`, with q over its tests; p-values may wait on `scratch`. */
  async merge(parts: PartStore, context: string, tests: number, space: MergeSpace): Promise<void> {
    const { memory, scratch, signal } = space;
    const qValues = await falseDiscovery(parts, await partNames(parts), tests, { memory, scratch });
    for await (const { batch } of storedParts(parts)) {
      throwIfAborted(signal);
      await this.write(batch, context, qValues);
    }
  }

  /** Writes what is known when the map of `context` has ended. */
  async endContext(result: InteractionResult, context: string): Promise<void> {
    const { genes } = this.#options;
    await this.#genes.write(interactionGeneColumns(this.#options, context, result));
    await this.#sample.write(interactionNullColumns(result, genes, context));
  }

  async close(): Promise<FinishedTable[]> {
    const { kind } = this.#options;
    const pairs = await this.#pairs?.close();
    return [
      ...(pairs === undefined ? [] : [{ name: `${kind}_interaction_pairs`, ...pairs }]),
      { name: `${kind}_interaction_genes`, ...(await this.#genes.close()) },
      { name: "variants_dropped", ...(await this.#dropped.close()) },
      { name: "null_sample", ...(await this.#sample.close()) },
    ];
  }
}
