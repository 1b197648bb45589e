/**
 * The same cohort as MatrixEQTL's text files and as PLINK + BED gives the same bytes; and the yeast cross, whose
 * strongest marker of each gene was computed by R's cor() on the same matrix, from text, all pairs.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mapTrans } from "../../src/node/index.ts";
import { builtCommand, describeWithShared, scratchFolder, withCohort } from "../helpers/extended.ts";
import { readText, readTextTable } from "../helpers/table.ts";

describeWithShared("text as MatrixEQTL has it", ["expected", "input"], (path) => {
  const scratch = scratchFolder();

  test.each([
    ["cis", ["cis_pairs", "cis_genes"], []],
    ["trans", ["trans_pairs", "trans_genes"], ["--all-pairs", "--p-value", "1"]],
  ] as const)("%s: the bytes of PLINK and BED", (command, tables, options) => {
    const alleles = join(scratch, "alleles.txt");
    const bim = readFileSync(path("geno.bim"), "utf8").trim().split("\n");
    const rows = bim
      .map((line) => line.split("\t"))
      .map((cells) => [cells[1], cells[4], cells[5]].join("\t"));
    writeFileSync(alleles, `${["id\teffect_allele\tother_allele", ...rows].join("\n")}\n`);
    const run = (name: string, inputs: readonly string[]): string => {
      const out = join(scratch, `${command}-${name}`);
      const always = ["--covariates", path("cov.txt"), "--maf", "0", "--quiet", "--out", out];
      execFileSync(process.execPath, [builtCommand(), command, ...inputs, ...always, ...options]);
      return out;
    };
    const plink = run("plink", ["--genotypes", path("geno"), "--expression", path("expr.bed.gz")]);
    const text = run("text", [
      ...[
        "--genotypes",
        path("SNP.txt.gz"),
        "--variant-positions",
        path("snpsloc.txt"),
        "--alleles",
        alleles,
      ],
      ...["--expression", path("GE.txt"), "--gene-positions", path("geneloc.txt")],
    ]);
    for (const table of [...tables, "variants_dropped"]) {
      const bytes = (folder: string) => readFileSync(join(folder, `${table}.parquet`));
      expect(bytes(text).equals(bytes(plink)), table).toBe(true);
    }
  });
});

describeWithShared("the yeast cross, from text", ["data", "yeast-cross"], (path) => {
  const scratch = scratchFolder();

  /** Splits a table of `id chr ... samples` into a matrix and its places. */
  async function split(name: string, places: number): Promise<{ matrix: string; places: string }> {
    const lines = (await readText(path(`trigger_yeast.${name}.tsv.gz`))).trim().split("\n");
    const cells = lines.map((line) => line.split("\t"));
    const matrix = join(scratch, `${name}.txt`);
    const where = join(scratch, `${name}.places.txt`);
    const write = (to: string, rows: readonly string[][]) =>
      writeFileSync(to, rows.map((row) => `${row.join("\t")}\n`).join(""));
    write(
      matrix,
      cells.map((row) => [row[0]!, ...row.slice(1 + places)]),
    );
    write(
      where,
      // Some markers lie at halves of a base.
      cells.map((row) =>
        row.slice(0, 1 + places).map((cell, i) => (i > 1 ? cell.replace(/\.\d+$/, "") : cell)),
      ),
    );
    return { matrix, places: where };
  }

  test("the expected top marker of every gene is among the tied ones, r to 1e-8", async () => {
    const genotypes = await split("genotypes", 2);
    const expression = await split("expression", 3);
    const markers = (await readText(genotypes.matrix)).trim().split("\n").slice(1);
    const markerId = markers.map((line) => line.slice(0, line.indexOf("\t")));
    const expected = await readTextTable(path("expected-top-marker-per-gene.tsv.gz"));
    const top = new Map(
      expected.strings("gene").map((gene, i) => [
        gene,
        // A 1-based row of the matrix.
        { marker: markerId[expected.numbers("marker")[i]! - 1]!, r: expected.numbers("r")[i]! },
      ]),
    );
    const files = {
      genotypes: genotypes.matrix,
      variantPositions: genotypes.places,
      expression: expression.matrix,
      genePositions: expression.places,
    };
    await withCohort(files, { maf: 0 }, async (cohort, backend) => {
      const genes = cohort.genes.id;
      const degrees = cohort.degreesOfFreedom;
      const strongest = new Float64Array(genes.length);
      const atExpected = new Float64Array(genes.length).fill(Number.NaN);
      let pairs = 0;
      const run = mapTrans(cohort, { backend, pValue: 1, allPairs: true });
      for await (const batch of run) {
        pairs += batch.gene.length;
        for (let i = 0; i < batch.gene.length; i++) {
          const gene = batch.gene[i]!;
          const t = batch.slope[i]! / batch.slopeSe[i]!;
          const r = t / Math.sqrt(degrees + t * t);
          if (Math.abs(r) > strongest[gene]!) strongest[gene] = Math.abs(r);
          if (batch.variants.id[batch.variant[i]!] === top.get(genes[gene]!)!.marker) atExpected[gene] = r;
        }
      }
      expect(pairs).toBe(markerId.length * genes.length);
      expect(pairs).toBeGreaterThan(20_000_000);
      expect(genes.length).toBe(top.size);
      genes.forEach((gene, g) => {
        expect(Math.abs(atExpected[g]! - top.get(gene)!.r), `r of ${gene}`).toBeLessThan(1e-8);
        expect(strongest[g]! - Math.abs(atExpected[g]!), `${gene}: another marker is stronger`).toBeLessThan(
          1e-12,
        );
      });
    });
  });
});
