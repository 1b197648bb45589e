/** The files of a whole map by name, length and checksum: in Node or in a page. */
import { finishMap } from "../../src/association/finish.ts";
import type { MapKind } from "../../src/association/output.ts";
import { encodePart, memoryParts, partName } from "../../src/association/parts.ts";
import {
  type Backend,
  type Cohort,
  type MapRun,
  mapCis,
  mapTrans,
  type PairBatch,
  type TransOptions,
} from "../../src/core.ts";
import { parquetWriter } from "../../src/formats/parquet.ts";
import { memorySink } from "../../src/formats/table.ts";

const MEMORY = 2 ** 30;
const TRANS_P = 1e-3;

export interface MapFiles {
  /** Parquet, `<name>: <length> bytes, SHA-256 <sum>`. */
  readonly files: readonly string[];
  /** Pairs formed, and by whom. */
  readonly pairs: number;
  readonly pairsBy: Readonly<Record<string, number>>;
  /** Pairs written. */
  readonly rows: number;
}

/** A trans map's own options, and who wants to see the pairs as they come. */
export interface TransWishes extends Pick<TransOptions, "pValue" | "distance" | "allPairs"> {
  readonly onBatch?: (batch: PairBatch) => void;
}

/** A whole map. */
export async function mapFiles(
  kind: MapKind,
  cohort: Cohort,
  backend: Backend,
  { onBatch, ...trans }: TransWishes = { pValue: TRANS_P },
): Promise<MapFiles> {
  const options = { backend, memory: MEMORY, seed: 1 };
  const run: MapRun =
    kind === "cis"
      ? mapCis(cohort, { ...options, window: 1_000_000 })
      : mapTrans(cohort, { ...options, ...trans });
  const parts = memoryParts();
  let rows = 0;
  for await (const part of run.parts()) {
    onBatch?.(part.batch);
    rows += part.batch.variant.length;
    await parts.put(partName(part.number, part.piece), encodePart(part));
  }
  const result = run.result();
  const sinks = new Map<string, ReturnType<typeof memorySink>>();
  await finishMap({
    kind,
    genes: run.genes,
    result,
    parts,
    table: async (name, schema) => {
      const sink = memorySink();
      sinks.set(name, sink);
      return parquetWriter(sink, schema);
    },
    memory: MEMORY,
  });
  const files = await Promise.all([...sinks].map(([name, sink]) => describeFile(name, sink.bytes())));
  const { pairsScreened, pairsBy } = result.counts;
  return { files, pairs: pairsScreened, pairsBy, rows };
}

async function describeFile(name: string, bytes: Uint8Array): Promise<string> {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice()));
  const hex = Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${name}: ${bytes.length} bytes, SHA-256 ${hex}`;
}
