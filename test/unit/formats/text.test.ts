import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { GrowingBytes } from "../../../src/formats/growingBytes.ts";
import { type ByteSource, bytesSource } from "../../../src/formats/source.ts";
import { decode, eachLine, eachLineOf, findCells, readRows, splitCells } from "../../../src/formats/text.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";
import { gzipMembers, integer, messageOf, random, textSource } from "../../helpers/formats.ts";

interface Line {
  readonly text: string;
  readonly line: number;
  readonly offset: number;
}

async function linesOf(source: ByteSource, inflate = inflateGzip): Promise<Line[]> {
  const lines: Line[] = [];
  await eachLine(source, inflate, (bytes, start, end, line, offset) => {
    lines.push({ text: Buffer.from(bytes.subarray(start, end)).toString(), line, offset });
  });
  return lines;
}

async function textsOf(source: ByteSource): Promise<string[]> {
  return (await linesOf(source)).map(({ text }) => text);
}

/** A text of lines long and short, blank and not, with both line endings. */
function randomText(next: () => number): { text: string; lines: Line[] } {
  let text = "";
  const lines: Line[] = [];
  const count = integer(next, 1, 60);
  for (let line = 1; line <= count; line++) {
    const length = next() < 0.1 ? integer(next, 500, 5000) : integer(next, 0, 20);
    const body = Array.from({ length }, () => "abcXYZ 0\té"[integer(next, 0, 9)]).join("");
    if (body.trim() !== "") lines.push({ text: body, line, offset: Buffer.byteLength(text) });
    text += body + (next() < 0.5 ? "\n" : "\r\n");
  }
  return { text: next() < 0.5 ? text.trimEnd() : text, lines };
}

describe("lines", () => {
  test("are the same over any chunks, line endings and gzip members", async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const next = random(seed);
      const { text, lines } = randomText(next);
      const trimmed = lines.map((line) => ({ ...line, text: line.text.trimEnd() }));
      const ended = (got: Line[]): Line[] => got.map((line) => ({ ...line, text: line.text.trimEnd() }));
      expect(ended(await linesOf(textSource(text, "t.tsv"))), `seed ${seed}, plain`).toEqual(trimmed);
      const cuts = Array.from({ length: integer(next, 0, 4) }, () => integer(next, 0, text.length)).sort(
        (a, b) => a - b,
      );
      const packed = bytesSource(gzipMembers(text, cuts), "t.tsv.gz");
      expect(ended(await linesOf(packed)), `seed ${seed}, gzip cut at ${cuts}`).toEqual(trimmed);
      // An inflate that hands over chunks of its own liking.
      const bytes = new TextEncoder().encode(text);
      const ragged = async function* (): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < bytes.length; ) {
          const to = Math.min(bytes.length, at + integer(next, 0, 700));
          yield bytes.subarray(at, to);
          at = to;
        }
      };
      expect(ended(await linesOf(packed, ragged)), `seed ${seed}, ragged chunks`).toEqual(trimmed);
      const again: Line[] = [];
      eachLineOf(bytes, 0, (from, start, end, line, offset) =>
        again.push({ text: Buffer.from(from.subarray(start, end)).toString().trimEnd(), line, offset }),
      );
      expect(again, `seed ${seed}, in memory`).toEqual(trimmed);
    }
  });

  test("may be longer than a chunk and cross chunks", async () => {
    const long = "x".repeat(3_000_000);
    const text = `first\n${long}\r\nlast`;
    expect(await textsOf(textSource(text, "t.txt"))).toEqual(["first", long, "last"]);
    expect(await textsOf(bytesSource(gzipMembers(text, [1_000_000]), "t.gz"))).toEqual([
      "first",
      long,
      "last",
    ]);
  });

  test("lose a byte order mark", async () => {
    expect(await textsOf(textSource("\ufeffid\tS1\nC1\t2\n", "t.tsv"))).toEqual(["id\tS1", "C1\t2"]);
  });

  test("come from gzip that is not named .gz", async () => {
    expect(await textsOf(bytesSource(gzipMembers("a\nb\n"), "table.tsv"))).toEqual(["a", "b"]);
  });

  test("of an empty file are none", async () => {
    expect(await linesOf(textSource("", "t.tsv"))).toEqual([]);
    expect(await linesOf(bytesSource(gzipMembers(""), "t.tsv.gz"))).toEqual([]);
    expect(await linesOf(textSource("\n \r\n\t\n", "t.tsv"))).toEqual([]);
  });
});

