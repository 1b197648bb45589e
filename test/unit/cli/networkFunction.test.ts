import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkMemory } from "../../../src/cli/networkTables.ts";
import { normalQuantile } from "../../../src/statistics/normal.ts";
import { uniform } from "../../../src/statistics/random.ts";
import { readParquetTable } from "../../helpers/table.ts";
import { qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-network-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const path = (name: string): string => join(scratch, name);
const GENES = 90;
const SAMPLES = 40;
const VARIANTS = 360;

const normal = (stream: number, i: number): number => normalQuantile(uniform(9, stream, i) || 0.5);

/** Three groups of 20 genes that share a factor, 28 without; one constant gene and one with a missing value. */
function writeExpression(): void {
  const lines = [["gene", ...Array.from({ length: SAMPLES }, (_, s) => `s${s}`)].join("\t")];
  for (let g = 0; g < GENES; g++) {
    const group = Math.floor(g / 20);
    const cells = Array.from({ length: SAMPLES }, (_, s) => {
      if (g === 88) return "1";
      if (g === 89 && s === 3) return "NA";
      return (normal(g, s) + (group < 3 ? 1.2 * normal(1000 + group, s) : 0)).toFixed(6);
    });
    lines.push([`g${g}`, ...cells].join("\t"));
  }
  writeFileSync(path("expression.tsv"), `${lines.join("\n")}\n`);
}

function writeSets(): void {
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `g${from + i}`);
  const sets = [
    ["alpha", "first group", ...range(0, 20)],
    ["beta", "second group", ...range(20, 40)],
    ["mixed", "across", ...range(0, 5), ...range(22, 27), ...range(62, 70)],
    ["tiny", "", "g1", "g2"],
  ];
  writeFileSync(path("sets.gmt"), sets.map((set) => set.join("\t")).join("\n"));
}

/** PLINK 1 files of independent variants, four a gene, and a GWAS that the genes of the first group stand out in. */
function writeGenetics(): void {
  const people = 60;
  const stride = people / 4;
  const bed = new Uint8Array(3 + VARIANTS * stride);
  bed.set([0x6c, 0x1b, 0x01]);
  // Codes of a .bed: 00 two copies of A1, 10 one, 11 none.
  const codes = [3, 2, 0];
  for (let v = 0; v < VARIANTS; v++) {
    for (let s = 0; s < people; s++) {
      const copies = uniform(5, v, s) < 0.35 ? 0 : uniform(6, v, s) < 0.7 ? 1 : 2;
      bed[3 + v * stride + (s >> 2)]! |= codes[copies]! << (2 * (s & 3));
    }
  }
  writeFileSync(path("panel.bed"), bed);
  const position = (v: number): number => 100_000 * Math.floor(v / 4) + 1000 + 100 * (v % 4);
  const lines = (make: (i: number) => string, count: number) =>
    Array.from({ length: count }, (_, i) => make(i)).join("\n");
  writeFileSync(path("panel.bim"), `${lines((v) => `1\trs${v}\t0\t${position(v)}\tA\tG`, VARIANTS)}\n`);
  writeFileSync(path("panel.fam"), `${lines((s) => `p${s} p${s} 0 0 0 -9`, people)}\n`);
  const gwas = lines((v) => {
    const z = normal(3000, v) * (v < 80 ? 2.2 : 1);
    return `rs${v}\t1\t${position(v)}\tG\tA\t${z.toFixed(5)}`;
  }, VARIANTS);
  writeFileSync(
    path("gwas.tsv"),
    `variant_id\tchromosome\tposition\teffect_allele\tother_allele\tz\n${gwas}\n`,
  );
  const genes = lines((g) => `1\t${100_000 * g + 500}\t${100_000 * g + 1800 + 10 * g}\tg${g}`, GENES + 1);
  writeFileSync(path("genes.bed"), `#chr\tstart\tend\tid\n${genes}\n`);
}

beforeAll(async () => {
  writeExpression();
  writeSets();
  writeGenetics();
  const { code, err } = await qortex([
    "network",
    "coregulation",
    "--expression",
    path("expression.tsv"),
    "--out",
    path("net"),
    "--components",
    "12",
    "--p-value",
    "0.05",
  ]);
  expect(code, err).toBe(0);
});

const ok = async (...args: string[]): Promise<string> => {
  const { code, out, err } = await qortex(["network", ...args]);
  expect(code, err).toBe(0);
  return out;
};

