import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { uniform } from "../../../src/statistics/random.ts";
import { readParquetTable } from "../../helpers/table.ts";
import { GENES, makeNetwork, ok, path } from "./networkFunctionFiles.ts";
import { qortex } from "./shell.ts";

beforeAll(makeNetwork);

describe("qortex network enrich", () => {
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
});
