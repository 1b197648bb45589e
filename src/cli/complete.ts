import { readManifest } from "../node/manifest.ts";
import { differences } from "../node/runIdentity.ts";
import { removeWorkFolder, workPath } from "../node/workFolder.ts";
import { optionsRecord } from "./cohortJob.ts";
import { startHashing } from "./inputs.ts";
import { countingOptions, identityOf } from "./keptParts.ts";
import type { MapJob } from "./mapJob.ts";
import type { Invocation } from "./shell.ts";

/**
 * Whether the result that is asked for is there already, of the same files and options: a run that was killed, or
 * put in the queue again, after its last step. What is left of its work folder is removed.
 */
export async function isComplete(job: MapJob, { signal }: Invocation): Promise<boolean> {
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
