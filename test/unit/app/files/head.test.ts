import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { assemblyOf, buildOfLength, buildOfReach } from "../../../../src/app/engine/files/builds.ts";
import { countLines, linesOf, readHead } from "../../../../src/app/engine/files/head.ts";
import { bytesSource } from "../../../../src/formats/source.ts";
import { bgzf } from "../../../helpers/vcf.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const headOf = (content: Uint8Array, name = "t.txt") => readHead(bytesSource(content, name));

const TEXT = "a\tb\n1\t2\n3\t4\n";

describe("the beginning of a file", () => {
  test("is the same plain, in gzip and in blocks, with the line ends of Windows and a byte order mark", async () => {
    const packings = [
      ["plain", bytes(TEXT)],
      ["gzip", gzipSync(TEXT)],
      ["bgzf", bgzf(TEXT, 5).bytes],
      ["plain", bytes(`\ufeff${TEXT.replaceAll("\n", "\r\n")}`)],
    ] as const;
    for (const [packing, content] of packings) {
      const head = await headOf(content);
      expect([head.packing, head.whole, head.problem]).toEqual([packing, true, undefined]);
      expect(linesOf(head, 9)).toEqual(["a\tb", "1\t2", "3\t4"]);
      expect(linesOf(head, 2)).toEqual(["a\tb", "1\t2"]);
      expect(await countLines(head)).toEqual({ lines: 3, exact: true });
    }
  });

  test("has a last line without an end where it is the whole file, and none that is cut off by the limit", async () => {
    expect(linesOf(await headOf(bytes("a\nb")), 9)).toEqual(["a", "b"]);
    expect(await countLines(await headOf(bytes("a\nb")))).toEqual({ lines: 2, exact: true });
    const row = `${"x".repeat(99)}\n`;
    const long = await headOf(bytes(row.repeat(12_000)));
    expect([long.whole, long.bytes.length]).toEqual([false, 2 ** 20]);
    expect(new Set(linesOf(long, 20_000))).toEqual(new Set(["x".repeat(99)]));
    expect(await countLines(long)).toEqual({ lines: 12_000, exact: true });
  });

  test("of a packed file is not taken for all of it, though all its bytes are in", async () => {
    const row = `${"x".repeat(99)}\n`;
    for (const content of [gzipSync(row.repeat(12_000)), bgzf(row.repeat(12_000), 60_000).bytes]) {
      const head = await headOf(content);
      expect(head.whole).toBe(false);
      expect(await countLines(head)).toEqual({ lines: 12_000, exact: true });
    }
  });

  test("of a file too long to be counted says about how many lines there are", async () => {
    const row = `${"x".repeat(99)}\n`;
    const content = bytes(row.repeat(12_000));
    // As long as two GiB of it, of which only the beginning can be read.
    const size = 2 ** 31;
    const head = await readHead({
      ...{ name: "long.txt", size },
      read: async (start, end) => {
        if (end > content.length) throw new Error("reads beyond the beginning");
        return content.subarray(start, end);
      },
    });
    const { lines, exact } = await countLines(head);
    expect(exact).toBe(false);
    expect(Math.abs(lines - size / 100)).toBeLessThan(size / 100 / 1000);
  });

  test("of a packed file that is cut or damaged says so", async () => {
    const noise = Array.from(
      { length: 3000 },
      (_, i) => `${(i * 7919) % 10_007}\t${(i * 104_729) % 65_537}\n`,
    ).join("");
    const whole = gzipSync(noise);
    const blocks = bgzf(noise, 5000).bytes;
    const problem = async (content: Uint8Array) => (await headOf(content)).problem;
    expect(await problem(whole)).toBeUndefined();
    expect(await problem(blocks)).toBeUndefined();
    expect(await problem(whole.subarray(0, whole.length >> 1))).toMatch(/cannot be unpacked/);
    expect(await problem(blocks.subarray(0, blocks.length - 28))).toMatch(/the file is cut/);
    const damaged = Uint8Array.from(whole);
    damaged.fill(255, 200, 260);
    expect(await problem(damaged)).toMatch(/cannot be unpacked/);
  });
});

describe("the build", () => {
  test("is told by a chromosome's length, and by no other length", () => {
    expect(buildOfLength("1", 249_250_621)).toBe("GRCh37");
    expect(buildOfLength("X", 156_040_895)).toBe("GRCh38");
    expect(buildOfLength("1", 249_250_622)).toBeUndefined();
    expect(buildOfLength("HLA-A", 3503)).toBeUndefined();
  });

  test("is told by positions that lie on one of them alone", () => {
    expect(buildOfReach(new Map([["1", 249_000_000]]))).toBe("GRCh37");
    expect(buildOfReach(new Map([["17", 83_000_000]]))).toBe("GRCh38");
    expect(buildOfReach(new Map([["1", 1000]]))).toBeUndefined();
    expect(
      buildOfReach(
        new Map([
          ["1", 249_000_000],
          ["17", 83_000_000],
        ]),
      ),
    ).toBeUndefined();
  });

  test("is told by the names that headers have for it", () => {
    const named = ["##reference=hs37d5.fa", "##reference=hg38.fa", "##assembly=b38", "##contig=<ID=1>"];
    expect(named.map(assemblyOf)).toEqual(["GRCh37", "GRCh38", "GRCh38", undefined]);
  });
});
