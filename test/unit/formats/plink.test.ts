import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openPlink } from "../../../src/formats/plink.ts";
import { type ByteSource, bytesSource } from "../../../src/formats/source.ts";
import { openPlinkFiles } from "../../../src/node/files.ts";
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
import { repository } from "../../helpers/shared.ts";

interface Made {
  bed: ByteSource;
  bim: ByteSource;
  fam: ByteSource;
}

const FAM = "0 S1 0 0 0 -9\n0 S2 0 0 0 -9\n0 S3 0 0 0 -9\n";
const BIM = "1\trs1\t0\t100\tA\tG\n1\trs2\t0\t200\tC\tT\n2\trs3\t0\t50\tG\tT\n";

function made(parts: { bim?: string; fam?: string; bed?: Uint8Array } = {}): Made {
  const bim = parts.bim ?? BIM;
  const variants = bim.split("\n").filter((line) => line.trim() !== "").length;
  const calls = Array.from({ length: variants }, (_, v) => [v % 4, (v + 1) % 4, (v + 2) % 4]);
  return {
    bed: bytesSource(parts.bed ?? plinkBed(calls), "g.bed"),
    bim: textSource(bim, "g.bim"),
    fam: textSource(parts.fam ?? FAM, "g.fam"),
  };
}

const open = (sources: Made) => openPlink(sources, inflateGzip);
const failure = (parts: Parameters<typeof made>[0]) => messageOf(open(made(parts)));
const all = (count: number) => Uint32Array.from({ length: count }, (_, i) => i);

