import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readParquetTable, readTextTable, type Table } from "../../helpers/table.ts";
import { type CohortFiles, cohortArguments, GENES, writeCohort } from "./cohortFiles.ts";
import { qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-run-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let files: CohortFiles;
beforeAll(() => {
  files = writeCohort(join(scratch, "data"));
});

let runs = 0;

/** Runs a command that must succeed and returns its output folder. */
async function folderOf(command: string, ...options: string[]): Promise<string> {
  const out = join(scratch, `out-${++runs}`);
  const { code, err } = await qortex([command, ...cohortArguments(files, out), ...options]);
  expect(code, err).toBe(0);
  return out;
}

/** Every file of a folder but the manifest, by name. */
function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => name !== "manifest.json");
  return Object.fromEntries(
    names.sort().map((name) => [name, readFileSync(join(folder, name)).toString("base64")]),
  );
}

const TRANS = ["--p-value", "0.01", "--distance", "1Mb"];

describe.each([
  ["cis", []],
  ["trans", TRANS],
] as const)("%s", (command, options) => {
  test("writes its tables, a report and a manifest", async () => {
    const out = await folderOf(command, ...options);
    expect(readdirSync(out).sort()).toMatchSnapshot();
    const pairs = await readParquetTable(join(out, `${command}_pairs.parquet`));
    const genes = await readParquetTable(join(out, `${command}_genes.parquet`));
    expect(genes.rows).toBe(GENES);
    const [gene, variant] = command === "cis" ? ["gene0", "v10"] : ["gene20", "v40"];
    const best = smallest(pairs.numbers("log10_p"));
    expect([pairs.strings("phenotype_id")[best], pairs.strings("variant_id")[best]]).toEqual([gene, variant]);
    const row = genes.strings("phenotype_id").indexOf(gene);
    expect(genes.strings("variant_id")[row]).toBe(variant);
    expect(genes.strings("status")[genes.strings("phenotype_id").indexOf("gene5")]).toBe("constant");
    const html = readFileSync(join(out, "report.html"), "utf8");
    expect(html).toContain("<svg");
    expect(html).toContain(gene);
    const manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8")) as Record<string, unknown>;
    expect(Object.keys(manifest).sort()).toMatchSnapshot();
  });

  test("the same bytes from every backend, thread count and memory budget", async () => {
    const reference = contents(await folderOf(command, ...options, "--backend", "reference"));
    for (const machine of ["--threads 1", "--threads 2", "--memory 256M", "--memory 4G --threads 3"]) {
      const folder = await folderOf(command, ...options, "--backend", "wasm", ...machine.split(" "));
      const other = contents(folder);
      expect(Object.keys(other), machine).toEqual(Object.keys(reference));
      for (const name of Object.keys(reference))
        expect(other[name] === reference[name], `${name}, ${machine}`).toBe(true);
    }
  });

  test("text holds the numbers of Parquet", async () => {
    const parquet = await folderOf(command, ...options);
    const text = await folderOf(command, ...options, "--format", "tsv");
    for (const name of [`${command}_pairs`, `${command}_genes`, "variants_dropped", "null_sample"]) {
      const a = await readParquetTable(join(parquet, `${name}.parquet`));
      const b = await readTextTable(join(text, `${name}.tsv.gz`));
      expect(cells(b), name).toEqual(cells(a));
      expect(a.rows, name).toBeGreaterThan(0);
    }
  });

  test("the summary is on standard output, the rest on standard error", async () => {
    const out = join(scratch, `out-${++runs}`);
    const machine = { threads: 2, memory: 2 ** 30 };
    const {
      code,
      out: printed,
      err,
    } = await qortex([command, ...cohortArguments(files, out), ...options], { machine });
    expect(code, err).toBe(0);
    // Not ours to fix here: the clock, the folder, and sizes, which follow the length of its path.
    const settled = (text: string) =>
      text
        .replaceAll(scratch, "")
        .replaceAll(/out-\d+/g, "OUT")
        .replace(/\bin \d[^\n]*? s\b/g, "in TIME")
        .replace(/ +[\d.]+ [kM]?B$/gm, "  SIZE");
    expect(settled(printed)).toMatchSnapshot();
    expect(settled(err)).toMatchSnapshot();
    rmSync(out, { recursive: true });
    const quiet = await qortex([command, ...cohortArguments(files, out), ...options, "--quiet"]);
    expect(quiet).toEqual({ code: 0, out: "", err: "" });
  });
});

test("--overwrite replaces the folder, a failing run does not", async () => {
  const out = await folderOf("cis");
  const before = contents(out);
  const args = cohortArguments(files, out);
  const refused = await qortex(["cis", ...args]);
  expect({ ...refused, err: refused.err.replace(out, "OUT") }).toEqual({
    code: 2,
    out: "",
    err: "qortex: OUT: holds an earlier result; replace it with --overwrite or name another folder\n",
  });
  expect((await qortex(["cis", ...args, "--overwrite", "--covariates", join(scratch, "none")])).code).toBe(2);
  expect(contents(out)).toEqual(before);
  expect((await qortex(["trans", ...args, ...TRANS, "--overwrite"])).code).toBe(0);
  expect(readdirSync(out)).toContain("trans_pairs.parquet");
  expect(readdirSync(out)).not.toContain("cis_pairs.parquet");
});

