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

  test.each([
    ["no gene outside of modules", "module", 40, undefined, "all 40 genes of the table are in a module"],
    ["no status", "module", 90, undefined, "the background is all 90 genes of the table"],
    ["a status", "module\tstatus", 90, undefined, ""],
    ["the genome as background", "module", 90, 500, "410 genes of the background's 500 not in the table"],
    ["the tested genes as background", "module", 90, 90, ""],
  ])("modules with %s: what is said of the background", async (_, header, genes, background, said) => {
    const cells = (g: number) => [`g${g}`, g < 20 ? "a" : g < 40 ? "b" : "0"];
    const status = header.includes("status") ? ["ok"] : [];
    const lines = Array.from({ length: genes }, (_, g) => [...cells(g), ...status].join("\t"));
    writeFileSync(path("modules.tsv"), [`gene\t${header}`, ...lines].join("\n"));
    const all = Array.from({ length: background ?? 0 }, (_, g) => `g${g}`);
    writeFileSync(path("tested.txt"), all.join("\n"));
    const { code, err } = await qortex([
      ...["network", "enrich", "--modules", path("modules.tsv"), "--gene-sets", path("sets.gmt")],
      ...(background === undefined ? [] : ["--background", path("tested.txt")]),
      ...["--out", path("advised"), "--overwrite"],
    ]);
    expect(code, err).toBe(0);
    if (said === "") expect(err).not.toMatch(/background/);
    else expect(err).toContain(said);
    const overlaps = await readParquetTable(join(path("advised"), "overlaps.parquet"));
    const first = overlaps.strings("gene_set").indexOf("alpha");
    const total = background ?? genes;
    expect(overlaps.numbers("expected")[first]).toBeCloseTo((20 * 20) / total, 12);
  });
});
