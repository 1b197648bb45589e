import { describe, expect, test } from "vitest";
import { readDonors } from "../../../src/formats/donors.ts";
import { type RelatednessSources, readRelatedness } from "../../../src/formats/relatedness.ts";
import { readSampleMatrix } from "../../../src/formats/sampleMatrix.ts";
import { bytesSource } from "../../../src/formats/source.ts";
import type { SamplePairs } from "../../../src/formats/tables.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";

const text = (content: string, name = "file.txt") => bytesSource(new TextEncoder().encode(content), name);
const KNOWN = new Set(["A", "B", "C", "101", "102"]);
const matrix = (content: string) => readSampleMatrix(text(content), inflateGzip, KNOWN);
const related = (sources: RelatednessSources) => readRelatedness(sources, inflateGzip, KNOWN);
const pairs = (content: string) => related({ text: text(content) });

/** Of entries as a file lists them. */
function entries({ samples, values }: Awaited<ReturnType<typeof related>>): string[] {
  const { first, second, value } = values as SamplePairs;
  return Array.from(value, (v, i) => `${samples![first[i]!]} ${samples![second[i]!]} ${v}`);
}

describe("a matrix of samples", () => {
  test("takes a header with or without its first cell, rows in another order, and numbers alone", async () => {
    const whole = await matrix("id\tA\tB\nB\t0.5\t2\nA\t1\t0.5\n");
    expect(whole.samples).toEqual(["A", "B"]);
    expect(Array.from(whole.values as Float64Array)).toEqual([1, 0.5, 0.5, 2]);
    expect(await matrix("A B\nA 1 0.5\nB 0.5 2\n")).toEqual(whole);
    const bare = await matrix("1\t.5\n.5\t2\n");
    expect([bare.samples, bare.size, Array.from(bare.values as Float64Array)]).toEqual([
      undefined,
      2,
      [1, 0.5, 0.5, 2],
    ]);
  });

  test("takes ids that are numbers for ids", async () => {
    expect((await matrix("id 101 102\n101 1 0\n102 0 1\n")).samples).toEqual(["101", "102"]);
    expect((await matrix("101 102\n101 1 0\n102 0 1\n")).samples).toEqual(["101", "102"]);
  });

  test("takes the mean of entries that differ by rounding", async () => {
    expect(Array.from((await matrix("1 0.333333\n0.333334 1\n")).values as Float64Array)[1]).toBeCloseTo(
      0.3333335,
      12,
    );
  });

  test.each([
    ["not symmetric", "id A B\nA 1 0.5\nB 0.4 1\n"],
    ["no number", "id A B\nA 1 NA\nB 0.4 1\n"],
    ["infinite", "1 1e999\n1e999 1\n"],
    ["too few rows", "id A B\nA 1 0.5\n"],
    ["too many rows", "1 0\n0 1\n0 0\n"],
    ["ragged", "1 0\n0 1 5\n"],
    ["a column twice", "id A A\nA 1 0\nA 0 1\n"],
    ["a row twice", "id A B\nA 1 0\nA 0 1\n"],
    ["a row without a column", "id A B\nA 1 0\nC 0 1\n"],
    ["empty", ""],
    ["a header alone", "id A B\n"],
  ])("%s", async (_, content) => {
    await expect(matrix(content)).rejects.toThrowErrorMatchingSnapshot();
  });
});

