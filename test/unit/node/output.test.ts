import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { InputError, LimitError, type QortexError, UsageError } from "../../../src/errors.ts";
import { readParquet } from "../../../src/formats/parquetReader.ts";
import { bytesSource } from "../../../src/formats/source.ts";
import { writeError } from "../../../src/node/fileErrors.ts";
import { hashInput, type RunRecord, writeManifest } from "../../../src/node/manifest.ts";
import { OutputFolder, type TableFormat, writeMap } from "../../../src/node/output.ts";
import { partFolder } from "../../../src/node/partFolder.ts";
import { createFile, type OpenFile } from "../../../src/node/sinks.ts";
import { type FakeMap, fakeMap, fakeRun } from "../../helpers/fakeMap.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-output-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let folders = 0;
/** A path that is not there yet, in a folder of its own. */
function fresh(): string {
  const parent = join(scratch, `case-${folders++}`);
  mkdirSync(parent);
  return join(parent, "out");
}

function record(map: FakeMap): RunRecord {
  return {
    version: "0.1.0",
    command: ["cis"],
    options: { window: 1_000_000, out: "out", keep: undefined },
    inputs: [],
    samples: { used: 10 },
    model: "ols",
    degreesOfFreedom: 8,
    seed: 1,
    backend: "fake",
    counts: map.result.counts,
    timings: { mapping: 0.5 },
  };
}

/** A whole result at `path`. */
async function write(
  path: string,
  map: FakeMap,
  { cut = 1, format = "parquet" as TableFormat, overwrite = false, memory = 1e9 } = {},
): Promise<string[]> {
  const folder = await OutputFolder.open(path, { overwrite });
  await writeMap("trans", fakeRun(map, cut, 400), folder, { format, memory });
  await folder.text("report.html", "<p>");
  await writeManifest(folder, record(map));
  return folder.commit();
}

const MAP = fakeMap(5, { kind: "trans", variants: 200, genes: 30, pairs: 2000, ties: 0.1 });
const OTHER = fakeMap(6, { kind: "trans", variants: 20, genes: 30, pairs: 200 });
const NAMES = [
  "manifest.json",
  "null_sample.parquet",
  "report.html",
  "trans_genes.parquet",
  "trans_pairs.parquet",
  "variants_dropped.parquet",
];

test("nothing is to be seen until commit, then the whole result is there and nothing else", async () => {
  const path = fresh();
  const folder = await OutputFolder.open(path);
  const { files, result } = await writeMap("trans", fakeRun(MAP, 1, 400), folder, {
    format: "parquet",
    memory: 1e9,
  });
  expect(result).toBe(MAP.result);
  expect(existsSync(path)).toBe(false);
  expect(files.map(({ name, rows }) => [name, rows])).toEqual([
    ["trans_pairs.parquet", 2000],
    ["variants_dropped.parquet", MAP.whole.dropped.id.length],
    ["trans_genes.parquet", 30],
    ["null_sample.parquet", MAP.result.null.log10P.length],
  ]);
  const manifest = await writeManifest(folder, record(MAP));
  expect(await folder.commit()).toEqual([
    ...files.map(({ name }) => join(path, name)),
    join(path, "manifest.json"),
  ]);
  expect(readdirSync(join(path, ".."))).toEqual(["out"]);
  expect(readdirSync(path).sort()).toEqual(NAMES.filter((name) => name !== "report.html"));
  for (const { name, bytes, sha256 } of files) {
    const content = readFileSync(join(path, name));
    expect(content.length).toBe(bytes);
    expect(createHash("sha256").update(content).digest("hex")).toBe(sha256);
  }
  const read = JSON.parse(readFileSync(join(path, "manifest.json"), "utf8"));
  expect(read).toEqual(JSON.parse(JSON.stringify(manifest)));
  // A process of Node holds tens of MiB, and has taken some time to start.
  expect(read.usage.peakBytes).toBeGreaterThan(20 * 2 ** 20);
  expect(read.usage.cpuSeconds).toBeGreaterThan(0);
  expect(read).toMatchObject({ program: "qortex", version: "0.1.0", files, options: { window: 1_000_000 } });
});