describe("gzip", () => {
  const text = Array.from({ length: 2000 }, (_, i) => `line ${i} ${(i * 7919) % 1009}`).join("\n");

  test("is read whole when members end anywhere in the chunks", async () => {
    // Two members and a source whose chunks are a byte or two: a member's end meets a chunk's end.
    const packed = gzipMembers("abc\ndef\nghi\n", [5]);
    for (let size = 1; size <= packed.length; size++) {
      const chunks = async function* (): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < packed.length; at += size) yield packed.subarray(at, at + size);
      };
      let got = "";
      for await (const bytes of inflateGzip(chunks(), "t.gz")) got += Buffer.from(bytes).toString();
      expect(got, `chunks of ${size}`).toBe("abc\ndef\nghi\n");
    }
  });

  test("that is cut says so, wherever the cut is", async () => {
    const packed = gzipMembers(text, [3000]);
    const first = gzipSync(text.slice(0, 3000)).length;
    for (const size of [
      3,
      10,
      19,
      200,
      first - 1,
      first + 5,
      first + 19,
      packed.length - 8,
      packed.length - 1,
    ]) {
      expect(
        await messageOf(linesOf(bytesSource(packed.subarray(0, size), "cut.tsv.gz"))),
        `${size} bytes`,
      ).toBe("cut.tsv.gz: truncated gzip; copy or compress it again");
    }
  });

  test("that is corrupt says so", async () => {
    const packed = gzipMembers(text);
    packed[packed.length - 6]! ^= 0xff;
    expect(await messageOf(linesOf(bytesSource(packed, "bad.tsv.gz")))).toMatchInlineSnapshot(
      `"bad.tsv.gz: corrupt gzip (incorrect data check); copy or compress it again"`,
    );
    const trailing = Uint8Array.from([...gzipMembers(text), 1, 2, 3, 4]);
    expect(await messageOf(linesOf(bytesSource(trailing, "bad.tsv.gz")))).toMatchInlineSnapshot(
      `"bad.tsv.gz: corrupt gzip (incorrect header check); copy or compress it again"`,
    );
  });

  test("named so that is none says so", async () => {
    expect(await messageOf(linesOf(textSource("a\tb\n", "table.tsv.gz")))).toMatchInlineSnapshot(
      `"table.tsv.gz: not gzip although named .gz; rename it if it is plain text, or compress it with gzip or bgzip"`,
    );
  });

  test("in blocks needs its last block", async () => {
    const end = [31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 66, 67, 2, 0, 27, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    // A BGZF block is a gzip member whose header has an extra field "BC" with the block's size.
    const member = gzipSync("a\nb\n");
    const size = member.length + 8 - 1;
    const block = [
      ...member.subarray(0, 3),
      4,
      ...member.subarray(4, 10),
      6,
      0,
      66,
      67,
      2,
      0,
      size & 255,
      size >> 8,
    ];
    const bytes = Uint8Array.from([...block, ...member.subarray(10)]);
    expect(await textsOf(bytesSource(Uint8Array.from([...bytes, ...end]), "t.gz"))).toEqual(["a", "b"]);
    expect(await messageOf(linesOf(bytesSource(bytes, "t.gz")))).toMatchInlineSnapshot(
      `"t.gz: truncated gzip (a BGZF file without its end-of-file block); copy or compress it again"`,
    );
  });

  test("stops reading when the reader stops", async () => {
    let read = 0;
    const packed = gzipMembers(
      Array.from({ length: 200_000 }, (_, i) => `${i} ${(i * 7919) % 10_007}`).join("\n"),
    );
    const source = bytesSource(packed, "t.gz");
    const counting: ByteSource = {
      ...source,
      read: (start, end) => {
        read += end - start;
        return source.read(start, end);
      },
    };
    const stop = new Error("enough");
    await expect(
      eachLine(counting, inflateGzip, () => {
        throw stop;
      }),
    ).rejects.toBe(stop);
    expect(read).toBeLessThan(packed.length);
  });

  test("lets the errors of its source through", async () => {
    const source = bytesSource(gzipMembers(text), "t.gz");
    const failure = new Error("disk on fire");
    let calls = 0;
    const failing: ByteSource = {
      ...source,
      read: (start, end) => (calls++ === 0 ? source.read(start, end) : Promise.reject(failure)),
    };
    await expect(linesOf(failing)).rejects.toBe(failure);
  });
});

