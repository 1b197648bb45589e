import { describe, expect, it } from "vitest";
import {
  cellOf,
  choose,
  type Dots,
  detailOf,
  type Extent,
} from "../../../../src/app/page/parts/raster/detail.ts";
import { nearestDot } from "../../../../src/app/page/parts/raster/nearest.ts";
import { genePeaks, heights, peaksIn } from "../../../../src/app/page/parts/raster/peaks.ts";
import {
  colourise,
  colourTable,
  discStamps,
  drawChosen,
  frameOf,
  pieces,
  placer,
  rasterise,
  type Viewport,
} from "../../../../src/app/page/parts/raster/raster.ts";
import { panRange, sameRange, zoomRange } from "../../../../src/app/page/parts/raster/viewport.ts";
import { madeDots, random } from "../../../helpers/page/madeDots.ts";

const EXTENT: Extent = { x0: 0, x1: 1000, y0: 0, y1: 50 };
const RADII = [1, 1.4, 2, 2.6, 3.1];
const EVERYTHING = { radii: RADII, budget: Number.POSITIVE_INFINITY, cell: 0 };

/** Every pixel by its definition: the largest of 32 x kind + coverage over all points, centres at quarters of a pixel. */
function plain(dots: Dots, viewport: Viewport): Uint8Array {
  const { width, height } = viewport;
  const pixels = new Uint8Array(width * height);
  const quarter = (at: number) =>
    Math.floor(at) + (Math.min(3, Math.floor((at - Math.floor(at)) * 4)) + 0.5) / 4;
  for (let i = 0; i < dots.x.length; i++) {
    const cx = quarter(((dots.x[i]! - viewport.x0) * width) / (viewport.x1 - viewport.x0));
    const cy = quarter(height - ((dots.y[i]! - viewport.y0) * height) / (viewport.y1 - viewport.y0));
    const radius = RADII[dots.kind[i]!]!;
    for (let v = 0; v < height; v++)
      for (let u = 0; u < width; u++) {
        const far = radius + 0.5 - Math.hypot(u + 0.5 - cx, v + 0.5 - cy);
        const coverage = Math.round(31 * Math.min(1, Math.max(0, far)));
        if (coverage > 0)
          pixels[v * width + u] = Math.max(pixels[v * width + u]!, dots.kind[i]! * 32 + coverage);
      }
  }
  return pixels;
}

