import { InputError, QortexError } from "../errors.ts";
import type { ExpressionMatrix } from "../formats/expressionText.ts";
import type { ByteSource } from "../formats/source.ts";
import { checkName } from "../formats/text.ts";
import { matrixValues } from "./h5adMatrix.ts";

type Hdf5 = typeof import("h5wasm/node");
type Group = import("h5wasm/node").Group;

/**
 * Expression in AnnData's .h5ad (samples x genes): X, dense or sparse, whose rows are named by the index of `obs`
 * and columns by that of `var`. Read in pieces by h5wasm, an optional package that is loaded here.
 * Throws {@link InputError} for an X that does not fit its names, cells that are not finite numbers, names that
 * occur twice, and where h5wasm is not installed.
 */
export async function readH5ad(source: ByteSource): Promise<ExpressionMatrix> {
  const { name } = source;
  const hdf5 = await loadHdf5(name);
  let file: InstanceType<Hdf5["File"]> | undefined;
  try {
    file = new hdf5.File(name, "r");
    const samples = namesOf(hdf5, file, "obs", "sample", name);
    const id = namesOf(hdf5, file, "var", "gene", name);
    return { name, samples, id, values: matrixValues(hdf5, file, { name, samples, id }) };
  } catch (error) {
    if (error instanceof QortexError) throw error;
    throw new InputError(
      name,
      `cannot be read as h5ad (${errorText(error)})`,
      "write it again with AnnData",
      {
        cause: error,
      },
    );
  } finally {
    file?.close();
  }
}

async function loadHdf5(name: string): Promise<Hdf5> {
  try {
    const hdf5 = await import("h5wasm/node");
    const module = await hdf5.ready;
    // Errors are thrown then, in place of pages on standard error.
    module.activate_throwing_error_handler();
    return hdf5;
  } catch (cause) {
    throw new InputError(
      name,
      `h5ad is read by the package h5wasm, which does not load (${errorText(cause)})`,
      "npm install h5wasm@0.10.3",
      { cause },
    );
  }
}

/** The index of `obs` or `var`: its attribute `_index` says which column that is. */
function namesOf(hdf5: Hdf5, file: Group, table: "obs" | "var", what: string, name: string): string[] {
  const group = file.get(table);
  const column = group instanceof hdf5.Group ? group.attrs["_index"]?.value : undefined;
  const index = typeof column === "string" ? file.get(`${table}/${column}`) : null;
  if (!(index instanceof hdf5.Dataset)) {
    throw new InputError(name, `${table} has no index`, "AnnData 0.7 or newer writes one: write it again");
  }
  const names = (index.to_array() as unknown[]).map(String);
  const seen = new Set<string>();
  for (const one of names) {
    checkName(one, what, name);
    if (seen.has(one))
      throw new InputError(name, `${what} ${one} is there twice in ${table}`, "keep one of them");
    seen.add(one);
  }
  return names;
}

function errorText(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
