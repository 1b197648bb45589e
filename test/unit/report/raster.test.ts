import { createHash } from "node:crypto";
import { inflateSync, crc32 as zlibCrc32 } from "node:zlib";
import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { zlibOf } from "../../../src/report/deflate.ts";
import { manhattan } from "../../../src/report/manhattan.ts";
import { crc32, pngAddress, pngOf } from "../../../src/report/png.ts";
import { discs, rasterMask } from "../../../src/report/raster.ts";
import { regionalPlot } from "../../../src/report/regional.ts";
import { canvas, uniform } from "./fixtures.ts";
import { expectSound } from "./pictures.ts";
import { madeRegion } from "./regionalFixtures.ts";

describe("zlib streams", () => {
  const hostile: Readonly<Record<string, Uint8Array>> = {
    nothing: new Uint8Array(0),
    "one byte": Uint8Array.of(7),
    "two bytes": Uint8Array.of(7, 7),
    "300,000 zeros": new Uint8Array(300_000),
    "a run of 258 and one of 259": Uint8Array.from({ length: 259 + 260 }, (_, i) => (i < 259 ? 1 : 2)),
    "every byte": Uint8Array.from({ length: 256 }, (_, i) => i),
    "a period of 40,000": Uint8Array.from(
      { length: 120_000 },
      (_, i) => ((i % 40_000) * 2_654_435_761) >>> 24,
    ),
    "a period of 32,768": Uint8Array.from(
      { length: 100_000 },
      (_, i) => Math.imul(i % 32_768, 0x9e3779b1) >>> 24,
    ),
  };
  it.each(Object.entries(hostile))("of %s come back", (_, bytes) => {
    expect(Buffer.from(inflateSync(zlibOf(bytes))).equals(bytes)).toBe(true);
  });

  it.each([1, 2, 3, 4, 5, 6])("of random bytes come back, seed %d", (seed) => {
    const random = uniform(seed);
    const bytes = new Uint8Array(Math.floor(random() * 90_000));
    const letters = 1 + Math.floor(random() * 255);
    for (let at = 0; at < bytes.length; ) {
      // Runs, repeats from far and near, noise.
      const length = 1 + Math.floor(random() ** 4 * 900);
      const from = Math.floor(random() * at);
      const kind = random();
      for (let i = 0; i < length && at < bytes.length; i++, at++) {
        bytes[at] = kind < 0.3 ? 0 : kind < 0.6 ? bytes[from + i]! : Math.floor(random() * letters);
      }
    }
    expect(Buffer.from(inflateSync(zlibOf(bytes))).equals(bytes), `seed ${seed}`).toBe(true);
  });

  it("are small where little changes", () => {
    expect(zlibOf(new Uint8Array(600_000)).length).toBeLessThan(4_500);
  });
});

