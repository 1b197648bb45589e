import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
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

interface Made {
  samples?: string[];
  genes?: string[];
  x?: Float32Array | Float64Array;
  sparse?: boolean;
}

let files = 0;

/** An .h5ad as AnnData lays it out. */
async function made({ samples = ["S1", "S2"], genes = ["g1", "g2", "g3"], x, sparse = false }: Made) {
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
  if (sparse) file.create_group("X");
  else {
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
    sparse: await failure({ sparse: true }),
    twice: await failure({ genes: ["g1", "g1", "g2"] }),
    shape: await failure({ x: Float64Array.of(1, 2, 3, 4) }),
    missing: await failure({ x: Float64Array.of(1, 2, Number.NaN, 4, 5, 6) }),
  }).toMatchSnapshot();
  writeFileSync(join(scratch, "cut9.h5ad"), Uint8Array.of(0x89, 72, 68, 70, 13, 10, 26, 10, 0, 0));
  const cut = await open(join(scratch, "cut9.h5ad"));
  expect(await messageOf(readH5ad(cut))).toContain("cannot be read as h5ad");
});
