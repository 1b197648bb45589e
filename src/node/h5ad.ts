import { InputError } from "../errors.ts";
import { badValue } from "../formats/expressionBed.ts";
import type { ExpressionMatrix } from "../formats/expressionText.ts";
import type { ByteSource } from "../formats/source.ts";
import { checkName } from "../formats/text.ts";

/** Cells of X read at once. */
const PIECE = 1 << 20;

type Hdf5 = typeof import("h5wasm/node");
type Group = import("h5wasm/node").Group;

/**
 * Expression in AnnData's .h5ad (samples x genes): a dense X, whose rows are named by the index of `obs` and
 * columns by that of `var`. Read in pieces by h5wasm, an optional package that is loaded here.
 * Throws {@link InputError} for a sparse X, cells that are not finite numbers, names that occur twice, and
 * where h5wasm is not installed.
 */
export async function readH5ad(source: ByteSource): Promise<ExpressionMatrix> {
  const { name } = source;
  const hdf5 = await loadHdf5(name);
  let file: InstanceType<Hdf5["File"]> | undefined;
  try {
    file = new hdf5.File(name, "r");
    const samples = namesOf(hdf5, file, "obs", "sample", name);
    const id = namesOf(hdf5, file, "var", "gene", name);
    return { name, samples, id, values: denseValues(hdf5, file, samples, id, name) };
  } catch (error) {
    if (error instanceof InputError) throw error;
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

/** X turned: `values[gene * samples + sample]`. */
function denseValues(
  hdf5: Hdf5,
  file: Group,
  samples: readonly string[],
  id: readonly string[],
  name: string,
): Float64Array {
  const x = file.get("X");
  if (x instanceof hdf5.Group) {
    throw new InputError(
      name,
      "its X is sparse; a dense one is read",
      "in Python: adata.X = adata.X.toarray()",
    );
  }
  const shape = x instanceof hdf5.Dataset ? x.shape : null;
  if (!(x instanceof hdf5.Dataset) || shape?.[0] !== samples.length || shape[1] !== id.length) {
    const found = shape === null ? "none" : shape.join(" x ");
    throw new InputError(name, `X is ${found}, ${samples.length} x ${id.length} expected (obs x var)`);
  }
  const values = new Float64Array(samples.length * id.length);
  const most = Math.max(1, Math.floor(PIECE / id.length));
  for (let from = 0; from < samples.length; from += most) {
    const to = Math.min(samples.length, from + most);
    const piece = x.slice([[from, to], []]) as ArrayLike<number | bigint>;
    for (let i = 0; i < piece.length; i++) {
      const value = Number(piece[i]);
      const sample = from + Math.floor(i / id.length);
      const gene = i % id.length;
      if (!Number.isFinite(value)) throw badValue(name, id[gene]!, samples[sample]!, String(value));
      values[gene * samples.length + sample] = value;
    }
  }
  return values;
}

function errorText(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