test("files hold the same bytes however the map is cut and whatever the memory; TSV holds the same rows", async () => {
  const first = fresh();
  await write(first, MAP);
  const again = fresh();
  await write(again, MAP, { cut: 9, memory: 1 });
  for (const name of NAMES.filter((each) => each !== "manifest.json")) {
    expect(readFileSync(join(again, name)).equals(readFileSync(join(first, name))), name).toBe(true);
  }
  const text = fresh();
  await write(text, MAP, { format: "tsv" });
  const lines = gunzipSync(readFileSync(join(text, "trans_pairs.tsv.gz")))
    .toString()
    .split("\n");
  const parquet = await readParquet(bytesSource(readFileSync(join(first, "trans_pairs.parquet")), "pairs"));
  const names = Object.keys(parquet.columns);
  expect(lines[0]).toBe(names.join("\t"));
  expect(lines.length).toBe(2002);
  const row = (i: number): string =>
    names.map((name) => String(parquet.columns[name]![i] ?? "NA")).join("\t");
  expect(lines.slice(1, -1)).toEqual(Array.from({ length: 2000 }, (_, i) => row(i)));
});

test("abandon leaves no trace, in a folder that was there and in one that was not", async () => {
  for (const there of [false, true]) {
    const path = fresh();
    if (there) mkdirSync(path);
    const folder = await OutputFolder.open(path);
    await folder.parts().put("part-000000000", new Uint8Array(8));
    const table = await folder.table("t", { columns: [{ name: "a", type: "string" }], metadata: {} }, "tsv");
    await table.write([{ name: "a", type: "string", values: ["x"] }]);
    await folder.abandon();
    expect(readdirSync(join(path, ".."))).toEqual(there ? ["out"] : []);
    if (there) expect(readdirSync(path)).toEqual([]);
  }
});

test("folders above the output folder are made at commit", async () => {
  const path = join(fresh(), "deep", "er");
  await write(path, OTHER);
  expect(readdirSync(path).sort()).toEqual(NAMES);
  expect(readdirSync(join(path, "..", "..", ".."))).toEqual(["out"]);
});

test("an earlier result is replaced with --overwrite only, and files that are not its own stay", async () => {
  const path = fresh();
  await write(path, MAP);
  const before = snapshot(path);
  await expect(OutputFolder.open(path)).rejects.toThrow(
    new UsageError(`${path}: holds an earlier result; replace it with --overwrite or name another folder`),
  );
  writeFileSync(join(path, "notes.txt"), "mine");
  await write(path, OTHER, { overwrite: true, format: "tsv" });
  expect(readdirSync(path).sort()).toEqual([
    ...["manifest.json", "notes.txt", "null_sample.tsv.gz", "report.html"],
    ...["trans_genes.tsv.gz", "trans_pairs.tsv.gz", "variants_dropped.tsv.gz"],
  ]);
  expect(readFileSync(join(path, "notes.txt"), "utf8")).toBe("mine");
  expect(snapshot(path)).not.toEqual(before);

  const folder = await OutputFolder.open(path, { overwrite: true });
  await expect(folder.text("notes.txt", "ours")).rejects.toThrow(
    /notes.txt: is in the way and no file of an/,
  );
  await folder.abandon();
});

test("a folder with anything but an earlier result is refused, --overwrite or not", async () => {
  const path = fresh();
  mkdirSync(path);
  writeFileSync(join(path, "thesis.docx"), "x");
  for (const overwrite of [false, true]) {
    await expect(OutputFolder.open(path, { overwrite })).rejects.toThrow(
      new InputError(
        path,
        "is not empty (thesis.docx) and holds no earlier result",
        "name another output folder",
      ),
    );
  }
  writeFileSync(join(path, "manifest.json"), '{"program": "another", "files": []}');
  await expect(OutputFolder.open(path, { overwrite: true })).rejects.toThrow("holds no earlier result");
  expect(readdirSync(path).sort()).toEqual(["manifest.json", "thesis.docx"]);
});

