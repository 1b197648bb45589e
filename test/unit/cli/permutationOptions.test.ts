import { describe, expect, it } from "vitest";
import {
  geneTestRequest,
  type PermutationOptions,
  permutationCount,
} from "../../../src/cli/permutationOptions.ts";
import { readGroups, readIndices } from "../../../src/formats/permutationFiles.ts";
import { bytesSource } from "../../../src/formats/source.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";

const PLAIN: PermutationOptions = {
  beta: "tensorqtl",
  leafcutterGroups: false,
  qvalue: "auto",
  qvalueLambda: 0.85,
  fdr: 0.05,
  writePairs: "all",
};

describe("options of tests of genes", () => {
  it("ask for nothing unless they are given", () => {
    expect(geneTestRequest(PLAIN)).toBeUndefined();
    expect(geneTestRequest({ ...PLAIN, permutations: { least: 100, most: 200 } })).toMatchObject({
      within: "permutations",
      permutations: { least: 100, most: 200 },
      degreesOfFreedom: "learnt",
    });
    expect(geneTestRequest({ ...PLAIN, withinGene: "permutations", beta: "mbqtl" })).toMatchObject({
      permutations: { least: 1000, most: 1000 },
      degreesOfFreedom: "full",
    });
  });

  it("say which of them do not go together", () => {
    const count = { least: 100, most: 100 };
    const wrong: readonly (readonly [Partial<PermutationOptions>, string])[] = [
      [{ permutations: count, withinGene: "acat" }, "--within-gene acat needs no permutations"],
      [{ permutations: count, permutationIndices: "x" }, "leave --permutations out"],
      [{ groups: "x" }, "groups need --permutations"],
      [{ permutations: count, groups: "x", leafcutterGroups: true }, "leave one out"],
      [{ withinGene: "acat", writePairs: "significant" }, "use --write-pairs all or none"],
    ];
    for (const [options, text] of wrong)
      expect(() => geneTestRequest({ ...PLAIN, ...options })).toThrow(text);
  });

  it("count permutations", () => {
    expect(permutationCount("--permutations", "1000")).toEqual({ least: 1000, most: 1000 });
    expect(permutationCount("--permutations", "1000:10000")).toEqual({ least: 1000, most: 10_000 });
    for (const text of ["", "5", "1e3", "100:50", "1:2:3", "-100"]) {
      expect(() => permutationCount("--permutations", text), text).toThrow(
        "--permutations takes a whole number of 10",
      );
    }
  });
});

describe("files of permutations and groups", () => {
  const source = (text: string) => bytesSource(new TextEncoder().encode(text), "f.txt");

  it("are read with and without a header, with tabs, blanks and commas", async () => {
    const groups = await readGroups(source("phenotype_id\tgroup_id\na\tg1\nb\tg1\n"), inflateGzip);
    expect(groups).toEqual({ name: "f.txt", phenotype: ["a", "b"], group: ["g1", "g1"] });
    const { rows } = await readIndices(source("2 0 1\n1,2,0\r\n0\t1\t2"), inflateGzip);
    expect(rows.map((row) => [...row])).toEqual([
      [2, 0, 1],
      [1, 2, 0],
      [0, 1, 2],
    ]);
  });

  it("say where they are wrong", async () => {
    await expect(readGroups(source("a\tg1\na\tg2\n"), inflateGzip)).rejects.toThrow(
      "f.txt, line 2: phenotype a is on line 1 too",
    );
    await expect(readGroups(source("a\tb\tc\n"), inflateGzip)).rejects.toThrow("has 3 columns");
    await expect(readIndices(source("0 1 2\n0 1\n"), inflateGzip)).rejects.toThrow("line 2: has 2 numbers");
    await expect(readIndices(source("0 1 x\n"), inflateGzip)).rejects.toThrow("number 3 is no whole number");
    await expect(readIndices(source("0 1.5\n"), inflateGzip)).rejects.toThrow("number 2 is no whole number");
  });
});