test("stopped in mid-run: exit code 130, and the folder is as it was", async () => {
  const out = join(scratch, "stopped");
  const stopper = new AbortController();
  const err = {
    text: "",
    isTTY: true,
    write(text: string) {
      this.text += text;
      // The first progress line: the run is under way.
      if (text.includes("Testing")) stopper.abort();
    },
  };
  const before = readdirSync(scratch).sort();
  const { code } = await qortex(["cis", ...cohortArguments(files, out)], { err, signal: stopper.signal });
  expect(code).toBe(130);
  expect(err.text).toMatch(/qortex: stopped: nothing was written\n$/);
  expect(readdirSync(scratch).sort()).toEqual(before);
});

describe("a map that is complete is kept", () => {
  /** Runs a map of a cohort of its own and calls `then` at each text of standard error. */
  async function disturbed(name: string, then: (text: string, cohort: CohortFiles) => void) {
    const cohort = writeCohort(join(scratch, name));
    const out = join(scratch, `${name}-out`);
    let text = "";
    const write = (piece: string) => {
      text += piece;
      then(piece, cohort);
    };
    let clock = 0;
    const { code } = await qortex(["cis", ...cohortArguments(cohort, out)], {
      err: { isTTY: true, write },
      // Each look at the clock is a second later: every step of progress is shown.
      now: () => (clock += 1000),
    });
    return { code, text, out, html: readFileSync(join(out, "report.html"), "utf8") };
  }

  test("when an input is moved before it is hashed", async () => {
    const { code, text, out, html } = await disturbed("moved", (piece, cohort) => {
      if (piece.startsWith("Using ")) rmSync(cohort.covariates);
    });
    expect(code, text).toBe(0);
    const manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8")) as {
      inputs: { role: string }[];
    };
    expect(manifest.inputs.map((input) => input.role)).toEqual([
      "genotypes bed",
      "genotypes bim",
      "genotypes fam",
      "expression",
    ]);
    expect(text).toMatch(/Warning: no hash in the manifest: .*covariates\.tsv: cannot be read/);
    expect(html).toContain("no hash in the manifest");
  });

  test("when a figure cannot be drawn", async () => {
    const { code, text, out, html } = await disturbed("cut", (piece, cohort) => {
      if (piece.includes("Writing")) truncateSync(`${cohort.genotypes}.bed`, 10);
    });
    expect(code, text).toBe(0);
    expect(text).toContain("Warning: expression-by-genotype.svg could not be drawn: ");
    expect(html).toContain("expression-by-genotype.svg could not be drawn");
    expect(readdirSync(out)).toContain("manhattan.svg");
    expect(readdirSync(out)).not.toContain("expression-by-genotype.svg");
  });
});

test("expression of 1e-310 is mapped and drawn", async () => {
  const cohort = writeCohort(join(scratch, "tiny"));
  const text = readFileSync(cohort.expression, "utf8");
  const tiny = text.replace(/(?<=\t)(-?\d+\.\d{5})(?=[\t\n])/g, "$1e-310");
  expect(tiny).not.toBe(text);
  writeFileSync(cohort.expression, tiny);
  const out = join(scratch, "tiny-out");
  const { code, err } = await qortex(["cis", ...cohortArguments(cohort, out)]);
  expect(code, err).toBe(0);
  expect(err).not.toContain("Warning");
  expect(readFileSync(join(out, "expression-by-genotype.svg"), "utf8")).toMatch(/× 10⁻³¹/);
});

test("a map that tests nothing says why, even under --quiet", async () => {
  const cohort = writeCohort(join(scratch, "elsewhere"));
  writeFileSync(cohort.expression, readFileSync(cohort.expression, "utf8").replaceAll(/^chr/gm, "chr1"));
  const out = join(scratch, "elsewhere-out");
  const { code, err } = await qortex(["cis", ...cohortArguments(cohort, out), "--quiet"]);
  expect(code, err).toBe(0);
  expect(err).toContain(
    "Warning: nothing was tested: genes: 29 no-variants, 1 constant; variants: 297 no-genes, 3 constant; the genotypes have chromosomes 1, 2; the expression has chromosomes chr11, chr12\n",
  );
  expect(readdirSync(out).filter((name) => name.endsWith(".svg"))).toEqual([]);
  const html = readFileSync(join(out, "report.html"), "utf8");
  expect(html).toContain("Nothing was tested, so there is nothing to draw.");
  expect(html).not.toContain("NaN");
});

test("a trans map without hits has a report without empty plots; a lax limit needs no screen", async () => {
  const none = await folderOf("trans", "--p-value", "1e-30");
  expect(readdirSync(none).filter((name) => name.endsWith(".svg"))).toEqual(["qq.svg"]);
  expect(readFileSync(join(none, "report.html"), "utf8")).toMatch(/No pair reached p.≤.10⁻³⁰/);
  const out = join(scratch, "lax");
  const { err } = await qortex(["trans", ...cohortArguments(files, out), "--p-value", "0.05"]);
  expect(err).toContain("(f64 throughout: too many pairs reach p 0.05 for a screen to help)");
});

function smallest(values: Float64Array): number {
  return values.reduce((best, value, i) => (value < values[best]! ? i : best), 0);
}

/** A table's columns; those that are numbers throughout as numbers. */
function cells(table: Table): Record<string, readonly (string | number)[]> {
  return Object.fromEntries(
    table.columns.map((name) => {
      // Text writes null as NA.
      const texts = table.strings(name).map((text) => (text === "NA" ? "" : text));
      const numeric = texts.every((text) => text === "" || !Number.isNaN(Number(text)));
      return [name, numeric ? Array.from(table.numbers(name)) : texts];
    }),
  );
}
