/** The pages of commands whose results are no map of variants and genes: eqts, and genotype classes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readParquetTable } from "../../helpers/table.ts";
import { type CohortFiles, cohortArguments, writeCohort } from "./cohortFiles.ts";
import { qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-pages-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let files: CohortFiles;
beforeAll(() => {
  files = writeCohort(join(scratch, "data"));
  const rows = Array.from({ length: 40 }, (_, i) => `v${i * 3}\tA\t${(i % 5) - 2}\n`);
  writeFileSync(join(scratch, "a<b>.txt"), `variant_id\teffect_allele\tweight\n${rows.join("")}`);
  writeFileSync(join(scratch, "none.txt"), "variant_id\teffect_allele\tweight\nnowhere\tA\t1\n");
});

let runs = 0;
async function page(...words: string[]) {
  const out = join(scratch, `out-${++runs}`);
  const [command, ...options] = words;
  const { code, err } = await qortex([command!, ...cohortArguments(files, out), ...options]);
  expect(code, err).toBe(0);
  const html = readFileSync(join(out, "report.html"), "utf8");
  const { document } = parseHTML(html);
  const text = document.body.textContent ?? "";
  for (const broken of ["NaN", "undefined", "Infinity", "[object"])
    expect(text, broken).not.toContain(broken);
  const cells = (n: number): string[][] => {
    const table = [...document.querySelectorAll("#tables table")][n]!;
    return Array.from(table.querySelectorAll("tr"), (row) =>
      Array.from(row.children, (cell) => cell.textContent ?? ""),
    );
  };
  return { out, html, text, cells, figures: document.querySelectorAll("svg").length };
}

test("eqts: scores and genes of the tables, in the page as in the files", async () => {
  const { out, html, text, cells, figures } = await page(
    ...["eqts", "--weights", join(scratch, "a<b>.txt"), "--permutations", "4"],
  );
  expect(figures).toBe(2);
  expect(html).not.toContain("a<b>");
  const pairs = await readParquetTable(join(out, "eqts_pairs.parquet"));
  const p = pairs.numbers("log10_p");
  const best = p.indexOf(Math.min(...p));
  const [header, first, ...others] = cells(0);
  expect(header!.slice(0, 2)).toEqual(["Score", "Gene"]);
  expect(first!.slice(0, 2)).toEqual(["a<b>", pairs.strings("phenotype_id")[best]]);
  expect(others).toHaveLength(Math.min(24, p.length - 1));
  expect(text).toContain(`Of ${p.length} pairs of a score and a gene tested in 60 samples`);
  expect(text).toContain("Pairs at FDR ≤ 0.05");
  expect(cells(1)[1]!.slice(0, 2)).toEqual(["a<b>", "ok"]);
});

test("eqts: a score without variants leaves nothing to draw, and the page says so", async () => {
  const { text, figures } = await page("eqts", "--weights", join(scratch, "none.txt"));
  expect(figures).toBe(0);
  expect(text).toContain("No score could be tested: there is nothing to draw.");
});

test("genotype classes: the strongest genes of the tables, in the page as in the files", async () => {
  const { out, text, cells, figures } = await page(
    ...["trans", "--model", "anova", "--p-value", "0.01", "--distance", "1Mb"],
  );
  expect(figures).toBe(2);
  const genes = await readParquetTable(join(out, "anova_genes.parquet"));
  const p = genes.numbers("pval_bonferroni");
  const order = [...p.keys()]
    .filter((gene) => !Number.isNaN(p[gene]!))
    .sort((a, b) => p[a]! - p[b]! || a - b);
  const rows = cells(0).slice(1);
  expect(rows.slice(0, 3).map((row) => row.slice(0, 2))).toEqual(
    order.slice(0, 3).map((gene) => [genes.strings("phenotype_id")[gene], genes.strings("variant_id")[gene]]),
  );
  expect(text).toContain("There is no QQ plot");
  const none = await page("trans", "--model", "anova", "--p-value", "1e-300", "--distance", "1Mb");
  expect(none.figures).toBe(0);
  expect(none.text).toContain("there is nothing to draw");
});
