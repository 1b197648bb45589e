import { InputError, LimitError } from "../errors.ts";
import { badValue } from "../formats/expressionBed.ts";
import { counted, thousands } from "../formats/wording.ts";

/** Cells, or entries of a sparse matrix, that are read at once. */
const PIECE = 1 << 20;
const AGAIN = "write the file again with AnnData";

type Hdf5 = typeof import("h5wasm/node");
type Group = import("h5wasm/node").Group;
type Dataset = import("h5wasm/node").Dataset;
type Numbers = ArrayLike<number | bigint>;

/** What the rows and columns of X are called, in its order, and the file it is in. */
interface Shape {
  readonly name: string;
  readonly samples: readonly string[];
  readonly id: readonly string[];
}

/**
 * X (samples x genes) turned: `values[gene * samples + sample]`. Dense, or sparse by rows (CSR) or columns (CSC), as
 * AnnData lays them out: there what has no entry is 0, and entries of one cell are added up, as scipy does. Beside the
 * result a few MiB are held, and a sparse X's row (column) starts.
 * Throws {@link InputError} for shapes and indices that do not fit and cells that are no finite numbers,
 * {@link LimitError} where the result does not fit into memory.
 */
export function matrixValues(hdf5: Hdf5, file: Group, shape: Shape): Float64Array {
  const x = file.get("X");
  const { name, samples, id } = shape;
  const found = shapeOf(hdf5, x);
  if (found?.[0] !== samples.length || found[1] !== id.length || found.length !== 2) {
    const what = found === undefined ? "not there" : found.join(" x ");
    throw new InputError(name, `X is ${what}, ${samples.length} x ${id.length} expected (obs x var)`, AGAIN);
  }
  const values = room(shape);
  if (x instanceof hdf5.Dataset) fillDense(x, shape, values);
  else if (x instanceof hdf5.Group) fillSparse(hdf5, x, shape, values);
  return values;
}

function shapeOf(hdf5: Hdf5, x: unknown): readonly number[] | undefined {
  if (x instanceof hdf5.Dataset) return x.shape ?? undefined;
  if (!(x instanceof hdf5.Group)) return undefined;
  // AnnData before 0.7 had names of its own.
  const value = (x.attrs["shape"] ?? x.attrs["h5sparse_shape"])?.value;
  return value === undefined || value === null ? undefined : Array.from(value as Numbers, Number);
}

function room({ name, samples, id }: Shape): Float64Array {
  try {
    return new Float64Array(samples.length * id.length);
  } catch (cause) {
    const gib = ((8 * samples.length * id.length) / 2 ** 30).toFixed(1);
    throw new LimitError(
      `${name}: ${thousands(samples.length)} x ${counted(id.length, "gene")} need ${gib} GiB of memory, which are not there; ` +
        "rows are samples here: sum up cells by donor first (pseudobulk), or leave out genes",
      { cause },
    );
  }
}

function fillDense(x: Dataset, { name, samples, id }: Shape, values: Float64Array): void {
  const most = Math.max(1, Math.floor(PIECE / id.length));
  for (let from = 0; from < samples.length; from += most) {
    const to = Math.min(samples.length, from + most);
    const piece = x.slice([[from, to], []]) as Numbers;
    for (let i = 0; i < piece.length; i++) {
      const value = Number(piece[i]);
      const sample = from + Math.floor(i / id.length);
      const gene = i % id.length;
      if (!Number.isFinite(value)) throw badValue(name, id[gene]!, samples[sample]!, String(value));
      values[gene * samples.length + sample] = value;
    }
  }
}

/** `indptr` says where each row (CSR) or column (CSC) begins in `indices` and `data`. */
function fillSparse(hdf5: Hdf5, x: Group, { name, samples, id }: Shape, values: Float64Array): void {
  const wrong = (what: string): InputError => new InputError(name, `its sparse X ${what}`, AGAIN);
  const byRow = isByRow(x);
  if (byRow === undefined) throw wrong("is neither csr_matrix nor csc_matrix");
  const part = (key: string): Dataset => {
    const found = x.get(key);
    if (found instanceof hdf5.Dataset && found.shape?.length === 1) return found;
    throw wrong(`has no ${key}`);
  };
  const [data, indices] = [part("data"), part("indices")];
  const starts = Float64Array.from(part("indptr").value as Numbers, Number);
  const [lines, across] = byRow ? [samples.length, id.length] : [id.length, samples.length];
  const entries = data.shape![0]!;
  const ordered = starts.every((start, i) => start >= (i === 0 ? 0 : starts[i - 1]!));
  if (starts.length !== lines + 1 || starts[0] !== 0 || starts[lines] !== entries || !ordered) {
    throw wrong(
      `has ${counted(starts.length, "start")} that do not fit ${counted(lines, byRow ? "row" : "column")}`,
    );
  }
  if (indices.shape![0] !== entries) {
    throw wrong(`has ${counted(entries, "value")} but ${counted(indices.shape![0]!, "index", "indices")}`);
  }
  let line = 0;
  for (let from = 0; from < entries; from += PIECE) {
    const run: [number, number][] = [[from, Math.min(entries, from + PIECE)]];
    const [numbers, places] = [data.slice(run) as Numbers, indices.slice(run) as Numbers];
    for (let i = 0; i < numbers.length; i++) {
      while (starts[line + 1]! <= from + i) line++;
      const place = Number(places[i]);
      if (!(place >= 0 && place < across)) throw wrong(`has an index ${place}, not below ${across}`);
      const [sample, gene] = byRow ? [line, place] : [place, line];
      const value = Number(numbers[i]);
      if (!Number.isFinite(value)) throw badValue(name, id[gene]!, samples[sample]!, String(value));
      values[gene * samples.length + sample]! += value;
    }
  }
}

/** undefined: neither way. */
function isByRow(x: Group): boolean | undefined {
  const kind = String((x.attrs["encoding-type"] ?? x.attrs["h5sparse_format"])?.value ?? "");
  if (kind.startsWith("csr")) return true;
  return kind.startsWith("csc") ? false : undefined;
}
