import { mapCis } from "../../../association/cis.ts";
import type { OpenTable } from "../../../association/finish.ts";
import { hasSignificantPairs } from "../../../association/permutation/discovery.ts";
import type { GeneTestRequest } from "../../../association/permutation/request.ts";
import { checkParts, completeParts } from "../../../association/resume.ts";
import type { RunOptions } from "../../../association/run.ts";
import { writeChrX } from "../../../association/sexes/writeChrX.ts";
import type { MapResult, MapRun } from "../../../association/tables.ts";
import { mapTrans } from "../../../association/trans.ts";
import { writeStoredMap } from "../../../association/writeMap.ts";
import type { Cohort, Message } from "../../../cohort/cohort.ts";
import { groupRows, parquetWriter } from "../../../formats/parquet.ts";
import { isScreened } from "../../../report/mapFacts.ts";
import { type Hub, hubCollector } from "../../../report/transHubs.ts";
import type { CisJob, TransJob } from "../protocol.ts";
import { type Directory, directoryParts } from "../store/directory.ts";
import { VERSION } from "../version.ts";
import type { WrittenTable } from "./manifest.ts";

export type MapJob = CisJob | TransJob;

/** As `qortex cis` and `qortex trans` have them without further options: the tables are those of the command line, byte for byte. */
export const SIGNIFICANT_Q = 0.05;

/** The map of a job, not yet begun. */
export function mapOf(cohort: Cohort, job: MapJob, options: RunOptions): MapRun {
  if (job.kind === "trans") {
    const { pValue, distance } = job;
    return mapTrans(cohort, { ...options, pValue, distance, allPairs: false });
  }
  return mapCis(cohort, { ...options, window: job.window, anchor: "tss", geneTests: geneTestsOf(job) });
}

function geneTestsOf({ permutations }: CisJob): GeneTestRequest | undefined {
  if (permutations === 0) return undefined;
  return {
    within: "permutations",
    permutations: { least: permutations, most: permutations },
    degreesOfFreedom: "learnt",
    discovery: { qvalue: "auto", lambda: DEFAULT_LAMBDA, fdr: SIGNIFICANT_Q },
  };
}

/** Of Storey's q-values, as the command line has it. */
const DEFAULT_LAMBDA = 0.85;

export interface MapParts {
  readonly folder: Directory;
  readonly memory: number;
  readonly signal: AbortSignal;
  readonly onMessage: (message: Message) => void;
  /** Parts of the plan, once it is known. */
  readonly onPlan: (parts: number) => Promise<void>;
  /** Called when all parts are there: the backend is not needed any more. */
  readonly onMapped: () => Promise<void>;
  readonly onProgress: RunOptions["onProgress"];
}

export interface MadeMap {
  readonly result: MapResult;
  readonly tables: readonly WrittenTable[];
  /** Of a trans map that is screened: variants with several genes. */
  readonly hubs?: readonly Hub[] | undefined;
}

/** Does the parts that `folder` lacks, and writes the tables of all of them into `folder`'s `result`. */
export async function runMap(
  run: MapRun,
  cohort: Cohort,
  job: MapJob,
  { folder, memory, signal, onMessage, onPlan, onMapped, onProgress }: MapParts,
): Promise<MadeMap> {
  const store = directoryParts(await folder.folder("parts"));
  const stored = await checkParts(store, signal);
  for (const name of stored.damaged) {
    await store.delete(name);
    onMessage({ level: "warning", text: `${name} was cut off in the writing; it is done again` });
  }
  await completeParts(run, store, { stored, onPlan: ({ parts }) => onPlan(parts) });
  await onMapped();
  await folder.remove("result");
  const tables: WrittenTable[] = [];
  const into = await folder.folder("result");
  const scratch = await folder.folder("scratch");
  const hubs = job.kind === "trans" && isScreened(job.pValue) ? hubCollector() : undefined;
  const written = await writeStoredMap(
    job.kind,
    { genes: run.genes, marks: run.marks, summary: run.summary(), parts: store },
    {
      table: tableIn(into, tables),
      parts: () => directoryParts(scratch),
      files: () => tables,
    },
    {
      anchor: "tss",
      memory,
      significant: job.kind === "cis" && job.permutations > 0 && hasSignificantPairs("permutations"),
      metadata: { "qortex.version": VERSION },
      signal,
      onBatch: hubs?.add,
      onProgress,
    },
  );
  await folder.remove("scratch");
  await writeChrX(cohort, tableIn(into, tables), { "qortex.version": VERSION, ...cohort.marks }, signal);
  return { result: written.result, tables, hubs: hubs?.result() };
}

/** Opens Parquet tables in a directory, and notes each that is closed. */
export function tableIn(directory: Directory, tables: WrittenTable[]): OpenTable {
  return async (name, schema, rows) => {
    const writer = parquetWriter(await directory.sink(`${name}.parquet`), schema, groupRows(rows));
    return {
      write: (columns) => writer.write(columns),
      close: async () => {
        const closed = await writer.close();
        tables.push({ name: `${name}.parquet`, ...closed });
        return closed;
      },
    };
  };
}
