import type { Message } from "../../../cohort/cohort.ts";
import type { ExpressionSet } from "../../../cohort/expressionSet.ts";
import type { Backend } from "../../../compute/backend.ts";
import { rowsOf } from "../../../formats/table.ts";
import { type ModulesResult, modulesOf } from "../../../network/modules.ts";
import { moduleTables } from "../../../network/moduleTables.ts";
import type { NetworkJob } from "../protocol.ts";
import type { Directory } from "../store/directory.ts";
import { VERSION } from "../version.ts";
import type { WrittenTable } from "./manifest.ts";
import { tableIn } from "./mapRun.ts";

export interface NetworkParts {
  readonly folder: Directory;
  readonly backend: Backend;
  readonly memory: number;
  readonly signal: AbortSignal;
  readonly onMessage: (message: Message) => void;
  readonly onProgress: (progress: { done: number; total: number; phase: "testing" }) => void;
}

/** Modules as `qortex network modules` finds them without further options, and its tables in `folder`'s `result`. */
export async function runNetwork(
  set: ExpressionSet,
  job: NetworkJob,
  { folder, backend, memory, signal, onMessage, onProgress }: NetworkParts,
): Promise<{ readonly result: ModulesResult; readonly tables: readonly WrittenTable[] }> {
  const { type, power, minModuleSize, seed } = job;
  const measure = { method: "pearson", maxPOutliers: 1 } as const;
  const result = await modulesOf(set, {
    ...{ measure, type, power, minModuleSize, seed, memory, signal, backend },
    onProgress: ({ done, total }) => onProgress({ done, total, phase: "testing" }),
    onStep: (text) => onMessage({ level: "info", text }),
  });
  if (result.powerBy === "advice") {
    const text = `no power makes the network scale-free (fit above 0.85); ${result.power} is taken, as WGCNA's authors advise for ${set.samples.length} samples`;
    onMessage({ level: "warning", text });
  }
  const metadata = {
    ...{ "qortex.version": VERSION, "qortex.method": measure.method, "qortex.network": type },
    "qortex.overlap": result.overlapBound > 0 ? `within ${result.overlapBound.toExponential(1)}` : "f64",
  };
  await folder.remove("result");
  const tables: WrittenTable[] = [];
  const open = tableIn(await folder.folder("result"), tables);
  for (const { name, schema, columns } of moduleTables(set, result, metadata)) {
    const writer = await open(name, schema, rowsOf(columns, schema));
    await writer.write(columns);
    await writer.close();
  }
  return { result, tables };
}
