import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { File, ready } from "h5wasm/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openExpression } from "../../../src/cohort/openTables.ts";
import { type FileSource, fileSource } from "../../../src/node/files.ts";
import { readH5ad } from "../../../src/node/h5ad.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";
import { messageOf, random, textSource } from "../../helpers/formats.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-h5ad-"));
const opened: FileSource[] = [];
afterAll(async () => {
  await Promise.all(opened.map((source) => source.close()));
  rmSync(scratch, { recursive: true, force: true });
});

async function open(path: string): Promise<FileSource> {
  const source = await fileSource(path);
  opened.push(source);
  return source;
}
beforeAll(async () => {
  await ready;
});

/** A sparse X as its parts; `attributes` say its kind and shape. */
interface Sparse {
  attributes: Record<string, string | Int32Array>;
  data: Float64Array;
  indices: Int32Array;
  indptr: Int32Array;
}

interface Made {
  samples?: string[];
  genes?: string[];
  x?: Float32Array | Float64Array;
  sparse?: Sparse;
}

/** 2 x 3: S1 has 1, 0, 2 and S2 has 0, 0, 4.5, which is there in two pieces. */
const CSR: Sparse = {
  attributes: { "encoding-type": "csr_matrix", shape: Int32Array.of(2, 3) },
  data: Float64Array.of(2, 1, 4, 0.5),
  indices: Int32Array.of(2, 0, 2, 2),
  indptr: Int32Array.of(0, 2, 4),
};

let files = 0;

/** An .h5ad as AnnData lays it out. */
async function made({ samples = ["S1", "S2"], genes = ["g1", "g2", "g3"], x, sparse }: Made) {
  const path = join(scratch, `${++files}.h5ad`);
  const file = new File(path, "w");
  for (const [table, names] of [
    ["obs", samples],
    ["var", genes],
  ] as const) {
    const group = file.create_group(table);
    group.create_attribute("_index", "names");
    group.create_dataset({ name: "names", data: names });
  }
  if (sparse !== undefined) {
    const group = file.create_group("X");
    for (const [name, value] of Object.entries(sparse.attributes)) group.create_attribute(name, value);
    for (const name of ["data", "indices", "indptr"] as const) {
      group.create_dataset({ name, data: sparse[name] });
    }
  } else {
    const data = x ?? Float64Array.of(1, 2, 3, 4.5, 5, 6e-9);
    file.create_dataset({ name: "X", data, shape: [samples.length, data.length / samples.length] });
  }
  file.close();
  return open(path);
}

const failure = async (file: Made) =>
  (await messageOf(readH5ad(await made(file)))).replace(/^\S+?\d\.h5ad/, "X.h5ad");

test("a dense X is turned: genes x samples", async () => {
  const source = await made({});
  const { samples, id, values } = await readH5ad(source);
  expect([samples, id]).toEqual([
    ["S1", "S2"],
    ["g1", "g2", "g3"],
  ]);
  expect(Array.from(values)).toEqual([1, 4.5, 2, 5, 3, 6e-9]);
});

test.each(["dense", "csr", "csc"])("AnnData's own %s file is its table", async (kind) => {
  const folder = new URL("../../data/h5ad/", import.meta.url).pathname;
  const rows = readFileSync(join(folder, "matrix.tsv"), "utf8").trimEnd().split("\n");
  const [header, ...cells] = rows.map((row) => row.split("\t"));
  const { samples, id, values } = await readH5ad(await open(join(folder, `${kind}.h5ad`)));
  expect(id).toEqual(header!.slice(1));
  expect(samples).toEqual(cells.map((row) => row[0]));
  expect(Array.from(values)).toEqual(id.flatMap((_, g) => cells.map((row) => Number(row[g + 1]))));
});

