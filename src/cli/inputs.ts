import type { Message } from "../cohort/cohort.ts";
import { throwIfAborted } from "../errors.ts";
import { genotypeFiles } from "../node/genotypeFiles.ts";
import { hashInput, type InputFile } from "../node/manifest.ts";
import { relatednessFiles } from "../node/relatednessFiles.ts";
import type { MapOptions } from "./options.ts";
import { besideTheMap } from "./warnings.ts";

/** The input files with their hashes, and what went wrong with those that could not be read to the end. */
export interface HashedInputs {
  readonly files: readonly InputFile[];
  readonly failures: readonly unknown[];
}

/** Hashes the input files beside the map, so that it costs no time of its own; `others` are a command's own, by role. */
export function startHashing(
  options: MapOptions,
  signal: AbortSignal,
  others: Readonly<Record<string, string | undefined>> = {},
): { inputs: Promise<HashedInputs>; stop(): void } {
  const stopper = new AbortController();
  const stop = () => stopper.abort();
  signal.addEventListener("abort", stop, { once: true });
  const inputs = hashInputs(options, others, stopper.signal);
  // Awaited at the end of the run; should the run fail first, this failure is of no interest.
  inputs.catch(() => {});
  return {
    inputs,
    stop() {
      signal.removeEventListener("abort", stop);
      stop();
    },
  };
}

/** What {@link startHashing} found; a file that it could not read is said. */
export async function hashedFiles(
  hashing: { readonly inputs: Promise<HashedInputs> },
  onMessage: (message: Message) => void,
): Promise<readonly InputFile[]> {
  const { files, failures } = await hashing.inputs;
  for (const failure of failures) onMessage(besideTheMap("no hash in the manifest", failure));
  return files;
}

/** A file that was moved while the map ran is reported, not thrown: the map does not need it any more. */
async function hashInputs(
  options: MapOptions,
  own: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<HashedInputs> {
  const files: InputFile[] = [];
  const failures: unknown[] = [];
  const attempt = async (step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      throwIfAborted(signal);
      failures.push(error);
    }
  };
  const { expression, covariates, sex, coupling, donors, keep, remove, extract, exclude } = options;
  const paths: [role: string, path: string | undefined][] = [];
  await attempt(async () => void paths.push(...Object.entries(await genotypeFiles(options))));
  const { relatedness } = options;
  if (relatedness !== undefined) {
    await attempt(async () => void paths.push(...Object.entries(await relatednessFiles(relatedness))));
  }
  const others = {
    expression,
    "gene positions": options.genePositions,
    annotation: options.annotation,
    covariates,
    sex,
    coupling,
    donors,
    "error covariance": options.errorCovariance,
    keep,
    remove,
    extract,
    exclude,
    ...own,
  };
  paths.push(...Object.entries(others));
  for (const [role, path] of paths) {
    if (path !== undefined) await attempt(async () => void files.push(await hashInput(role, path, signal)));
  }
  return { files, failures };
}
