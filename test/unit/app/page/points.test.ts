import { describe, expect, it } from "vitest";
import {
  type Field,
  fieldOf,
  levelFor,
  nearest,
  type Viewport,
} from "../../../../src/app/page/parts/points/field.ts";
import { drawPoints, inkColour } from "../../../../src/app/page/parts/points/raster.ts";
import { Random } from "../../compute/random.ts";

const LENGTH = 3e9;

function seeded(seed: number): () => number {
  const random = new Random(seed);
  return () => random.next();
}

function madeUp(count: number, seed: number, height = 40): Field {
  const random = seeded(seed);
  const x = Float64Array.from({ length: count }, () => LENGTH * random()).sort();
  const y = Float32Array.from({ length: count }, () =>
    Math.min(300, -Math.log10(random() + 1e-300) * (random() < 0.01 ? 9 : 1)),
  );
  return fieldOf({ x, y, strength: y }, LENGTH, height);
}

const ink = { colour: inkColour("#102030"), radius: 1.5 };

describe("the field of points", () => {
  it("keeps the strongest point of every cell at every level, by a plain search", () => {
    for (const seed of [1, 2, 3]) {
      const field = madeUp(120_000, seed);
      expect(field.levels.length).toBeGreaterThan(2);
      for (const { columns, points } of field.levels.slice(0, -1)) {
        const best = new Map<number, number>();
        for (let i = 0; i < field.count; i++) {
          const row = Math.min(1023, Math.floor((field.points.y[i]! * 1024) / field.height));
          const cell = 1024 * Math.floor((field.points.x[i]! * columns) / LENGTH) + row;
          const before = best.get(cell);
          if (before === undefined || field.points.y[i]! > field.points.y[before]!) best.set(cell, i);
        }
        expect([...points], `seed ${seed}, ${columns} columns`).toEqual(
          [...best.values()].sort((a, b) => a - b),
        );
      }
      expect(field.levels.at(-1)!.points).toHaveLength(field.count);
    }
  });

  it("shows every point once the columns are wider than a pixel", () => {
    const field = madeUp(100_000, 4);
    const close: Viewport = { x0: 1e9, x1: 1e9 + 1e5, y0: 0, y1: 40, width: 1200, height: 400 };
    expect(levelFor(field, close).points).toHaveLength(field.count);
  });

  it("touches what a screen can show, not what there is", () => {
    const view: Viewport = { x0: 0, x1: LENGTH, y0: 0, y1: 40, width: 1200, height: 400 };
    const pixels = new Uint32Array(view.width * view.height);
    const some = drawPoints(madeUp(250_000, 5), view, pixels, () => ink);
    const many = drawPoints(madeUp(1_000_000, 5), view, pixels, () => ink);
    // Four times the points: nearly the same cells.
    expect(many).toBeLessThan(2 * some);
    expect(many).toBeLessThan(view.width * view.height);
  });

  it("sets the pixel of every point of a small field, and nothing far from any", () => {
    for (const [count, seed] of [
      [0, 1],
      [1, 2],
      [7, 3],
      [900, 4],
    ] as const) {
      const field = madeUp(count, seed);
      const view: Viewport = { x0: 0.2e9, x1: 2.2e9, y0: 0, y1: 40, width: 331, height: 97 };
      const pixels = new Uint32Array(view.width * view.height);
      drawPoints(field, view, pixels, () => ink);
      const near = new Set<number>();
      for (let i = 0; i < count; i++) {
        const px = Math.round(((field.points.x[i]! - view.x0) * view.width) / (view.x1 - view.x0) - 0.5);
        const py = Math.round(view.height - (Math.min(40, field.points.y[i]!) * view.height) / 40 - 0.5);
        for (let dy = -2; dy <= 2; dy++)
          for (let dx = -2; dx <= 2; dx++) near.add(1000 * (py + dy) + px + dx);
        if (px < 0 || py < 0 || px >= view.width || py >= view.height) continue;
        expect(pixels[py * view.width + px]! >>> 24, `point ${i} of ${count}, seed ${seed}`).toBe(255);
      }
      pixels.forEach((pixel, at) => {
        if (pixel !== 0) expect(near.has(1000 * Math.floor(at / view.width) + (at % view.width))).toBe(true);
      });
    }
  });

  it("finds the point under the pointer, as a plain search of what is drawn does", () => {
    const field = madeUp(30_000, 6);
    const view: Viewport = { x0: 0.5e9, x1: 0.9e9, y0: 0, y1: 40, width: 800, height: 300 };
    const random = seeded(7);
    const drawn = levelFor(field, view).points;
    let hits = 0;
    for (let trial = 0; trial < 300; trial++) {
      const [px, py] = [800 * random(), 300 * (1 - 0.2 * random())];
      let best = -1;
      let least = 36;
      for (const i of drawn) {
        const dx = ((field.points.x[i]! - view.x0) * 800) / 0.4e9 - px;
        const dy = 300 - (Math.min(40, field.points.y[i]!) * 300) / 40 - py;
        const distance = dx * dx + dy * dy;
        if (distance < least) [best, least] = [i, distance];
      }
      const found = nearest(field, view, px, py, 6);
      if (best >= 0) hits++;
      expect(found, `trial ${trial}`).toBe(best);
    }
    expect(hits).toBeGreaterThan(20);
  });
});
