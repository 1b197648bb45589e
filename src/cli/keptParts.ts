import { existsSync } from "node:fs";
import type { PartStore } from "../association/parts.ts";
import { type CompletedParts, checkParts, completeParts, planChecksum } from "../association/resume.ts";
import type { MapRun } from "../association/tables.ts";
import { CancelledError } from "../errors.ts";
import type { InputFile } from "../node/manifest.ts";
import type { RunIdentity } from "../node/runIdentity.ts";
import { WorkFolder, workPath } from "../node/workFolder.ts";
import { count, counted } from "../report/numbers.ts";
import { optionsRecord, type Running } from "./cohortJob.ts";
import type { HashedInputs } from "./inputs.ts";
import type { MapOptions } from "./options.ts";
import { version } from "./shell.ts";
import { besideTheMap } from "./warnings.ts";

/** What tells the parts of a job from those of another. */
export interface PlannedJob {
  readonly options: MapOptions;
  readonly map: { readonly kind: string };
}

/** The parts of a map, all that were asked for. */
export interface KeptParts {
  readonly store: PartStore;
  /** With `--resume`: to be removed when the result is there. */
  readonly work: WorkFolder | undefined;
  readonly done: CompletedParts;
  readonly checksum: number;
}

/**
 * Does the parts of a map that `--shard` asks for (all, without it) and are not there yet: in the work folder with
 * `--resume`, else among the temporary files of the output folder. The backend is disposed of then: what follows is done without it.
 */
export async function keptParts(
  { folder, shell, terminal, onMachine, backend }: Running,
  job: PlannedJob,
  run: Pick<MapRun, "parts">,
  inputs: readonly InputFile[],
): Promise<KeptParts> {
  const { options } = job;
  const work = options.resume
    ? await WorkFolder.open(workPath(options.out), identityOf(job, inputs))
    : undefined;
  const store = work?.store ?? folder.parts();
  const stored = work && (await checkParts(store, shell.signal));
  for (const name of stored?.damaged ?? []) {
    onMachine(`${work?.path}/${name}: is damaged; its part is done again`);
  }
  let checksum = 0;
  const done = await completeParts(run, store, {
    shard: options.shard,
    stored,
    async onPlan({ parts, first, end, kept }, pairs) {
      checksum = planChecksum(pairs);
      await work?.settle({ parts, checksum });
      if (kept === 0) return;
      const left = end - first - kept;
      terminal.status(
        `Resuming: ${counted(kept, "part")} of ${count(end - first)} done before, ${count(left)} to do`,
      );
    },
  });
  await backend.dispose();
  terminal.clear();
  return { store, work, done, checksum };
}

/** The result is there: its parts are not needed any more. */
export async function removeWork({ terminal }: Running, work: WorkFolder | undefined): Promise<void> {
  try {
    await work?.remove();
  } catch (error) {
    terminal.message(besideTheMap(`${work?.path} could not be removed`, error));
  }
}

/** Options that name files, whose content counts and not their place, or that change no byte of a part. */
const FREE: ReadonlySet<string> = new Set([
  ...["genotypes", "variantPositions", "alleles", "expression", "genePositions", "annotation", "covariates"],
  ...["sex", "coupling", "errorCovariance", "relatedness", "donors"],
  ...["keep", "remove", "extract", "exclude", "pairs", "cis", "genes", "summary"],
  ...["groups", "permutationIndices", "crossMapping", "regressCis", "interaction"],
  ...["out", "overwrite", "quiet", "json", "resume", "shard"],
  ...["backend", "device", "threads", "memory"],
]);

export function identityOf({ map, options }: PlannedJob, inputs: readonly InputFile[]): RunIdentity {
  return { version: version(), command: map.kind, options: countingOptions(optionsRecord(options)), inputs };
}

export function countingOptions(options: RunIdentity["options"]): RunIdentity["options"] {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !FREE.has(name)));
}

/** The inputs with their hashes, all of them: parts of files that cannot be told are not kept. */
export function everyInput({ files, failures }: HashedInputs): readonly InputFile[] {
  if (failures.length > 0) throw failures[0];
  return files;
}

/** The error of a run with `--resume`: a stop says where the parts are, where it had come to keep some. */
export function keepingError(error: unknown, options: MapOptions): unknown {
  if (!(error instanceof CancelledError) || !existsSync(workPath(options.out))) return error;
  return new CancelledError(
    `stopped: what is done is kept in ${workPath(options.out)}; run again with --resume to go on`,
  );
}