describe("a list of relatives", () => {
  test("takes pairs, with a header or without, both ways once", async () => {
    const plain = await pairs("A\tB\t0.5\nA\tA\t1.02\nB\tA\t0.5\nC\tA\t0\n");
    expect(entries(plain)).toEqual(["A B 0.5", "A A 1.02"]);
    expect(plain.absent).toBe("unrelated");
    expect(entries(await pairs("id1 id2 value\nA B 0.5\n"))).toEqual(["A B 0.5"]);
    await expect(pairs("A B 0.5O\nA C 0.5\n")).rejects.toThrow(
      'file.txt, line 1: "0.5O" is not a finite number',
    );
    await expect(pairs("A B nan\nA C 0.5\n")).rejects.toThrow('line 1: "nan" is not a finite number');
    expect(entries(await pairs("IID1\tIID2\tPI_HAT\tOTHER\nA\tB\t0.26\t7\n"))).toEqual(["A B 0.26"]);
  });

  test("doubles the kinship of KING and plink2, and leaves out the noise of the unrelated", async () => {
    const king = await pairs(
      "FID1\tID1\tFID2\tID2\tN_SNP\tHetHet\tIBS0\tKinship\nf\tA\tf\tB\t9\t0.1\t0\t0.26\nf\tA\tg\tC\t9\t0.1\t0\t-0.02\n",
    );
    expect(entries(king)).toEqual(["A B 0.52"]);
    expect(king.messages).toEqual([
      "file.txt: kinship, doubled to relationship; 1 pair below 0.05 taken as unrelated",
    ]);
    const plink = await pairs("#IID1\tIID2\tNSNP\tHETHET\tIBS0\tKINSHIP\nA\tB\t9\t0.1\t0\t0.13\n");
    expect(entries(plink)).toEqual(["A B 0.26"]);
  });

  test("takes a matrix with ids", async () => {
    const found = await pairs("id A B C\nA 1 .5 0\nB .5 1 0\nC 0 0 1\n");
    expect([found.samples, found.absent]).toEqual([["A", "B", "C"], "error"]);
  });

  test.each([
    ["two columns", "A B\n"],
    ["no number", "A B 0.5\nA C x\n"],
    ["another value the other way", "A B 0.5\nB A 0.4\n"],
    ["empty", ""],
    ["no value in KING's column", "ID1 ID2 Kinship\nA B nan\n"],
  ])("%s", async (_, content) => {
    await expect(pairs(content)).rejects.toThrowErrorMatchingSnapshot();
  });
});

describe("GCTA's matrices", () => {
  const ids = () => text("f A\nf B\ng C\n", "x.grm.id");

  test("sparse", async () => {
    const found = await related({
      sparse: text("0\t0\t1.01\n1\t0\t0.49\n1\t1\t0.99\n2\t2\t1\n", "x.grm.sp"),
      ids: ids(),
    });
    expect(entries(found)).toEqual(["A A 1.01", "A B 0.49", "B B 0.99", "C C 1"]);
    expect(found.absent).toBe("error");
  });

  test("binary", async () => {
    const bytes = new Uint8Array(new Float32Array([1, 0.5, 1.5, 0.25, 0, 2]).buffer);
    const found = await related({ binary: bytesSource(bytes, "x.grm.bin"), ids: ids() });
    expect(Array.from(found.values as Float64Array)).toEqual([1, 0.5, 0.25, 0.5, 1.5, 0, 0.25, 0, 2]);
  });

  test.each([
    ["a sample that is not there", () => related({ sparse: text("0 3 1\n", "x.grm.sp"), ids: ids() })],
    ["no relationship", () => related({ sparse: text("0 1\n", "x.grm.sp"), ids: ids() })],
    [
      "an id twice",
      () => related({ sparse: text("0 0 1\n", "x.grm.sp"), ids: text("f A\nf A\n", "x.grm.id") }),
    ],
    [
      "one column of ids",
      () => related({ sparse: text("0 0 1\n", "x.grm.sp"), ids: text("A\n", "x.grm.id") }),
    ],
    ["cut", () => related({ binary: bytesSource(new Uint8Array(20), "x.grm.bin"), ids: ids() })],
    [
      "not a number",
      () =>
        related({
          binary: bytesSource(
            new Uint8Array(new Float32Array([1, Number.NaN, 1, 0, 0, 1]).buffer),
            "x.grm.bin",
          ),
          ids: ids(),
        }),
    ],
  ])("%s", async (_, read) => {
    await expect(read()).rejects.toThrowErrorMatchingSnapshot();
  });
});

describe("donors", () => {
  const donors = (content: string) =>
    readDonors(text(content), inflateGzip, new Set(["D1", "D2"]), new Set(["s1", "s2", "s3"]));

  test("sample and donor, with a header or without", async () => {
    const list = { name: "file.txt", sample: ["s1", "s2"], donor: ["D1", "D1"] };
    expect(await donors("s1 D1\ns2 D1\n")).toEqual(list);
    expect(await donors("sample donor\ns1 D1\ns2 D1\n")).toEqual(list);
  });

  test.each([
    ["three columns", "s1 D1 x\n"],
    ["a sample twice", "s1 D1\ns1 D2\n"],
    ["the other way round", "D1 s1\nD1 s2\n"],
    ["unknown donors", "s1 X1\ns2 X2\n"],
  ])("%s", async (_, content) => {
    await expect(donors(content)).rejects.toThrowErrorMatchingSnapshot();
  });
});
