import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readParquetTable } from "../../helpers/table.ts";
import { type CohortFiles, cohortArguments, GENES, SAMPLES, writeCohort } from "./cohortFiles.ts";
import { qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-interaction-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let files: CohortFiles;
let dose: string;
beforeAll(() => {
  files = writeCohort(join(scratch, "data"));
  dose = contextFile("dose.txt", contextOf);
  scaleByContext();
});

/** Two groups of equal size. */
function contextOf(sample: string): number {
  return Number(sample.slice(1)) % 2 === 0 ? 1 : -1;
}

/** Sample and number without a header. */
function contextFile(name: string, numberOf: (sample: string) => number): string {
  const ids = Array.from({ length: SAMPLES }, (_, s) => `S${String(s).padStart(2, "0")}`);
  const path = join(scratch, name);
  writeFileSync(path, ids.map((id) => `${id}\t${numberOf(id)}\n`).join(""));
  return path;
}

/** Multiplies genes 0 and 20 with the context, so that their variants act one way in one group, and the other way in the other. */
function scaleByContext(): void {
  const lines = readFileSync(files.expression, "utf8").trimEnd().split("\n");
  const samples = lines[0]!.split("\t").slice(6);
  const scaled = lines.map((line) => {
    const cells = line.split("\t");
    if (cells[3] !== "gene0" && cells[3] !== "gene20") return line;
    const values = cells.slice(6).map((value, s) => Number(value) * contextOf(samples[s]!));
    return [...cells.slice(0, 6), ...values].join("\t");
  });
  writeFileSync(files.expression, `${scaled.join("\n")}\n`);
}

let runs = 0;

function run(command: string, interaction: string, ...options: string[]) {
  const out = join(scratch, `out-${++runs}`);
  return {
    out,
    outcome: qortex([command, ...cohortArguments(files, out), "--interaction", interaction, ...options]),
  };
}

async function folderOf(command: string, ...options: string[]): Promise<string> {
  const { out, outcome } = run(command, dose, ...options);
  const { code, err } = await outcome;
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

describe.each([
  ["cis", [], "gene0", "v10"],
  ["trans", ["--p-value", "0.01", "--distance", "1Mb"], "gene20", "v40"],
] as const)("%s --interaction", (command, options, planted, variant) => {
  test("finds the planted pair, and writes the same bytes whatever computes", async () => {
    const out = await folderOf(command, ...options, "--backend", "reference");
    const pairs = await readParquetTable(join(out, `${command}_interaction_pairs.parquet`));
    const genes = await readParquetTable(join(out, `${command}_interaction_genes.parquet`));
    expect(genes.rows).toBe(GENES);
    expect(new Set(pairs.strings("context"))).toEqual(new Set(["dose"]));
    const log10P = Array.from(pairs.numbers("log10_p_gi"));
    const best = log10P.indexOf(Math.min(...log10P));
    expect([pairs.strings("phenotype_id")[best], pairs.strings("variant_id")[best]]).toEqual([
      planted,
      variant,
    ]);
    const row = genes.strings("phenotype_id").indexOf(planted);
    expect(genes.strings("variant_id")[row]).toBe(variant);
    for (const name of ["b_gi", "b_gi_se", "b_gi_se_hc3", "maf_lower", "pval_context"]) {
      expect(genes.numbers(name)[row], name).toBe(pairs.numbers(name)[best]);
      expect(genes.numbers(name)[row], name).not.toBeNaN();
    }
    expect(genes.strings("status")[genes.strings("phenotype_id").indexOf("gene5")]).toBe("constant");
    const written = contents(out);
    expect(readFileSync(join(out, "report.html"), "utf8")).toMatch(
      /\(HC3\).*their p-values are from t distributions with the scale and degrees of freedom that the error of each variant has/s,
    );
    const wasm = await folderOf(
      command,
      ...options,
      "--backend",
      "wasm",
      "--threads",
      "2",
      "--memory",
      "512MB",
    );
    expect(contents(wasm)).toEqual(written);
  });
});

test("the page names genes by symbol where the annotation knows one", async () => {
  const annotation = join(scratch, "annotation.tsv");
  const rows = [
    ["id", "chr", "start", "end", "strand", "symbol"],
    ["gene0", "1", "450001", "455000", "+", "PLANTED"],
  ];
  writeFileSync(annotation, rows.map((row) => `${row.join("\t")}\n`).join(""));
  const cellsOf = async (...options: string[]): Promise<string[][]> => {
    const page = readFileSync(join(await folderOf("cis", ...options), "report.html"), "utf8");
    const table = page.slice(page.indexOf("Strongest genes, g × dose"));
    const rows = [...table.slice(0, table.indexOf("</table>")).matchAll(/<tr.*?<\/tr>/gs)];
    return rows.map(([row]) => [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => cell!));
  };
  const [header, ...genes] = await cellsOf("--annotation", annotation);
  expect(header!.slice(0, 3)).toEqual(["Gene", "Symbol", "Variant"]);
  expect(genes[0]!.slice(0, 3)).toEqual(["gene0", "PLANTED", "v10"]);
  expect(new Set(genes.slice(1).map((row) => row[1]))).toEqual(new Set(["–"]));
  expect(genes.map((row) => row.length)).toEqual(genes.map(() => header!.length));
  expect((await cellsOf())[0]!.slice(0, 2)).toEqual(["Gene", "Variant"]);
});

describe("what cannot be is one line and exit code 2, and leaves no folder", () => {
  test.each([
    ["cis", ["--permutations", "100"], /--permutations and --interaction/],
    ["trans", ["--permutations", "10"], /--permutations and --interaction/],
    ["cis", ["--write-pairs", "none"], /--leads-only/],
    ["cis", ["--fdr", "0.1"], /--fdr and --interaction/],
    ["cis", ["--qvalue", "storey"], /--qvalue and --interaction/],
    ["cis", ["--beta", "mbqtl"], /--beta and --interaction/],
    ["trans", ["--model", "anova"], /--model ols/],
  ] as const)("%s %j", async (command, options, message) => {
    await expectRefused(run(command, dose, ...options), message);
  });

  test("a constant context", async () => {
    await expectRefused(
      run(
        "cis",
        contextFile("same.txt", () => 7),
      ),
      /same.*constant/,
    );
  });
});

async function expectRefused({ out, outcome }: ReturnType<typeof run>, message: RegExp): Promise<void> {
  const { code, err } = await outcome;
  expect(code, err).toBe(2);
  const lines = err.split("\n").filter((line) => line.startsWith("qortex: "));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(message);
  expect(() => readdirSync(out)).toThrow(/ENOENT/);
}

test("says that there is no lambda of HC3 where every pair has a sample that decides its own fit", async () => {
  // Of two samples with the context, one carries the alleles that the product is made of, or both do: each fits itself.
  const two = contextFile("two.txt", (sample) => (Number(sample.slice(1)) < 2 ? 1 : 0));
  const { outcome } = run("cis", two, "--maf-interaction", "0");
  const { code, out, err } = await outcome;
  expect(code, err).toBe(0);
  expect(out).toMatch(/Lambda +\d+\.\d+ OLS, no HC3/);
  expect(out + err).not.toContain("NaN");
});
