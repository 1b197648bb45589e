/** The result of a map of a cohort in memory, as the commands write it. */

import type { OpenResult } from "../../src/app/engine/result.ts";
import { finishMap, type WritePairs } from "../../src/association/finish.ts";
import { encodePart, memoryParts, partName } from "../../src/association/parts.ts";
import type { GeneTestRequest } from "../../src/association/permutation/request.ts";
import type { MapResult, PairBatch } from "../../src/association/tables.ts";
import { createReferenceBackend } from "../../src/compute/reference/backend.ts";
import { type Cohort, mapCis, mapTrans } from "../../src/core.ts";
import { parquetWriter } from "../../src/formats/parquet.ts";
import { type ByteSource, bytesSource } from "../../src/formats/source.ts";
import { type Column, memorySink, type TableSchema } from "../../src/formats/table.ts";

export interface MadeOptions {
  readonly window?: number;
  readonly geneTests?: GeneTestRequest;
  readonly writePairs?: WritePairs;
  /** Rows of a row group. */
  readonly groupRows?: number;
  /** Of a trans map. */
  readonly pValue?: number;
  /** Whether the cohort stays open. Default true. */
  readonly cohort?: boolean;
}

export interface MadeResult {
  readonly open: OpenResult;
  /** What the map gave before it was written. */
  readonly batches: readonly PairBatch[];
  readonly map: MapResult;
}

export async function madeResult(
  kind: "cis" | "trans",
  cohort: Cohort,
  options: MadeOptions = {},
): Promise<MadeResult> {
  const backend = createReferenceBackend();
  const { window = 1_000_000, geneTests, writePairs, groupRows, pValue = 0.05 } = options;
  const run =
    kind === "cis"
      ? mapCis(cohort, { backend, window, geneTests })
      : mapTrans(cohort, { backend, pValue, distance: 1000 });
  const parts = memoryParts();
  const batches: PairBatch[] = [];
  for await (const part of run.parts()) {
    batches.push(part.batch);
    await parts.put(partName(part.number, part.piece), encodePart(part));
  }
  const map = run.result();
  const sinks = new Map<string, ReturnType<typeof memorySink>>();
  await finishMap({
    ...{ kind, genes: run.genes, result: map, parts, memory: 2 ** 30, writePairs },
    significant: writePairs === "significant" || (geneTests !== undefined && map.geneLevel !== undefined),
    table: async (name, schema) => {
      const sink = memorySink();
      sinks.set(name, sink);
      return parquetWriter(sink, schema, groupRows);
    },
  });
  const tables = new Map(
    [...sinks].map(([name, sink]) => [name, bytesSource(sink.bytes(), `${name}.parquet`)]),
  );
  return { batches, map, open: openOf(kind, tables, options.cohort === false ? undefined : cohort) };
}

export function openOf(
  kind: OpenResult["kind"],
  tables: ReadonlyMap<string, ByteSource>,
  cohort?: Cohort,
): OpenResult {
  return { id: "made", name: "made", kind, manifest: {}, tables, cohort, sides: {} };
}

/** A Parquet table of columns, in memory. */
export async function madeTable(
  name: string,
  columns: readonly Column[],
  groupRows?: number,
): Promise<ByteSource> {
  const schema: TableSchema = {
    columns: columns.map((column) => ({
      name: column.name,
      type: column.type === "dictionary" ? "string" : column.type,
      ...(column.type === "double" && { encoding: "plain" as const }),
    })),
    metadata: {},
  };
  const sink = memorySink();
  const writer = parquetWriter(sink, schema, groupRows);
  await writer.write(columns);
  await writer.close();
  return bytesSource(sink.bytes(), `${name}.parquet`);
}

/** `source`, counting the bytes that are read of it. */
export function counting(source: ByteSource): { readonly source: ByteSource; bytes: number } {
  const counted = {
    bytes: 0,
    source: {
      ...{ name: source.name, size: source.size },
      read(start: number, end: number) {
        counted.bytes += end - start;
        return source.read(start, end);
      },
    },
  };
  return counted;
}
