import { describe, expect, test } from "vitest";
import { openPlink } from "../../../src/formats/plink.ts";
import { bytesSource } from "../../../src/formats/source.ts";
import { memorySpool } from "../../../src/formats/spool.ts";
import { openTextGenotypes } from "../../../src/formats/textGenotypes.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";
import {
  callAt,
  gzipMembers,
  integer,
  messageOf,
  plinkBed,
  random,
  textSource,
} from "../../helpers/formats.ts";

const MATRIX = "id\tS1\tS2\tS3\nv1\t0\t1\t2\nv2\tNA\t2\t2\nv3\t1\t0\t0\n";
const POSITIONS = "snp\tchr\tpos\nv1\tchr2\t100\nv2\tchr1\t300\nv3\tchr1\t50\n";

interface Texts {
  matrix?: string;
  positions?: string;
  alleles?: string;
}

function open({ matrix = MATRIX, positions = POSITIONS, alleles }: Texts) {
  return openTextGenotypes(
    {
      matrix: textSource(matrix, "SNP.txt"),
      positions: textSource(positions, "snpsloc.txt"),
      alleles: alleles === undefined ? undefined : textSource(alleles, "alleles.txt"),
      openSpool: memorySpool,
    },
    inflateGzip,
  );
}

const failure = (texts: Texts) => messageOf(open(texts));
const all = (count: number) => Uint32Array.from({ length: count }, (_, i) => i);

/** Dosages of a run by the definition of a block; NaN for a missing one. */
async function dosages(source: Awaited<ReturnType<typeof open>>, samples: Uint32Array): Promise<number[][]> {
  const block = await source.read(0, source.variantCount, samples);
  return Array.from({ length: block.count }, (_, v) => {
    const row = Array.from(samples, (_, s) => {
      const call = callAt(block, v, s);
      return call === 3 ? Number.NaN : call;
    });
    const { remainder } = block;
    if (remainder !== undefined) {
      for (let i = remainder.offset[v]!; i < remainder.offset[v + 1]!; i++) {
        row[remainder.sample[i]!]! += remainder.value[i]!;
      }
    }
    return row;
  });
}