describe("PLINK genotypes", () => {
  test("written by plink2 are those of the VCF", async () => {
    const files = await openPlinkFiles(join(repository, "test/data/plink/tiny"));
    const vcf = (await readFile(join(repository, "test/data/plink/tiny.vcf"), "utf8")).trim().split("\n");
    const samples = vcf
      .find((line) => line.startsWith("#CHROM"))!
      .split("\t")
      .slice(9);
    const records = vcf.filter((line) => !line.startsWith("#")).map((line) => line.split("\t"));
    try {
      const source = await openPlink(files, inflateGzip);
      expect(source.samples).toEqual(samples);
      expect(source.variantCount).toBe(records.length);
      expect(source.chromosomes).toEqual(["1", "2", "X1"]);
      const order = Uint32Array.from([12, 3, 4, 5, 6, 0, 7]);
      for (const sampleIndex of [all(samples.length), order]) {
        const block = await source.read(0, records.length, sampleIndex);
        for (const [v, record] of records.entries()) {
          const dosages = record.slice(9).map((gt) => (gt === "./." ? 3 : Number(gt[0]) + Number(gt[2])));
          expect(
            Array.from(sampleIndex, (_, k) => callAt(block, v, k)),
            record.slice(0, 5).join(" "),
          ).toEqual(Array.from(sampleIndex, (s) => dosages[s]));
        }
      }
      const labels = await source.labels(0, records.length);
      expect(labels.chromosome).toEqual(records.map((record) => record[0]));
      expect([...labels.position]).toEqual(records.map((record) => Number(record[1])));
      expect(labels.otherAllele).toEqual(records.map((record) => record[3]));
      expect(labels.effectAllele).toEqual(records.map((record) => record[4]));
      expect([...source.position]).toEqual([...labels.position]);
      expect(Array.from(source.chromosomeCode, (code) => source.chromosomes[code])).toEqual(
        labels.chromosome,
      );
      expect(labels.id).toEqual([
        "1:100:A:G",
        "1:250:C:T",
        "1:250:C:A",
        "rs3",
        "1:9000:T:C",
        "rs5",
        "rs6",
        "rs7",
        "rs8",
        "rs9",
        "rs10",
      ]);
      expect(source.messages?.map((text) => text.replace(/^.*tiny/, "tiny"))).toMatchInlineSnapshot(`
        [
          "tiny.bim: 2 variants without an id (".") and 2 variants with an id that is not unique (1 such id) named chr:pos:ref:alt (A2 as ref, A1 as alt)",
        ]
      `);
    } finally {
      await files.close();
    }
  });

  test.each([256, 257, 400])("of %i chromosomes have them all", async (count) => {
    const bim = Array.from(
      { length: count },
      (_, c) => `c${c}\tv${c}\t0\t5\tA\tC\nc${c}\tw${c}\t0\t6\tA\tC\n`,
    );
    const source = await open(made({ bim: bim.join("") }));
    const named = Array.from(source.chromosomeCode, (code) => source.chromosomes[code]);
    expect(named).toEqual(Array.from({ length: 2 * count }, (_, v) => `c${v >> 1}`));
  });

  test("come back call by call, whatever samples and variants are asked", async () => {
    for (let seed = 1; seed <= 120; seed++) {
      const next = random(seed);
      const n = integer(next, 1, 40);
      const m = integer(next, 1, 30);
      const calls = Array.from({ length: m }, () => Array.from({ length: n }, () => integer(next, 0, 3)));
      const fam = Array.from({ length: n }, (_, i) => `F S${i} 0 0 0 -9\n`).join("");
      const bim = Array.from({ length: m }, (_, v) => `7 v${v} 0 ${10 * v + 1} A C\n`).join("");
      const source = await open(made({ bed: plinkBed(calls), bim, fam }));
      for (let round = 0; round < 6; round++) {
        const start = integer(next, 0, m);
        const end = integer(next, start, m);
        // Everything, all but a few, or any samples in any order, some of them twice.
        const asked = [
          all(n),
          all(n).filter(() => next() < 0.8),
          Uint32Array.from({ length: integer(next, 0, 2 * n) }, () => integer(next, 0, n - 1)),
        ][round % 3]!;
        const block = await source.read(start, end, asked);
        expect(block).toMatchObject({ start, count: end - start, samples: asked.length });
        expect(block.stride).toBe(Math.ceil(asked.length / 4));
        const wanted = new Uint8Array(block.stride * block.count);
        for (let v = start; v < end; v++) {
          for (const [k, s] of asked.entries()) {
            wanted[(v - start) * block.stride + (k >> 2)]! |= calls[v]![s]! << (2 * (k & 3));
          }
        }
        // Byte by byte: the bits past the last sample must be 0 too.
        expect(block.packed, `seed ${seed}, variants ${start}-${end}, samples ${asked}`).toEqual(wanted);
      }
    }
  });

  test("longer than a piece are read in pieces", async () => {
    const n = 4000;
    const m = 5000;
    const fam = Array.from({ length: n }, (_, i) => `F S${i} 0 0 0 -9\n`).join("");
    const bim = Array.from({ length: m }, (_, v) => `7 v${v} 0 ${v} A C\n`).join("");
    const bed = new Uint8Array(3 + (m * n) / 4);
    const next = random(5);
    for (let i = 3; i < bed.length; i++) bed[i] = integer(next, 0, 255);
    bed.set([0x6c, 0x1b, 1]);
    const source = await open(made({ bed, bim, fam }));
    const block = await source.read(1, m, Uint32Array.from([3999, 17]));
    const plink = (v: number, s: number) => (bed[3 + (v * n) / 4 + (s >> 2)]! >> (2 * (s & 3))) & 3;
    for (let v = 1; v < m; v += 13) {
      expect([callAt(block, v - 1, 0), callAt(block, v - 1, 1)], `variant ${v}`).toEqual(
        [3999, 17].map((s) => [2, 3, 1, 0][plink(v, s)]),
      );
    }
  });

  test("asked out of range are the caller's mistake", async () => {
    const source = await open(made());
    await expect(source.read(0, 4, all(3))).rejects.toThrow(RangeError);
    await expect(source.read(0, 3, Uint32Array.of(3))).rejects.toThrow(RangeError);
    await expect(source.labels(2, 1)).rejects.toThrow(RangeError);
  });
});