test("a path that is a file, or lies under one, is refused", async () => {
  const path = fresh();
  writeFileSync(path, "x");
  await expect(OutputFolder.open(path)).rejects.toThrow(
    `${path}: is a file, not a folder; name another output folder`,
  );
  await expect(OutputFolder.open(join(path, "sub"))).rejects.toThrow(InputError);
});

test("a commit that fails half way puts the earlier result back", async () => {
  const path = fresh();
  await write(path, MAP);
  const before = snapshot(path);
  const folder = await OutputFolder.open(path, { overwrite: true });
  await writeMap("trans", fakeRun(OTHER, 1, 100), folder, { format: "tsv", memory: 1e9 });
  await writeManifest(folder, record(OTHER));
  // A folder in the way of a file cannot be replaced by it.
  mkdirSync(join(path, "trans_genes.tsv.gz", "full"), { recursive: true });
  await expect(folder.commit()).rejects.toThrow(InputError);
  await folder.abandon();
  rmSync(join(path, "trans_genes.tsv.gz"), { recursive: true });
  expect(snapshot(path)).toEqual(before);
});

function snapshot(path: string): [string, string][] {
  return readdirSync(path)
    .sort()
    .map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(path, name)))
        .digest("hex"),
    ]);
}

test("what a killed process left for this folder is removed, what a running one has is not", async () => {
  const path = fresh();
  const machine = hostname().replace(/[^A-Za-z0-9.]/g, "_");
  const left = (name: string, pid: number): string => `.${name}.qortex-${machine}-${pid}-0123abcd`;
  // No process has this number: the largest a system allows is below it.
  const dead = 2 ** 31 - 1;
  const names = [left("out", dead), left("out", process.pid), left("other", dead)];
  for (const name of names) mkdirSync(join(path, "..", name));
  const folder = await OutputFolder.open(path);
  await folder.abandon();
  expect(readdirSync(join(path, "..")).sort()).toEqual(names.slice(1).sort());
});

/** Files that take `room` bytes together and then fail as a disk does. */
function failing(code: string, room: number): OpenFile {
  let left = room;
  return async () => ({
    write: (async (bytes: Uint8Array, at: number, length: number) => {
      if (left === 0) throw Object.assign(new Error(code), { code });
      const bytesWritten = Math.min(length, left);
      left -= bytesWritten;
      return { bytesWritten, buffer: bytes.subarray(at) };
    }) as Awaited<ReturnType<OpenFile>>["write"],
    async sync() {},
    async close() {},
  });
}

test("a full disk ends in one line for each format, and the output folder is not there", async () => {
  for (const format of ["parquet", "tsv"] as const) {
    const path = fresh();
    const folder = await OutputFolder.open(path, { openFile: failing("ENOSPC", 5000) });
    const error: unknown = await writeMap("trans", fakeRun(MAP, 1, 400), folder, {
      format,
      memory: 1e9,
    }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LimitError);
    const name = join(path, `trans_pairs.${format === "tsv" ? "tsv.gz" : "parquet"}`);
    expect((error as Error).message).toBe(
      `${name}: the disk is full after 5000 bytes; free space or name an output folder on another disk`,
    );
    await folder.abandon();
    expect(readdirSync(join(path, ".."))).toEqual([]);
  }
});

test("a text that finds the disk full leaves the tables to be committed, and nothing of itself", async () => {
  const path = fresh();
  let full = false;
  const openFile: OpenFile = async (name) => {
    const file = await createFile(name);
    return {
      write: (async (bytes: Uint8Array, at: number, length: number) => {
        if (full && at >= 3) throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
        return file.write(bytes, at, full ? Math.min(3, length) : length);
      }) as Awaited<ReturnType<OpenFile>>["write"],
      sync: () => file.sync(),
      close: () => file.close(),
    };
  };
  const folder = await OutputFolder.open(path, { openFile });
  await writeMap("trans", fakeRun(MAP, 1, 400), folder, { format: "parquet", memory: 1e9 });
  full = true;
  await expect(folder.text("report.html", "<p>hello")).rejects.toThrow(LimitError);
  full = false;
  await writeManifest(folder, record(MAP));
  await folder.commit();
  expect(readdirSync(path).sort()).toEqual(NAMES.filter((name) => name !== "report.html"));
});

