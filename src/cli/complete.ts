import { readManifest } from "../node/manifest.ts";
import { differences } from "../node/runIdentity.ts";
import { removeWorkFolder, workPath } from "../node/workFolder.ts";
import { optionsRecord } from "./cohortJob.ts";
import { startHashing } from "./inputs.ts";
import { JsonLines } from "./jsonLines.ts";
import { countingOptions, identityOf, type PlannedJob } from "./keptParts.ts";
import type { MapJob } from "./mapJob.ts";
import type { Invocation } from "./shell.ts";
import { Terminal } from "./terminal.ts";

type ResumableJob = PlannedJob & Pick<MapJob, "inputs">;

/** Whether nothing is left to do of a job with `--resume`: its result is there, as is said. */
export async function saidComplete(job: ResumableJob, shell: Invocation): Promise<boolean> {
  const { options } = job;
  if (!options.resume || options.overwrite || !(await isComplete(job, shell))) return false;
  const { out, err, now } = shell;
  const speech = { out, err, quiet: options.quiet, now };
  const terminal = options.json ? new JsonLines(speech) : new Terminal(speech);
  terminal.result(`${options.out} is complete: nothing was left to do\n`, {
    kind: "complete",
    out: options.out,
  });
  return true;
}

/**
 * Whether the result that is asked for is there already, of the same files and options: a run that was killed, or
 * put in the queue again, after its last step. What is left of its work folder is removed.
 */
async function isComplete(job: ResumableJob, { signal }: Invocation): Promise<boolean> {
  const { options } = job;
  const manifest = await readManifest(options.out);
  if (manifest === undefined) return false;
  const hashing = startHashing(options, signal, job.inputs);
  const { files } = await hashing.inputs;
  hashing.stop();
  const { version: earlier, command, options: given, inputs } = manifest;
  const then = { version: earlier, command: command[1] ?? "", options: countingOptions(given), inputs };
  if (differences(then, identityOf(job, files)).length > 0) return false;
  if (given["shard"] !== optionsRecord(options)["shard"]) return false;
  await removeWorkFolder(workPath(options.out));
  return true;
}
