import { describe, expect, test } from "vitest";
import type { GenotypeSource } from "../../../src/formats/genotypes.ts";
import { parseRegions } from "../../../src/formats/regions.ts";
import { bytesSource } from "../../../src/formats/source.ts";
import { memorySpool } from "../../../src/formats/spool.ts";
import { openVcf } from "../../../src/formats/vcf.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";
import { integer, messageOf, random } from "../../helpers/formats.ts";
import { bgzf, dosagesOf, openBytes, randomVcf, tabix, vcfText } from "../../helpers/vcf.ts";

const everyone = (source: GenotypeSource) => Uint32Array.from(source.samples, (_, i) => i);

async function dosages(source: GenotypeSource): Promise<number[][]> {
  return dosagesOf(await source.read(0, source.variantCount, everyone(source)));
}

const ABC = ["A", "B", "C"];

describe("regions", () => {
  test("are read from the index alone what streaming and filtering find", async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const next = random(1000 + seed);
      const vcf = randomVcf(next, 3, integer(next, 20, 400));
      // Positions far apart, so that several bins and steps of the linear index are met.
      const text = vcf.text
        .split("\n")
        .map((line) => {
          const cells = line.split("\t");
          if (line.startsWith("#") || cells.length < 2) return line;
          cells[1] = String(Number(cells[1]) * 97);
          return cells.join("\t");
        })
        .join("\n");
      const packed = bgzf(text, integer(next, 200, 5000));
      const index = tabix(text, packed);
      const start = integer(next, 1, 400 * 97 * 20);
      const regions = parseRegions(
        "--region",
        `chr${integer(next, 1, 2)}:${start}-${start + integer(next, 0, 2_000_000)},2:${integer(next, 1, 1_000_000)}-`,
      );
      const streamed = await openBytes(text, { regions }).catch((error: Error) => error);
      const indexed = await openBytes(packed.bytes, { regions }, index).catch((error: Error) => error);
      const where = `seed ${seed}`;
      if (streamed instanceof Error || indexed instanceof Error) {
        expect(String(indexed), where).toContain("has no variant in");
        expect(String(streamed), where).toContain("has no variant in");
        continue;
      }
      expect([...indexed.position], where).toEqual([...streamed.position]);
      expect(await indexed.labels(0, indexed.variantCount), where).toEqual(
        await streamed.labels(0, streamed.variantCount),
      );
      expect(await dosages(indexed), where).toEqual(await dosages(streamed));
      const inside = text.split("\n").filter((line) => {
        const [name, position] = line.split("\t");
        return regions.some(
          (region) =>
            name!.replace("chr", "") === region.chromosome.replace("chr", "") &&
            Number(position) >= region.start &&
            Number(position) <= region.end,
        );
      });
      expect(streamed.variantCount, where).toBe(inside.length);
      expect(indexed.messages?.join() ?? "", where).not.toContain("--region");
      expect(streamed.messages?.join(), where).toContain("no .tbi beside it");
    }
  });

  test("by the index read few bytes of a long file", async () => {
    const next = random(7);
    const records = Array.from(
      { length: 90_000 },
      (_, v) => `1 ${1000 * (v + 1)} v${v}_${next()} A G . . . GT 0/${v % 2} ${(v >> 1) % 2}/0 1/1`,
    );
    const text = vcfText(ABC, records);
    const packed = bgzf(text, 60_000);
    let read = 0;
    const source = bytesSource(packed.bytes, "long.vcf.gz");
    const counted = {
      ...source,
      read: async (start: number, end: number) => {
        read += end - start;
        return source.read(start, end);
      },
    };
    const genotypes = await openVcf(
      { vcf: counted, index: bytesSource(tabix(text, packed), "long.vcf.gz.tbi"), openSpool: memorySpool },
      inflateGzip,
      { regions: parseRegions("--region", "1:15000000-15100000") },
    );
    expect([...genotypes.position]).toEqual(Array.from({ length: 101 }, (_, i) => 15_000_000 + 1000 * i));
    // The header, and the blocks of the region: a few steps of 64 KiB, and what streams ask for ahead.
    expect(read).toBeLessThan(packed.bytes.length / 2);
  });

  test("by an index that is none say so", async () => {
    const text = vcfText(ABC, ["1 10 a A G . . . GT 0/0 0/1 1/1"]);
    const packed = bgzf(text, 60);
    const regions = parseRegions("--region", "1");
    const options = { regions };
    const brokenText = text.replace("0/1", "0/x");
    const broken = bgzf(brokenText, 60);
    const other = bgzf(`${text.slice(0, 150)}x${text.slice(150)}`, 50);
    expect({
      text: await messageOf(openBytes(packed.bytes, options, new TextEncoder().encode("no index"))),
      magic: await messageOf(openBytes(packed.bytes, options, bgzf("CSI\u0001".padEnd(60), 100).bytes)),
      cut: await messageOf(
        openBytes(packed.bytes, options, bgzf(`TBI\u0001${"\u007f".repeat(40)}`, 9).bytes),
      ),
      other: await messageOf(openBytes(packed.bytes, options, tabix(text, other))),
      record: await messageOf(
        openBytes(broken.bytes, { regions: parseRegions("--region", "chr1:5-") }, tabix(brokenText, broken)),
      ),
    }).toMatchInlineSnapshot(`
      {
        "cut": "t.vcf.gz.tbi: is a tabix index that was cut; write it again: tabix -p vcf",
        "magic": "t.vcf.gz.tbi: is not a tabix index; write it again: tabix -p vcf",
        "other": "t.vcf.gz.tbi: is of another file: t.vcf has no block at byte 156; write it again: tabix -p vcf",
        "record": "t.vcf (chr1:5-), line 1, sample B: GT "0/x" is not a genotype; it should look like 0/1, 0|1, 1 or ./.",
        "text": "t.vcf.gz.tbi: is not a tabix index (not gzip); write it again: tabix -p vcf",
      }
    `);
  });

  test("are written chr:start-end", () => {
    const last = 2_147_483_647;
    expect(parseRegions("--region", "chr22:5-9, X,MT:7,3:8-")).toEqual([
      { chromosome: "chr22", start: 5, end: 9 },
      { chromosome: "X", start: 1, end: last },
      { chromosome: "MT", start: 7, end: 7 },
      { chromosome: "3", start: 8, end: last },
    ]);
    for (const text of ["", "1:", "1:9-5", "1:a-b", "1:5-9-11", "1:1-9999999999", "a b"]) {
      expect(() => parseRegions("--region", text), text).toThrow("--region takes regions such as");
    }
  });
});