describe("text genotypes", () => {
  test("come by chromosome and position, whatever the order of the rows", async () => {
    const source = await open({});
    expect(source.samples).toEqual(["S1", "S2", "S3"]);
    expect(source.chromosomes).toEqual(["chr1", "chr2"]);
    expect(Array.from(source.position)).toEqual([50, 300, 100]);
    expect(await source.labels(0, 3)).toEqual({
      id: ["v3", "v2", "v1"],
      chromosome: ["chr1", "chr1", "chr2"],
      position: Int32Array.of(50, 300, 100),
      effectAllele: ["", "", ""],
      otherAllele: ["", "", ""],
    });
    expect(await dosages(source, Uint32Array.of(2, 0))).toEqual([
      [0, 1],
      [2, Number.NaN],
      [2, 0],
    ]);
    expect(source.messages).toEqual([]);
  });

  test("chromosomes go 1, 2, 10, X, Y, MT, then the others", async () => {
    const names = ["scaffold", "chrMT", "10", "Y", "2", "X", "1"];
    const matrix = `id S1\n${names.map((name) => `v${name} 1`).join("\n")}\n`;
    const positions = names.map((name) => `v${name} ${name} 5\n`).join("");
    const source = await open({ matrix, positions });
    expect(source.chromosomes).toEqual(["1", "2", "10", "X", "Y", "chrMT", "scaffold"]);
  });

  test("fractional dosages are the file's numbers to the bit", async () => {
    const cells = ["0.1", "1.999", "0.5", "1.5", "NA", "2", "0.30000000000000004", "1e-9"];
    const header = cells.map((_, s) => `S${s}`).join(" ");
    const matrix = `id ${header}\nv1 ${cells.join(" ")}\nv2 ${cells.map(() => 1).join(" ")}\n`;
    const source = await open({ matrix, positions: "v1 1 1e+05\nv2 1 100000\n" });
    expect(Array.from(source.position)).toEqual([100_000, 100_000]);
    expect(source.remainders).toBe(6);
    const numbers = cells.map((cell) => (cell === "NA" ? Number.NaN : Number(cell)));
    expect((await dosages(source, all(cells.length)))[0]).toEqual(numbers);
    expect((await dosages(source, Uint32Array.of(6, 1)))[0]).toEqual([numbers[6], numbers[1]]);
    expect((await dosages(source, all(cells.length)))[1]).toEqual(cells.map(() => 1));
  });

  test.each([1, 2, 3])("seed %i: dosages of shuffled rows, some samples in another order", async (seed) => {
    const next = random(seed);
    const width = integer(next, 1, 30);
    const numbers = Array.from({ length: 80 }, (_, v) =>
      Array.from({ length: width }, () => {
        if (next() < 0.1) return Number.NaN;
        return v % 3 === 0 ? integer(next, 0, 2) : Number((2 * next()).toFixed(integer(next, 0, 4)));
      }),
    );
    const order = Array.from(numbers.keys()).sort(() => next() - 0.5);
    const rows = order.map((v) => [`v${v}`, ...numbers[v]!.map((d) => (Number.isNaN(d) ? "NA" : d))]);
    const header = ["id", ...Array.from({ length: width }, (_, s) => `S${s}`)];
    const source = await open({
      matrix: [header, ...rows].map((row) => `${row.join("\t")}\n`).join(""),
      positions: numbers.map((_, v) => `v${v}\t1\t${10 + v}\n`).join(""),
    });
    const index = all(width)
      .filter(() => next() < 0.7)
      .sort(() => next() - 0.5);
    expect(await dosages(source, index), `seed ${seed}`).toEqual(
      numbers.map((row) => Array.from(index, (s) => row[s])),
    );
    const block = await source.read(17, 40, index);
    expect(block.start).toBe(17);
    expect(block.remainder?.offset.length).toBe(24);
  });

  test("a header without its first cell, Windows line ends, gzip and an alleles file", async () => {
    const matrix = "S1\tS2\r\nv1\t0\t1\r\nv2\t2\t2\r\n";
    const source = await openTextGenotypes(
      {
        matrix: bytesSource(gzipMembers(matrix, [9]), "SNP.txt.gz"),
        positions: textSource("v1\t1\t7\nv2\t1\t7\n", "snpsloc.txt"),
        alleles: textSource("id\teffect_allele\tother_allele\nv2\tAT\tA\n", "alleles.txt"),
        openSpool: memorySpool,
      },
      inflateGzip,
    );
    const labels = await source.labels(0, 2);
    expect(labels.effectAllele).toEqual(["", "AT"]);
    expect(labels.otherAllele).toEqual(["", "A"]);
    expect(source.messages).toMatchInlineSnapshot(`
      [
        "alleles.txt: 1 variant of SNP.txt.gz not in it; their alleles are empty",
      ]
    `);
  });

  test("rows in one file only are counted and said", async () => {
    const source = await open({
      positions: `${POSITIONS}v9 1 5\n`.replace("v9 1 5", "v9\tchr1\t5").replace(/v3.*\n/, ""),
    });
    expect(source.variantCount).toBe(2);
    expect(source.messages).toMatchInlineSnapshot(`
      [
        "SNP.txt: 1 variant without a position in snpsloc.txt left out (v3)",
        "snpsloc.txt: 1 variant not in SNP.txt",
      ]
    `);
  });

  test("hold what a PLINK file of the same calls holds", async () => {
    for (const seed of [1, 2, 3]) {
      const next = random(seed);
      const samples = integer(next, 1, 40);
      const calls = Array.from({ length: 50 }, () =>
        Array.from({ length: samples }, () => integer(next, 0, 3)),
      );
      const order = Array.from(calls.keys()).sort(() => next() - 0.5);
      const header = Array.from({ length: samples }, (_, s) => `S${s}`);
      const rows = order.map((v) => [`v${v}`, ...calls[v]!.map((call) => (call === 3 ? "NA" : call))]);
      const text = await open({
        matrix: [["id", ...header], ...rows].map((row) => `${row.join("\t")}\n`).join(""),
        positions: calls.map((_, v) => `v${v}\t${v < 20 ? 1 : 2}\t${10 + v}\n`).join(""),
      });
      const plink = await openPlink(
        {
          bed: bytesSource(plinkBed(calls), "g.bed"),
          bim: textSource(calls.map((_, v) => `${v < 20 ? 1 : 2} v${v} 0 ${10 + v} A G\n`).join(""), "g.bim"),
          fam: textSource(header.map((id) => `0 ${id} 0 0 0 -9\n`).join(""), "g.fam"),
        },
        inflateGzip,
      );
      const some = all(samples).filter(() => next() < 0.6);
      for (const index of [all(samples), some, some.slice().reverse()]) {
        expect((await text.read(3, 44, index)).packed, `seed ${seed}`).toEqual(
          (await plink.read(3, 44, index)).packed,
        );
      }
      expect((await text.labels(0, 50)).id, `seed ${seed}`).toEqual((await plink.labels(0, 50)).id);
    }
  });

  test.each([
    ["out of range", { matrix: MATRIX.replace("v1\t0", "v1\t3") }],
    ["negative", { matrix: MATRIX.replace("v1\t0", "v1\t-1") }],
    ["no number", { matrix: MATRIX.replace("v1\t0", "v1\tA/G") }],
    ["empty cell", { matrix: MATRIX.replace("v1\t0", "v1\t") }],
    ["ragged", { matrix: MATRIX.replace("v1\t0", "v1\t0\t0") }],
    ["variant twice", { matrix: MATRIX.replace("v2", "v1") }],
    ["sample twice", { matrix: MATRIX.replace("S2", "S1") }],
    ["only a header", { matrix: "id\tS1\n" }],
    ["empty", { matrix: "" }],
    ["none in common", { positions: "w1\t1\t5\nw2\t1\t6\n" }],
    ["transposed", { matrix: "id\tv1\tv2\tv3\nS1\t0\t1\t2\nS2\t0\t1\t2\n" }],
    ["position twice", { positions: `${POSITIONS}v1\t1\t5\n` }],
    ["position no number", { positions: POSITIONS.replace("300", "3e2x") }],
    ["positions of four columns", { positions: "v1\t1\t5\t6\n" }],
    ["quoted", { positions: '"v1"\t1\t5\n' }],
    ["alleles without a header", { alleles: "v1\tA\tG\n" }],
    ["alleles twice", { alleles: "id\teffect_allele\tother_allele\nv1\tA\tG\nv1\tA\tG\n" }],
  ])("refuses: %s", async (_, texts) => {
    expect(await failure(texts)).toMatchSnapshot();
  });
});
