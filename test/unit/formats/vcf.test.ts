import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { GenotypeSource } from "../../../src/formats/genotypes.ts";
import { parseRegions } from "../../../src/formats/regions.ts";
import { bytesSource } from "../../../src/formats/source.ts";
import { memorySpool } from "../../../src/formats/spool.ts";
import { openVcf } from "../../../src/formats/vcf.ts";
import type { VcfOptions } from "../../../src/formats/vcfOptions.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";
import { gzipMembers, integer, messageOf, random } from "../../helpers/formats.ts";
import { bgzf, DS_LINE, dosagesOf, GT_LINE, openBytes, randomVcf, vcfText } from "../../helpers/vcf.ts";

const everyone = (source: GenotypeSource) => Uint32Array.from(source.samples, (_, i) => i);

async function dosages(source: GenotypeSource): Promise<number[][]> {
  return dosagesOf(await source.read(0, source.variantCount, everyone(source)));
}

const ABC = ["A", "B", "C"];

describe("a VCF", () => {
  test("counts ALT: phased, unphased, missing, half-called, haploid as plink2", async () => {
    const records = [
      "1 10 rs1 A G . . . GT 0|0 0/1 1|1",
      "1 10 rs2 A <DEL> . PASS . GT ./. .|. .",
      "1 12 rs3 ACT A . q10 . GT:GQ 1:3 0 0/.",
      "X 5 rs4 A . . . . GT 0/0 0/0 ./.",
    ];
    const source = await openBytes(vcfText(ABC, records));
    expect(await dosages(source)).toEqual([
      [0, 1, 2],
      [Number.NaN, Number.NaN, Number.NaN],
      [2, 0, Number.NaN],
      [0, 0, Number.NaN],
    ]);
    expect(await source.labels(0, 4)).toEqual({
      id: ["rs1", "rs2", "rs3", "rs4"],
      chromosome: ["1", "1", "1", "X"],
      position: Int32Array.of(10, 10, 12, 5),
      effectAllele: ["G", "<DEL>", "A", "."],
      otherAllele: ["A", "A", "ACT", "A"],
    });
    expect(source.remainders).toBeUndefined();
    expect(source.messages).toMatchInlineSnapshot(`
      [
        "t.vcf: 1 variant whose FILTER is not PASS kept; --pass leaves them out",
        "t.vcf: 1 call with one allele of two unknown (0/.) taken as missing",
        "t.vcf: 2 haploid calls taken as two copies of the allele, as plink2 takes them",
      ]
    `);
  });

  test("with DS keeps each dosage to the bit, and takes GT where there is none", async () => {
    const records = [
      "1 10 a A G . . . GT:DS 0/1:1.0001 0/0:. 1/1:2",
      "1 11 b A G . . . DS 0.5 1.499999999 1e-3",
      "1 12 c A G . . . GT 0/1 1/1 ./.",
      "1 13 d A G . . . GT:DS 1:0.7 0/0 .:.",
    ];
    const text = vcfText(ABC, records, [GT_LINE, DS_LINE]);
    const source = await openBytes(text);
    expect(await dosages(source)).toEqual([
      [1.0001, 0, 2],
      [0.5, 1.499999999, 0.001],
      [1, 2, Number.NaN],
      [1.4, 0, Number.NaN],
    ]);
    expect(source.remainders).toBe(5);
    const calls = await openBytes(text, { dosageField: "GT" });
    expect(await dosages(calls)).toEqual([
      [1, 0, 2],
      [Number.NaN, Number.NaN, Number.NaN],
      [1, 2, Number.NaN],
      [2, 0, Number.NaN],
    ]);
    expect(calls.messages).toMatchInlineSnapshot(`
      [
        "t.vcf: 1 variant with no GT in the FORMAT: without a call",
        "t.vcf: 1 haploid call taken as two copies of the allele, as plink2 takes them",
      ]
    `);
    // Not declared: auto takes the calls, DS the dosages.
    const undeclared = vcfText(ABC, records);
    expect(await dosages(await openBytes(undeclared))).toEqual(await dosages(calls));
    expect(await dosages(await openBytes(undeclared, { dosageField: "DS" }))).toEqual(await dosages(source));
  });

  test("with several ALT alleles at a site skips, splits or stops", async () => {
    const records = [
      "1 10 rs1 A G,T . . . GT:DS 0/1:0.9,0.05 1/2:1,1 2/2:0,.",
      "1 11 . C *,<INS> . . . GT 0/0 0/1 2|2",
      "1 12 rs3 C T . . . GT 0/0 0/1 1|1",
    ];
    const text = vcfText(ABC, records, [GT_LINE, DS_LINE]);
    const skipped = await openBytes(text);
    expect(await dosages(skipped)).toEqual([[0, 1, 2]]);
    expect(skipped.messages).toMatchInlineSnapshot(`
      [
        "t.vcf: 2 sites with several ALT alleles left out (first in line 5); --multiallelic split tests each ALT",
      ]
    `);
    const split = await openBytes(text, { multiallelic: "split" });
    expect(await dosages(split)).toEqual([
      [0.9, 1, 0],
      [0.05, 1, 2],
      [0, 1, 0],
      [0, 0, 2],
      [0, 1, 2],
    ]);
    const labels = await split.labels(0, 5);
    expect(labels.id).toEqual(["rs1_G", "rs1_T", "1:11:C:*", "1:11:C:<INS>", "rs3"]);
    expect(labels.effectAllele).toEqual(["G", "T", "*", "<INS>", "T"]);
    expect(split.messages).toMatchInlineSnapshot(`
      [
        "t.vcf: 2 variants without an id (".") named chr:pos:ref:alt",
        "t.vcf: 2 sites with several ALT alleles split into 4 variants, one an ALT, named ID_ALT",
      ]
    `);
    expect(await messageOf(openBytes(text, { multiallelic: "error" }))).toMatchInlineSnapshot(
      `"t.vcf, line 5: has 2 ALT alleles; --multiallelic skip leaves such sites out, split tests each ALT"`,
    );
  });

  test("keeps what FILTER failed, or with pass leaves it out", async () => {
    const records = [
      "1 10 a A G . PASS . GT 0/0 0/1 1/1",
      "1 11 b A G . q10;s50 . GT 0/0 0/1 1/1",
      "1 12 c A G . . . GT 0/0 0/1 1/1",
    ];
    const all = await openBytes(vcfText(ABC, records));
    expect(all.variantCount).toBe(3);
    const passed = await openBytes(vcfText(ABC, records), { pass: true });
    expect((await passed.labels(0, 2)).id).toEqual(["a", "c"]);
    expect([all.messages, passed.messages]).toMatchInlineSnapshot(`
      [
        [
          "t.vcf: 1 variant whose FILTER is not PASS kept; --pass leaves them out",
        ],
        [
          "t.vcf: 1 variant whose FILTER is not PASS left out (--pass)",
        ],
      ]
    `);
  });

  test("names variants without an id, or with one that is not unique, chr:pos:ref:alt", async () => {
    const records = ["1 10 . A G . . . GT 0 0 0", "1 10 x A T . . . GT 0 0 0", "1 11 x A G . . . GT 0 0 0"];
    const source = await openBytes(vcfText(ABC, records));
    expect((await source.labels(0, 3)).id).toEqual(["1:10:A:G", "1:10:A:T", "1:11:A:G"]);
    expect(source.messages).toMatchInlineSnapshot(`
      [
        "t.vcf: 1 variant without an id (".") and 2 variants with an id that is not unique (1 such id) named chr:pos:ref:alt",
        "t.vcf: 9 haploid calls taken as two copies of the allele, as plink2 takes them",
      ]
    `);
  });

  test("gives no variant a name that another has for its own", async () => {
    // As after a liftover: the ids tell places of the build before.
    const source = await openBytes(
      vcfText(
        ["S1"],
        ["1 100 . A G . . . GT 0/1", "1 200 1:100:A:G C T . . . GT 0/0", "1 300 1:300:A:C A C . . . GT 1/1"],
      ),
    );
    const { id } = await source.labels(0, 3);
    expect(id).toEqual(["1:100:A:G", "1:200:C:T", "1:300:A:C"]);
  });

  test("takes an insertion and the deletion of the same bases for two variants", async () => {
    const records = ["1 10 . A AT . . . GT 0/0 0/1 0/0", "1 10 . AT A . . . GT 0/1 0/0 0/0"];
    const source = await openBytes(vcfText(ABC, records));
    expect((await source.labels(0, 2)).id).toEqual(["1:10:A:AT", "1:10:AT:A"]);
  });

  test("says what is wrong, and where", async () => {
    const good = "1 10 a A G . . . GT 0/0 0/1 1/1";
    const ds = (cell: string) =>
      vcfText(ABC, [`1 10 a A G . . . GT:DS 0/0:0 0/1:${cell} 1/1:2`], [GT_LINE, DS_LINE]);
    const of = (...records: string[]) => vcfText(ABC, records);
    const gt = (cell: string) => of(good, `1 11 b A G . . . GT 0/0 ${cell} 1/1`);
    const cases: Record<string, string | Uint8Array | [string | Uint8Array, VcfOptions]> = {
      empty: "",
      blank: "\n\n",
      notVcf: "chr1\t10\t11\n",
      bcf: "BCF\u0002\u0002 and more\n",
      noHeader: "##fileformat=VCFv4.2\n1\t10\n",
      onlyMeta: "##fileformat=VCFv4.2\n##x\n",
      noRecords: of(),
      sitesOnly: "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n",
      spaces: "##fileformat=VCFv4.2\n#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT A\n",
      twice: vcfText(["A", "B", "A"], [good]),
      few: of(good, "1 11 b A G . . . GT 0/0 0/1"),
      many: of(good, "1 11 b A G . . . GT 0/0 0/1 0/0 1/1"),
      noSamples: of(good, "1 11 b A G . . . GT"),
      short: of(good, "1 11 b A"),
      letter: gt("0/x"),
      emptyCall: gt(""),
      trailing: gt("0/1/"),
      negative: gt("-1/0"),
      triploid: gt("0/0/1"),
      unknownAllele: gt("0/2"),
      large: ds("2.001"),
      below: ds("-0.1"),
      notNumber: ds("nan"),
      words: ds("high"),
      haploidDosage: vcfText(ABC, ["1 10 a A G . . . GT:DS 0:0 1:1.2 1/1:2"], [GT_LINE, DS_LINE]),
      counts: [
        vcfText(ABC, ["1 10 a A G,T . . . GT:DS 0/0:0,0 0/1:1 1/1:2,0"], [GT_LINE, DS_LINE]),
        { multiallelic: "split" },
      ],
      position: of("1 ten a A G . . . GT 0/0 0/1 1/1"),
      unsorted: of(good, "1 9 b A G . . . GT 0/0 0/1 1/1"),
      back: of(good, "2 9 b A G . . . GT 0/0 0/1 1/1", "1 11 c A G . . . GT 0/0 0/1 1/1"),
      duplicate: of(good, "1 10 b A G . . . GT 0/0 0/1 1/1"),
      sameAlt: [of("1 10 b A G,G . . . GT 0/0 0/1 1/1"), { multiallelic: "split" }],
      emptyId: of("1 10  A G . . . GT 0/0 0/1 1/1"),
      space: of(good).replace("\ta\t", "\ta b\t"),
      noGt: of("1 10 a A G . . . GQ 1 2 3"),
      noDs: [of(good), { dosageField: "DS" }],
      onlyDs: [vcfText(ABC, ["1 10 a A G . . . DS 0 1 2"]), { dosageField: "GT" }],
      nothingPasses: [of("1 10 a A G . q . GT 0/0 0/1 1/1"), { pass: true }],
      nothingThere: [of(good), { regions: parseRegions("--region", "1:20-30,chr7") }],
      cut: gzipSync(of(good)).subarray(0, 60),
      cutBgzf: bgzf(of(good), 50).bytes.slice(0, -28),
      nul: of(good).replace("1/1", "1/\0"),
    };
    const messages: Record<string, string> = {};
    for (const [name, content] of Object.entries(cases)) {
      const [bytes, options] = Array.isArray(content) ? content : [content, {}];
      messages[name] = await messageOf(openBytes(bytes, options));
    }
    expect(messages).toMatchInlineSnapshot(`
      {
        "back": "t.vcf, line 6: chromosome 1 comes back after chromosome 2; each must be in one piece; run bcftools sort",
        "bcf": "t.vcf: is BCF; make it VCF: bcftools view -O z -o OUT.vcf.gz",
        "below": "t.vcf, line 5, sample B: DS "-0.1" is not a number from 0 to 2; --dosage-field GT takes the calls instead",
        "blank": "t.vcf: is empty (no lines)",
        "counts": "t.vcf, line 5, sample B: DS "1" is not 2 numbers; --dosage-field GT takes the calls instead",
        "cut": "t.vcf: truncated gzip; copy or compress it again",
        "cutBgzf": "t.vcf: truncated gzip (a BGZF file without its end-of-file block); copy or compress it again",
        "duplicate": "t.vcf, lines 4 and 5: the same variant twice (1:10 A/G); keep one of them: bcftools norm -d exact, or --exclude",
        "empty": "t.vcf: is empty (0 bytes)",
        "emptyCall": "t.vcf, line 5, sample B: GT "" is not a genotype; it should look like 0/1, 0|1, 1 or ./.",
        "emptyId": "t.vcf, line 4: ID is empty; VCF has a point for what is missing, and no spaces",
        "few": "t.vcf, line 5: has 2 sample columns where the header has 3; it may be cut: write or copy the file again",
        "haploidDosage": "t.vcf, line 5, sample B: DS "1.2" is not a number from 0 to 1 of a haploid call; --dosage-field GT takes the calls instead",
        "large": "t.vcf, line 5, sample B: DS "2.001" is not a number from 0 to 2; --dosage-field GT takes the calls instead",
        "letter": "t.vcf, line 5, sample B: GT "0/x" is not a genotype; it should look like 0/1, 0|1, 1 or ./.",
        "many": "t.vcf, line 5: has 4 sample columns where the header has 3; it may be cut: write or copy the file again",
        "negative": "t.vcf, line 5, sample B: GT "-1/0" is not a genotype; it should look like 0/1, 0|1, 1 or ./.",
        "noDs": "t.vcf: no variant has DS in its FORMAT; --dosage-field GT takes the calls",
        "noGt": "t.vcf: no variant has GT in its FORMAT; --dosage-field DS takes dosages, if it has DS",
        "noHeader": "t.vcf, line 2: has no header line #CHROM before the first variant; write the file again with bcftools",
        "noRecords": "t.vcf: holds no variants; give it records, or see --multiallelic",
        "noSamples": "t.vcf, line 5: has 0 sample columns where the header has 3; it may be cut: write or copy the file again",
        "notNumber": "t.vcf, line 5, sample B: DS "nan" is not a number from 0 to 2; --dosage-field GT takes the calls instead",
        "notVcf": "t.vcf, line 1: is not a VCF: starts with "chr1?10?11", not ##fileformat=VCF; the header must be whole; bcftools view writes it",
        "nothingPasses": "t.vcf: holds no variants with FILTER PASS; give it records, or see --multiallelic",
        "nothingThere": "t.vcf: has no variant in 1:20-30, chr7; check the chromosome's name and the positions",
        "nul": "t.vcf, line 4: holds NUL bytes; a text file in UTF-8 is expected",
        "onlyDs": "t.vcf: no variant has GT in its FORMAT; --dosage-field DS takes dosages, if it has DS",
        "onlyMeta": "t.vcf: ends before its header line #CHROM; copy or write it again",
        "position": "t.vcf, line 4: position "ten" is not an integer from 0 to 2147483647; the second column is the position in base pairs",
        "sameAlt": "t.vcf, line 4: the same variant twice (1:10 A/G); keep one of them: bcftools norm -d exact, or --exclude",
        "short": "t.vcf, line 5: has 4 columns, a VCF with samples at least 10 (tab-separated); it may be cut: write or copy the file again",
        "sitesOnly": "t.vcf, line 2: the file has no samples (sites only); give one with genotypes",
        "space": "t.vcf, line 4: ID "a b" holds a space; VCF has a point for what is missing, and no spaces",
        "spaces": "t.vcf, line 2: starts with "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT A", a VCF with #CHROM POS ID REF ALT QUAL FILTER INFO FORMAT; separate the columns by tabs",
        "trailing": "t.vcf, line 5, sample B: GT "0/1/" is not a genotype; it should look like 0/1, 0|1, 1 or ./.",
        "triploid": "t.vcf, line 5, sample B: GT "0/0/1" has more than two alleles; Qortex takes diploid and haploid calls",
        "twice": "t.vcf, line 3: sample A is there twice (3 samples, numbers 1 and 3); make the sample names unique: bcftools reheader -s",
        "unknownAllele": "t.vcf, line 5, sample B: GT "0/2" names an allele above 1, the last of the line; write the file again with bcftools",
        "unsorted": "t.vcf, line 5: position 9 comes after 10 on chromosome 1; positions must not go down; run bcftools sort",
        "words": "t.vcf, line 5, sample B: DS "high" is not a number from 0 to 2; --dosage-field GT takes the calls instead",
      }
    `);
  });

  test("in gzip that is corrupt says so", async () => {
    const bytes = Uint8Array.from(gzipSync(vcfText(ABC, ["1 10 a A G . . . GT 0/0 0/1 1/1"])));
    bytes[40]! ^= 0x55;
    // zlib's own words follow.
    expect(await messageOf(openBytes(bytes))).toMatch(
      /^t\.vcf: corrupt gzip \(.+\); copy or compress it again$/,
    );
  });

  test("stops when it is told to", async () => {
    const text = vcfText(ABC, ["1 10 a A G . . . GT 0/0 0/1 1/1"]);
    expect(await messageOf(openBytes(text, { signal: AbortSignal.abort() }))).toBe("cancelled");
  });

  test("that fails closes its spools", async () => {
    let open = 0;
    const openSpool = async () => {
      open++;
      const spool = await memorySpool();
      return {
        ...spool,
        close: async () => {
          open--;
        },
      };
    };
    const bad = new TextEncoder().encode(vcfText(ABC, ["1 10 a A G . . . GT 0/0 0/x 1/1"]));
    await messageOf(openVcf({ vcf: bytesSource(bad, "t.vcf"), openSpool }, inflateGzip));
    expect(open).toBe(0);
    const good = new TextEncoder().encode(vcfText(ABC, ["1 10 a A G . . . GT 0/0 0/0 1/1"]));
    const source = await openVcf({ vcf: bytesSource(good, "t.vcf"), openSpool }, inflateGzip);
    expect(open).toBe(3);
    await source.close?.();
    expect(open).toBe(0);
  });
});

