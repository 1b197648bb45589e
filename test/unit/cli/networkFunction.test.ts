import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { checkMemory } from "../../../src/cli/networkTables.ts";
import { readParquetTable } from "../../helpers/table.ts";
import { GENES, makeNetwork, ok, path, scratch } from "./networkFunctionFiles.ts";
import { qortex } from "./shell.ts";

beforeAll(makeNetwork);

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
