import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readParquetTable } from "../../helpers/table.ts";
import { GENES, makeNetwork, ok, path, VARIANTS } from "./networkFunctionFiles.ts";
import { qortex } from "./shell.ts";

beforeAll(makeNetwork);

describe("qortex network key-genes", () => {
  test("key-genes: every gene of the annotation and of the network has a row; the trait's set stands out", async () => {
    await ok(
      "key-genes",
      "--coregulation",
      path("net"),
      "--gwas",
      path("gwas.tsv"),
      "--reference",
      path("panel"),
      "--genes",
      path("genes.bed"),
      "--gene-sets",
      path("sets.gmt"),
      "--pathways",
      "membership",
      "--window",
      "0",
      "--maf",
      "0",
      "--cis-distance",
      "0",
      "--out",
      path("key"),
    );
    const tests = await readParquetTable(join(path("key"), "gene_pvalues.parquet"));
    expect(tests.rows).toBe(GENES + 1);
    expect(tests.strings("status").at(-1)).toBe("no-variants");
    expect(tests.numbers("variants")[0]).toBe(4);
    const keys = await readParquetTable(join(path("key"), "key_genes.parquet"));
    expect(keys.rows).toBe(89);
    const sets = await readParquetTable(join(path("key"), "key_pathways.parquet"));
    expect(sets.strings("status")).toEqual(["ok", "ok", "ok", "too-few-genes"]);
    const t = sets.numbers("t");
    expect(t[0]).toBeGreaterThan(3);
    expect(t[0]).toBeGreaterThan(t[1]!);
    const manifest = JSON.parse(readFileSync(join(path("key"), "manifest.json"), "utf8"));
    expect(manifest.counts.gwas.used).toBe(VARIANTS);
  });

  describe("--score components", () => {
    const run = (name: string, ...more: string[]) =>
      ok(
        ...["key-genes", "--coregulation", path("net"), "--gwas", path("gwas.tsv")],
        ...["--reference", path("panel"), "--genes", path("genes.bed"), "--window", "0", "--maf", "0"],
        ...["--draws", "500", "--out", path(name), ...more],
      );
    const table = (name: string, file: string) => readParquetTable(join(path(name), `${file}.parquet`));

    test("components with their tests, and the score of every gene; the other score beside it is what it is alone", async () => {
      const out = await run("both", "--score", "both", "--component-q", "0.3");
      expect(out).toMatch(/Components +[1-9]\d* of 12 go with the trait/);
      const components = await table("both", "key_components");
      expect(components.strings("component")).toEqual(Array.from({ length: 12 }, (_, k) => `PC${k + 1}`));
      const numbers = (name: string): number[] => Array.from(components.numbers(name));
      const selected = numbers("selected");
      expect(selected).toEqual(numbers("qval").map((value) => (value <= 0.3 ? 1 : 0)));
      const scores = await table("both", "key_gene_scores");
      expect(scores.rows).toBe(89);
      expect(scores.strings("status")).toEqual(new Array(89).fill("ok"));
      const beta = numbers("beta");
      const net = await table("net", "coefficients");
      expect(net.strings("gene")).toEqual(scores.strings("gene"));
      const columns = beta.map((_, k) => net.numbers(`PC${k + 1}`));
      scores.numbers("score").forEach((score, g) => {
        const own = beta.reduce((sum, value, k) => sum + selected[k]! * value * columns[k]![g]!, 0);
        expect(score).toBeCloseTo(own, 10);
      });
      await run("alone");
      const files = ["both", "alone"].map((name) => readFileSync(join(path(name), "key_genes.parquet")));
      expect(files[0]!.equals(files[1]!)).toBe(true);
      expect(existsSync(join(path("alone"), "key_components.parquet"))).toBe(false);
    });

    test("none that goes with the trait: every gene has a status and no score", async () => {
      const out = await run("none", "--score", "components", "--component-q", "1e-12");
      expect(out).toContain("0 of 12 go with the trait");
      const scores = await table("none", "key_gene_scores");
      expect(scores.strings("status")).toEqual(new Array(89).fill("no-component"));
      expect(scores.numbers("score").every(Number.isNaN)).toBe(true);
      expect(existsSync(join(path("none"), "key_genes.parquet"))).toBe(false);
    });
  });

  describe("sex chromosomes and the HLA region", () => {
    /** The panel with its last gene's variants moved, and its samples' sex. */
    const moved = (chromosome: string, first: number, sex: (s: number) => number): void => {
      const bim = readFileSync(path("panel.bim"), "utf8").trim().split("\n");
      const gwas = readFileSync(path("gwas.tsv"), "utf8").trim().split("\n");
      const gene = 80;
      for (let v = 4 * gene; v < 4 * gene + 4; v++) {
        const cells = bim[v]!.split("\t");
        cells.splice(0, 4, chromosome, cells[1]!, "0", String(first + v));
        bim[v] = cells.join("\t");
        const row = gwas[v + 1]!.split("\t");
        gwas[v + 1] = [row[0], chromosome, first + v, ...row.slice(3)].join("\t");
      }
      // Codes are in the file's order: the last genes' go with it.
      const order = [...bim.keys()].filter((v) => Math.floor(v / 4) !== gene);
      const own = [...bim.keys()].filter((v) => Math.floor(v / 4) === gene);
      const bed = readFileSync(path("panel.bed"));
      const stride = (bed.length - 3) / bim.length;
      const to = [...order, ...own];
      writeFileSync(path("moved.bim"), `${to.map((v) => bim[v]).join("\n")}\n`);
      const calls = to.map((v) => bed.subarray(3 + v * stride, 3 + (v + 1) * stride));
      writeFileSync(path("moved.bed"), Buffer.concat([bed.subarray(0, 3), ...calls]));
      const fam = Array.from({ length: 60 }, (_, s) => `p${s} p${s} 0 0 ${sex(s)} -9`);
      writeFileSync(path("moved.fam"), `${fam.join("\n")}\n`);
      writeFileSync(path("moved.tsv"), `${gwas.join("\n")}\n`);
      const genes = readFileSync(path("genes.bed"), "utf8").trim().split("\n");
      genes[gene + 1] = `${chromosome}\t${first + 4 * gene - 1}\t${first + 4 * gene + 3}\tg${gene}`;
      writeFileSync(path("moved.genes.bed"), `${genes.join("\n")}\n`);
    };
    const run = async (...more: string[]) => {
      const { code, err } = await qortex([
        ...["network", "key-genes", "--coregulation", path("net"), "--gwas", path("moved.tsv")],
        ...["--reference", path("moved"), "--genes", path("moved.genes.bed"), "--window", "0"],
        ...["--maf", "0", "--out", path("moved"), "--overwrite", ...more],
      ]);
      expect(code, err).toBe(0);
      const tests = await readParquetTable(join(path("moved"), "gene_pvalues.parquet"));
      return { err, status: tests.strings("status")[80], variants: tests.numbers("variants")[80] };
    };

    test("X without anybody's sex is left out, and the gene there has a status", async () => {
      moved("X", 50_000_000, () => 0);
      const unknown = await run();
      expect(unknown).toMatchObject({ status: "no-sex", variants: 0 });
      expect(unknown.err).toContain("4 variants of X outside the pseudo-autosomal regions left out");
      expect(await run("--chrx", "as-given")).toMatchObject({ status: "ok", variants: 4 });
      writeFileSync(
        path("sex.txt"),
        Array.from({ length: 60 }, (_, s) => `p${s} ${s % 2 === 0 ? "F" : "M"}`).join("\n"),
      );
      // Random calls have heterozygous males: missing, and few variants are left that vary.
      const told = await run("--sex", path("sex.txt"), "--male-coding", "0/2");
      expect(told.status).toBe("ok");
      expect(told.err).toContain("males counted 0/2 (30 males, 30 females; sex from");
    });

    test("X excluded, Y, and the HLA region: a status each; a PAR is as an autosome", async () => {
      moved("X", 50_000_000, (s) => 1 + (s % 2));
      expect(await run("--chrx", "exclude")).toMatchObject({ status: "excluded-x", variants: 0 });
      moved("X", 100_000, (s) => 1 + (s % 2));
      expect(await run()).toMatchObject({ status: "ok", variants: 4 });
      moved("Y", 5_000_000, (s) => 1 + (s % 2));
      expect(await run()).toMatchObject({ status: "excluded-y", variants: 0 });
      moved("6", 30_000_000, (s) => 1 + (s % 2));
      expect(await run()).toMatchObject({ status: "hla", variants: 0 });
      expect(await run("--keep-hla")).toMatchObject({ status: "ok", variants: 4 });
    });
  });
});
