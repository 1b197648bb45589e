import { describe, expect, test } from "vitest";
import { readCoupling, readSampleList, readVariantList } from "../../../src/formats/lists.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";
import { messageOf, textSource } from "../../helpers/formats.ts";

const KNOWN = new Set(["S1", "S2", "S3"]);
const samples = (text: string, known: ReadonlySet<string> = KNOWN) =>
  readSampleList(textSource(text, "keep.txt"), inflateGzip, known);
const variants = (text: string) => readVariantList(textSource(text, "extract.txt"), inflateGzip);

describe("sample lists", () => {
  test.each([
    ["one id a line", "S1\nS2\nX\n"],
    ["PLINK's keep file", "0 S1\n0\tS2\n0 X\n"],
    ["FID = IID", "S1 S1\nS2 S2\nX X\n"],
    ["with header", "#FID\tIID\nF\tS1\nF\tS2\nF\tX\n"],
    ["with header, one column", "#IID\nS1\nS2\nX\n"],
    ["the id first", "S1\tGBR\nS2\tFIN\nX\tGBR\n"],
    ["an id twice", "S1\nS2\nS1\nX\n"],
  ])("are read: %s", async (_, text) => {
    expect(await samples(text)).toEqual(["S1", "S2", "X"]);
  });

  test("of unknown ids are PLINK's", async () => {
    expect(await samples("A B\nC D\n")).toEqual(["B", "D"]);
  });

  test("that will not do", async () => {
    expect({
      empty: await messageOf(samples("")),
      headerOnly: await messageOf(samples("#FID IID\n")),
      ragged: await messageOf(samples("0 S1\nS2\n")),
      quoted: await messageOf(samples("'S1'\n")),
    }).toMatchInlineSnapshot(`
      {
        "empty": "keep.txt: is empty (0 bytes)",
        "headerOnly": "keep.txt: holds no sample ids; give it one id a line",
        "quoted": "keep.txt, line 1: sample 'S1' is in quotation marks, which are not special here; write the file without quotes (in R: quote = FALSE)",
        "ragged": "keep.txt, line 2: has 1 column, the sample ids are in column 2; every line needs the same columns",
      }
    `);
  });
});

describe("variant lists", () => {
  test("have one id a line, or a column ID", async () => {
    expect(await variants("rs1\nrs2\r\nrs1\n")).toEqual(["rs1", "rs2"]);
    expect(await variants("#CHROM\tPOS\tID\tREF\tALT\n1\t5\trs1\tA\tG\n1\t6\trs2\tA\tG\n")).toEqual([
      "rs1",
      "rs2",
    ]);
    expect(await variants("#ID\nrs1\n")).toEqual(["rs1"]);
  });

  test("that will not do", async () => {
    expect({
      empty: await messageOf(variants("\n")),
      columns: await messageOf(variants("rs1\n1 rs2\n")),
      headerOnly: await messageOf(variants("#ID\n")),
    }).toMatchInlineSnapshot(`
      {
        "columns": "extract.txt, line 2: has 2 columns; a list of variants has one id a line, or a header with # and a column ID",
        "empty": "extract.txt: is empty (no lines)",
        "headerOnly": "extract.txt: holds no variant ids; give it one id a line",
      }
    `);
  });
});

describe("couplings", () => {
  const couple = (text: string) =>
    readCoupling(textSource(text, "gte.txt"), inflateGzip, new Set(["G1", "G2"]), new Set(["E1", "E2"]));

  test("have two or three columns, with or without a header", async () => {
    const two = {
      name: "gte.txt",
      genotypeSample: ["G1", "G2"],
      expressionSample: ["E1", "E2"],
      donor: ["G1", "G2"],
    };
    expect(await couple("G1\tE1\nG2\tE2\n")).toEqual(two);
    expect(await couple("genotype expression\nG1 E1\nG2 E2\n")).toEqual(two);
    expect(await couple("G1 E1 D1\nG2 E2 D1\n")).toEqual({ ...two, donor: ["D1", "D1"] });
    // Samples of other studies may be in it.
    expect((await couple("G1 E1\nG9 E9\nG2 E2\n")).genotypeSample).toEqual(["G1", "G9", "G2"]);
  });

  test("that will not do", async () => {
    expect({
      empty: await messageOf(couple("")),
      one: await messageOf(couple("G1\nG2\n")),
      four: await messageOf(couple("G1 E1 D1 x\n")),
      ragged: await messageOf(couple("G1 E1\nG2 E2 D2\n")),
      genotypeTwice: await messageOf(couple("G1 E1\nG1 E2\n")),
      expressionTwice: await messageOf(couple("g e\nG1 E1\nG2 E1\n")),
      swapped: await messageOf(couple("E1 G1\nE2 G2\n")),
      unknown: await messageOf(couple("A B\nC D\n")),
      nameless: await messageOf(couple("G1\tE1\nG2\t\n")),
      quoted: await messageOf(couple('G1 E1\n"G2" E2\n')),
    }).toMatchInlineSnapshot(`
      {
        "empty": "gte.txt: is empty (0 bytes)",
        "expressionTwice": "gte.txt, line 3: expression sample E1 is there already (line 2); couple each sample once",
        "four": "gte.txt, line 1: has 4 columns; a coupling file has two or three: genotype id, expression id, donor",
        "genotypeTwice": "gte.txt, line 2: genotype sample G1 is there already (line 1); couple each sample once",
        "nameless": "gte.txt, line 2: expression sample without a name; give it one",
        "one": "gte.txt, line 1: has 1 column; a coupling file has two or three: genotype id, expression id, donor",
        "quoted": "gte.txt, line 2: genotype sample "G2" is in quotation marks, which are not special here; write the file without quotes (in R: quote = FALSE)",
        "ragged": "gte.txt, line 2: has 3 columns where the first line has 2; a coupling file has two or three: genotype id, expression id, donor",
        "swapped": "gte.txt: its columns are the other way round; the genotype id comes first, then the expression id",
        "unknown": "gte.txt: none of its ids (A B, C D) is in the genotypes (G1, G2) or the expression (E1, E2); it needs genotype id, expression id a line",
      }
    `);
  });
});