describe("rasterise", () => {
  it("draws what the definition says, whatever the size and stretch", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const next = random(seed);
      const dots = madeDots(seed % 7 === 0 ? 0 : seed % 5 === 0 ? 1 : Math.ceil(next() * 300), EXTENT, next);
      const width = 1 + Math.floor(next() * 70);
      const height = 1 + Math.floor(next() * 50);
      const x0 = next() * 800;
      const y0 = next() * 30;
      const viewport = { width, height, x0, x1: x0 + 1 + next() * 400, y0, y1: y0 + 0.5 + next() * 30 };
      const frame = frameOf(width, height);
      rasterise(frame, detailOf(dots, EXTENT), viewport, EVERYTHING);
      expect(differing(frame.pixels, plain(dots, viewport)), `seed ${seed}`).toBe(0);
    }
  });

  it("sets the pixel of each point, and of two the higher kind's", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const dots = madeDots(400, EXTENT, random(seed));
      const viewport = { ...EXTENT, width: 211, height: 97 };
      const frame = frameOf(211, 97);
      rasterise(frame, detailOf(dots, EXTENT), viewport, EVERYTHING);
      const { toX, toY } = placer(viewport);
      for (let i = 0; i < dots.x.length; i++) {
        const column = Math.floor(toX(dots.x[i]!));
        const row = Math.floor(toY(dots.y[i]!));
        if (column < 0 || column >= 211 || row < 0 || row >= 97) continue;
        const pixel = frame.pixels[row * 211 + column]!;
        expect(pixel >> 5, `seed ${seed}, point ${i}`).toBeGreaterThanOrEqual(dots.kind[i]!);
        expect(pixel & 31, `seed ${seed}, point ${i}`).toBeGreaterThan(0);
      }
    }
  });

  it("draws the same in pieces, none of them more than a part of the points", () => {
    const dots = madeDots(40_000, EXTENT, random(5));
    const viewport = { ...EXTENT, width: 211, height: 97 };
    const [whole, spread] = [frameOf(211, 97), frameOf(211, 97)];
    const choice = rasterise(whole, detailOf(dots, EXTENT), viewport, EVERYTHING);
    const drawing = pieces(spread, detailOf(dots, EXTENT), viewport, EVERYTHING);
    let steps = 0;
    let left = drawing.next();
    const first = differing(spread.pixels, whole.pixels);
    for (; left.done !== true; left = drawing.next()) steps++;
    expect(choice.touched).toBe(40_000);
    expect(left.value).toEqual(choice);
    expect(steps).toBeGreaterThanOrEqual(Math.ceil(40_000 / 8192));
    expect(first).toBeGreaterThan(0);
    expect(differing(spread.pixels, whole.pixels)).toBe(0);
  });

  it("draws nothing of no points, of places that are no number, or far outside", () => {
    const frame = frameOf(30, 20);
    const nowhere: Dots = {
      x: Float64Array.of(-1e12, 5, 5, 1e12),
      y: Float32Array.of(5, Number.NaN, 1e30, 5),
      strength: new Float32Array(4),
      kind: new Uint8Array(4),
    };
    rasterise(
      frame,
      detailOf(nowhere, EXTENT),
      { x0: 0, x1: 10, y0: 0, y1: 10, width: 30, height: 20 },
      EVERYTHING,
    );
    expect(frame.pixels.every((pixel) => pixel === 0)).toBe(true);
  });

  it("draws a chosen gene over the rest, and takes a frame's memory again", () => {
    const dots = madeDots(50, EXTENT, random(3));
    const viewport = { ...EXTENT, width: 100, height: 40 };
    const frame = frameOf(100, 40);
    drawChosen(frame, dots, Uint32Array.of(7), viewport, 3, 6);
    const { toX, toY } = placer(viewport);
    const at = Math.floor(toY(dots.y[7]!)) * 100 + Math.floor(toX(dots.x[7]!));
    expect(frame.pixels[at]! >> 5).toBe(6);
    const again = frameOf(100, 40, frame);
    expect(again.pixels).toBe(frame.pixels);
    expect(again.pixels.every((pixel) => pixel === 0)).toBe(true);
    expect(frameOf(101, 40, frame).pixels).toHaveLength(4040);
  });

  it("covers a disc's area", () => {
    for (const radius of [1.5, 2, 3.25])
      for (const mask of discStamps(radius, 0).masks) {
        const area = mask.reduce((sum, value) => sum + value, 0) / 31;
        expect(Math.abs(area - Math.PI * radius * radius)).toBeLessThan(0.35 * radius);
      }
  });

  it("turns pixels into colours", () => {
    const table = colourTable([
      [1, 2, 3],
      [200, 100, 50],
    ]);
    const out = new Uint32Array(3);
    colourise({ width: 3, height: 1, pixels: Uint8Array.of(0, 31, 32 + 16) }, table, out);
    expect([...new Uint8Array(out.buffer)]).toEqual([0, 0, 0, 0, 1, 2, 3, 255, 200, 100, 50, 132]);
  });
});

describe("colourise", () => {
  it("gives each pixel its colour, whatever was there before", () => {
    const next = random(11);
    const table = Uint32Array.from({ length: 256 }, (_, value) => (value === 0 ? 0 : value * 65_537));
    for (const size of [1, 4, 5, 1_003]) {
      const pixels = Uint8Array.from({ length: size }, () => (next() < 0.8 ? 0 : Math.floor(256 * next())));
      const out = new Uint32Array(size).fill(77);
      colourise({ width: size, height: 1, pixels }, table, out);
      expect(out).toEqual(Uint32Array.from(pixels, (value) => table[value]!));
    }
  });
});

