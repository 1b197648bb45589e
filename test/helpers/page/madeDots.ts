import type { Dots, Extent } from "../../../src/app/page/parts/raster/detail.ts";

/** Numbers in [0, 1) of a seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Points as those of an association map: most of them weak, a few peaks; kinds 0 to 4 by strength and place. */
export function madeDots(n: number, extent: Extent, next: () => number): Dots {
  const width = extent.x1 - extent.x0;
  const peaks = Array.from({ length: 12 }, () => extent.x0 + next() * width);
  const x = Float64Array.from({ length: n }, () => extent.x0 + next() * width).sort();
  const y = Float32Array.from(x, (at) => {
    const weak = -Math.log10(1 - next());
    const near = peaks.some((peak) => Math.abs(peak - at) < width / 400);
    return extent.y0 + Math.min(extent.y1 - extent.y0, near ? weak + next() * next() * 40 : weak);
  });
  const kind = Uint8Array.from(
    x,
    (at, i) => (y[i]! > 30 ? 4 : y[i]! > 6 ? 2 : 0) + (Math.floor(at / 80) % 2 === 0 || y[i]! > 30 ? 0 : 1),
  );
  return { x, y, strength: y, kind };
}