describe("PLINK labels", () => {
  test("come back in any order over many blocks, with tabs, spaces, \\r\\n and blank lines", async () => {
    const next = random(11);
    const m = 5000;
    const rows = Array.from({ length: m }, (_, v) => {
      const alleles =
        next() < 0.05 ? ["A".repeat(integer(next, 2, 300)), "C"] : ["AG"[v % 2]!, "CT"[(v >> 1) % 2]!];
      // Every 50th id is missing, every 71st one of a few, and one is not ASCII.
      const id = v === 2500 ? "añ€" : v % 50 === 0 ? "." : v % 71 === 0 ? `dup${v % 3}` : `rs${v * 37}`;
      return {
        chromosome: v < 3000 ? "chr1" : "chr2",
        id,
        position: 10 + (v % 3000) * 5,
        a1: alleles[0]!,
        a2: alleles[1]!,
      };
    });
    const bim = rows
      .map((r, v) => {
        const gap = v % 3 === 0 ? " " : "\t";
        const line = [r.chromosome, r.id, "0", r.position, r.a1, r.a2].join(gap);
        return `${v % 7 === 0 ? " \n" : ""}${line}${v % 5 === 0 ? " \r\n" : "\n"}`;
      })
      .join("");
    const times = new Map<string, number>();
    for (const { id } of rows) times.set(id, (times.get(id) ?? 0) + 1);
    const name = (v: number): string => {
      const r = rows[v]!;
      return r.id !== "." && times.get(r.id) === 1 ? r.id : `${r.chromosome}:${r.position}:${r.a2}:${r.a1}`;
    };
    const repeated = rows.filter(({ id }) => id.startsWith("dup")).length;
    const source = await open(made({ bim, bed: plinkBed(rows.map(() => [0, 1, 2])) }));
    expect(source.messages).toEqual([
      `g.bim: ${times.get(".")} variants without an id (".") and ${repeated} variants with an id that is not unique (3 such ids) ` +
        "named chr:pos:ref:alt (A2 as ref, A1 as alt)",
    ]);
    const asked = Array.from({ length: 60 }, () => {
      const start = integer(next, 0, m);
      return [start, Math.min(m, start + integer(next, 0, 2600))] as const;
    });
    const answers = await Promise.all(
      [...asked, [0, m] as const].map(([from, to]) => source.labels(from, to)),
    );
    for (const [i, [start, end]] of [...asked, [0, m] as const].entries()) {
      const labels = answers[i]!;
      const wanted = rows.slice(start, end);
      expect(labels.id, `${start}-${end}`).toEqual(wanted.map((_, k) => name(start + k)));
      expect(labels.chromosome).toEqual(wanted.map((r) => r.chromosome));
      expect([...labels.position]).toEqual(wanted.map((r) => r.position));
      expect(labels.effectAllele).toEqual(wanted.map((r) => r.a1));
      expect(labels.otherAllele).toEqual(wanted.map((r) => r.a2));
    }
    expect(new Set(answers.at(-1)!.id).size).toBe(m);
    for (const [i, [start, end]] of asked.entries()) {
      const wanted = Uint32Array.from({ length: end - start }, (_, k) => start + k).filter(
        () => next() < 0.1,
      );
      const some = await source.labels(start, end, wanted);
      expect(some.id.length).toBe(end - start);
      for (const v of wanted) {
        const at = v - start;
        expect([some.id[at], some.effectAllele[at], some.otherAllele[at]], `${start}-${end}, ${v}`).toEqual([
          answers[i]!.id[at],
          answers[i]!.effectAllele[at],
          answers[i]!.otherAllele[at],
        ]);
      }
    }
  });

  test("of variants without a place are unique and said", async () => {
    const bim = "0 . 0 0 A G\n0 . 0 0 A G\n1 rs1 0 0 A G\n1 rs2 0 0 A G\n1 rs3 0 7 A G\n";
    const source = await open(made({ bim }));
    expect((await source.labels(0, 5)).id).toEqual(["0:0:G:A:1", "0:0:G:A:2", "rs1", "rs2", "rs3"]);
    expect(source.messages).toMatchInlineSnapshot(`
      [
        "g.bim: 2 variants without an id (".") named chr:pos:ref:alt (A2 as ref, A1 as alt)",
        "g.bim: 4 variants without a place (chromosome 0 or position 0, first in line 1) kept; --exclude takes them out",
      ]
    `);
  });

  test("keep a variant's other allele pairs at one position apart", async () => {
    const bim = "1 a 0 5 A G\n1 b 0 5 A C\n1 c 0 5 AG C\n1 d 0 5 A GC\n2 e 0 5 A G\n";
    expect((await open(made({ bim }))).variantCount).toBe(5);
  });

  test("read a .bim again only where it is asked for", async () => {
    const m = 20_000;
    const bim = Array.from({ length: m }, (_, v) => `7 v${v} 0 ${v} A C\n`).join("");
    const sources = made({ bim, bed: plinkBed(Array.from({ length: m }, () => [0, 1, 2])) });
    let read = 0;
    const source = await open({
      ...sources,
      bim: {
        ...sources.bim,
        read: (start, end) => {
          read += end - start;
          return sources.bim.read(start, end);
        },
      },
    });
    read = 0;
    for (let v = 9000; v < 9100; v++) expect((await source.labels(v, v + 1)).id).toEqual([`v${v}`]);
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(40_000);
  });

  test("notice that the file was changed", async () => {
    const sources = made();
    let calls = 0;
    const changed = textSource(BIM.replace("rs1", "\n\n\n"), "g.bim");
    const bim = {
      ...sources.bim,
      read: (s: number, e: number) => (calls++ < 3 ? sources.bim : changed).read(s, e),
    };
    const source = await open({ ...sources, bim });
    expect(await messageOf(source.labels(0, 3))).toMatchInlineSnapshot(
      `"g.bim: changed while it was being read; leave it alone and run again"`,
    );
  });
});