describe("PNG files", () => {
  it("have the chunks and the tones of the picture, whatever its width", () => {
    for (const [width, height] of [
      [1, 1],
      [5, 3],
      [16, 2],
    ] as const) {
      const tones = Uint8Array.from({ length: width * height }, (_, i) => (i * 7) % 16);
      const png = Buffer.from(pngOf({ width, height, tones }));
      expect(png.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
      const chunks = new Map<string, Buffer>();
      for (let at = 8; at < png.length; ) {
        const length = png.readUInt32BE(at);
        const body = png.subarray(at + 4, at + 8 + length);
        expect(png.readUInt32BE(at + 8 + length)).toBe(zlibCrc32(body));
        chunks.set(body.subarray(0, 4).toString("latin1"), body.subarray(4));
        at += 12 + length;
      }
      expect([...chunks.keys()]).toEqual(["IHDR", "IDAT", "IEND"]);
      expect([...chunks.get("IHDR")!]).toEqual([0, 0, 0, width, 0, 0, 0, height, 4, 0, 0, 0, 0]);
      const rows = inflateSync(chunks.get("IDAT")!);
      const stride = 1 + Math.ceil(width / 2);
      expect(rows).toHaveLength(stride * height);
      tones.forEach((tone, i) => {
        const [x, y] = [i % width, Math.floor(i / width)];
        const byte = rows[y * stride + 1 + (x >> 1)]!;
        expect(x % 2 === 0 ? byte >> 4 : byte & 15).toBe(tone);
      });
    }
  });

  it("have the sums of zlib and the letters of base 64", () => {
    const random = uniform(8);
    for (let length = 0; length < 40; length++) {
      const bytes = Uint8Array.from({ length }, () => Math.floor(random() * 256));
      expect(crc32(bytes)).toBe(zlibCrc32(bytes));
      expect(pngAddress(bytes)).toBe(`data:image/png;base64,${Buffer.from(bytes).toString("base64")}`);
    }
  });

  it("are the same bytes on every engine", () => {
    const random = uniform(4);
    const x = Array.from({ length: 500 }, () => random() * 90);
    const y = Array.from({ length: 500 }, () => random() * 60);
    const { href } = rasterMask(x, y, 1.7, { x: 0, y: 0, width: 90, height: 60 });
    expect(createHash("sha256").update(href).digest("hex").slice(0, 16)).toMatchInlineSnapshot(
      `"f0b26fdd1214a79b"`,
    );
  });
});

describe("discs", () => {
  const box = { x: 10, y: 20, width: 30, height: 20 };
  /** At the corner of a pixel. */
  const snapped = (value: number) => Math.round(2 * value) / 2;

  it("cover what lies within their radius, in any order, and nothing beyond a pixel of it", () => {
    const random = uniform(2);
    const x = Array.from({ length: 12 }, () => 5 + random() * 40);
    const y = Array.from({ length: 12 }, () => 15 + random() * 30);
    const { width, height, tones } = discs(x, y, 2, box);
    expect([width, height]).toEqual([60, 40]);
    tones.forEach((tone, i) => {
      const at = [box.x + ((i % width) + 0.5) / 2, box.y + (Math.floor(i / width) + 0.5) / 2];
      const near = Math.min(...x.map((cx, p) => Math.hypot(snapped(cx) - at[0]!, snapped(y[p]!) - at[1]!)));
      if (near <= 1.74) expect(tone).toBe(15);
      if (near >= 2.26) expect(tone).toBe(0);
    });
    expect(discs([...x].reverse(), [...y].reverse(), 2, box).tones).toEqual(tones);
  });

  it("of points that are not there, or not numbers, are none", () => {
    expect(
      discs([Number.NaN, 1e9, Number.POSITIVE_INFINITY, -1e9], [1, 2, 3, 4], 3, box).tones.some(
        (tone) => tone > 0,
      ),
    ).toBe(false);
  });
});

describe("a plot of more than 20,000 points", () => {
  it("holds them as a picture behind a mask in a colour that turns", () => {
    const data = madeRegion(20_500, { genes: [] });
    const picture = regionalPlot(canvas, data);
    expectSound({ ...picture, svg: picture.svg.replace(/href="data:[^"]*"/g, "") }, "30,000 points");
    expect(picture.svg).not.toMatch(/M[\d.,-]+h0/);
    expect(picture.svg.length).toBeLessThan(120_000);
    const { document } = parseHTML(picture.svg);
    const masks = Array.from(document.querySelectorAll("mask"), (mask) => mask.getAttribute("id"));
    expect(masks.length).toBe(5);
    for (const rect of document.querySelectorAll("rect[mask]")) {
      expect(rect.getAttribute("class")).toMatch(/^f-/);
      expect(masks).toContain(/url\(#(.*)\)/.exec(rect.getAttribute("mask") ?? "")?.[1]);
    }
    expect(regionalPlot(canvas, data).svg).toBe(picture.svg);
  });

  it("is a picture where a path of 20,000 would have been half a megabyte", () => {
    const random = uniform(9);
    const n = 150_000;
    const points = {
      x: Float64Array.from({ length: n }, () => random() * 1e6).sort(),
      y: Float64Array.from({ length: n }, () => -Math.log10(random() + 1e-12)),
      gene: new Int32Array(n),
    };
    const layout = { spans: [{ name: "1", first: 0, last: 1e6, offset: 0 }], length: 1e6 };
    const svg = manhattan(canvas, { layout, points });
    expect(svg.length).toBeLessThan(300_000);
    expect(svg.match(/<image /g)).toHaveLength(1);
  });
});
