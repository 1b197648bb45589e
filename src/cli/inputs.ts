import { genotypeFiles } from "../node/genotypeFiles.ts";
import { hashInput, type InputFile } from "../node/manifest.ts";
import type { MapOptions } from "./options.ts";

/** Hashes the input files beside the map, so that it costs no time of its own. */
export function startHashing(
  options: MapOptions,
  signal: AbortSignal,
): { files: Promise<InputFile[]>; stop(): void } {
  const stopper = new AbortController();
  const stop = () => stopper.abort();
  signal.addEventListener("abort", stop, { once: true });
  const files = hashInputs(options, stopper.signal);
  // Awaited at the end of the run; should the run fail first, this failure is of no interest.
  files.catch(() => {});
  return {
    files,
    stop() {
      signal.removeEventListener("abort", stop);
      stop();
    },
  };
}

async function hashInputs(options: MapOptions, signal: AbortSignal): Promise<InputFile[]> {
  const { expression, covariates, coupling, keep, remove, extract, exclude } = options;
  const paths = {
    ...(await genotypeFiles(options)),
    expression,
    "gene positions": options.genePositions,
    annotation: options.annotation,
    covariates,
    coupling,
    keep,
    remove,
    extract,
    exclude,
    pairs: (options as MapOptions & { readonly pairs?: string }).pairs,
  };
  const files: InputFile[] = [];
  for (const [role, path] of Object.entries(paths)) {
    if (path !== undefined) files.push(await hashInput(role, path, signal));
  }
  return files;
}
