import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { numericCovariates, readCovariates } from "../../../src/formats/covariates.ts";
import { bytesSource } from "../../../src/formats/source.ts";
import type { CovariateTable } from "../../../src/formats/tables.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";
import { integer, messageOf, random, textSource } from "../../helpers/formats.ts";
import { repository } from "../../helpers/shared.ts";

const KNOWN = new Set(["S1", "S2", "S3"]);
const read = (text: string, known: ReadonlySet<string> = KNOWN) =>
  readCovariates(textSource(text, "c.tsv"), inflateGzip, known);

const WANTED = {
  name: "c.tsv",
  samples: ["S1", "S2", "S3"],
  covariates: ["PC1", "sex"],
  cells: [
    ["0.1", "-2", "3e1"],
    ["F", "M", "F"],
  ],
};

describe("covariates", () => {
  test.each([
    ["rows = covariates", "id\tS1\tS2\tS3\nPC1\t0.1\t-2\t3e1\nsex\tF\tM\tF\n"],
    ["rows = covariates, spaces", "SampleID S1 S2 S3\nPC1 0.1 -2 3e1\nsex F M F\n"],
    ["rows = covariates, written by R", "S1\tS2\tS3\nPC1\t0.1\t-2\t3e1\nsex\tF\tM\tF\n"],
    ["rows = samples", "sample\tPC1\tsex\nS1\t0.1\tF\nS2\t-2\tM\nS3\t3e1\tF\n"],
    ["rows = samples, PLINK 2", "#IID PC1 sex\nS1 0.1 F\nS2 -2 M\nS3 3e1 F\n"],
    ["rows = samples, PLINK", "#FID IID PC1 sex\n0 S1 0.1 F\n0 S2 -2 M\n0 S3 3e1 F\n"],
    ["rows = samples, PLINK with FID = IID", "FID IID PC1 sex\nS1 S1 0.1 F\nS2 S2 -2 M\nS3 S3 3e1 F\n"],
    ["rows = samples, written by R", "PC1 sex\nS1 0.1 F\nS2 -2 M\nS3 3e1 F\n"],
  ])("lie either way: %s", async (_, text) => {
    expect(await read(text)).toEqual(WANTED);
    // One known sample is enough to tell.
    expect(await read(text, new Set(["S2", "other"]))).toEqual(WANTED);
  });

  test("of the two fixtures are the same", async () => {
    const load = async (name: string) =>
      readCovariates(
        bytesSource(await readFile(join(repository, "test/data/tables", name)), "c"),
        inflateGzip,
        new Set(["D01", "D03"]),
      );
    const across = await load("covariates.tsv");
    expect(await load("covariates.plink.txt")).toEqual(across);
    expect(across.samples).toEqual(["D01", "D02", "D03", "D04"]);
    expect(across.cells[1]).toEqual(["B", "A", "B", "A"]);
  });

  test("that will not do", async () => {
    const failure = (text: string) => messageOf(read(text));
    expect({
      empty: await failure(""),
      headerOnly: await failure("id\tS1\tS2\n"),
      ragged: await failure("id\tS1\tS2\nPC1\t1\t2\nPC2\t1\n"),
      spaces: await failure("id\tS1\tS2\nPC1\t1\t2\nPC2 1 2\n"),
      unknown: await failure("id\tA\tB\nPC1\t1\t2\nPC2\t1\t2\nPC3\t1\t2\nPC4\t1\t2\n"),
      duplicateSample: await failure("id\tS1\tS1\nPC1\t1\t2\n"),
      duplicateSampleDown: await failure("#IID PC1\nS1 1\nS2 2\nS1 3\n"),
      duplicateCovariate: await failure("id\tS1\tS2\nPC1\t1\t2\nPC1\t1\t2\n"),
      nameless: await failure("id\tS1\tS2\n\t1\t2\n"),
      quoted: await failure('"id"\t"S1"\tS2\nPC1\t1\t2\n'),
      quotedCovariate: await failure('id\tS1\tS2\n"PC1"\t1\t2\n'),
      idsOnly: await failure("FID IID\n0 S1\n0 S2\n"),
      headerless: await failure("S1\t0.4\nS2\t0.1\nS3\t0.9\n"),
    }).toMatchInlineSnapshot(`
      {
        "duplicateCovariate": "c.tsv, line 3: covariate PC1 is there already (line 2); keep one of them",
        "duplicateSample": "c.tsv, line 1 column 3: sample S1 is there already (line 1 column 2); keep one of them",
        "duplicateSampleDown": "c.tsv, line 4: sample S1 is there already (line 2); keep one of them",
        "empty": "c.tsv: is empty (0 bytes)",
        "headerOnly": "c.tsv: holds no covariates (only a header); leave it out, or give it rows",
        "headerless": "c.tsv, line 1: begins with a sample (S1): the table has no header; add a first line with the names of the covariates",
        "idsOnly": "c.tsv, line 1: no covariates: the table has only sample ids; leave it out, or give it columns",
        "nameless": "c.tsv, line 2: covariate without a name; give it one",
        "quoted": "c.tsv, line 1 column 2: sample "S1" is in quotation marks, which are not special here; write the file without quotes (in R: quote = FALSE)",
        "quotedCovariate": "c.tsv, line 2: covariate "PC1" is in quotation marks, which are not special here; write the file without quotes (in R: quote = FALSE)",
        "ragged": "c.tsv, line 3: has 2 cells where the header has 3; every row needs one cell a column",
        "spaces": "c.tsv, line 3: has 1 cell where the header has 3; separate the cells as in the header",
        "unknown": "c.tsv: no sample of the expression or genotypes (S1, S2, S3) in its header (A, B) or its first column (PC1, PC2, PC3, ...); one of the two must hold sample ids",
      }
    `);
  });
});

