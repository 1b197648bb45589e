import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's own root. */
export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The folder of reference data and expected outputs that may lie beside the repository. */
export const sharedFolder = join(dirname(repository), "shared");

/** A path in `../shared`, or undefined where it is not there (a bare clone has none). */
export function sharedPath(...parts: readonly string[]): string | undefined {
  const path = join(sharedFolder, ...parts);
  return existsSync(path) ? path : undefined;
}