test("a failure to close is seen", async () => {
  const path = fresh();
  const openFile: OpenFile = async () => ({
    ...(await failing("EIO", 1e9)("")),
    async sync() {
      throw Object.assign(new Error("i/o"), { code: "EIO" });
    },
  });
  const folder = await OutputFolder.open(path, { openFile });
  await expect(folder.text("a.txt", "a")).rejects.toThrow("cannot be written after 1 bytes (EIO)");
  await folder.abandon();
});

test("each way a write fails has a message of one line that says what to do", () => {
  const codes = "ENOSPC EDQUOT EFBIG EMFILE ENFILE EACCES EPERM EROFS ENOTDIR ENAMETOOLONG EIO".split(" ");
  const messages = codes.map((code) => writeError(Object.assign(new Error(code), { code }), "out").message);
  expect(messages).toMatchInlineSnapshot(`
    [
      "out: the disk is full; free space or name an output folder on another disk",
      "out: the disk quota is used up; free space or name another output folder",
      "out: the file system takes no larger file; name an output folder on another disk",
      "out: too many files are open; raise the limit (ulimit -n)",
      "out: too many files are open; raise the limit (ulimit -n)",
      "out: no permission to write; change it or name another output folder",
      "out: no permission to write; change it or name another output folder",
      "out: the file system is read-only; name another output folder",
      "out: a part of the path is a file; name another output folder",
      "out: the path is too long; name a shorter one",
      "out: cannot be written (EIO); check the disk or name another output folder",
    ]
  `);
  for (const code of codes) {
    expect((writeError(Object.assign(new Error(code), { code }), "out") as QortexError).exitCode).toBe(2);
  }
});

test("parts on disk are there whole or not at all", async () => {
  const path = join(fresh(), "parts");
  const store = partFolder(path, "parts");
  expect(await store.list()).toEqual([]);
  await store.put("b", Uint8Array.of(1, 2, 3));
  await store.put("a", Uint8Array.of(4));
  writeFileSync(join(path, "c.tmp"), "cut");
  expect(await store.list()).toEqual(["a", "b"]);
  const buffer = new Uint8Array(100);
  const read = await store.get("b", buffer);
  expect(read).toEqual(Uint8Array.of(1, 2, 3));
  expect(read.buffer).toBe(buffer.buffer);
  expect(await store.get("b", new Uint8Array(2))).toEqual(Uint8Array.of(1, 2, 3));
  await store.put("b", Uint8Array.of(9));
  expect(await store.get("b")).toEqual(Uint8Array.of(9));
  await store.delete("a");
  await expect(store.get("a")).rejects.toThrow("parts/a: cannot be read (ENOENT); run again");
});

test("an input is hashed as it is, and one that is not there is named", async () => {
  const path = fresh();
  writeFileSync(path, "abc");
  expect(await hashInput("expression", path)).toEqual({
    role: "expression",
    path,
    bytes: 3,
    sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  });
  await expect(hashInput("expression", `${path}x`)).rejects.toThrow(`${path}x: cannot be read (ENOENT)`);
});

test("a signal stops the writing and names itself", async () => {
  const path = fresh();
  const folder = await OutputFolder.open(path);
  const stop = new AbortController();
  const options = {
    format: "parquet",
    memory: 1e9,
    signal: stop.signal,
    onBatch: () => stop.abort(),
  } as const;
  await expect(writeMap("trans", fakeRun(MAP, 1, 400), folder, options)).rejects.toThrow("cancelled");
  await folder.abandon();
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("a folder that may not be written is refused before any work", async () => {
  // Through a name that cannot be made, so that it also holds for root, whom permissions do not stop.
  const path = fresh();
  symlinkSync(path, path);
  await expect(OutputFolder.open(path)).rejects.toThrow(InputError);
  rmSync(path);
  mkdirSync(path, { mode: 0o500 });
  if (process.getuid?.() !== 0 && process.platform !== "win32") {
    await expect(OutputFolder.open(path)).rejects.toThrow("no permission to write");
  }
  chmodSync(path, 0o700);
});