function tableOf(columns: Record<string, string>): CovariateTable {
  const cells = Object.values(columns).map((text) => text.split(","));
  const samples = cells[0]!.map((_, i) => `S${i + 1}`);
  return { name: "c.tsv", samples, covariates: Object.keys(columns), cells };
}

function numbersOf(columns: Record<string, string>, order?: readonly number[]) {
  const table = tableOf(columns);
  const { names, values, messages } = numericCovariates(
    table,
    Uint32Array.from(order ?? table.samples.map((_, i) => i)),
  );
  return { names, values: [...values], messages };
}

describe("covariates as numbers", () => {
  test("are taken as they are, in the order asked", () => {
    expect(numbersOf({ age: "50,61.5,7e1,44", PC1: "-0.5,0,+1,.5" }, [3, 1, 0])).toEqual({
      names: ["age", "PC1"],
      values: [44, 61.5, 50, 0.5, 0, -0.5],
      messages: [],
    });
  });

  test("are dummies of the levels but the first", () => {
    const coded = numbersOf({ age: "1,2,3,4,5", batch: "C,A,B,A,C" });
    expect(coded.names).toEqual(["age", "batch=B", "batch=C"]);
    expect(coded.values).toEqual([1, 2, 3, 4, 5, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1]);
    expect(coded.messages).toMatchInlineSnapshot(`
      [
        "c.tsv: covariate batch is a category of 3 levels (samples: A 2, B 1, C 2); reference A, dummies batch=B, batch=C",
      ]
    `);
  });

  test("know only the levels of the samples asked", () => {
    const coded = numbersOf({ batch: "C,A,B,A,C" }, [0, 4]);
    expect(coded.names).toEqual(["batch=C"]);
    expect(coded.values).toEqual([1, 1]);
    expect(coded.messages).toMatchInlineSnapshot(`
      [
        "c.tsv: covariate batch is a category of 1 level (samples: C 2)",
      ]
    `);
    // A word in a sample that is not asked leaves the others numbers.
    expect(numbersOf({ age: "1,x,3" }, [0, 2]).values).toEqual([1, 3]);
  });

  test("span the same as one column a level, for random categories", () => {
    for (let seed = 1; seed <= 50; seed++) {
      const next = random(seed);
      const levels = integer(next, 2, 6);
      const cells = Array.from({ length: 30 }, () => `L${integer(next, 1, levels)}`);
      const coded = numbersOf({ batch: cells.join(",") });
      const sorted = [...new Set(cells)].sort();
      expect(coded.names, `seed ${seed}`).toEqual(sorted.slice(1).map((level) => `batch=${level}`));
      for (const [s, cell] of cells.entries()) {
        const row = coded.names.map((_, c) => coded.values[30 * c + s]);
        expect(row, `seed ${seed}, sample ${s}`).toEqual(
          sorted.slice(1).map((level) => (level === cell ? 1 : 0)),
        );
      }
    }
  });

  test("that will not do", async () => {
    const failure = (columns: Record<string, string>) => messageOf(() => numbersOf(columns));
    expect({
      missing: await failure({ age: "1,NA,3" }),
      empty: await failure({ age: "1,,3" }),
      nan: await failure({ age: "1,nan,3" }),
      missingCategory: await failure({ batch: "A,B,NA,A" }),
      infinite: await failure({ age: "1,2,-Inf" }),
      overflow: await failure({ age: "1,2,1e999" }),
      stray: await failure({ age: `1,2,3,4,5,6,7,8,9,10,11,12o` }),
      ids: await failure({ donor: "A,B,C" }),
      clash: await failure({ "batch=B": "1,2,3,4", batch: "A,B,A,B" }),
    }).toMatchInlineSnapshot(`
      {
        "clash": "c.tsv: batch=B names a covariate and a level of a category; rename one of them",
        "empty": "c.tsv, covariate age: an empty cell (missing) for sample S2; fill it in, take the sample out with --remove, or take the covariate out of the file",
        "ids": "c.tsv, covariate donor: each of the 3 samples has a value of its own (A, B, C): an id, not a category; take it out of the file",
        "infinite": "c.tsv, covariate age: "-Inf" for sample S3 is not a finite number; correct it, take the sample out with --remove, or take the covariate out of the file",
        "missing": "c.tsv, covariate age: "NA" (missing) for sample S2; fill it in, take the sample out with --remove, or take the covariate out of the file",
        "missingCategory": "c.tsv, covariate batch: "NA" (missing) for sample S3; fill it in, take the sample out with --remove, or take the covariate out of the file",
        "nan": "c.tsv, covariate age: "nan" (missing) for sample S2; fill it in, take the sample out with --remove, or take the covariate out of the file",
        "overflow": "c.tsv, covariate age: "1e999" for sample S3 is not a finite number; correct it, take the sample out with --remove, or take the covariate out of the file",
        "stray": "c.tsv, covariate age: "12o" for sample S12 is not a number, but 11 of 12 cells are; correct it, or write words in all cells if it is a category",
      }
    `);
  });

  test("of a few numbers among words are a category", () => {
    expect(numbersOf({ plate: "1,2,2,x,1,2,2,2,2,x" }).names).toEqual(["plate=2", "plate=x"]);
  });

  test("asked of a sample that is not there are the caller's mistake", () => {
    expect(() => numbersOf({ age: "1,2" }, [2])).toThrow(RangeError);
  });
});