/** Random files, packed every way, against what they were written from. */
test("random VCFs read as they were written, whole and in any part", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const next = random(seed);
    const samples = integer(next, 1, 23);
    const variants = integer(next, 1, 180);
    const vcf = randomVcf(next, samples, variants);
    const windows = next() < 0.3 ? vcf.text.replaceAll("\n", "\r\n") : vcf.text;
    const packing = integer(next, 0, 2);
    const cut = integer(next, 1, windows.length - 1);
    const content =
      packing === 0
        ? windows
        : packing === 1
          ? gzipMembers(windows, [cut])
          : bgzf(windows, integer(next, 40, 4000)).bytes;
    for (const dosageField of ["DS", "GT"] as const) {
      const where = `seed ${seed}, ${dosageField}`;
      const truth = dosageField === "DS" ? vcf.dosages : vcf.calls;
      const has = (field: string) =>
        vcf.text.split("\n").some((line) => line.split("\t")[8]?.split(":").includes(field));
      if (!has(dosageField)) continue;
      const source = await openBytes(content, { dosageField });
      expect(source.samples, where).toEqual(vcf.samples);
      expect(source.variantCount, where).toBe(variants);
      expect([...source.position], where).toEqual(vcf.position);
      expect(source.remainders ?? 0, where).toBe(
        truth.flat().filter((value) => !Number.isNaN(value) && !Number.isInteger(value)).length,
      );
      for (let i = 0; i < 6; i++) {
        const start = integer(next, 0, variants);
        const end = integer(next, start, variants);
        const asked = i === 0 ? everyone(source) : everyone(source).filter(() => next() < 0.7);
        if (i === 2) asked.reverse();
        const block = await source.read(start, end, asked);
        const wanted = truth.slice(start, end).map((row) => Array.from(asked, (s) => row[s]!));
        expect(dosagesOf(block), `${where}, ${start}-${end}`).toEqual(wanted);
        const labels = await source.labels(start, end);
        expect(labels.id, where).toEqual(wanted.map((_, v) => `v${start + v}`));
      }
    }
  }
});