test("text of any length is decoded, and written, as an encoder has it", () => {
  const next = random(5);
  for (let length = 0; length <= 150; length++) {
    for (const letters of ["rs1:AGT_23", "rs1é:A𝛃"]) {
      const characters = Array.from(letters);
      const text = Array.from({ length }, () => characters[integer(next, 0, characters.length - 1)]).join("");
      const bytes = Buffer.from(`x${text}y`);
      expect(decode(bytes, 1, bytes.length - 1, "file", 1)).toBe(text);
      const out = new GrowingBytes(4);
      out.byte(7);
      expect(out.text(text)).toBe(Buffer.byteLength(text));
      expect(Buffer.from(out.content()).toString()).toBe(`\u0007${text}`);
    }
  }
});

describe("what is no text", () => {
  test("is named", async () => {
    const failure = (bytes: readonly number[]) =>
      messageOf(readRows(bytesSource(Uint8Array.from(bytes), "x.tsv"), inflateGzip));
    expect({
      nul: await failure([65, 10, 66, 0, 67, 10]),
      utf16: await failure([0xff, 0xfe, 65, 0, 10, 0]),
      utf16be: await failure([0xfe, 0xff, 0, 65, 0, 10]),
      latin1: await failure([65, 10, 0xe9, 66, 10]),
      zstd: await failure([0x28, 0xb5, 0x2f, 0xfd, 0, 0]),
      bzip2: await failure([0x42, 0x5a, 0x68, 0x39]),
      xz: await failure([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
      zip: await failure([0x50, 0x4b, 3, 4]),
      empty: await failure([]),
      blank: await failure([10, 13, 10]),
    }).toMatchInlineSnapshot(`
      {
        "blank": "x.tsv: is empty (no lines)",
        "bzip2": "x.tsv: is packed with bzip2; unpack it, or use gzip or bgzip",
        "empty": "x.tsv: is empty (0 bytes)",
        "latin1": "x.tsv, line 2: is not UTF-8; a text file in UTF-8 is expected",
        "nul": "x.tsv, line 2: holds NUL bytes; a text file in UTF-8 is expected",
        "utf16": "x.tsv: is text in UTF-16 ('Unicode text' of a spreadsheet); save it as UTF-8",
        "utf16be": "x.tsv: is text in UTF-16 ('Unicode text' of a spreadsheet); save it as UTF-8",
        "xz": "x.tsv: is packed with xz; unpack it, or use gzip or bgzip",
        "zip": "x.tsv: is packed with zip; unpack it, or use gzip or bgzip",
        "zstd": "x.tsv: is packed with zstd; unpack it, or use gzip or bgzip",
      }
    `);
  });

  test("has no end of line in 64 MiB", async () => {
    const endless: ByteSource = {
      name: "endless",
      size: 1e12,
      read: (start, end) => Promise.resolve(new Uint8Array(end - start).fill(65)),
    };
    expect(await messageOf(linesOf(endless))).toMatchInlineSnapshot(
      `"endless, line 1: is longer than 67108864 bytes; a text file in UTF-8 is expected"`,
    );
  });
});

describe("cells", () => {
  test("end at tabs, or at white space where there are no tabs", async () => {
    const rows = async (text: string): Promise<string[][]> =>
      (await readRows(textSource(text, "t"), inflateGzip)).map((row) => [...row.cells]);
    expect(await rows("id\tS 1\tS2\nC1\t\t 2 \n")).toEqual([
      ["id", "S 1", "S2"],
      ["C1", "", "2"],
    ]);
    expect(await rows("  id S1   S2\n\nC1 1 \t 2 \n")).toEqual([
      ["id", "S1", "S2"],
      ["C1", "1", "2"],
    ]);
  });

  test("are found in bytes as they are split in text", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const next = random(seed);
      const text = Array.from({ length: integer(next, 1, 40) }, () => "ab1 \t  \t"[integer(next, 0, 7)]).join(
        "",
      );
      if (text.trim() === "") continue;
      const bytes = Buffer.from(`##${text}##`);
      for (const separator of ["tab", "white"] as const) {
        const wanted = splitCells(text, separator);
        const bounds = new Int32Array(2 * wanted.length);
        expect(findCells(bytes, 2, bytes.length - 2, separator, bounds), `seed ${seed}`).toBe(wanted.length);
        const got = wanted.map((_, i) => bytes.toString("utf8", bounds[2 * i], bounds[2 * i + 1]));
        expect(got, `seed ${seed}, ${separator}`).toEqual(wanted);
        // Without room for all of them they are still counted.
        expect(findCells(bytes, 2, bytes.length - 2, separator, new Int32Array(2))).toBe(wanted.length);
      }
    }
  });
});