describe("qortex network", () => {
  test("coregulation: every gene has a status, components their alpha; the same bytes on every backend", async () => {
    const genes = await readParquetTable(join(path("net"), "genes.parquet"));
    expect(genes.rows).toBe(GENES);
    expect(genes.strings("status").slice(87)).toEqual(["ok", "constant", "ok"]);
    expect(genes.numbers("missing").at(-1)).toBe(1);
    const components = await readParquetTable(join(path("net"), "components.parquet"));
    expect(components.numbers("kept").reduce((sum, kept) => sum + kept, 0)).toBe(12);
    const eigenvalues = components.numbers("eigenvalue");
    expect(eigenvalues.reduce((sum, value) => sum + value, 0)).toBeCloseTo(89, 8);
    const pairs = await readParquetTable(join(path("net"), "coregulation.parquet"));
    expect(pairs.rows).toBeGreaterThan(20);
    expect(Math.max(...pairs.numbers("log10_p"))).toBeLessThanOrEqual(Math.log10(0.05));
    await ok(
      "coregulation",
      "--expression",
      path("expression.tsv"),
      "--out",
      path("plain"),
      "--components",
      "12",
      "--p-value",
      "0.05",
      "--backend",
      "reference",
    );
    for (const name of readdirSync(path("net")).filter((one) => one !== "manifest.json")) {
      expect(
        readFileSync(join(path("net"), name)).equals(readFileSync(join(path("plain"), name))),
        name,
      ).toBe(true);
    }
    await ok(
      "coregulation",
      "--expression",
      path("expression.tsv"),
      "--out",
      path("top"),
      "--components",
      "12",
      "--top",
      "2",
    );
    const top = await readParquetTable(join(path("top"), "coregulation.parquet"));
    expect(top.rows).toBe(2 * 89);
    expect([...top.numbers("rank").slice(0, 4)]).toEqual([1, 2, 1, 2]);
  });

  test("predict: planted sets are predicted, small ones have a status; the same from TSV", async () => {
    const out = await ok(
      "predict",
      "--coregulation",
      path("net"),
      "--gene-sets",
      path("sets.gmt"),
      "--out",
      path("predicted"),
      "--scores",
      "25",
    );
    expect(out).toContain("3 tried, 1 with too few genes");
    const sets = await readParquetTable(join(path("predicted"), "gene_sets.parquet"));
    expect(sets.strings("status")).toEqual(["ok", "ok", "ok", "too-few-genes"]);
    expect([...sets.numbers("predicted").slice(0, 2)]).toEqual([1, 1]);
    expect(Math.min(...sets.numbers("auc").slice(0, 2))).toBeGreaterThan(0.9);
    const scores = await readParquetTable(join(path("predicted"), "gene_scores.parquet"));
    const alpha = scores.strings("gene_set").filter((name) => name === "alpha").length;
    expect(alpha).toBeGreaterThanOrEqual(25);
    expect(
      scores
        .numbers("member")
        .slice(0, alpha)
        .reduce((sum, member) => sum + member, 0),
    ).toBe(20);
    await ok(
      "coregulation",
      "--expression",
      path("expression.tsv"),
      "--out",
      path("tsv"),
      "--components",
      "12",
      "--format",
      "tsv",
    );
    await ok(
      "predict",
      "--coregulation",
      path("tsv"),
      "--gene-sets",
      path("sets.gmt"),
      "--out",
      path("again"),
      "--scores",
      "25",
    );
    const name = "gene_sets.parquet";
    expect(readFileSync(join(path("again"), name)).equals(readFileSync(join(path("predicted"), name)))).toBe(
      true,
    );
  });

  test("communities, their enrichment, pictures and exports", async () => {
    await ok(
      "communities",
      "--edges",
      path("net"),
      "--out",
      path("communities"),
      "--pictures",
      "2",
      "--betweenness",
    );
    const files = readdirSync(path("communities"));
    for (const name of [
      "network.graphml",
      "network.gexf",
      "network.cyjs",
      "community-1.svg",
      "community-2.html",
    ]) {
      expect(files).toContain(name);
    }
    const table = await readParquetTable(join(path("communities"), "communities.parquet"));
    const graph = JSON.parse(readFileSync(join(path("communities"), "network.cyjs"), "utf8"));
    expect(graph.elements.nodes).toHaveLength(table.rows);
    const out = await ok(
      "enrich",
      "--modules",
      path("communities"),
      "--gene-sets",
      path("sets.gmt"),
      "--out",
      path("enriched"),
    );
    expect(out).toContain("Enriched");
    const overlaps = await readParquetTable(join(path("enriched"), "overlaps.parquet"));
    expect(overlaps.numbers("qval")[0]).toBeLessThan(0.05);
  });

  test("enrich: lists with their background, and a ranking", async () => {
    writeFileSync(path("lists.gmt"), "mine\t\tg0\tg1\tg2\tg3\tg4\tg5\tunknown\n");
    writeFileSync(path("background.txt"), Array.from({ length: GENES }, (_, g) => `g${g}`).join("\n"));
    const { code, err } = await qortex([
      "network",
      "enrich",
      "--lists",
      path("lists.gmt"),
      "--background",
      path("background.txt"),
      "--gene-sets",
      path("sets.gmt"),
      "--out",
      path("listed"),
    ]);
    expect(code, err).toBe(0);
    expect(err).toContain("1 gene of the lists not in the background; left out");
    const overlaps = await readParquetTable(join(path("listed"), "overlaps.parquet"));
    expect(overlaps.strings("gene_set")[0]).toBe("alpha");
    expect(overlaps.numbers("shared")[0]).toBe(6);
    const rows = Array.from({ length: GENES }, (_, g) => `g${g}\t${(g < 20 ? 2 : 0) + uniform(1, 0, g)}`);
    writeFileSync(path("ranking.tsv"), ["gene\tscore", ...rows].join("\n"));
    await ok(
      "enrich",
      "--ranking",
      path("ranking.tsv"),
      "--gene-sets",
      path("sets.gmt"),
      "--out",
      path("ranked"),
      "--permutations",
      "99",
    );
    const ranked = await readParquetTable(join(path("ranked"), "ranked.parquet"));
    expect(ranked.strings("gene_set")[0]).toBe("alpha");
    expect(ranked.numbers("auc")[0]).toBe(1);
    expect(ranked.numbers("pval_permutation")[0]).toBeLessThan(0.05);
  });

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

  test.each([
    [
      "coregulation without expression",
      ["coregulation"],
      "network coregulation needs --expression and --out",
    ],
    [
      "two limits",
      ["coregulation", "--expression", "EXPR", "--p-value", "0.1", "--top", "3"],
      "--p-value and --top both say",
    ],
    ["predict without sets", ["predict", "--coregulation", "NET"], "network predict needs --gene-sets"],
    [
      "a folder without coefficients",
      ["predict", "--coregulation", "PREDICTED", "--gene-sets", "SETS"],
      "holds no coefficients",
    ],
    [
      "nothing to enrich",
      ["enrich", "--gene-sets", "SETS"],
      "takes one of --modules, --lists and --ranking; none given",
    ],
    [
      "lists without background",
      ["enrich", "--gene-sets", "SETS", "--lists", "SETS"],
      "--lists needs --background",
    ],
    ["edges without genes", ["communities", "--edges", "GWAS"], "has no column gene_a or gene"],
    [
      "no edge left",
      ["communities", "--edges", "NET", "--min-weight", "1000"],
      "has no edge that passes the limits",
    ],
    [
      "key-genes without all",
      ["key-genes", "--gwas", "GWAS"],
      "needs --coregulation, --reference and --genes",
    ],
    [
      "a GWAS of elsewhere",
      [
        "key-genes",
        "--gwas",
        "ELSEWHERE",
        "--coregulation",
        "NET",
        "--reference",
        "PANEL",
        "--genes",
        "GENES",
      ],
      "none of its 1 variants is in",
    ],
    [
      "alpha that no component has",
      ["coregulation", "--expression", "EXPR", "--alpha", "1"],
      "no component of 89 genes has a Cronbach's alpha of 1",
    ],
  ])("%s: one line, exit code 2, nothing written", async (_, args, message) => {
    writeFileSync(path("elsewhere.tsv"), "chr\tpos\tz\n9\t17\t2\n");
    const files: Record<string, string> = {
      ...{
        EXPR: path("expression.tsv"),
        NET: path("net"),
        SETS: path("sets.gmt"),
        PREDICTED: path("communities"),
      },
      ...{
        GWAS: path("gwas.tsv"),
        ELSEWHERE: path("elsewhere.tsv"),
        PANEL: path("panel"),
        GENES: path("genes.bed"),
      },
    };
    const end = message.includes("--out") ? [] : ["--out", path("bad")];
    const { code, err } = await qortex(["network", ...args.map((one) => files[one] ?? one), ...end]);
    expect(err).toContain(message);
    expect(code).toBe(2);
    expect(readdirSync(scratch)).not.toContain("bad");
  });
});

test("memory that does not suffice is said with both numbers", () => {
  expect(() => checkMemory("it", 2 ** 27, 2 ** 29)).toThrow(
    "it needs 1,024 MiB, --memory is 512 MiB; raise it",
  );
  expect(() => checkMemory("it", 2 ** 26, 2 ** 29)).not.toThrow();
});