test("a sparse X, by rows or columns: 0 where it has no entry, a sum where it has several", async () => {
  const expected = [1, 0, 0, 0, 2, 4.5];
  expect(Array.from((await readH5ad(await made({ sparse: CSR }))).values)).toEqual(expected);
  const csc: Sparse = {
    // The names that AnnData gave them before 0.7.
    attributes: { h5sparse_format: "csc", h5sparse_shape: Int32Array.of(2, 3) },
    data: Float64Array.of(1, 2, 4.5),
    indices: Int32Array.of(0, 0, 1),
    indptr: Int32Array.of(0, 1, 1, 3),
  };
  expect(Array.from((await readH5ad(await made({ sparse: csc }))).values)).toEqual(expected);
});

test("a sparse X of several pieces", async () => {
  const next = random(8);
  const [rows, columns, each] = [3, 500_000, 400_000];
  const sparse: Sparse = {
    attributes: { "encoding-type": "csr_matrix", shape: Int32Array.of(rows, columns) },
    data: Float64Array.from({ length: rows * each }, () => next()),
    indices: Int32Array.from({ length: rows * each }, (_, i) => (i % each) + 1000),
    indptr: Int32Array.from({ length: rows + 1 }, (_, i) => i * each),
  };
  const genes = Array.from({ length: columns }, (_, g) => `g${g}`);
  const { values } = await readH5ad(await made({ samples: ["a", "b", "c"], genes, sparse }));
  for (let i = 0; i < rows * each; i += 991) {
    expect(values[sparse.indices[i]! * rows + Math.floor(i / each)]).toBe(sparse.data[i]);
  }
  expect(values.subarray(0, 1000 * rows).every((value) => value === 0)).toBe(true);
});

test("in float32, in several pieces", async () => {
  const next = random(3);
  const [rows, columns] = [5, 300_000];
  const x = Float32Array.from({ length: rows * columns }, () => next());
  const source = await made({
    samples: Array.from({ length: rows }, (_, s) => `S${s}`),
    genes: Array.from({ length: columns }, (_, g) => `g${g}`),
    x,
  });
  const { values } = await readH5ad(source);
  for (let s = 0; s < rows; s++) {
    for (let g = 0; g < columns; g += 997) expect(values[g * rows + s]).toBe(x[s * columns + g]);
  }
});

test("its genes get their places from an annotation", async () => {
  const sources = { expression: await made({}), readHdf5: readH5ad };
  const annotation = textSource(
    "id\tchr\tstart\tend\tsymbol\ng1\t1\t10\t20\tA\ng3\t2\t5\t6\tC\n",
    "genes.tsv",
  );
  const table = await openExpression({ ...sources, annotation }, inflateGzip);
  expect(table.id).toEqual(["g1", "g3"]);
  expect(table.symbol).toEqual(["A", "C"]);
  expect(Array.from(table.values)).toEqual([1, 4.5, 3, 6e-9]);
  expect(await messageOf(openExpression(sources, inflateGzip))).toContain(
    "give --gene-positions or --annotation",
  );
});

test("what cannot be read is said in one line", async () => {
  expect({
    kind: await failure({ sparse: { ...CSR, attributes: { ...CSR.attributes, "encoding-type": "coo" } } }),
    starts: await failure({ sparse: { ...CSR, indptr: Int32Array.of(0, 3, 2) } }),
    lengths: await failure({ sparse: { ...CSR, indices: Int32Array.of(0, 1, 2) } }),
    index: await failure({ sparse: { ...CSR, indices: Int32Array.of(0, 3, 0, 1) } }),
    noNumber: await failure({ sparse: { ...CSR, data: Float64Array.of(1, Number.POSITIVE_INFINITY, 2, 3) } }),
    twice: await failure({ genes: ["g1", "g1", "g2"] }),
    shape: await failure({ x: Float64Array.of(1, 2, 3, 4) }),
    missing: await failure({ x: Float64Array.of(1, 2, Number.NaN, 4, 5, 6) }),
  }).toMatchSnapshot();
  writeFileSync(join(scratch, "cut9.h5ad"), Uint8Array.of(0x89, 72, 68, 70, 13, 10, 26, 10, 0, 0));
  const cut = await open(join(scratch, "cut9.h5ad"));
  expect(await messageOf(readH5ad(cut))).toContain("cannot be read as h5ad");
});