describe("PLINK files that will not do", () => {
  test("have a wrong .bed", async () => {
    const bed = plinkBed([
      [0, 1, 2],
      [1, 1, 1],
      [2, 2, 3],
    ]);
    const sampleMajor = Uint8Array.from(bed);
    sampleMajor[2] = 0;
    expect({
      empty: await failure({ bed: new Uint8Array(0) }),
      magic: await failure({ bed: Uint8Array.from([1, 2, 3, 4, 5, 6]) }),
      short: await failure({ bed: bed.subarray(0, 2) }),
      text: await failure({ bed: new TextEncoder().encode("#chr\tstart\tend") }),
      packed: await failure({ bed: gzipMembers("x") }),
      sampleMajor: await failure({ bed: sampleMajor }),
      truncated: await failure({ bed: bed.subarray(0, 5) }),
      headerOnly: await failure({ bed: bed.subarray(0, 3) }),
      tooLong: await failure({ bed: Uint8Array.from([...bed, 1]) }),
      moreSamples: await failure({ fam: `${FAM}0 S4 0 0 0 -9\n0 S5 0 0 0 -9\n` }),
      fewerVariants: await failure({ bed, bim: BIM.split("\n").slice(0, 2).join("\n") }),
      moreVariants: await failure({ bed, bim: `${BIM}2 rs4 0 60 A C\n` }),
    }).toMatchInlineSnapshot(`
      {
        "empty": "g.bed: is empty (0 bytes)",
        "fewerVariants": "g.bed: has 6 bytes, 5 expected for 2 variants (g.bim) of 3 samples (g.fam): it holds exactly 3 variants; it is of another data set: copy or write all three files again",
        "headerOnly": "g.bed: has 3 bytes, 6 expected for 3 variants (g.bim) of 3 samples (g.fam): it holds exactly 0 variants; it is truncated, or of another data set: copy or write all three files again",
        "magic": "g.bed: is not a PLINK 1 .bed (starts with 01 02 03, not 6c 1b 01); write it with plink --make-bed",
        "moreSamples": "g.bed: has 6 bytes, 9 expected for 3 variants (g.bim) of 5 samples (g.fam): it ends inside variant 2; it is truncated, or of another data set: copy or write all three files again",
        "moreVariants": "g.bed: has 6 bytes, 7 expected for 4 variants (g.bim) of 3 samples (g.fam): it holds exactly 3 variants; it is truncated, or of another data set: copy or write all three files again",
        "packed": "g.bed: is not a PLINK 1 .bed (starts with 1f 8b 08, not 6c 1b 01); if it is a packed PLINK .bed, unpack it: gunzip",
        "sampleMajor": "g.bed: is a sample-major .bed (third byte 00); variant-major is read; write it again: plink --bfile PREFIX --make-bed --out NEW",
        "short": "g.bed: is not a PLINK 1 .bed (starts with 6c 1b, not 6c 1b 01); write it with plink --make-bed",
        "text": "g.bed: is not a PLINK 1 .bed (starts with 23 63 68, not 6c 1b 01); it looks like a text BED; --genotypes takes a PLINK .bed and --expression the BED of genes",
        "tooLong": "g.bed: has 7 bytes, 6 expected for 3 variants (g.bim) of 3 samples (g.fam): it holds exactly 4 variants; it is of another data set: copy or write all three files again",
        "truncated": "g.bed: has 5 bytes, 6 expected for 3 variants (g.bim) of 3 samples (g.fam): it holds exactly 2 variants; it is truncated, or of another data set: copy or write all three files again",
      }
    `);
  });

  test("have a wrong .fam", async () => {
    expect({
      empty: await failure({ fam: "" }),
      blank: await failure({ fam: "\n\n" }),
      columns: await failure({ fam: FAM.replace("S2 0 0", "S2 0") }),
      duplicate: await failure({ fam: FAM.replace("0 S3", "1 S1") }),
      header: await failure({ fam: `#FID IID SEX\n${FAM}` }),
      quoted: await failure({ fam: FAM.replace("S2", '"S2"') }),
    }).toMatchInlineSnapshot(`
      {
        "blank": "g.fam: is empty (no lines)",
        "columns": "g.fam, line 2: has 5 columns, a .fam has 6 (FID IID father mother sex phenotype); write it with plink --make-bed",
        "duplicate": "g.fam, line 3: sample S1 is there already (line 1); samples are told apart by their IID: make these unique",
        "empty": "g.fam: is empty (0 bytes)",
        "header": "g.fam, line 1: a .fam has no header ("#FID"); write it with plink --make-bed",
        "quoted": "g.fam, line 2: sample "S2" is in quotation marks, which are not special here; write the file without quotes (in R: quote = FALSE)",
      }
    `);
  });

  test("have a wrong .bim", async () => {
    const packed = { ...made(), bim: bytesSource(gzipMembers(BIM), "g.bim") };
    const chromosomes = Array.from({ length: 65_536 }, (_, i) => `c${i} v${i} 0 5 A C\n`).join("");
    expect({
      empty: await failure({ bim: "", bed: Uint8Array.from([0x6c, 0x1b, 1]) }),
      columns: await failure({ bim: BIM.replace("\tT\n2", "\n2") }),
      pvar: await failure({ bim: `#CHROM POS ID REF ALT\n${BIM}` }),
      position: await failure({ bim: BIM.replace("200", "-200") }),
      fraction: await failure({ bim: BIM.replace("200", "200.5") }),
      large: await failure({ bim: BIM.replace("200", "2147483648") }),
      unsorted: await failure({ bim: BIM.replace("200", "99") }),
      mixed: await failure({ bim: `${BIM}1 rs4 0 300 A C\n` }),
      duplicate: await failure({ bim: BIM.replace("rs2\t0\t200\tC\tT", "rs2\t0\t100\tG\tA") }),
      duplicateOfThree: await failure({ bim: "1 a 0 5 A G\n1 b 0 5 A C\n1 c 0 5 A T\n1 d 0 5 C A\n" }),
      packed: await messageOf(open(packed)),
      chromosomes: await failure({ bim: chromosomes }),
    }).toMatchInlineSnapshot(`
      {
        "chromosomes": "g.bim, line 65536: more than 65,535 chromosomes; is the first column the chromosome?",
        "columns": "g.bim, line 2: has 5 columns, a .bim has 6 (chromosome id cM position A1 A2); write the data set with plink --make-bed",
        "duplicate": "g.bim, lines 1 and 2: the same variant twice (1:100 A/G); keep one of them: plink2 --rm-dup force-first where both have one id, else plink2 --exclude with the id of one",
        "duplicateOfThree": "g.bim, lines 2 and 4: the same variant twice (1:5 A/C); keep one of them: plink2 --rm-dup force-first where both have one id, else plink2 --exclude with the id of one",
        "empty": "g.bim: is empty (0 bytes)",
        "fraction": "g.bim, line 2: position "200.5" is not an integer from 0 to 2147483647; the fourth column is the position in base pairs",
        "large": "g.bim, line 2: position "2147483648" is not an integer from 0 to 2147483647; the fourth column is the position in base pairs",
        "mixed": "g.bim, line 4: chromosome 1 comes back after chromosome 2; each must be in one piece; run plink --make-bed (1.9 sorts), or plink2 --make-pgen --sort-vars and then --make-bed",
        "packed": "g.bim: is a gzip file; a .bim is read in any order, so unpacked; gunzip it",
        "position": "g.bim, line 2: position "-200" is not an integer from 0 to 2147483647; the fourth column is the position in base pairs",
        "pvar": "g.bim, line 1: a .bim has no header; this looks like a .pvar; write the data set with plink2 --make-bed",
        "unsorted": "g.bim, line 2: position 99 comes after 100 on chromosome 1; positions must not go down; run plink --make-bed (1.9 sorts), or plink2 --make-pgen --sort-vars and then --make-bed",
      }
    `);
  });
});
