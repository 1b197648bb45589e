import { finishMap } from "../../src/association/finish.ts";
import type { MapKind } from "../../src/association/output.ts";
import { encodePart, memoryParts, partName } from "../../src/association/parts.ts";
import { type Backend, type Cohort, type MapRun, mapCis, mapTrans } from "../../src/core.ts";
import { parquetWriter } from "../../src/formats/parquet.ts";
import { memorySink } from "../../src/formats/table.ts";

const MEMORY = 2 ** 30;
const TRANS_P = 1e-3;

export interface MapFiles {
  /** Parquet, `<name>: <length> bytes, SHA-256 <sum>`. */
  readonly files: readonly string[];
  /** Pairs, by the backend that did the work. */
  readonly pairsBy: Readonly<Record<string, number>>;
}

/** A whole map, in Node or in a page. */
export async function mapFiles(kind: MapKind, cohort: Cohort, backend: Backend): Promise<MapFiles> {
  const options = { backend, memory: MEMORY, seed: 1 };
  const run: MapRun =
    kind === "cis"
      ? mapCis(cohort, { ...options, window: 1_000_000 })
      : mapTrans(cohort, { ...options, pValue: TRANS_P });
  const parts = memoryParts();
  for await (const batch of run) await parts.put(partName(batch.part), encodePart(batch));
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
  return { files, pairsBy: result.counts.pairsBy };
}

async function describeFile(name: string, bytes: Uint8Array): Promise<string> {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice()));
  const hex = Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${name}: ${bytes.length} bytes, SHA-256 ${hex}`;
}
