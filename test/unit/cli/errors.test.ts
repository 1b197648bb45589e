import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { cohortArguments, writeCohort } from "./cohortFiles.ts";
import { qortex } from "./shell.ts";

/** Input that cannot be used: one clear line, exit code 2, and nothing is left behind. */

const scratch = mkdtempSync(join(tmpdir(), "qortex-errors-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const out = join(scratch, "out");
const data = join(scratch, "data");
let files = writeCohort(data);
beforeEach(() => {
  rmSync(out, { recursive: true, force: true });
  files = writeCohort(data);
});

/** Runs `qortex cis` on the cohort as it is now, expects failure, and returns its line without the scratch path. */
async function failure(args: readonly string[] = []): Promise<string> {
  const {
    code,
    out: printed,
    err,
  } = await qortex(["cis", ...cohortArguments(files, out), "--quiet", ...args]);
  expect({ code, printed }, err).toEqual({ code: 2, printed: "" });
  expect(err).toMatch(/^(Warning: [^\n]+\n)*qortex: [^\n]+\n$/);
  expect(readdirSync(scratch)).toEqual(["data"]);
  return err.replaceAll(scratch, "").replaceAll("\\", "/");
}

function edit(path: string, change: (text: string) => string): void {
  writeFileSync(path, change(readFileSync(path, "utf8")));
}

/** Puts `value` into a cell of a tab-separated file (line and column from 0). */
function setCell(path: string, line: number, column: number, value: string): void {
  edit(path, (text) => {
    const lines = text.split("\n").map((row) => row.split("\t"));
    lines[line]![column] = value;
    return lines.map((row) => row.join("\t")).join("\n");
  });
}

describe("genotypes", () => {
  test("no such file", async () => {
    expect(await failure(["--genotypes", join(data, "nothing")])).toMatchSnapshot();
  });

  test("truncated bed", async () => {
    const bytes = readFileSync(`${files.genotypes}.bed`);
    writeFileSync(`${files.genotypes}.bed`, bytes.subarray(0, -5));
    expect(await failure()).toMatchSnapshot();
  });

  test("wrong magic", async () => {
    const bytes = readFileSync(`${files.genotypes}.bed`);
    bytes[0] = 0;
    writeFileSync(`${files.genotypes}.bed`, bytes);
    expect(await failure()).toMatchSnapshot();
  });

  test("a position that is not a number", async () => {
    setCell(`${files.genotypes}.bim`, 6, 3, "x");
    expect(await failure()).toMatchSnapshot();
  });

  test("the same sample twice", async () => {
    edit(`${files.genotypes}.fam`, (text) => text.replace("S01", "S00"));
    expect(await failure()).toMatchSnapshot();
  });
});

describe("expression", () => {
  test("no such file", async () => {
    expect(await failure(["--expression", join(data, "nothing.bed")])).toMatchSnapshot();
  });

  test("a folder", async () => {
    expect(await failure(["--expression", data])).toMatchSnapshot();
  });

  test.each(["abc", "NaN", "Inf", ""])("cell '%s'", async (cell) => {
    setCell(files.expression, 3, 9, cell);
    expect(await failure()).toMatchSnapshot();
  });

  test("a short row", async () => {
    edit(files.expression, (text) => text.replace(/\t[^\t\n]+\n$/, "\n"));
    expect(await failure()).toMatchSnapshot();
  });

  test("no genes", async () => {
    edit(files.expression, (text) => `${text.split("\n")[0]}\n`);
    expect(await failure()).toMatchSnapshot();
  });

  test("called .gz, but is not", async () => {
    const path = join(data, "plain.bed.gz");
    writeFileSync(path, readFileSync(files.expression));
    expect(await failure(["--expression", path])).toMatchSnapshot();
  });
});

describe("samples", () => {
  test("none in common", async () => {
    edit(files.expression, (text) => text.replace(/\bS(\d\d)\b/g, "T$1"));
    expect(await failure()).toMatchSnapshot();
  });

  test("--keep that keeps nobody", async () => {
    const keep = join(data, "keep.txt");
    writeFileSync(keep, "G1\n");
    expect(await failure(["--keep", keep])).toMatchSnapshot();
  });

  test("too few for the covariates", async () => {
    const keep = join(data, "keep.txt");
    writeFileSync(keep, ["S00", "S01", "S02", "S03", "S04"].join("\n"));
    const covariates = [
      "id\tS00\tS01\tS02\tS03\tS04",
      "a\t1\t2\t3\t4\t9",
      "b\t5\t2\t7\t1\t0",
      "c\t0\t0\t1\t3\t8",
    ];
    writeFileSync(files.covariates, `${covariates.join("\n")}\n`);
    expect(await failure(["--keep", keep])).toMatchSnapshot();
  });
});

test("the output folder is there: it is left as it was", async () => {
  writeFileSync(out, "precious");
  const args = ["cis", ...cohortArguments(files, out), "--quiet"];
  const { code, err } = await qortex(args);
  expect(code).toBe(2);
  expect(err.replaceAll(scratch, "")).toMatchSnapshot();
  expect(readFileSync(out, "utf8")).toBe("precious");
});

describe("what is no fault of the input", () => {
  /** A clock that fails stands for anything that can. */
  const failing = (error: Error) => ({
    now: (): number => {
      throw error;
    },
  });
  const args = ["cis", ...cohortArguments(files, out)];

  test("an unexpected error is one line and exit code 1", async () => {
    const { code, err } = await qortex(args, failing(new TypeError("first line\nsecond line")));
    expect(code).toBe(1);
    expect(err).toMatchSnapshot();
  });

  test("QORTEX_DEBUG=1 shows where it arose, and its cause", async () => {
    const error = new TypeError("outer", { cause: new Error("inner") });
    const { err } = await qortex(args, { ...failing(error), env: { QORTEX_DEBUG: "1" } });
    expect(err).toMatch(
      /^TypeError: outer\n +at .*\ncaused by Error: inner\n +at .*\nqortex: unexpected error/s,
    );
  });

  test.each(["ENOSPC", "EDQUOT", "EMFILE", "EROFS"])("the system says %s", async (systemCode) => {
    const error = Object.assign(new Error(systemCode), { code: systemCode });
    const { code, err } = await qortex(args, failing(error));
    expect(code).toBe(2);
    expect(err).toMatchSnapshot();
  });
});