describe("missing covariates, where they may be", () => {
  const cells = (row: string) => row.split(" ");
  const table = {
    name: "covariates",
    samples: Array.from({ length: 11 }, (_, i) => `S${i}`),
    covariates: ["age", "batch", "gone"],
    cells: [
      cells("1 2 3 4 5 6 7 8 9 10 NA"),
      cells("a b a a b . a b a b c"),
      cells("1 2 NA 4 5 6 nan 8 9 10 11"),
    ],
  };
  const all = Uint32Array.from(table.samples.keys());

  test("count as the mean of the others, of a category of each indicator, and are counted", () => {
    const { names, values, messages, dropped } = numericCovariates(table, all, "mean");
    expect(names).toEqual(["age", "batch=b", "batch=c"]);
    expect(Array.from(values.subarray(0, 11))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 5.5]);
    expect(Array.from(values.subarray(11, 22))).toEqual([0, 1, 0, 0, 1, 0.4, 0, 1, 0, 1, 0]);
    expect(values[22 + 5]).toBe(0.1);
    expect(messages[0]).toBe(
      "covariates: covariate age is missing for 1 sample, counted as the mean of the others",
    );
    expect(messages).toHaveLength(3);
    expect(dropped).toEqual([{ name: "gone", why: "missing for 2 of 11 samples" }]);
  });

  test("are an error where they may not be", () => {
    expect(() => numericCovariates(table, all)).toThrow('covariate age: "NA" (missing) for sample S10');
  });
});