function differing(a: Uint8Array, b: Uint8Array): number {
  let differ = Math.abs(a.length - b.length);
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) differ++;
  return differ;
}

describe("levels of detail", () => {
  it("hold every point once, and the strongest of each cell of each level", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const next = random(seed);
      const dots = madeDots(Math.floor(next() * 2000), EXTENT, next);
      const grid = { columns: 1 + Math.floor(next() * 20), rows: 1 + Math.floor(next() * 9), depth: 4 };
      const detail = detailOf(dots, EXTENT, grid);
      const all = detail.levels.flatMap(({ index }) => [...index]).sort((a, b) => a - b);
      expect(all, `seed ${seed}`).toEqual([...dots.x.keys()]);
      for (let depth = 0; depth < grid.depth; depth++) {
        const shown = new Set(detail.levels.slice(0, depth + 1).flatMap(({ index }) => [...index]));
        const best = new Map<number, number>();
        for (const i of dots.x.keys()) {
          const cell =
            cellOf(dots.x[i]!, 0, 1000, grid.columns * 2 ** depth) * 1e6 +
            cellOf(dots.y[i]!, 0, 50, grid.rows * 2 ** depth);
          const before = best.get(cell);
          if (before === undefined || dots.strength[i]! > dots.strength[before]!) best.set(cell, i);
        }
        expect(
          [...best.values()].every((i) => shown.has(i)),
          `seed ${seed}, level ${depth}`,
        ).toBe(true);
        expect(shown.size, `seed ${seed}, level ${depth}`).toBe(best.size);
      }
    }
  });

  it("touch a bounded number of a million points, zoomed out and in", () => {
    const dots = madeDots(1_000_000, EXTENT, random(1));
    const detail = detailOf(dots, EXTENT);
    const budget = 60_000;
    let most = 0;
    for (let zoom = 1; zoom <= 65536; zoom *= 2)
      for (const share of [0, 0.31, 0.77, 1]) {
        const length = 1000 / zoom;
        const x0 = share * (1000 - length);
        const wanted = { ...EXTENT, x0, x1: x0 + length, width: 2000, height: 700 };
        const { touched, slices } = choose(detail, wanted, budget);
        most = Math.max(most, touched);
        // All that is visible, once it fits.
        const visible = dots.x.filter((x) => x >= x0 && x <= x0 + length).length;
        if (zoom >= 512) expect(touched).toBe(visible);
        expect(slices.length).toBeGreaterThan(0);
      }
    expect(most).toBeLessThanOrEqual(budget);
    expect(most).toBeGreaterThan(20_000);
  });

  it("draw level 0 whatever the budget, no more than its cells", () => {
    const dots = madeDots(5000, EXTENT, random(9));
    const detail = detailOf(dots, EXTENT, { columns: 10, rows: 4, depth: 3 });
    const { touched, depth } = choose(detail, { ...EXTENT, width: 500, height: 300 }, 0);
    expect(depth).toBe(1);
    expect(touched).toBeLessThanOrEqual(40);
  });

  it("leave no drawn point further than a cell from one left out", () => {
    const dots = madeDots(20_000, EXTENT, random(4));
    const detail = detailOf(dots, EXTENT, { columns: 64, rows: 32, depth: 5 });
    const wanted = { ...EXTENT, width: 400, height: 200 };
    const { slices } = choose(detail, wanted, Number.POSITIVE_INFINITY, 2);
    const cells = new Set<string>();
    // 400 pixels over 64 x 4 columns, 200 over 32 x 4 rows: at most 2 pixels.
    const key = (i: number) => `${cellOf(dots.x[i]!, 0, 1000, 256)} ${cellOf(dots.y[i]!, 0, 50, 128)}`;
    for (const { level, from, to } of slices)
      for (const i of level.index.subarray(from, to)) cells.add(key(i));
    expect(dots.x.every((_, i) => cells.has(key(i)))).toBe(true);
    expect(slices.length).toBe(3);
  });
});

describe("nearestDot", () => {
  it("finds what looking at every point finds", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const next = random(seed);
      const dots = madeDots(Math.floor(next() * 200), EXTENT, next);
      const viewport = { ...EXTENT, x0: next() * 500, width: 300, height: 120 };
      const [px, py, reach] = [next() * 300, next() * 120, next() * 12];
      const { toX, toY } = placer(viewport);
      let best = -1;
      for (const i of dots.x.keys()) {
        const distance = Math.hypot(toX(dots.x[i]!) - px, toY(dots.y[i]!) - py);
        if (distance > reach) continue;
        const least = best < 0 ? Infinity : Math.hypot(toX(dots.x[best]!) - px, toY(dots.y[best]!) - py);
        if (distance < least) best = i;
      }
      expect(nearestDot(dots, viewport, px, py, reach), `seed ${seed}`).toBe(best);
    }
  });

  it("takes the stronger of two at one place", () => {
    const dots = { x: Float64Array.of(5, 5), y: Float32Array.of(2, 2), strength: Float32Array.of(1, 3) };
    const viewport = { x0: 0, x1: 10, y0: 0, y1: 4, width: 100, height: 100 };
    expect(nearestDot(dots, viewport, 52, 51, 5)).toBe(1);
    expect(nearestDot(dots, viewport, 60, 51, 5)).toBe(-1);
  });
});

describe("peaks", () => {
  const points = {
    x: Float64Array.of(1, 2, 3, 40, 41),
    y: Float32Array.of(3, 9, 9, 4, 5),
    gene: Uint32Array.of(0, 0, 1, 2, 2),
  };

  it("are each gene's strongest, strongest first", () => {
    expect([...genePeaks(points)]).toEqual([1, 2, 4]);
    expect([...genePeaks({ y: new Float32Array(0), gene: new Uint32Array(0) })]).toEqual([]);
  });

  it("keep apart and to their stretch", () => {
    const peaks = genePeaks(points);
    expect(peaksIn(peaks, points.x, [0, 100], { limit: 9, apart: 5 })).toEqual([1, 4]);
    expect(peaksIn(peaks, points.x, [0, 100], { limit: 1, apart: 0 })).toEqual([1]);
    expect(peaksIn(peaks, points.x, [2.5, 100], { limit: 9, apart: 5 })).toEqual([2, 4]);
  });

  it("have heights as the plain maximum", () => {
    const dots = madeDots(5000, EXTENT, random(2));
    const height = heights(dots.x, dots.y);
    const next = random(5);
    for (let trial = 0; trial < 100; trial++) {
      const low = next() * 1000;
      const high = low + next() * 400;
      const plainly = dots.y.reduce(
        (most, y, i) => (dots.x[i]! >= low && dots.x[i]! <= high ? Math.max(most, y) : most),
        0,
      );
      expect(height([low, high])).toBe(plainly);
    }
  });
});

describe("ranges", () => {
  it("zoom around a place, within bounds", () => {
    expect(zoomRange([0, 100], 0.5, 0.25, [0, 100], 1)).toEqual([12.5, 62.5]);
    expect(zoomRange([90, 100], 4, 1, [0, 100], 1)).toEqual([60, 100]);
    expect(zoomRange([0, 10], 4, 1, [0, 100], 1)).toEqual([0, 40]);
    expect(zoomRange([10, 20], 1e-9, 0.5, [0, 100], 1)).toEqual([14.5, 15.5]);
    expect(zoomRange([10, 20], 1e9, 0.5, [0, 100], 1)).toEqual([0, 100]);
  });

  it("pan no further than the bounds", () => {
    expect(panRange([10, 20], 5, [0, 100])).toEqual([15, 25]);
    expect(panRange([10, 20], -50, [0, 100])).toEqual([0, 10]);
    expect(panRange([10, 20], 500, [0, 100])).toEqual([90, 100]);
  });

  it("are the same when nobody sees a difference", () => {
    expect(sameRange([0, 100], [0, 100.00001])).toBe(true);
    expect(sameRange([0, 100], [0, 101])).toBe(false);
    expect(sameRange(undefined, [0, 1])).toBe(false);
  });
});
